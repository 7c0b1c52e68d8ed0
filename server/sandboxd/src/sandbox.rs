//! One sandbox as the daemon knows it: its names, its life, its session.
//!
//! Its life is counted on the clock that never jumps; a frozen one does not age, but may not stay frozen for ever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bodkin_e2b::control::{Detail, State};
use bodkin_e2b::signature::same_in_constant_time;
use bodkin_e2b::{address, stamp};
use bodkin_guard::action::Limits;
use bodkin_sandbox::session::{Session, Watch};

use crate::clock;
use crate::keys::Key;

/// The home of the user inside.
pub(crate) const HOME: &str = "/home/user";

/// One sandbox.
pub(crate) struct Sandbox {
    /// Its name: letters and digits.
    pub(crate) id: String,
    /// Whose it is.
    pub(crate) key: Arc<Key>,
    /// What it was made from, as it was asked for.
    pub(crate) template: String,
    /// The caller's words.
    pub(crate) metadata: BTreeMap<String, String>,
    /// Variables of every command.
    pub(crate) env: BTreeMap<String, String>,
    /// What it may use up.
    pub(crate) limits: Limits,
    /// Whether it may reach anything.
    pub(crate) internet: bool,
    /// When it was made, milliseconds since 1970, UTC.
    pub(crate) started_unix_ms: u64,
    /// What it is frozen for, instead of ended, when its time is over.
    pub(crate) auto_pause: bool,
    /// Where commands run that name no folder; `None`: the session's own.
    pub(crate) workdir: Option<PathBuf>,
    /// Where it runs.
    pub(crate) session: Arc<dyn Session>,
    /// Held as long as something of it is in use elsewhere: a replica under its workspace.
    pub(crate) _holds: Option<Box<dyn Send + Sync>>,
    token: String,
    life: Mutex<Life>,
    /// Milliseconds after `born` of the last call.
    called_ms: AtomicU64,
    born: Instant,
    watchers: Mutex<BTreeMap<String, Arc<PolledWatch>>>,
    words: Mutex<BTreeMap<PathBuf, BTreeMap<String, String>>>,
}

/// A watch that is asked for its events.
pub(crate) struct PolledWatch {
    pub(crate) watch: Mutex<Box<dyn Watch>>,
    /// What is watched: events are told below it.
    pub(crate) folder: PathBuf,
    /// Whether events carry the entry.
    pub(crate) include_entry: bool,
}

#[derive(Debug, Clone, Copy)]
struct Life {
    ends: Instant,
    ends_unix_ms: u64,
    frozen: bool,
}

/// What a sandbox is made of, beside its session.
pub(crate) struct Birth {
    pub(crate) id: String,
    pub(crate) key: Arc<Key>,
    pub(crate) token: String,
    pub(crate) template: String,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) limits: Limits,
    pub(crate) internet: bool,
    pub(crate) auto_pause: bool,
    pub(crate) life: Duration,
    pub(crate) holds: Option<Box<dyn Send + Sync>>,
    pub(crate) workdir: Option<PathBuf>,
}

impl Sandbox {
    pub(crate) fn new(birth: Birth, session: Arc<dyn Session>) -> Self {
        let Birth {
            id,
            key,
            token,
            template,
            metadata,
            env,
            limits,
            internet,
            auto_pause,
            life,
            holds,
            workdir,
        } = birth;
        let born = clock::now();
        Self {
            id,
            key,
            template,
            metadata,
            env,
            limits,
            internet,
            started_unix_ms: clock::unix_ms(),
            auto_pause,
            workdir,
            session,
            _holds: holds,
            token,
            life: Mutex::new(Life::from_now(life, false)),
            called_ms: AtomicU64::new(0),
            born,
            watchers: Mutex::default(),
            words: Mutex::default(),
        }
    }

    /// Whether this is its token.
    pub(crate) fn has_token(&self, shown: &str) -> bool {
        same_in_constant_time(&self.token, shown)
    }

    /// Its token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// A path as a client gives it: absolute, or below the home.
    pub(crate) fn path(&self, given: &str) -> PathBuf {
        match given.strip_prefix("~/").or_else(|| (given == "~").then_some("")) {
            Some(below) => Path::new(HOME).join(below),
            None => Path::new(HOME).join(given),
        }
    }

    /// Lets it live so long from now.
    pub(crate) fn live_for(&self, life: Duration) {
        let mut held = self.life();
        *held = Life::from_now(life, held.frozen);
    }

    /// When its time is over, unless it is frozen.
    pub(crate) fn ends(&self) -> Instant {
        self.life().ends
    }

    /// Whether it is frozen.
    pub(crate) fn is_frozen(&self) -> bool {
        self.life().frozen
    }

    /// Remembers that it is frozen, and for how long at most; or that it goes on.
    pub(crate) fn set_frozen(&self, frozen: bool, life: Duration) {
        *self.life() = Life::from_now(life, frozen);
    }

    /// Remembers that somebody called.
    pub(crate) fn called(&self) {
        let since = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.called_ms.fetch_max(since, Ordering::Relaxed);
    }

    /// When somebody called last.
    pub(crate) fn last_called(&self) -> Instant {
        self.born + Duration::from_millis(self.called_ms.load(Ordering::Relaxed))
    }

    /// Polled watches by name.
    pub(crate) fn watchers(&self) -> MutexGuard<'_, BTreeMap<String, Arc<PolledWatch>>> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user's words about files, by path. They are kept here, not in the file system: a file moved by a command
    /// leaves them behind.
    pub(crate) fn words(&self) -> MutexGuard<'_, BTreeMap<PathBuf, BTreeMap<String, String>>> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As the control plane tells it.
    pub(crate) fn detail(&self, domain: Option<&str>, with_token: bool) -> Detail {
        let life = *self.life();
        Detail {
            template_id: self.template.clone(),
            sandbox_id: self.id.clone(),
            client_id: "bodkin".to_owned(),
            started_at: stamp::rfc3339(i64::try_from(self.started_unix_ms).unwrap_or(i64::MAX)),
            end_at: stamp::rfc3339(i64::try_from(life.ends_unix_ms).unwrap_or(i64::MAX)),
            cpu_count: cpu_count(),
            memory_mb: self.limits.memory_bytes >> 20,
            disk_size_mb: self.limits.disk_bytes >> 20,
            state: if life.frozen { State::Paused } else { State::Running },
            envd_version: address::ENVD_VERSION.to_owned(),
            metadata: self.metadata.clone(),
            envd_access_token: with_token.then(|| self.token.clone()),
            allow_internet_access: Some(self.internet),
            domain: domain.map(str::to_owned),
        }
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Life {
    fn from_now(life: Duration, frozen: bool) -> Self {
        let ms = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
        Self { ends: clock::now() + life, ends_unix_ms: clock::unix_ms().saturating_add(ms), frozen }
    }
}

/// Processors that a sandbox sees.
pub(crate) fn cpu_count() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX))
}
