//! Contents by hash: one file each, never changed once it has its name.
#![expect(clippy::disallowed_methods, reason = "the store is the receiver's disk")]

use std::collections::HashSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bodkin_text::ContentHash;
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, Mode, OFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use rustix::io::Errno;

use super::parts::Parts;
use super::{StoreError, names, open_dir};
use crate::entry::{Entry, Leaf};
use crate::manifest::Node;
use crate::wire::{Content, Piece};

/// From so many contents on, two threads take them.
const MANY: usize = 64;

/// The contents of a store.
pub(super) struct Blobs {
    folder: PathBuf,
    dir: OwnedFd,
    tmp: OwnedFd,
    parts: Mutex<Parts>,
    serial: AtomicU64,
    /// Bytes that came since the last trim.
    added: AtomicU64,
    /// Contents that came and were not placed yet: known to be here.
    fresh: Mutex<HashSet<ContentHash>>,
    /// Files are made readable for others by themselves.
    open_umask: bool,
}

/// What became of a content that came.
enum Took {
    /// It is here.
    Kept,
    /// Its beginning is here, so many bytes.
    Part,
    /// It is made of another that is not here, or does not follow on what is here: its sender will be told.
    Lacking,
}

impl Blobs {
    pub(super) fn open(store: &Path) -> Result<Self, StoreError> {
        let (folder, tmp) = (store.join("blobs"), store.join("tmp"));
        for name in names(&tmp) {
            let _ = std::fs::remove_file(tmp.join(name));
        }
        Ok(Self {
            dir: open_dir(&folder)?,
            tmp: open_dir(&tmp)?,
            parts: Mutex::new(Parts::new(store.join("parts"))),
            folder,
            serial: AtomicU64::new(0),
            added: AtomicU64::new(0),
            fresh: Mutex::default(),
            open_umask: open_umask(),
        })
    }

    /// Whether the content is here.
    pub(super) fn has(&self, hash: &ContentHash) -> bool {
        self.fresh().contains(hash)
            || [false, true].into_iter().any(|exec| {
                rustix::fs::statat(&self.dir, name(hash, exec), AtFlags::SYMLINK_NOFOLLOW).is_ok()
            })
    }

