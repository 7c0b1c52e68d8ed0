//! Moves what the kernel can not move in one step: between two file systems, and a folder of the workspace, whose
//! overlay refuses it. Copied first and removed then; what can not be copied whole stays where it is.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, fchmod, fstat, mkdirat, openat, readlinkat, statat, symlinkat,
};
use rustix::io::Errno;

use super::files::parent_of;
use super::remove;

/// Folders within folders that are moved.
const DEPTH: usize = 200;

/// Moves `from` to `to`, whose folder is there and where nothing but a file may stand.
pub(super) fn transfer(from: &Path, to: &Path) -> Result<(), Errno> {
    let (from_folder, from_name) = parent_of(from)?;
    let (to_folder, to_name) = parent_of(to)?;
    match remove::remove(to) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(error) => return Err(error),
    }
    match copy(&from_folder, &from_name, &to_folder, &to_name, 0) {
        Ok(()) => remove::remove(from),
        Err(error) => {
            let _ = remove::remove(to);
            Err(error)
        }
    }
}

fn copy(
    from_folder: &OwnedFd,
    from: &OsStr,
    to_folder: &OwnedFd,
    to: &OsStr,
    depth: usize,
) -> Result<(), Errno> {
    let about = statat(from_folder, from, AtFlags::SYMLINK_NOFOLLOW)?;
    let mode = Mode::from_raw_mode(about.st_mode & 0o777);
    match FileType::from_raw_mode(about.st_mode) {
        FileType::RegularFile => {
            let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let source = openat(from_folder, from, flags | OFlags::RDONLY, Mode::empty())?;
            if FileType::from_raw_mode(fstat(&source)?.st_mode) != FileType::RegularFile {
                return Err(Errno::XDEV);
            }
            let create = flags | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
            let target = openat(to_folder, to, create, Mode::from(0o600))?;
            std::io::copy(&mut File::from(source), &mut File::from(target.try_clone().map_err(errno)?))
                .map_err(errno)?;
            fchmod(&target, mode)
        }
        FileType::Symlink => symlinkat(&*readlinkat(from_folder, from, Vec::new())?, to_folder, to),
        FileType::Directory if depth < DEPTH => {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let source = openat(from_folder, from, flags, Mode::empty())?;
            mkdirat(to_folder, to, Mode::from(0o700))?;
            let target = openat(to_folder, to, flags, Mode::empty())?;
            for name in names(&source)? {
                let name: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(name.to_bytes());
                copy(&source, name, &target, name, depth + 1)?;
            }
            fchmod(&target, mode)
        }
        FileType::Directory
        | FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => Err(Errno::XDEV),
    }
}

fn names(folder: &OwnedFd) -> Result<Vec<CString>, Errno> {
    let names = Dir::read_from(folder)?.filter_map(Result::ok).map(|entry| entry.file_name().to_owned());
    Ok(names.filter(|name| !matches!(name.to_bytes(), b"." | b"..")).collect())
}

fn errno(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}
