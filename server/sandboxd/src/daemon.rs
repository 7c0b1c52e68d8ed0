//! The daemon's acts: make a sandbox, freeze it, end it, and end those whose time is over. Each is recorded first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::{Isolation, IsolationLevel};
use bodkin_guard::{Kind, SinkError};
use bodkin_sandbox::Cancel;
use bodkin_sandbox::session::{Backend, Base, SessionOrder};
use serde_json::{Value, json};

use crate::bridge::blocking;
use crate::clock;
use crate::failure::Failure;
use crate::guests::Guests;
use crate::keys::Key;
use crate::ledger::Ledger;
use crate::native::Stores;
use crate::options::Options;
use crate::random;
use crate::sandbox::{Birth, Sandbox};

/// How often sandboxes are looked at for idleness.
const IDLE_LOOK: Duration = Duration::from_secs(5);

/// The daemon without its wire.
pub struct Daemon {
    pub(crate) options: Options,
    pub(crate) guests: Arc<Guests>,
    pub(crate) ledger: Ledger,
    pub(crate) counts: Counts,
    /// Where it listens, once it does.
    pub(crate) port: OnceLock<u16>,
    /// The replicas of workspaces.
    pub(crate) stores: Stores,
    backend: Arc<dyn Backend>,
}

/// What was done so far.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) created: AtomicU64,
    pub(crate) ended: AtomicU64,
    pub(crate) commands: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) refused: AtomicU64,
}

/// A sandbox to be made.
pub(crate) struct Wish {
    pub(crate) key: Arc<Key>,
    pub(crate) template: String,
    pub(crate) life: Duration,
    pub(crate) auto_pause: bool,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) reach: BTreeSet<String>,
    pub(crate) base: Base,
    pub(crate) holds: Option<Box<dyn Send + Sync>>,
    pub(crate) repeat: Option<String>,
    /// Where commands run that name no folder, where that is not the session's own.
    pub(crate) workdir: Option<PathBuf>,
    /// What it may use up, where that is not what every sandbox may.
    pub(crate) limits: Option<Limits>,
    /// The one command that it is made for.
    pub(crate) runs: Option<Vec<String>>,
}

impl Daemon {
    /// A daemon over a backend. Opens the ledger; listens nowhere yet.
    pub fn new(options: Options, backend: Arc<dyn Backend>) -> Result<Self, SinkError> {
        let ledger = Ledger::open(&options.state)?;
        Ok(Self {
            stores: Stores::below(&options.state),
            options,
            guests: Arc::default(),
            ledger,
            counts: Counts::default(),
            port: OnceLock::new(),
            backend,
        })
    }

    /// How strong its sandboxes' walls are, and what they lack.
    pub fn isolation(&self) -> Isolation {
        self.backend.isolation()
    }

    /// Whether they are as strong as they get.
    pub fn is_full(&self) -> bool {
        self.isolation().level == IsolationLevel::Full
    }

    /// The domain below which sandboxes have hosts, with the port unless it is that of HTTPS.
    pub(crate) fn domain_with_port(&self) -> Option<String> {
        let domain = self.options.domain.as_ref()?;
        Some(match self.port.get() {
            None | Some(443) => domain.clone(),
            Some(port) => format!("{domain}:{port}"),
        })
    }

    /// Makes a sandbox. A caller who goes away in the meantime leaves none behind.
    pub(crate) async fn create(self: &Arc<Self>, wish: Wish) -> Result<Arc<Sandbox>, Failure> {
        let place = self.guests.reserve(&wish.key)?;
        let daemon = self.clone();
        let (sandbox, repeat) = blocking(move || daemon.make(wish)).await?;
        let sandbox = place.fill(sandbox, repeat)?;
        self.counts.created.fetch_add(1, Ordering::Relaxed);
        Ok(sandbox)
    }

    fn make(&self, wish: Wish) -> Result<(Sandbox, Option<String>), Failure> {
        let no_random =
            |error: std::io::Error| Failure::internal(format!("the kernel gives no random numbers: {error}"));
        let id = format!("i{}", random::word(19).map_err(no_random)?);
        let token = random::word(40).map_err(no_random)?;
        let limits = self.limits(&wish);
        let network = if wish.reach.is_empty() { Network::Off } else { Network::Hosts(wish.reach) };
        self.ledger.permitted(json!({
            "do": "create",
            "sandbox": id,
            "key": wish.key.name,
            "template": wish.template,
            "life_s": wish.life.as_secs(),
            "env": wish.env.keys().collect::<Vec<_>>(),
            "network": network,
            "runs": wish.runs,
            "workspace": matches!(wish.base, Base::Workspace { .. }),
        }))?;
        let internet = network != Network::Off;
        let order = SessionOrder {
            base: wish.base,
            env: wish.env.clone(),
            limits,
            network,
            metadata: BTreeMap::from([("bodkin.sandbox".to_owned(), id.clone())]),
        };
        let session = self.backend.create(order, &Cancel::new()).inspect_err(|error| {
            self.did("create", &id, Some(error.to_string()));
        })?;
        let birth = Birth {
            id,
            key: wish.key,
            token,
            template: wish.template,
            metadata: wish.metadata,
            env: wish.env,
            limits,
            internet,
            auto_pause: wish.auto_pause,
            life: wish.life,
            holds: wish.holds,
            workdir: wish.workdir,
        };
        Ok((Sandbox::new(birth, session), wish.repeat))
    }

