//! Opens, writes, makes and moves files inside the walls, on behalf of the launcher.
//!
//! Links are followed as for any process inside, but never those of `/proc` that lead to descriptors. What is read
//! is a regular file of a disk; a FIFO or device is opened without waiting, looked at, and refused.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, ResolveFlags, fchmod, fstat, fstatfs, mkdirat, openat,
    openat2, readlinkat, renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use super::{rows, transfer};
use crate::local::session::words::{PART, Row};

/// `PROC_SUPER_MAGIC`: what stands there is not content but the kernel, and this process itself.
const PROC: rustix::fs::FsWord = 0x9fa0;

/// Links behind links that are followed where a file is written.
const LINKS: usize = 16;

/// Permissions of a file that was not there.
const MODE: u32 = 0o644;

/// How many committed names are remembered for watches.
const REMEMBERED: usize = 1000;

/// Files that are being written.
#[derive(Default)]
pub(super) struct Files {
    parts: BTreeMap<u64, Part>,
    last: u64,
    /// By the name under which a file was written: whether nothing stood in its place.
    committed: BTreeMap<OsString, bool>,
}

struct Part {
    folder: OwnedFd,
    file: OwnedFd,
    written_as: OsString,
    name: OsString,
    /// Permissions of the file that stands there.
    mode: Option<u32>,
    path: PathBuf,
}

impl Files {
    /// Begins to write the file at `path`; gives a number, and the file to write to.
    pub(super) fn create(&mut self, path: &Path) -> Result<(u64, OwnedFd), Errno> {
        let path = end_of_links(path)?;
        let (folder, name) = folder_for(&path)?;
        let mode = match statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => None,
            Err(error) => return Err(error),
            Ok(about) => match FileType::from_raw_mode(about.st_mode) {
                FileType::RegularFile => Some(about.st_mode & 0o777),
                FileType::Directory => return Err(Errno::ISDIR),
                FileType::Symlink
                | FileType::Fifo
                | FileType::Socket
                | FileType::CharacterDevice
                | FileType::BlockDevice
                | FileType::Unknown => return Err(Errno::INVAL),
            },
        };
        self.last += 1;
        let written_as = OsString::from(format!("{PART}{}", self.last));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&folder, &*written_as, flags, Mode::from(0o600))?;
        let copy = rustix::io::fcntl_dupfd_cloexec(&file, 3)?;
        self.parts.insert(self.last, Part { folder, file, written_as, name, mode, path });
        Ok((self.last, copy))
    }

    /// Puts a file in its place, in one step.
    pub(super) fn commit(&mut self, part: u64, mode: Option<u32>) -> Result<Row, Errno> {
        let part = self.parts.remove(&part).ok_or(Errno::BADF)?;
        let mode = mode.map(|mode| mode & 0o777).or(part.mode).unwrap_or(MODE);
        let placed = fchmod(&part.file, Mode::from_raw_mode(mode)).and_then(|()| {
            let (from, to) = (&*part.written_as, &*part.name);
            match renameat_with(&part.folder, from, &part.folder, to, RenameFlags::NOREPLACE) {
                Ok(()) => Ok(true),
                Err(_) => renameat(&part.folder, from, &part.folder, to).map(|()| false),
            }
        });
        match placed {
            Ok(is_new) => {
                if self.committed.len() >= REMEMBERED {
                    self.committed.clear();
                }
                self.committed.insert(part.written_as, is_new);
                Ok(rows::row(&part.path, &fstat(&part.file)?, None))
            }
            Err(error) => {
                let _ = unlinkat(&part.folder, &*part.written_as, AtFlags::empty());
                Err(error)
            }
        }
    }

    /// Throws away what was written.
    pub(super) fn abort(&mut self, part: u64) {
        if let Some(part) = self.parts.remove(&part) {
            let _ = unlinkat(&part.folder, &*part.written_as, AtFlags::empty());
        }
    }

    /// Whether the file that was written under this name came where nothing stood; asked once.
    pub(super) fn was_new(&mut self, written_as: &OsStr) -> bool {
        self.committed.remove(written_as).unwrap_or(false)
    }
}

