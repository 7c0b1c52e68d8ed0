//! The receiver's disk: contents by hash, and the replicas that are made of them.
//!
//! One store serves one owner (a daemon keeps one an API key): contents are shared inside it and never across. A
//! content stands once and is hard-linked into every replica that has it, so eviction takes only what no replica
//! needs. Linux only, as links and `openat2` do the work. One process holds a store at a time.
//! invariant: what stands in a replica was hashed here, never believed

mod audit;
mod blobs;
mod hands;
mod journal;
mod known;
mod parts;
mod replica;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use bodkin_text::ContentHash;
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use thiserror::Error;

use crate::manifest::Manifest;
use blobs::Blobs;
use known::Known;

pub use replica::{Pin, Replica};

/// How much a store may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLimits {
    /// Contents that no replica needs now, bytes.
    pub cache_bytes: u64,
    /// All files of one replica, bytes.
    pub replica_bytes: u64,
    /// Files and links of one replica.
    pub replica_files: u64,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self { cache_bytes: 2 << 30, replica_bytes: 8 << 30, replica_files: 1_000_000 }
    }
}

/// Why a store can not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another process has it, or a run that is not over.
    #[error("{0} is still in use")]
    Busy(PathBuf),
    /// Not the name of a replica.
    #[error("`{0}` is no name for a replica: 1 to 64 letters, digits, `_` and `-`")]
    BadKey(String),
    /// The disk, or a quota on it, is full.
    #[error("there is no room left for {what}")]
    Full {
        /// What it was about.
        what: String,
    },
    /// The sender's words do not fit what it sent.
    #[error("{0}")]
    Refused(String),
    /// The disk failed.
    #[error("{what}: {source}")]
    Disk {
        /// What it was about.
        what: String,
        /// What the system says.
        source: io::Error,
    },
}

impl StoreError {
    pub(crate) fn disk(what: impl Into<String>) -> impl FnOnce(Errno) -> Self {
        let what = what.into();
        move |error| match error {
            Errno::NOSPC | Errno::DQUOT => Self::Full { what },
            error => Self::Disk { what, source: error.into() },
        }
    }

    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| {
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
                Self::Full { what }
            } else {
                Self::Disk { what, source }
            }
        }
    }
}

/// Contents and replicas of one owner.
pub struct Store {
    folder: PathBuf,
    limits: StoreLimits,
    blobs: Blobs,
    known: Known,
    /// Frames are taken side by side, and nothing is trimmed meanwhile.
    gate: RwLock<()>,
    replicas: Mutex<HashMap<String, Weak<Replica>>>,
    /// The machine was restarted since the store was used last.
    doubted: bool,
    /// Held open, as the lock lives with it.
    _lock: rustix::fd::OwnedFd,
}

impl Store {
    /// Opens the store in `folder`, making it where there is none. What a killed process left half done is cleared.
    pub fn open(folder: impl Into<PathBuf>, limits: StoreLimits) -> Result<Arc<Self>, StoreError> {
        let folder = folder.into();
        for name in ["", "blobs", "tmp", "parts", "states", "replicas"] {
            make_dir(&folder.join(name))?;
        }
        let lock = rustix::fs::open(
            folder.join("lock"),
            OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC,
            Mode::from_raw_mode(0o600),
        )
        .map_err(StoreError::disk("the store's lock"))?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| StoreError::Busy(folder.clone()))?;
        let blobs = Blobs::open(&folder)?;
        let doubted = was_restarted(&folder);
        if doubted {
            // What was written last may not have reached the disk.
            blobs.check_all();
        }
        let known = Known::new(folder.join("states"));
        let store = Self {
            folder,
            limits,
            blobs,
            known,
            gate: RwLock::default(),
            doubted,
            replicas: Mutex::default(),
            _lock: lock,
        };
        Ok(Arc::new(store))
    }

    /// The replica of that name, made where there is none. The same one for every caller while one of them has it:
    /// keep it, as opening it reads all that it is.
    pub fn replica(self: &Arc<Self>, key: &str) -> Result<Arc<Replica>, StoreError> {
        let sound = |it: u8| it.is_ascii_alphanumeric() || it == b'_' || it == b'-';
        if key.is_empty() || key.len() > 64 || !key.bytes().all(sound) {
            return Err(StoreError::BadKey(key.chars().take(80).collect()));
        }
        let mut replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(replica) = replicas.get(key).and_then(Weak::upgrade) {
            // One that was removed stands until nothing runs over it any more.
            return if replica.is_removed() { Err(StoreError::Busy(key.into())) } else { Ok(replica) };
        }
        let replica = Arc::new(Replica::open(Arc::clone(self), self.folder.join("replicas").join(key))?);
        replicas.insert(key.to_owned(), Arc::downgrade(&replica));
        Ok(replica)
    }

    /// The names of all replicas.
    pub fn replicas(&self) -> Vec<String> {
        let mut names = names(&self.folder.join("replicas"));
        names.sort();
        names
    }

    fn forget(&self, key: &str) {
        self.replicas.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Takes contents that no replica needs, the longest unused first, until what is left fits the limit. Gives the
    /// bytes that were freed.
    pub fn trim(&self) -> u64 {
        let _alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.blobs.trim(self.limits.cache_bytes, &self.known.pending())
    }

    /// The state of that root, if it was ever here and is not forgotten.
    fn state(self: &Arc<Self>, root: &ContentHash) -> Option<Manifest> {
        self.known.state(root).or_else(|| {
            // Replicas that nobody asked for since the start have not told their state yet.
            if self.known.first_miss() {
                for key in self.replicas() {
                    let _ = self.replica(&key);
                }
            }
            self.known.state(root)
        })
    }
}

/// Makes a folder that others may enter: a sandbox may run as another user.
fn make_dir(path: &Path) -> Result<(), StoreError> {
    match rustix::fs::mkdir(path, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(Errno::NOENT) => {
            if let Some(parent) = path.parent() {
                make_dir(parent)?;
            }
            rustix::fs::mkdir(path, Mode::from_raw_mode(0o755))
                .map_err(StoreError::disk(path.to_string_lossy()))
        }
        Err(error) => Err(StoreError::disk(path.to_string_lossy())(error)),
    }
}

fn open_dir(path: &Path) -> Result<rustix::fd::OwnedFd, StoreError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map_err(StoreError::disk(path.to_string_lossy()))
}

/// What lies in a folder of the store's own.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().filter_map(|it| it.file_name().into_string().ok()).collect()
}

/// Whether the machine was started since this was asked last.
#[expect(clippy::disallowed_methods, reason = "the store is the receiver's disk")]
fn was_restarted(folder: &Path) -> bool {
    let now = std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let path = folder.join("boot");
    let before = std::fs::read(&path).ok();
    let is_same = before.as_ref().is_none_or(|it| *it == now);
    // Where it can not be kept, the next start has no doubt; the contents are hashed when they are taken all the same.
    let _ = std::fs::write(&path, &now);
    !is_same
}
