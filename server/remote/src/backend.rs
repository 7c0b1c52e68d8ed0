//! Makes sessions at an endpoint and finds them again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use bodkin_e2b::address;
use bodkin_e2b::control::{Created, Detail, NetworkRules, NewSandbox, State, Timeout};
use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::{Isolation, IsolationLevel};
use bodkin_sandbox::session::{Backend, Base, Session, SessionAbout, SessionOrder};
use bodkin_sandbox::{Cancel, SandboxError};
use bodkin_text::ContentHash;
use reqwest::Method;

use crate::link::{Again, Link, Place};
use crate::options::{RemoteOptions, is_domain};
use crate::session::RemoteSession;
use crate::workspace;

/// The home of every sandbox.
const HOME: &str = "/home/user";
/// How long a sandbox lives that this process only found, seconds.
const FOUND_LIFE_S: u64 = 300;

/// Sandboxes of an endpoint. They live until they are ended or their time is over, whoever made them. Calls block:
/// never call from a thread of an executor.
#[derive(Clone)]
pub struct RemoteBackend {
    pub(crate) link: Link,
}

impl RemoteBackend {
    /// A backend; asks nobody yet. An error when this machine can not make connections at all.
    pub fn new(options: RemoteOptions) -> Result<Self, SandboxError> {
        Ok(Self { link: Link::new(options)? })
    }

    /// Where sandboxes are made, without keys: what a permit to send files must name.
    pub fn address(&self) -> &str {
        &self.link.options.api_url
    }

    fn session(&self, made: &Created, workdir: PathBuf, limits: &Limits, life_s: u64) -> RemoteSession {
        let id = made.sandbox_id.clone();
        // `domain` is null nowadays; where it is told it counts.
        let url = match (&self.link.options.sandbox_url, &made.domain) {
            (None, Some(domain)) if is_domain(domain) => {
                RemoteOptions { domain: domain.clone(), ..(*self.link.options).clone() }.sandbox(&id)
            }
            (_, _) => self.link.options.sandbox(&id),
        };
        RemoteSession {
            link: self.link.clone(),
            place: Place { url, id, token: made.envd_access_token.clone() },
            isolation: self.isolation(),
            workdir,
            output_bytes: limits.output_bytes,
            life_s,
            laid: None,
            processes: Mutex::default(),
            is_gone: AtomicBool::new(false),
        }
    }

    fn make(&self, order: &SessionOrder, life_s: u64) -> Result<Created, SandboxError> {
        let wish = NewSandbox {
            template_id: self.link.options.template.clone(),
            timeout: Some(life_s),
            metadata: order.metadata.clone(),
            env_vars: order.env.clone(),
            secure: Some(true),
            allow_internet_access: Some(order.network != Network::Off),
            network: rules(&order.network),
            ..NewSandbox::default()
        };
        let body = serde_json::to_string(&wish).unwrap_or_default();
        let key = fresh_word();
        self.link.json("making a remote sandbox", Again::Yes, || {
            self.link
                .control(Method::POST, "/v2/sandboxes")
                .header(address::IDEMPOTENCY_KEY, &key)
                .header("content-type", "application/json")
                .body(body.clone())
        })
    }
}

/// Single hosts as the protocol has them: all is denied but these.
fn rules(network: &Network) -> Option<NetworkRules> {
    match network {
        Network::Off => None,
        Network::Hosts(hosts) => Some(NetworkRules {
            allow_out: Some(hosts.iter().cloned().collect()),
            deny_out: Some(vec!["0.0.0.0/0".to_owned()]),
            ..NetworkRules::default()
        }),
    }
}

impl Backend for RemoteBackend {
    fn isolation(&self) -> Isolation {
        Isolation {
            backend: format!("remote ({})", self.address()),
            level: IsolationLevel::Full,
            missing: vec![format!(
                "nothing runs on this machine; how strong the walls there are is the word of {}",
                self.address()
            )],
        }
    }

