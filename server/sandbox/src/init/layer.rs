//! Writes a layer's files over the workspace as the command will see it.
//!
//! Goes through the merged view, never behind the overlay's back, and never leaves the workspace:
//! a link that leads out of it is replaced, not followed.

#![expect(clippy::disallowed_methods, reason = "sets the time of files that it writes")]

use std::fs::{File, FileTimes};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2, unlinkat};
use rustix::io::Errno;

use super::trouble::{During, Trouble};

/// How much newer than the original a replaced file is made, at least. Compiled files are checked against
/// their source's time in whole seconds, and would otherwise be taken for those of the new text.
const NEWER: Duration = Duration::from_secs(2);

/// Lays `files` (path below the workspace, and whether a text of `texts` stands there) over `workspace`.
pub(super) fn apply(workspace: &Path, files: &[(String, bool)], texts: &[Vec<u8>]) -> Result<(), Trouble> {
    if files.is_empty() {
        return Ok(());
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, workspace, flags, Mode::empty()).during("opening the workspace")?;
    let mut texts = texts.iter();
    for (path, has_text) in files {
        let done = match has_text.then(|| texts.next()).flatten() {
            Some(text) => put(&root, Path::new(path), text),
            None => hide(&root, Path::new(path)),
        };
        done.during(format!("laying the unsaved {path} over the workspace"))?;
    }
    Ok(())
}

fn hide(root: &OwnedFd, path: &Path) -> io::Result<()> {
    let (folder, name) = match folder_of(root, path, Missing::Fail) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    match unlinkat(&folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn put(root: &OwnedFd, path: &Path, text: &[u8]) -> io::Result<()> {
    let (folder, name) = folder_of(root, path, Missing::Make)?;
    let flags = OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let create = |folder: &OwnedFd| {
        openat(folder, name, flags | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW, Mode::from(0o644))
    };
    // In place where that is possible, which keeps the permissions; else (a link out of the workspace,
    // a read-only file) as a new file under the same name.
    let (file, is_new) = match beneath(root, path, flags, Mode::empty()) {
        Ok(file) => (file, false),
        Err(Errno::ISDIR) => return Err(Errno::ISDIR.into()),
        Err(_) => match create(&folder) {
            Err(Errno::EXIST) => {
                unlinkat(&folder, name, AtFlags::empty())?;
                (create(&folder)?, true)
            }
            made => (made?, true),
        },
    };
    let mut file = File::from(file);
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(Errno::INVAL.into());
    }
    let oldest = if is_new { about.modified()? } else { about.modified()? + NEWER };
    file.set_len(0)?;
    file.write_all(text)?;
    file.set_times(FileTimes::new().set_modified(oldest.max(SystemTime::now())))
}

/// What to do where a folder on the way is missing.
#[derive(Clone, Copy)]
enum Missing {
    Make,
    Fail,
}

fn folder_of<'a>(
    root: &OwnedFd,
    path: &'a Path,
    missing: Missing,
) -> io::Result<(OwnedFd, &'a std::ffi::OsStr)> {
    let name = path.file_name().ok_or(Errno::INVAL)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Some(parent) = parent else {
        return Ok((openat(root, ".", flags, Mode::empty())?, name));
    };
    match (beneath(root, parent, flags, Mode::empty()), missing) {
        (Ok(folder), _) => Ok((folder, name)),
        (Err(Errno::NOENT), Missing::Make) => {
            let (above, last) = folder_of(root, parent, Missing::Make)?;
            mkdirat(&above, last, Mode::from(0o755))?;
            Ok((openat(&above, last, flags | OFlags::NOFOLLOW, Mode::empty())?, name))
        }
        (Err(error), Missing::Make | Missing::Fail) => Err(error.into()),
    }
}

/// Opens a path that stays below `root`, whatever links stand on its way. On kernels without `openat2`
/// (before 5.6) no link is followed at all.
fn beneath(root: &OwnedFd, path: &Path, flags: OFlags, mode: Mode) -> rustix::io::Result<OwnedFd> {
    match openat2(root, path, flags, mode, ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS) {
        Err(Errno::NOSYS | Errno::PERM) => {}
        other => return other,
    }
    let step = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut folder = openat(root, ".", step, Mode::empty())?;
    for part in path.parent().into_iter().flat_map(Path::components) {
        folder = openat(&folder, part.as_os_str(), step, Mode::empty())?;
    }
    openat(&folder, path.file_name().unwrap_or_default(), flags | OFlags::NOFOLLOW, mode)
}
