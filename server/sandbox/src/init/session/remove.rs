//! Removes a tree however wide it is, following no link.

use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fchmod, openat, statat, unlinkat};
use rustix::io::Errno;

use super::files::parent_of;

/// A folder that is being emptied, and its name in the one above.
struct Level {
    folder: OwnedFd,
    name: CString,
    left: Vec<CString>,
}

/// Removes the file at `path`, or the folder with all in it.
pub(super) fn remove(path: &Path) -> Result<(), Errno> {
    let (parent, name) = parent_of(path)?;
    let name = CString::new(name.into_encoded_bytes()).map_err(|_| Errno::INVAL)?;
    let about = statat(&parent, &*name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(about.st_mode) != FileType::Directory {
        return unlinkat(&parent, &*name, AtFlags::empty());
    }
    let mut levels = vec![enter(&parent, name)?];
    while let Some(level) = levels.last_mut() {
        if let Some(name) = level.left.pop() {
            match unlinkat(&level.folder, &*name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(Errno::ISDIR | Errno::PERM) => {
                    let below = enter(&level.folder, name)?;
                    levels.push(below);
                }
                Err(error) => return Err(error),
            }
        } else if let Some(done) = levels.pop() {
            let above = levels.last().map_or(&parent, |level| &level.folder);
            match unlinkat(above, &*done.name, AtFlags::REMOVEDIR) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn enter(above: &OwnedFd, name: CString) -> Result<Level, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = openat(above, &*name, flags, Mode::empty()).or_else(|error| match error {
        // Its owner may open it up, and that is us.
        Errno::ACCESS => {
            let about = statat(above, &*name, AtFlags::SYMLINK_NOFOLLOW)?;
            if FileType::from_raw_mode(about.st_mode) == FileType::Directory {
                rustix::fs::chmodat(above, &*name, Mode::from(0o700), AtFlags::empty())?;
            }
            openat(above, &*name, flags, Mode::empty())
        }
        other => Err(other),
    })?;
    let left = Dir::read_from(&folder)?.filter_map(Result::ok).map(|entry| entry.file_name().to_owned());
    let left: Vec<CString> = left.filter(|name| !matches!(name.as_bytes(), b"." | b"..")).collect();
    if !left.is_empty() {
        // To take anything out it must be writable; one of the system's stays as it is, and says so.
        let _ = fchmod(&folder, Mode::from(0o700));
    }
    Ok(Level { folder, name, left })
}
