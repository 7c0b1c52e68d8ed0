//! Makes sessions out of containers, finds them again, and clears away those whose time is over.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::{Isolation, IsolationLevel};
use bodkin_sandbox::session::{Backend, Base, Session, SessionAbout, SessionOrder};
use bodkin_sandbox::{Cancel, SandboxError};
use bodkin_text::ContentHash;
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions,
};
use serde_json::Value;

use crate::engine::Engine;
use crate::exec::Inside;
use crate::options::ContainerOptions;
use crate::order::{self, Order};
use crate::session::ContainerSession;
use crate::workspace::Workspace;
use crate::{level, process};

/// Sandboxes in a container engine. Sessions live until they are destroyed or their time is over, whoever made
/// them. Calls block: never call from a thread of an executor.
#[derive(Debug)]
pub struct ContainerBackend {
    options: ContainerOptions,
    met: Mutex<Option<Met>>,
}

/// An engine that has answered.
#[derive(Debug, Clone)]
struct Met {
    engine: Engine,
    isolation: Isolation,
}

impl ContainerBackend {
    /// A backend; asks the engine nothing yet.
    pub fn new(options: ContainerOptions) -> Self {
        Self { options, met: Mutex::default() }
    }

    /// Removes containers of ours that have ended or should have; how many.
    pub fn sweep(&self) -> Result<usize, SandboxError> {
        let engine = self.met()?.engine;
        let now = now_ms();
        let is_over = |it: &Found| {
            let ends = it.number(order::ENDS).unwrap_or(u64::MAX);
            !(it.is_up() || it.state == "created") || now > ends.saturating_add(60_000)
        };
        let mut count = 0;
        for found in self.containers(&engine)?.iter().filter(|it| is_over(it)) {
            remove(&engine, &found.name)?;
            count += 1;
        }
        Ok(count)
    }

    pub(crate) fn engine(&self) -> Result<Engine, SandboxError> {
        Ok(self.met()?.engine)
    }

    /// Meets the engine, once; one that was absent is looked for again.
    fn met(&self) -> Result<Met, SandboxError> {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(met) = &*met {
            return Ok(met.clone());
        }
        let engine = Engine::connect(&self.options.engine)?;
        let info = engine.ask("asking the engine about itself", engine.docker().info())?;
        let isolation = level::of(&self.options, &info);
        Ok(met.insert(Met { engine, isolation }).clone())
    }

    /// All containers of this owner, ended ones too.
    fn containers(&self, engine: &Engine) -> Result<Vec<Found>, SandboxError> {
        let label = format!("{}={}", order::OWNER, self.options.owner);
        let filters = serde_json::json!({ "label": [label] }).to_string();
        let path = format!("/containers/json?all=1&filters={}", escaped(&filters));
        let all = engine.get("listing containers", &path)?.unwrap_or_default();
        Ok(all.as_array().into_iter().flatten().filter_map(Found::of).collect())
    }

    fn labels(&self, order: &SessionOrder, workdir: &Path) -> HashMap<String, String> {
        let started = now_ms();
        let fixed = [
            (order::LABEL, "1".to_owned()),
            (order::OWNER, self.options.owner.clone()),
            (order::STARTED, started.to_string()),
            (order::ENDS, started.saturating_add(order.limits.wall_ms).to_string()),
            (order::WORKDIR, workdir.to_string_lossy().into_owned()),
            (order::DISK, order.limits.disk_bytes.to_string()),
            (order::OUTPUT, order.limits.output_bytes.to_string()),
        ];
        let metadata =
            order.metadata.iter().map(|(name, value)| (format!("{}{name}", order::METADATA), value.clone()));
        fixed.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(metadata).collect()
    }

    /// Makes the container and starts it; nothing is left when that fails.
    fn container(&self, met: &Met, plan: &Order<'_>) -> Result<Inside, SandboxError> {
        let engine = &met.engine;
        let name = fresh_name();
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let create = engine.docker().create_container(Some(options), plan.body());
        engine.ask("making the container", create).map_err(|error| self.without_image(error))?;
        let inside = Inside { engine: engine.clone(), container: name };
        let start = engine.docker().start_container(&inside.container, None::<StartContainerOptions>);
        match engine.ask("starting the container", start) {
            Ok(()) => Ok(inside),
            Err(error) => {
                let _ = remove(engine, &inside.container);
                Err(error)
            }
        }
    }

    fn without_image(&self, error: SandboxError) -> SandboxError {
        match error {
            SandboxError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                SandboxError::Unavailable {
                    why: format!("the engine has no image `{}`", self.options.image),
                    next_step: format!(
                        "fetch it once (`docker pull {0}` or `podman pull {0}`)",
                        self.options.image
                    ),
                }
            }
            other @ (SandboxError::Io { .. } | SandboxError::Unavailable { .. } | SandboxError::Stale(_)) => {
                other
            }
        }
    }

    fn furnish(
        &self,
        session: &mut ContainerSession,
        workspace: Option<Workspace>,
        cancel: &Cancel,
    ) -> Result<(), SandboxError> {
        let places = [OsStr::new("/tmp"), OsStr::new(order::HOME), session.workdir.as_os_str()];
        session.inside.open_up(&places)?;
        if let Some(workspace) = workspace {
            session.laid = Some(workspace.lay_into(&session.inside, &session.workdir, cancel)?);
        }
        if cancel.is_cancelled() { Err(cancelled()) } else { Ok(()) }
    }
}