    fn create(&self, order: SessionOrder, cancel: &Cancel) -> Result<Arc<dyn Session>, SandboxError> {
        let life_s = order.limits.wall_ms.div_ceil(1000).max(1);
        let (workdir, state) = match &order.base {
            Base::Empty => (PathBuf::from(HOME), None),
            Base::Workspace { folder, at, layer } => {
                let workdir = at.clone().unwrap_or_else(|| Path::new(HOME).join("workspace"));
                (workdir, Some(workspace::state(folder, layer)?))
            }
        };
        let cancelled =
            || SandboxError::io("making a remote sandbox")(std::io::Error::other("it was cancelled"));
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let made = self.make(&order, life_s)?;
        let mut session = self.session(&made, workdir.clone(), &order.limits, life_s);
        let laid = state.map(|state| workspace::lay(&session, &state, &workdir, cancel)).transpose();
        match laid {
            Ok(_) if cancel.is_cancelled() => {
                let _ = session.destroy();
                Err(cancelled())
            }
            Ok(laid) => {
                session.laid = laid;
                Ok(Arc::new(session))
            }
            Err(error) => {
                let _ = session.destroy();
                Err(error)
            }
        }
    }

    fn connect(&self, id: &str) -> Result<Arc<dyn Session>, SandboxError> {
        if id.is_empty() || !id.chars().all(|it| it.is_ascii_alphanumeric() || it == '-') {
            let error =
                std::io::Error::new(std::io::ErrorKind::InvalidInput, "letters and digits name a sandbox");
            return Err(SandboxError::io(format!("finding the remote sandbox `{id}`"))(error));
        }
        let body = serde_json::to_string(&Timeout { timeout: Some(FOUND_LIFE_S), duration: None });
        let body = body.unwrap_or_default();
        let made: Created = self.link.json("finding a remote sandbox", Again::Yes, || {
            self.link
                .control(Method::POST, &format!("/v2/sandboxes/{id}/connect"))
                .header("content-type", "application/json")
                .body(body.clone())
        })?;
        Ok(Arc::new(self.session(&made, PathBuf::from(HOME), &Limits::default(), FOUND_LIFE_S)))
    }

    fn list(&self) -> Result<Vec<SessionAbout>, SandboxError> {
        let what = "listing remote sandboxes";
        let mut all = Vec::new();
        let mut token = String::new();
        // A server that never comes to an end is not followed for ever.
        for _ in 0..100 {
            let path = format!("/v2/sandboxes?limit=100{token}");
            let response = self.link.send(what, Again::Yes, || self.link.control(Method::GET, &path))?;
            let next = response
                .headers()
                .get(address::NEXT_TOKEN)
                .and_then(|it| it.to_str().ok().map(str::to_owned));
            let page: Vec<Detail> = serde_json::from_slice(&self.link.body(what, response)?)
                .map_err(|error| SandboxError::io(what)(std::io::Error::other(error.to_string())))?;
            all.extend(page.into_iter().map(|it| self.about(it)));
            match next
                .filter(|it| it.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'&' && byte != b'#'))
            {
                Some(next) if !next.is_empty() => token = format!("&nextToken={}", next.replace('+', "%2B")),
                Some(_) | None => break,
            }
        }
        Ok(all)
    }
}

impl RemoteBackend {
    fn about(&self, detail: Detail) -> SessionAbout {
        let time = |text: &str| bodkin_e2b::stamp::parse_rfc3339(text).and_then(|it| u64::try_from(it).ok());
        SessionAbout {
            id: detail.sandbox_id,
            backend: self.address().to_owned(),
            started_unix_ms: time(&detail.started_at).unwrap_or(0),
            ends_unix_ms: time(&detail.end_at),
            frozen: detail.state == State::Paused,
            metadata: detail.metadata,
        }
    }
}

/// A word that nobody used before: the server makes one sandbox for it, however often it is asked.
#[expect(clippy::disallowed_methods, reason = "two requests must not take the same word")]
fn fresh_word() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    ContentHash::of(format!("{now} {} {}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
        .to_string()
}
