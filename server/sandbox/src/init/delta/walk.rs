//! Goes through what was written, folder by folder, beside what was given.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString, OsStr};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, Stat, chmodat, fgetxattr, fstat, openat, readlinkat, statat,
};

use super::files::{self, Before};
use super::{Delta, How};
use crate::init::copy::is_heavy;
use crate::local::pieces::{self, ALL_BYTES, PIECES, Piece, PieceWhat, Told};
use crate::local::wire::Raw;

/// Folders within folders that are looked into.
pub(super) const DEPTH: usize = 100;

/// Entries that are looked at.
const ENTRIES: usize = 300_000;

/// One walk.
pub(super) struct Walk<'a> {
    pub(super) delta: &'a Delta,
    to: &'a mut UnixStream,
    /// The file system that what was written lies on: what is mounted over it is none of it.
    device: u64,
    /// Bytes, differences and entries that may still come.
    room: u64,
    pub(super) pieces: usize,
    entries: usize,
    /// Paths of laid texts that were met.
    pub(super) met: BTreeSet<PathBuf>,
}

/// A folder that is being looked at.
pub(super) struct Level {
    pub(super) path: PathBuf,
    pub(super) written: OwnedFd,
    pub(super) given: Option<OwnedFd>,
    /// Whether what was given shows through where nothing was written.
    pub(super) shows: bool,
    names: Vec<CString>,
    /// Permissions that it has when nobody looks.
    locked: Option<Mode>,
}

impl<'a> Walk<'a> {
    pub(super) fn of(delta: &'a Delta, to: &'a mut UnixStream) -> io::Result<Self> {
        let device = fstat(&delta.written)?.st_dev;
        let met = BTreeSet::new();
        Ok(Self { delta, to, device, room: ALL_BYTES, pieces: PIECES - 1, entries: ENTRIES, met })
    }

    /// Tells all differences.
    pub(super) fn all(mut self) -> io::Result<()> {
        let written = self.delta.written.try_clone()?;
        let given = self.delta.given.as_ref().map(OwnedFd::try_clone).transpose()?;
        let mut levels = vec![self.level(PathBuf::new(), written, given)?];
        while let Some(level) = levels.last_mut() {
            let Some(name) = level.names.pop() else {
                if let Some(done) = levels.pop() {
                    self.missing(&done)?;
                    done.leave();
                }
                continue;
            };
            if self.entries == 0 || self.pieces == 0 {
                levels.iter().for_each(Level::leave);
                return self.leave_out("There are more changes than can be brought back.");
            }
            self.entries -= 1;
            let depth = levels.len();
            if let Some(level) = levels.last()
                && let Some(below) = self.entry(level, &name, depth)?
            {
                levels.push(below);
            }
        }
        self.laid_and_gone()
    }

    fn level(&self, path: PathBuf, written: OwnedFd, given: Option<OwnedFd>) -> io::Result<Level> {
        let names = names(&written)?;
        let is_layer = matches!(self.delta.how, How::Layer);
        let shows = is_layer && given.is_some() && !is_opaque(&written);
        Ok(Level { path, written, given, shows, names, locked: None })
    }