/// Opens a regular file for reading.
pub(super) fn open(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = resolved(path, flags)?;
    match FileType::from_raw_mode(fstat(&file)?.st_mode) {
        FileType::RegularFile => {}
        FileType::Directory => return Err(Errno::ISDIR),
        FileType::Symlink
        | FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => return Err(Errno::INVAL),
    }
    if is_of_kernel(&file)? { Err(Errno::INVAL) } else { Ok(file) }
}

/// Whether it stands in `/proc`.
pub(super) fn is_of_kernel(file: &OwnedFd) -> Result<bool, Errno> {
    Ok(fstatfs(file)?.f_type == PROC)
}

/// Makes a folder and those above it; `false`: it was there.
pub(super) fn make_dir(path: &Path) -> Result<bool, Errno> {
    match resolved(path, folder_flags()) {
        Ok(_) => return Ok(false),
        Err(Errno::NOENT) => {}
        // Something else stands there, or above it.
        Err(Errno::NOTDIR) if rows::at(path)?.is_some() => return Err(Errno::EXIST),
        Err(error) => return Err(error),
    }
    let (folder, name) = folder_for(path)?;
    match mkdirat(&folder, &name, Mode::from(0o755)) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Err(Errno::EXIST),
        Err(error) => Err(error),
    }
}

/// Moves a file or folder; makes the folders that it needs.
pub(super) fn rename(from: &Path, to: &Path) -> Result<Row, Errno> {
    let (from_folder, from_name) = parent_of(from)?;
    statat(&from_folder, &from_name, AtFlags::SYMLINK_NOFOLLOW)?;
    let (to_folder, to_name) = folder_for(to)?;
    if let Ok(about) = statat(&to_folder, &to_name, AtFlags::SYMLINK_NOFOLLOW)
        && FileType::from_raw_mode(about.st_mode) == FileType::Directory
    {
        return Err(Errno::EXIST);
    }
    match renameat(&from_folder, &from_name, &to_folder, &to_name) {
        Err(Errno::XDEV) => transfer::transfer(from, to)?,
        other => other?,
    }
    rows::at(to)?.ok_or(Errno::NOENT)
}

/// Opens what stands at an absolute path.
pub(super) fn resolved(path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    if !path.is_absolute() || path.as_os_str().as_bytes().contains(&0) {
        return Err(Errno::INVAL);
    }
    openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS)
}

pub(super) fn folder_flags() -> OFlags {
    OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC
}

/// The folder that holds `path`, and its last name; the path may not end in `..`.
pub(super) fn parent_of(path: &Path) -> Result<(OwnedFd, OsString), Errno> {
    let name = path.file_name().ok_or(Errno::INVAL)?.to_owned();
    let parent = path.parent().ok_or(Errno::INVAL)?;
    Ok((resolved(parent, folder_flags())?, name))
}

/// The same; the folder is made if it is not there.
fn folder_for(path: &Path) -> Result<(OwnedFd, OsString), Errno> {
    let name = path.file_name().ok_or(Errno::INVAL)?.to_owned();
    let parent = path.parent().ok_or(Errno::INVAL)?;
    match resolved(parent, folder_flags()) {
        Err(Errno::NOENT) => {}
        other => return Ok((other?, name)),
    }
    let (above, last) = folder_for(parent)?;
    match mkdirat(&above, &last, Mode::from(0o755)) {
        Ok(()) | Err(Errno::EXIST) => Ok((openat(&above, &last, folder_flags(), Mode::empty())?, name)),
        Err(error) => Err(error),
    }
}

/// Where a file that is written to `path` comes to stand, when all links on its place are followed.
fn end_of_links(path: &Path) -> Result<PathBuf, Errno> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        let target = match parent_of(&path) {
            Ok((folder, name)) => match readlinkat(&folder, &name, Vec::new()) {
                Ok(target) => PathBuf::from(OsStr::from_bytes(target.as_bytes())),
                Err(Errno::INVAL | Errno::NOENT) => return Ok(path),
                Err(error) => return Err(error),
            },
            // Its folder is yet to be made.
            Err(Errno::NOENT) => return Ok(path),
            Err(error) => return Err(error),
        };
        if target.components().next_back() == Some(Component::ParentDir) {
            return Err(Errno::ISDIR);
        }
        path = path.parent().unwrap_or(Path::new("/")).join(target);
    }
    Err(Errno::LOOP)
}
