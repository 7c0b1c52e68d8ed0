//! Looks at one path of the disk: what stands there, and what is in it.
#![expect(clippy::disallowed_methods, reason = "the scan reads the disk")]

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use bodkin_text::ContentHash;

use crate::chunks;
use crate::entry::{Entry, Leaf, Stat};
use crate::path::{FilePath, to_bytes};
use crate::rules::{Rules, Why, leads_out};

/// Times closer to the present than this prove nothing: the clocks of file systems are coarse, FAT's by two seconds.
const GRAIN_NS: i64 = 2_000_000_000;

/// How often a file is read that changes meanwhile.
const ATTEMPTS: u32 = 3;

/// What stands at a path.
pub(crate) enum Seen {
    /// Nothing.
    Nothing,
    /// A folder.
    Folder,
    /// A file or link, and what is to be told of it.
    Leaf(Leaf, Option<Why>),
    /// Something that stays.
    Stays(Why),
}

/// Whether the times of a file may prove that it is what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// They may, where they are not too close to when it was read.
    Times,
    /// It is known to have changed.
    Nothing,
}

/// Looks at what stands at `full`, which is `path` of the workspace; `known` is what stood there.
pub(crate) fn look(full: &Path, path: &FilePath, known: Option<&Leaf>, trust: Trust, rules: &Rules) -> Seen {
    match std::fs::symlink_metadata(full) {
        Ok(about) if about.is_dir() => Seen::Folder,
        Ok(about) if about.is_symlink() => link(full, path),
        Ok(about) if about.is_file() => file(full, &about, known, trust, rules),
        Ok(about) => Seen::Stays(Why::Special(special(&about))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Seen::Nothing
        }
        Err(error) => Seen::Stays(unreadable(&error)),
    }
}

fn link(full: &Path, path: &FilePath) -> Seen {
    match std::fs::read_link(full) {
        Ok(target) => {
            let target = to_bytes(&target);
            let told = leads_out(path, &target).then(|| Why::LeadsOut(crate::path::shown(&target)));
            Seen::Leaf(Leaf::new(Entry::Link { target: target.into() }), told)
        }
        Err(error) => Seen::Stays(unreadable(&error)),
    }
}

fn file(full: &Path, about: &Metadata, known: Option<&Leaf>, trust: Trust, rules: &Rules) -> Seen {
    if about.len() > rules.max_file_bytes {
        return Seen::Stays(Why::TooLarge(about.len()));
    }
    let exec = is_executable(about);
    if let Some(leaf) = known
        && let (Entry::File { size, hash, .. }, Some(stat)) = (&leaf.entry, &leaf.stat)
        && trust == Trust::Times
        && stat.proves(&stat_of(about))
    {
        let entry = Entry::File { exec, size: *size, hash: *hash };
        return Seen::Leaf(Leaf { entry, stat: leaf.stat, chunks: leaf.chunks.clone() }, None);
    }
    match read(full) {
        Ok((leaf, steady)) => Seen::Leaf(leaf, (!steady).then_some(Why::Changing)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Seen::Nothing,
        Err(error) => Seen::Stays(unreadable(&error)),
    }
}

/// Reads a file until it did not change meanwhile; whether there was such a time.
fn read(full: &Path) -> io::Result<(Leaf, bool)> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let mut file = open(full)?;
        let before = stat_of(&file.metadata()?);
        let read = chunks::read(&mut file, before.size)?;
        let about = file.metadata()?;
        let after = stat_of(&about);
        let steady = before.proves_reading(&after) && read.size == after.size;
        if steady || attempt == ATTEMPTS {
            let entry = Entry::File { exec: is_executable(&about), size: read.size, hash: read.hash };
            let stat = Stat { racy: after.racy || !steady, ..after };
            return Ok((Leaf { entry, stat: Some(stat), chunks: read.chunks }, steady));
        }
    }
}

impl Stat {
    /// Whether nothing was written between two looks at an open file.
    fn proves_reading(&self, after: &Self) -> bool {
        (self.mtime_ns, self.ctime_ns, self.size) == (after.mtime_ns, after.ctime_ns, after.size)
    }
}

/// Opens a regular file; never through a link, never waiting for a FIFO that took its place.
#[cfg(unix)]
pub(crate) fn open(full: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(full, flags, Mode::empty())?);
    regular(file)
}

#[cfg(not(unix))]
pub(crate) fn open(full: &Path) -> io::Result<File> {
    regular(File::open(full)?)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is no regular file any more"))
    }
}

fn unreadable(error: &io::Error) -> Why {
    Why::Unreadable(error.to_string())
}

#[cfg(unix)]
fn is_executable(about: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(about) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn stat_of(about: &Metadata) -> Stat {
    use std::os::unix::fs::MetadataExt as _;
    let ns = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    let (mtime_ns, ctime_ns) = (ns(about.mtime(), about.mtime_nsec()), ns(about.ctime(), about.ctime_nsec()));
    Stat { mtime_ns, ctime_ns, ino: about.ino(), size: about.len(), racy: is_racy(mtime_ns.max(ctime_ns)) }
}

#[cfg(not(unix))]
fn stat_of(about: &Metadata) -> Stat {
    let since = about.modified().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let mtime_ns = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    Stat { mtime_ns, ctime_ns: mtime_ns, ino: 0, size: about.len(), racy: is_racy(mtime_ns) }
}

/// Whether a time is so close to the present, or so far beyond it, that a later write may bear it too.
fn is_racy(time_ns: i64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_nanos()).unwrap_or(i64::MAX);
    time_ns.saturating_add(GRAIN_NS) >= now
}

#[cfg(unix)]
fn special(about: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = about.file_type();
    if kind.is_fifo() {
        "FIFO"
    } else if kind.is_socket() {
        "socket"
    } else {
        "device"
    }
}

#[cfg(not(unix))]
fn special(_: &Metadata) -> &'static str {
    "special file"
}

/// A content as it was read.
pub(crate) struct Contents {
    pub(crate) hash: ContentHash,
    pub(crate) size: u64,
    pub(crate) chunks: Option<std::sync::Arc<[crate::entry::Chunk]>>,
}

/// Passes on what is read and hashes it.
pub(crate) struct Hashing<'r> {
    pub(crate) from: &'r mut dyn Read,
    pub(crate) hasher: blake3::Hasher,
}

impl Read for Hashing<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(to)?;
        self.hasher.update(to.get(..read).unwrap_or_default());
        Ok(read)
    }
}