    fn limits(&self, wish: &Wish) -> Limits {
        let limits = wish.limits.unwrap_or(self.options.limits);
        // The session's own end is the last resort behind the daemon's; freezing and longer lives are the daemon's.
        let wall_ms = wish.key.quota.life_s.saturating_mul(2_000).saturating_add(60_000);
        let memory_bytes = limits.memory_bytes.min(wish.key.quota.memory_mb.saturating_mul(1 << 20));
        Limits { memory_bytes, wall_ms, ..limits }
    }

    /// Ends a sandbox; `false`: it was gone.
    pub(crate) async fn kill(self: &Arc<Self>, id: &str, why: &'static str) -> Result<bool, Failure> {
        self.ledger.permitted(json!({"do": "kill", "sandbox": id, "why": why}))?;
        let Some(sandbox) = self.guests.remove(id) else { return Ok(false) };
        let daemon = self.clone();
        blocking(move || daemon.end(&sandbox)).await?;
        Ok(true)
    }

    /// Ends a sandbox that was made for one command, whose line says so.
    pub(crate) fn end_own(&self, id: &str) {
        if let Some(sandbox) = self.guests.remove(id) {
            // What came of it is on the ledger; the command's own end is what its caller waits for.
            let _ = self.end(&sandbox);
        }
    }

    fn end(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        sandbox.watchers().clear();
        let ended = sandbox.session.destroy();
        self.counts.ended.fetch_add(1, Ordering::Relaxed);
        self.did("kill", &sandbox.id, ended.as_ref().err().map(ToString::to_string));
        Ok(ended?)
    }

    /// Freezes a sandbox, or lets it go on.
    pub(crate) async fn freeze(
        self: &Arc<Self>,
        sandbox: Arc<Sandbox>,
        frozen: bool,
        life: Duration,
    ) -> Result<(), Failure> {
        let act = if frozen { "pause" } else { "resume" };
        self.ledger.permitted(json!({"do": act, "sandbox": sandbox.id}))?;
        let daemon = self.clone();
        blocking(move || {
            if frozen {
                sandbox.session.freeze()?;
            } else {
                sandbox.session.thaw()?;
            }
            sandbox.set_frozen(frozen, life);
            daemon.guests.touch();
            Ok(())
        })
        .await
    }

    /// Records what came of an act on a sandbox.
    pub(crate) fn did(&self, act: &str, sandbox: &str, problem: Option<String>) {
        let done = problem.is_none();
        self.ledger
            .note(Kind::Did, json!({"did": act, "sandbox": sandbox, "done": done, "problem": problem}));
    }

    /// Records that something is about to be done in a sandbox.
    pub(crate) fn permitted(&self, body: Value) -> Result<u64, Failure> {
        Ok(self.ledger.permitted(body)?)
    }

    /// Ends sandboxes whose time is over, for ever.
    pub(crate) async fn reap(self: Arc<Self>) {
        loop {
            let next = self.guests.next_end().map(|at| at.saturating_duration_since(clock::now()));
            let wait = match (next, self.options.idle) {
                (Some(next), Some(_)) => next.min(IDLE_LOOK),
                (Some(next), None) => next,
                (None, _) => Duration::from_secs(3600),
            };
            // Either is a reason to look again.
            let _ = tokio::time::timeout(wait, self.guests.changed()).await;
            for sandbox in self.guests.all() {
                if let Some(why) = self.is_over(&sandbox) {
                    tokio::spawn(self.clone().end_of_time(sandbox, why));
                }
            }
        }
    }

    fn is_over(&self, sandbox: &Sandbox) -> Option<&'static str> {
        if sandbox.ends() <= clock::now() {
            return Some("its time is over");
        }
        if !sandbox.session.is_alive() {
            return Some("it died");
        }
        let idle = self.options.idle.filter(|_| !sandbox.is_frozen())?;
        let quiet = clock::now().saturating_duration_since(sandbox.last_called()) >= idle;
        let runs = || sandbox.session.processes().iter().any(|it| it.exit().is_none());
        (quiet && !runs()).then_some("nobody called")
    }

    async fn end_of_time(self: Arc<Self>, sandbox: Arc<Sandbox>, why: &'static str) {
        if sandbox.auto_pause && !sandbox.is_frozen() && sandbox.session.is_alive() {
            let keep = Duration::from_secs(sandbox.key.quota.life_s);
            // First, so that the next look does not find it over again while it is being frozen.
            sandbox.live_for(keep);
            if self.freeze(sandbox.clone(), true, keep).await.is_ok() {
                return;
            }
        }
        // A ledger that can not be written must not keep a sandbox alive for ever: it is ended, unrecorded.
        if self.kill(&sandbox.id, why).await.is_err()
            && let Some(sandbox) = self.guests.remove(&sandbox.id)
        {
            let daemon = self.clone();
            let _ = blocking(move || daemon.end(&sandbox)).await;
        }
    }

    /// Ends everything. Nothing is left when this returns.
    pub(crate) async fn close(self: &Arc<Self>) {
        let ends = self.guests.close().into_iter().map(|sandbox| {
            let daemon = self.clone();
            blocking(move || {
                let _ = daemon
                    .ledger
                    .permitted(json!({"do": "kill", "sandbox": sandbox.id, "why": "the daemon ends"}));
                daemon.end(&sandbox)
            })
        });
        futures_util::future::join_all(ends).await;
    }
}