    fn fresh(&self) -> MutexGuard<'_, HashSet<ContentHash>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of its beginning that are here.
    pub(super) fn begun(&self, hash: &ContentHash) -> u64 {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).len(hash)
    }

    /// Takes contents and parts of contents, on more than one thread where there are many.
    pub(super) fn take_all(&self, contents: &[Content], most: u64) -> Result<(), StoreError> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<(), StoreError> {
            while let Some(content) = contents.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.take(content, most)?;
            }
            Ok(())
        };
        let in_order = contents.iter().any(|it| it.offset > 0);
        if contents.len() < MANY || in_order {
            return work();
        }
        std::thread::scope(|scope| {
            let other = scope.spawn(work);
            let own = work();
            let other = other.join().unwrap_or_else(|_| Err(StoreError::Refused("a content".to_owned())));
            own.and(other)
        })
    }

    /// Takes a content or the next part of one.
    fn take(&self, content: &Content, most: u64) -> Result<Took, StoreError> {
        if content.size > most {
            return Err(StoreError::Refused(format!(
                "a file of {} bytes is beyond the {most} of a replica",
                content.size
            )));
        }
        if self.has(&content.hash) {
            return Ok(Took::Kept);
        }
        match content.pieces.as_slice() {
            [Piece::New(bytes)] if bytes.len() as u64 == content.size => {
                self.keep(&content.hash, bytes).map(|()| Took::Kept)
            }
            _ => self.take_part(content),
        }
    }

    fn keep(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError> {
        if ContentHash::of(bytes) != *hash {
            return Err(StoreError::Refused("a content has another hash than was said".to_owned()));
        }
        let (file, name) = self.temporary()?;
        let mut file = File::from(file);
        if let Err(error) = file.write_all(bytes) {
            let _ = rustix::fs::unlinkat(&self.tmp, &name, AtFlags::empty());
            return Err(StoreError::io(format!("a content of {} bytes", bytes.len()))(error));
        }
        self.added.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.settle(&name, hash, false)?;
        self.fresh().insert(*hash);
        Ok(())
    }

    fn take_part(&self, content: &Content) -> Result<Took, StoreError> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let open = |hash: &ContentHash| self.open_blob(hash).ok().map(|(file, _)| file);
        if !parts.take(content, &open)? {
            return Ok(Took::Lacking);
        }
        if parts.len(&content.hash) < content.size {
            return Ok(Took::Part);
        }
        let file = parts.finish(content)?;
        self.added.fetch_add(content.size, Ordering::Relaxed);
        let from = crate::path::to_bytes(&file);
        self.shelve(rustix::fs::CWD, &from, &name(&content.hash, false))?;
        Ok(Took::Kept)
    }

    /// Opens a content for reading; whether it is the executable one.
    fn open_blob(&self, hash: &ContentHash) -> Result<(File, bool), Errno> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = |exec| rustix::fs::openat(&self.dir, name(hash, exec), flags, Mode::empty());
        match open(false) {
            Ok(file) => Ok((file.into(), false)),
            Err(_) => open(true).map(|file| (file.into(), true)),
        }
    }

    /// Links the content to `to`/`at`, in place of a file or link that stands there.
    pub(super) fn place(
        &self,
        hash: &ContentHash,
        exec: bool,
        to: BorrowedFd<'_>,
        at: &[u8],
        touch: Touch,
    ) -> Result<(), StoreError> {
        let failed = || StoreError::disk(crate::path::shown(at));
        let from = name(hash, exec);
        let placed = match self.link(&from, to, at) {
            Err(Errno::NOENT | Errno::MLINK) => {
                self.copy(hash, exec)?;
                self.link(&from, to, at)
            }
            other => other,
        };
        placed.map_err(failed())?;
        self.fresh().remove(hash);
        match touch {
            Touch::Now => rustix::fs::utimensat(to, at, &NOW, AtFlags::SYMLINK_NOFOLLOW).map_err(failed()),
            Touch::Keep => Ok(()),
        }
    }

    fn link(&self, from: &str, to: BorrowedFd<'_>, at: &[u8]) -> Result<(), Errno> {
        match rustix::fs::linkat(&self.dir, from, to, at, AtFlags::empty()) {
            Err(Errno::EXIST) => {
                let temporary = self.serial();
                rustix::fs::linkat(&self.dir, from, &self.tmp, &temporary, AtFlags::empty())?;
                let moved = rustix::fs::renameat(&self.tmp, &temporary, to, at);
                // Where both are links to one file already, renaming does nothing.
                let _ = rustix::fs::unlinkat(&self.tmp, &temporary, AtFlags::empty());
                moved
            }
            other => other,
        }
    }

    /// A link whose target is text, in place of a file or link that stands there.
    pub(super) fn place_link(&self, target: &[u8], to: BorrowedFd<'_>, at: &[u8]) -> Result<(), StoreError> {
        let temporary = self.serial();
        rustix::fs::symlinkat(target, &self.tmp, &temporary)
            .and_then(|()| rustix::fs::renameat(&self.tmp, &temporary, to, at))
            .map_err(StoreError::disk(crate::path::shown(at)))
    }

    /// Makes the content's file anew from its twin or from itself: executable, or with no links to it yet.
    fn copy(&self, hash: &ContentHash, exec: bool) -> Result<(), StoreError> {
        let (mut from, _) = self.open_blob(hash).map_err(StoreError::disk(format!("content {hash}")))?;
        let (to, temporary) = self.temporary()?;
        let mut to = File::from(to);
        let copied = std::io::copy(&mut from, &mut to);
        match copied {
            Ok(bytes) => self.added.fetch_add(bytes, Ordering::Relaxed),
            Err(error) => {
                let _ = rustix::fs::unlinkat(&self.tmp, &temporary, AtFlags::empty());
                return Err(StoreError::io("a copy of a content")(error));
            }
        };
        if exec {
            rustix::fs::fchmod(&to, Mode::from_raw_mode(0o755))
                .map_err(StoreError::disk("a content's mode"))?;
        }
        self.settle(&temporary, hash, exec)
    }

    fn settle(&self, temporary: &str, hash: &ContentHash, exec: bool) -> Result<(), StoreError> {
        self.shelve(self.tmp.as_fd(), temporary.as_bytes(), &name(hash, exec))
    }

    /// Moves a file to its place; its shelf is made when it is the first on it.
    fn shelve(&self, from: BorrowedFd<'_>, file: &[u8], name: &str) -> Result<(), StoreError> {
        let moved = match rustix::fs::renameat(from, file, &self.dir, name) {
            Err(Errno::NOENT) => {
                let shelf = name.split('/').next().unwrap_or_default();
                match rustix::fs::mkdirat(&self.dir, shelf, Mode::from_raw_mode(0o755)) {
                    Ok(()) | Err(Errno::EXIST) => rustix::fs::renameat(from, file, &self.dir, name),
                    Err(error) => Err(error),
                }
            }
            other => other,
        };
        moved.map_err(StoreError::disk("a content"))
    }

    fn temporary(&self) -> Result<(OwnedFd, String), StoreError> {
        let name = self.serial();
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o644);
        let file =
            rustix::fs::openat(&self.tmp, &name, flags, mode).map_err(StoreError::disk("a content"))?;
        if !self.open_umask {
            // A sandbox may run as another user.
            rustix::fs::fchmod(&file, mode).map_err(StoreError::disk("a content's mode"))?;
        }
        Ok((file, name))
    }

    fn serial(&self) -> String {
        self.serial.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// Whether so much came since the last trim that another is due.
    pub(super) fn is_trim_due(&self, limit: u64) -> bool {
        self.added.load(Ordering::Relaxed) > limit / 8
    }

    /// Removes contents without a link to them, those used longest ago first, until `limit` bytes are left.
    pub(super) fn trim(&self, limit: u64, needed: &HashSet<ContentHash>) -> u64 {
        self.added.store(0, Ordering::Relaxed);
        self.fresh().clear();
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clear(&|hash| needed.contains(hash));
        let mut loose = self.loose(needed);
        loose.sort();
        let mut left: u64 = loose.iter().map(|it| it.bytes).sum();
        let before = left;
        for it in loose {
            if left <= limit {
                break;
            }
            if rustix::fs::unlinkat(&self.dir, &it.name, AtFlags::empty()).is_ok() {
                left = left.saturating_sub(it.bytes);
            }
        }
        before - left
    }

    /// Takes away those of these contents that are not what their name says.
    pub(super) fn check<'n>(&self, nodes: impl Iterator<Item = &'n Node>) {
        for node in nodes {
            match node {
                Node::Leaf(leaf) => self.check_one(leaf),
                Node::Folder(folder) => folder.walk(None, &mut |_, node| {
                    if let Node::Leaf(leaf) = node {
                        self.check_one(leaf);
                    }
                }),
            }
        }
    }

    fn check_one(&self, leaf: &Leaf) {
        if let Entry::File { hash, .. } = &leaf.entry {
            self.check_file(&name(hash, false), hash);
            self.check_file(&name(hash, true), hash);
        }
    }

    /// Takes away every content that is not what its name says.
    pub(super) fn check_all(&self) {
        for byte in 0..=255u8 {
            let shelf = format!("{byte:02x}");
            for file in names(&self.folder.join(&shelf)) {
                if let Ok(hash) = file.trim_end_matches(".x").parse() {
                    self.check_file(&format!("{shelf}/{file}"), &hash);
                }
            }
        }
    }

    fn check_file(&self, name: &str, hash: &ContentHash) {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let Ok(file) = rustix::fs::openat(&self.dir, name, flags, Mode::empty()) else { return };
        let mut hasher = blake3::Hasher::new();
        let is_read = hasher.update_reader(File::from(file)).is_ok();
        if !is_read || hasher.finalize().as_bytes() != hash.as_bytes() {
            self.fresh().remove(hash);
            let _ = rustix::fs::unlinkat(&self.dir, name, AtFlags::empty());
        }
    }

    fn loose(&self, needed: &HashSet<ContentHash>) -> Vec<Loose> {
        let mut loose = Vec::new();
        for byte in 0..=255u8 {
            let shelf = format!("{byte:02x}");
            for file in names(&self.folder.join(&shelf)) {
                let name = format!("{shelf}/{file}");
                let hash = file.trim_end_matches(".x").parse::<ContentHash>();
                let Ok(stat) = rustix::fs::statat(&self.dir, &name, AtFlags::SYMLINK_NOFOLLOW) else {
                    continue;
                };
                if stat.st_nlink == 1 && !hash.is_ok_and(|hash| needed.contains(&hash)) {
                    let used = (stat.st_mtime, stat.st_mtime_nsec);
                    loose.push(Loose { used, bytes: stat.st_size.cast_unsigned(), name });
                }
            }
        }
        loose
    }
}

/// Whether a placed file looks as if it were written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// Yes: what is built from it is older than it.
    Now,
    /// It keeps the time of its content.
    Keep,
}

const NOW: Timestamps = Timestamps {
    last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT as _ },
    last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW as _ },
};

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Loose {
    used: (i64, u64),
    bytes: u64,
    name: String,
}

/// Where a content stands below the folder of contents. An executable file is another file, as the mode is the file's.
fn name(hash: &ContentHash, exec: bool) -> String {
    let [shelf, ..] = hash.as_bytes();
    format!("{shelf:02x}/{hash}{}", if exec { ".x" } else { "" })
}

/// Whether this process's files may be read by others unless it says otherwise (`proc(5)`, "Umask").
fn open_umask() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    mask.and_then(|it| u32::from_str_radix(it.trim(), 8).ok()).is_some_and(|mask| mask & 0o644 == 0)
}