    /// Tells what differs at one name; gives the folder there, if it is one to look into.
    fn entry(&mut self, level: &Level, name: &CStr, depth: usize) -> io::Result<Option<Level>> {
        let Ok(about) = statat(&level.written, name, AtFlags::SYMLINK_NOFOLLOW) else { return Ok(None) };
        let path = level.path.join(OsStr::from_bytes(name.to_bytes()));
        if about.st_dev != self.device && FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
            return Ok(None);
        }
        match FileType::from_raw_mode(about.st_mode) {
            FileType::Directory => return self.folder(level, name, path, &about, depth),
            FileType::RegularFile => self.file(level, name, path, &about)?,
            FileType::Symlink => self.link(level, name, path)?,
            FileType::CharacterDevice if about.st_rdev == 0 => self.whiteout(level, name, path)?,
            FileType::Fifo => self.tell(path, PieceWhat::Fifo)?,
            FileType::Socket => self.tell(path, PieceWhat::Socket)?,
            FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => {
                self.tell(path, PieceWhat::Device)?;
            }
        }
        Ok(None)
    }

    fn folder(
        &mut self,
        level: &Level,
        name: &CStr,
        path: PathBuf,
        about: &Stat,
        depth: usize,
    ) -> io::Result<Option<Level>> {
        if matches!(self.delta.how, How::Copy(_)) && is_heavy(OsStr::from_bytes(name.to_bytes())) {
            return Ok(None);
        }
        let given = level.given.as_ref().and_then(|given| folder_below(given, name));
        if given.is_none() {
            self.tell(path.clone(), PieceWhat::Folder)?;
        }
        // Its owner may have locked it; nobody is there to see it open.
        let locked = Mode::from_raw_mode(about.st_mode);
        let is_locked = about.st_mode & 0o500 != 0o500;
        if is_locked {
            let _ = chmodat(&level.written, name, locked | Mode::from(0o500), AtFlags::empty());
        }
        if depth >= DEPTH {
            return self.leave_out("Folders lie too deep to be looked into.").map(|()| None);
        }
        let below = folder_below(&level.written, name)
            .and_then(|opened| self.level(path.clone(), opened, given).ok());
        match below {
            Some(below) => Ok(Some(Level { locked: is_locked.then_some(locked), ..below })),
            None => self.leave_out(&format!("{} can not be opened.", path.display())).map(|()| None),
        }
    }

    fn file(&mut self, level: &Level, name: &CStr, path: PathBuf, about: &Stat) -> io::Result<()> {
        if let How::Copy(finished) = self.delta.how {
            let is_older =
                (about.st_ctime, about.st_ctime_nsec.cast_signed()) < (finished.tv_sec, finished.tv_nsec);
            if is_older && self.delta.laid(&path).is_none() {
                return Ok(());
            }
        }
        let before = self.before(level, name, &path);
        let (mode, size) = (about.st_mode & 0o7777, about.st_size.cast_unsigned());
        let same_kind = before.mode().is_none_or(|before| (before ^ mode) & 0o7111 == 0);
        let opened = files::open(&level.written, name, about);
        let mut trouble = files::trouble(about, self.room);
        let file = match opened {
            Ok(file) => Some(file),
            Err(error) => {
                trouble = Some(format!("it can not be read ({})", io::Error::from(error)));
                None
            }
        };
        if let (None, Some(file)) = (&trouble, &file)
            && same_kind
            && files::is_same(file, about, &before).unwrap_or(false)
        {
            return Ok(());
        }
        let mode_before = before.mode();
        let content = file.filter(|_| trouble.is_none());
        let what = PieceWhat::File { size, mode };
        self.piece(Piece { path: Raw::from(path), what, mode_before, trouble })?;
        if let Some(file) = content {
            self.room = self.room.saturating_sub(files::send(&file, size, self.to)?);
        }
        Ok(())
    }

    fn before(&mut self, level: &Level, name: &CStr, path: &Path) -> Before {
        let given = level.given.as_ref();
        let about = given.and_then(|given| statat(given, name, AtFlags::SYMLINK_NOFOLLOW).ok());
        let about = about.filter(|about| FileType::from_raw_mode(about.st_mode) == FileType::RegularFile);
        match self.delta.laid(path) {
            Some(Some(hash)) => {
                self.met.insert(path.to_path_buf());
                Before::Laid(*hash, about.map(|about| about.st_mode & 0o7777))
            }
            Some(None) => Before::Nothing,
            None => match (given, about) {
                (Some(given), Some(about)) => match open_given(given, name) {
                    Some(file) => Before::Given(Box::new(about), file),
                    None => Before::Nothing,
                },
                (Some(_) | None, _) => Before::Nothing,
            },
        }
    }

    fn link(&mut self, level: &Level, name: &CStr, path: PathBuf) -> io::Result<()> {
        let Ok(target) = readlinkat(&level.written, name, Vec::new()) else { return Ok(()) };
        let given = level.given.as_ref();
        if given
            .and_then(|given| readlinkat(given, name, Vec::new()).ok())
            .is_some_and(|given| given == target)
        {
            return Ok(());
        }
        let is_ours = matches!(self.delta.how, How::Copy(_)) && is_heavy(OsStr::from_bytes(name.to_bytes()));
        if is_ours && given.is_some_and(|given| folder_below(given, name).is_some()) {
            return Ok(());
        }
        self.tell(path, PieceWhat::Link(Raw::from(OsStr::from_bytes(target.as_bytes()))))
    }

    pub(super) fn tell(&mut self, path: PathBuf, what: PieceWhat) -> io::Result<()> {
        self.piece(Piece { path: Raw::from(path), what, mode_before: None, trouble: None })
    }

    pub(super) fn piece(&mut self, piece: Piece) -> io::Result<()> {
        match self.pieces.checked_sub(1) {
            Some(left) => {
                self.pieces = left;
                pieces::send(self.to, &Told::Piece(piece))
            }
            None => Ok(()),
        }
    }

    pub(super) fn leave_out(&mut self, sentence: &str) -> io::Result<()> {
        pieces::send(self.to, &Told::LeftOut(sentence.to_owned()))
    }
}

impl Level {
    /// Locks it again, if it was locked.
    fn leave(&self) {
        if let Some(mode) = self.locked {
            let _ = rustix::fs::fchmod(&self.written, mode);
        }
    }
}

/// Whether what lay under a folder is hidden by it.
fn is_opaque(folder: &OwnedFd) -> bool {
    let mut value = [0_u8; 8];
    fgetxattr(folder, "user.overlay.opaque", &mut value)
        .is_ok_and(|count| count > 0 && value.first() == Some(&b'y'))
}

pub(super) fn folder_below(folder: &OwnedFd, name: &CStr) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty()).ok()
}

pub(super) fn open_given(folder: &OwnedFd, name: &CStr) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty()).ok()
}

/// Names in a folder, in the reverse of their order.
pub(super) fn names(folder: &OwnedFd) -> io::Result<Vec<CString>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(folder, ".", flags, Mode::empty())?;
    let entries = Dir::new(folder)?.filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_owned());
    let mut names: Vec<CString> =
        names.filter(|name| !matches!(name.to_bytes(), b"." | b"..")).take(ENTRIES).collect();
    names.sort();
    names.reverse();
    Ok(names)
}