impl Backend for ContainerBackend {
    fn isolation(&self) -> Isolation {
        self.met().map(|met| met.isolation).unwrap_or_else(|error| Isolation {
            backend: format!("container ({})", self.options.engine),
            level: IsolationLevel::Reduced,
            missing: vec![error.to_string()],
        })
    }

    fn create(&self, order: SessionOrder, cancel: &Cancel) -> Result<Arc<dyn Session>, SandboxError> {
        if let Network::Hosts(_) = order.network {
            return Err(SandboxError::Unavailable {
                why: "the container backend can not let single hosts through".to_owned(),
                next_step: "run it without the network, or with the local backend".to_owned(),
            });
        }
        let met = self.met()?;
        let (workdir, workspace) = match &order.base {
            Base::Empty => (PathBuf::from(order::HOME), None),
            Base::Workspace { folder, at, layer } => {
                let workspace = Workspace::gather(folder, layer)?;
                (order::workdir(folder, at.as_deref()), Some(workspace))
            }
        };
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let plan = Order {
            options: &self.options,
            kind: met.engine.kind,
            limits: &order.limits,
            workdir: &workdir,
            workspace_bytes: workspace.as_ref().map_or(0, Workspace::room),
            env: environment(&order.env),
            labels: self.labels(&order, &workdir),
        };
        let inside = self.container(&met, &plan)?;
        let mut session = ContainerSession::new(inside, met.isolation, workdir, &order.limits);
        match self.furnish(&mut session, workspace, cancel) {
            Ok(()) => Ok(Arc::new(session)),
            Err(error) => {
                let _ = session.destroy();
                Err(error)
            }
        }
    }

    fn connect(&self, id: &str) -> Result<Arc<dyn Session>, SandboxError> {
        let met = self.met()?;
        let all = self.containers(&met.engine)?;
        let found = all.iter().find(|it| it.is_up() && it.name == id);
        let found = found.ok_or_else(|| SandboxError::Unavailable {
            why: format!("there is no container `{id}` of yours"),
            next_step: "`bodkin sandbox list` names those that there are".to_owned(),
        })?;
        let limits = Limits {
            disk_bytes: found.number(order::DISK).unwrap_or(0),
            output_bytes: found.number(order::OUTPUT).unwrap_or(Limits::default().output_bytes),
            ..Limits::default()
        };
        let workdir = found.labels.get(order::WORKDIR).map_or(order::HOME, String::as_str);
        let inside = Inside { engine: met.engine, container: id.to_owned() };
        Ok(Arc::new(ContainerSession::new(inside, met.isolation, PathBuf::from(workdir), &limits)))
    }

    fn list(&self) -> Result<Vec<SessionAbout>, SandboxError> {
        let engine = self.engine()?;
        Ok(self.containers(&engine)?.iter().filter(|it| it.is_up()).map(Found::about).collect())
    }
}

/// A container of ours, as the engine lists it.
struct Found {
    name: String,
    state: String,
    labels: BTreeMap<String, String>,
}

impl Found {
    fn of(value: &Value) -> Option<Self> {
        let name = value.pointer("/Names/0")?.as_str()?.trim_start_matches('/').to_owned();
        let labels = value.get("Labels").and_then(Value::as_object).into_iter().flatten();
        Some(Self {
            name,
            state: value.get("State")?.as_str()?.to_owned(),
            labels: labels.filter_map(|(name, it)| Some((name.clone(), it.as_str()?.to_owned()))).collect(),
        })
    }

    fn is_up(&self) -> bool {
        ["running", "paused"].contains(&self.state.as_str())
    }

    fn number(&self, label: &str) -> Option<u64> {
        self.labels.get(label)?.parse().ok()
    }

    fn about(&self) -> SessionAbout {
        let metadata = self.labels.iter();
        let metadata = metadata.filter_map(|(name, value)| {
            Some((name.strip_prefix(order::METADATA)?.to_owned(), value.clone()))
        });
        SessionAbout {
            id: self.name.clone(),
            backend: "container".to_owned(),
            started_unix_ms: self.number(order::STARTED).unwrap_or(0),
            ends_unix_ms: self.number(order::ENDS),
            frozen: self.state == "paused",
            metadata: metadata.collect(),
        }
    }
}

/// For a query: all but letters and digits as hexadecimal.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(plain).collect()
}

fn remove(engine: &Engine, name: &str) -> Result<(), SandboxError> {
    let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
    match engine.ask("removing a container", engine.docker().remove_container(name, Some(options))) {
        Err(SandboxError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The variables of every process: ours, then the caller's; the image's PATH stays.
fn environment(env: &BTreeMap<String, String>) -> Vec<String> {
    let own = [
        ("HOME", order::HOME),
        ("USER", "user"),
        ("LOGNAME", "user"),
        ("LANG", "C.UTF-8"),
        ("TMPDIR", "/tmp"),
    ];
    let mut all: BTreeMap<String, String> =
        own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    all.extend(env.clone());
    process::variables(&all)
}

pub(crate) fn cancelled() -> SandboxError {
    SandboxError::io("making the container")(std::io::Error::new(
        std::io::ErrorKind::Interrupted,
        "it was cancelled",
    ))
}

#[expect(clippy::disallowed_methods, reason = "a session tells when it was made and when it ends")]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A name that no container has: time, process and a count, hashed so that it tells nothing.
#[expect(clippy::disallowed_methods, reason = "two processes at once must not take the same name")]
fn fresh_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let seed = format!("{now} {} {}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let hash = ContentHash::of(seed).to_string();
    format!("bodkin{}", hash.get(..16).unwrap_or_default())
}
