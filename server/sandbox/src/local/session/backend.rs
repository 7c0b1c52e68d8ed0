//! Makes sessions, and finds those that live.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use bodkin_guard::report::Isolation;
use bodkin_text::Layer;

use super::line::{Line, gone};
use super::plan::{HOME, Plan};
use super::{LocalSession, lock};
use crate::launch::Launch;
use crate::local::LocalSandbox;
use crate::local::wire::Walls;
use crate::session::{Backend, Base, Session, SessionAbout, SessionOrder};
use crate::{Cancel, SandboxError};

impl Backend for LocalSandbox {
    fn isolation(&self) -> Isolation {
        Self::isolation(self)
    }

    fn create(&self, order: SessionOrder, cancel: &Cancel) -> Result<Arc<dyn Session>, SandboxError> {
        let session = Arc::new(self.session(order, cancel)?);
        let mut sessions = lock(&self.0.sessions.0);
        sessions.retain(|_, session| session.strong_count() > 0);
        sessions.insert(session.id.clone(), Arc::downgrade(&session));
        Ok(session)
    }

    fn connect(&self, id: &str) -> Result<Arc<dyn Session>, SandboxError> {
        let found = lock(&self.0.sessions.0).get(id).and_then(Weak::upgrade);
        let found = found.filter(|session| session.is_alive()).ok_or_else(|| gone(id))?;
        Ok(found)
    }

    fn list(&self) -> Result<Vec<SessionAbout>, SandboxError> {
        let sessions: Vec<_> = lock(&self.0.sessions.0).values().filter_map(Weak::upgrade).collect();
        Ok(sessions.iter().filter(|session| session.is_alive()).map(|session| session.about()).collect())
    }
}

impl LocalSandbox {
    #[expect(clippy::disallowed_methods, reason = "tells when the session was made")]
    fn session(&self, order: SessionOrder, cancel: &Cancel) -> Result<LocalSession, SandboxError> {
        if self.level()?.way.walls == Walls::Reduced {
            return Err(SandboxError::Unavailable {
                why: "a sandbox that lives on needs user namespaces, which this machine refuses".to_owned(),
                next_step: "`bodkin doctor` says why; a container or a remote sandbox does without"
                    .to_owned(),
            });
        }
        let (ours, theirs) = UnixStream::pair().map_err(SandboxError::io("making a line"))?;
        let (workspace, plan, layer) = self.planned(&order.base, theirs)?;
        let launch = Launch {
            layer,
            env: order.env.clone(),
            limits: order.limits,
            network: order.network.clone(),
            ..Launch::new(&workspace, [""; 0])
        };
        let running = self.build(&launch, &workspace, Some(&plan), cancel)?;
        if cancel.is_cancelled() {
            return Err(SandboxError::io("making a session")(ErrorKind::Interrupted.into()));
        }
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(LocalSession {
            id: name(),
            isolation: running.isolation().clone(),
            workdir: plan.workdir,
            order,
            started_unix_ms: u64::try_from(started.as_millis()).unwrap_or(u64::MAX),
            line: Arc::new(Line::new(ours).map_err(SandboxError::io("making a line"))?),
            leash: Mutex::new(Some(running.into_io().leash)),
            processes: Mutex::default(),
            is_frozen: AtomicBool::new(false),
        })
    }

    /// Where the files of a session come from and where they stand.
    fn planned(&self, base: &Base, line: UnixStream) -> Result<(PathBuf, Plan, Layer), SandboxError> {
        match base {
            Base::Empty => {
                let home = PathBuf::from(HOME);
                let plan =
                    Plan { workdir: home.clone(), has_workspace: false, home: Some(home.clone()), line };
                Ok((home, plan, Layer::empty()))
            }
            Base::Workspace { folder, at, layer } => {
                let folder = self.workspace(folder)?;
                let home = at.as_deref().map(|at| checked(at).map(|()| PathBuf::from(HOME))).transpose()?;
                let workdir = at.clone().unwrap_or_else(|| folder.clone());
                let plan = Plan { workdir, has_workspace: true, home, line };
                Ok((folder, plan, layer.clone()))
            }
        }
    }
}

/// That a workspace may stand there: below the home, or at a path of its own.
fn checked(at: &Path) -> Result<(), SandboxError> {
    let is_plain = at.is_absolute() && at.components().all(|part| part.as_os_str() != "..");
    if is_plain && at != Path::new(HOME) && !crate::local::places::is_system(at) {
        return Ok(());
    }
    let what = format!("placing the workspace at {}", at.display());
    Err(SandboxError::io(what)(ErrorKind::InvalidInput.into()))
}

/// A name that nobody guesses and no other session has.
fn name() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("l{:016x}{:04x}", random(), random() & 0xffff)
}
