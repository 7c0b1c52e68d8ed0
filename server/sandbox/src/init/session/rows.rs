//! Says what stands where, without following the last link.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat2, readlinkat, statat,
};
use rustix::io::Errno;

use super::files::{is_of_kernel, resolved};
use crate::local::session::words::{PART, Row, RowKind};
use crate::local::wire::Raw;

/// Entries of one answer.
const ROWS: usize = 200_000;

/// What stands at `path`; `None`: nothing.
pub(super) fn at(path: &Path) -> Result<Option<Row>, Errno> {
    let found = match resolved(path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC) {
        Ok(found) => found,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(error) => return Err(error),
    };
    // Links there tell what this process has open, and where that stands outside.
    let link = if is_of_kernel(&found)? { None } else { link_of(&found, c"".to_bytes()) };
    Ok(Some(row(path, &fstat(&found)?, link)))
}

/// What lies below the folder, at most `depth` levels deep, ordered by path.
pub(super) fn below(path: &Path, depth: u32) -> Result<Vec<Row>, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let top = resolved(path, flags)?;
    if is_of_kernel(&top)? {
        return Err(Errno::INVAL);
    }
    let mut rows = Vec::new();
    let mut folders = vec![(PathBuf::new(), 1)];
    while let Some((folder, level)) = folders.pop() {
        let opened = if folder.as_os_str().is_empty() {
            rustix::io::fcntl_dupfd_cloexec(&top, 3)
        } else {
            openat2(&top, &folder, flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
        };
        // One that vanished meanwhile, or may not be read.
        let Ok(opened) = opened else { continue };
        if is_of_kernel(&opened)? {
            continue;
        }
        for name in names(&opened)? {
            let Ok(about) = statat(&opened, &*name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let below = folder.join(OsStr::from_bytes(name.as_bytes()));
            if FileType::from_raw_mode(about.st_mode) == FileType::Directory && level < depth {
                folders.push((below.clone(), level + 1));
            }
            rows.push(row(&path.join(below), &about, link_of(&opened, name.as_bytes())));
            if rows.len() > ROWS {
                return Err(Errno::FBIG);
            }
        }
    }
    rows.sort_by(|a, b| a.path.path().cmp(b.path.path()));
    Ok(rows)
}

/// Names in a folder, but for files that are being written.
fn names(folder: &OwnedFd) -> Result<Vec<std::ffi::CString>, Errno> {
    let entries = Dir::read_from(folder)?.filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_owned());
    let is_real = |name: &std::ffi::CString| {
        let name = name.as_bytes();
        name != b"." && name != b".." && !name.starts_with(PART.as_bytes())
    };
    Ok(names.filter(is_real).collect())
}

fn link_of(folder: impl AsFd, name: &[u8]) -> Option<Raw> {
    let target = readlinkat(folder, name, Vec::new()).ok()?;
    Some(Raw::from(OsStr::from_bytes(target.as_bytes())))
}

/// One entry.
pub(super) fn row(path: &Path, about: &Stat, link: Option<Raw>) -> Row {
    Row {
        path: Raw::from(path),
        kind: match (FileType::from_raw_mode(about.st_mode), link) {
            (FileType::RegularFile, _) => RowKind::File,
            (FileType::Directory, _) => RowKind::Folder,
            (FileType::Symlink, Some(target)) => RowKind::Link(target),
            (
                FileType::Symlink
                | FileType::Fifo
                | FileType::Socket
                | FileType::CharacterDevice
                | FileType::BlockDevice
                | FileType::Unknown,
                _,
            ) => RowKind::Other,
        },
        size: about.st_size.cast_unsigned(),
        mode: about.st_mode & 0o7777,
        owner: name_of(about.st_uid, rustix::process::geteuid().as_raw()),
        group: name_of(about.st_gid, rustix::process::getegid().as_raw()),
        modified_ms: about.st_mtime * 1000 + i64::try_from(about.st_mtime_nsec / 1_000_000).unwrap_or(0),
    }
}

/// The sandbox's user has one name, the system another; nobody else is known inside.
fn name_of(id: u32, own: u32) -> String {
    match id {
        id if id == own => "user".to_owned(),
        0 => "root".to_owned(),
        65_534 => "nobody".to_owned(),
        id => id.to_string(),
    }
}
