//! Copies a workspace, without what would make the copy slow: see [`HEAVY`].

#![expect(clippy::disallowed_methods, reason = "copies on the disk that it was told")]

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::local::order::COPY_BYTES;

/// Folders that are not copied file by file, wherever they stand.
const HEAVY: [&str; 8] = [".git", "node_modules", ".venv", "venv", "target", ".tox", ".nox", ".gradle"];

/// Files and folders of one copy.
const ENTRIES: usize = 300_000;

/// What becomes of a heavy folder.
pub(super) enum Heavy {
    /// The caller puts something in its place, or nothing.
    LeaveOut,
    /// A symbolic link to the original.
    LinkTo(PathBuf),
}

/// Copies the content of the folder `from` into the folder `to`; `heavy` is asked about each heavy folder
/// by its path below `from`. Regular files, folders and symbolic links; times and permissions are kept.
/// Uses the file system's shared extents where it has them. Fails where `to` is full, and above a bound
/// that is never meant to be reached: a workspace that large is copied too slowly for each run.
pub(super) fn tree(from: &Path, to: &Path, heavy: &mut dyn FnMut(&Path) -> Heavy) -> io::Result<()> {
    let (mut bytes, mut entries) = (0, 0);
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(from.join(&below))? {
            let entry = entry?;
            entries += 1;
            if entries > ENTRIES || bytes > COPY_BYTES {
                return Err(io::Error::from_raw_os_error(libc::EFBIG));
            }
            let path = below.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() && is_heavy(&entry.file_name()) {
                if let Heavy::LinkTo(original) = heavy(&path) {
                    std::os::unix::fs::symlink(original, to.join(&path))?;
                }
            } else if kind.is_dir() {
                fs::create_dir(to.join(&path))?;
                fs::set_permissions(to.join(&path), entry.metadata()?.permissions())?;
                folders.push(path);
            } else if kind.is_symlink() {
                std::os::unix::fs::symlink(fs::read_link(entry.path())?, to.join(&path))?;
            } else if kind.is_file() {
                bytes += file(&entry.path(), &to.join(&path))?;
            }
        }
    }
    Ok(())
}

/// Whether a folder of this name is not copied.
pub(super) fn is_heavy(name: &OsStr) -> bool {
    HEAVY.iter().any(|heavy| name == *heavy)
}

/// Copies one file; gives its size. A file that this user may not read is left out, as it could not be read in place either.
fn file(from: &Path, to: &Path) -> io::Result<u64> {
    let source = match fs::File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(0),
        other => other?,
    };
    let about = source.metadata()?;
    let mut source = source;
    let mut target = fs::File::create(to)?;
    let bytes = io::copy(&mut source, &mut target)?;
    target.set_times(fs::FileTimes::new().set_modified(about.modified()?))?;
    target.set_permissions(about.permissions())?;
    Ok(bytes)
}
