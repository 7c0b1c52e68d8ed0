//! `filesystem.Filesystem`: stat, make, move, list, remove.

use std::path::{Path, PathBuf};

use bodkin_e2b::filesystem::{
    Empty, EntryInfo, EntryResponse, FileType, ListDirRequest, ListDirResponse, MoveRequest, PathRequest,
    permissions,
};
use bodkin_e2b::stamp;
use bodkin_sandbox::session::{Entry, EntryKind};

use crate::failure::Failure;
use crate::sandbox::Sandbox;

/// Levels that a list may go down.
const DEPTH: u32 = 64;

pub(super) fn stat(sandbox: &Sandbox, request: PathRequest) -> Result<EntryResponse, Failure> {
    let path = path(sandbox, &request.path)?;
    let entry = sandbox.session.stat(&path)?.ok_or_else(|| nothing(&path))?;
    Ok(EntryResponse { entry: Some(info(sandbox, &entry)) })
}

pub(super) fn make_dir(sandbox: &Sandbox, request: PathRequest) -> Result<EntryResponse, Failure> {
    let path = path(sandbox, &request.path)?;
    if let Some(entry) = sandbox.session.stat(&path)? {
        let what = if entry.kind == EntryKind::Folder { "directory" } else { "file" };
        let failure = format!("{what} already exists: {}", path.display());
        return Err(if what == "file" { Failure::bad(failure) } else { Failure::conflict(failure) });
    }
    if !sandbox.session.make_dir(&path)? {
        return Err(Failure::conflict(format!("directory already exists: {}", path.display())));
    }
    let entry = sandbox.session.stat(&path)?;
    Ok(EntryResponse { entry: entry.map(|it| info(sandbox, &it)) })
}

pub(super) fn rename(sandbox: &Sandbox, request: MoveRequest) -> Result<EntryResponse, Failure> {
    let (from, to) = (path(sandbox, &request.source)?, path(sandbox, &request.destination)?);
    if sandbox.session.stat(&from)?.is_none() {
        return Err(nothing(&from));
    }
    if let Some(parent) = to.parent() {
        sandbox.session.make_dir(parent)?;
    }
    let entry = sandbox.session.rename(&from, &to)?;
    move_words(sandbox, &from, &to);
    Ok(EntryResponse { entry: Some(info(sandbox, &entry)) })
}

pub(super) fn list(sandbox: &Sandbox, request: ListDirRequest) -> Result<ListDirResponse, Failure> {
    let path = path(sandbox, &request.path)?;
    let found = sandbox.session.stat(&path)?.ok_or_else(|| nothing(&path))?;
    match found.kind {
        EntryKind::Folder | EntryKind::Link(_) => {}
        EntryKind::File | EntryKind::Other => {
            return Err(Failure::bad(format!("path is not a directory: {}", path.display())));
        }
    }
    let entries = sandbox.session.list(&path, request.depth.clamp(1, DEPTH))?;
    Ok(ListDirResponse { entries: entries.iter().map(|it| info(sandbox, it)).collect() })
}

pub(super) fn remove(sandbox: &Sandbox, request: PathRequest) -> Result<Empty, Failure> {
    let path = path(sandbox, &request.path)?;
    if sandbox.session.stat(&path)?.is_none() {
        return Err(nothing(&path));
    }
    sandbox.session.remove(&path)?;
    sandbox.words().retain(|it, _| !it.starts_with(&path));
    Ok(Empty {})
}

/// A path of a request: absolute or below the home, and one that a file can have.
pub(super) fn path(sandbox: &Sandbox, given: &str) -> Result<PathBuf, Failure> {
    if given.contains('\0') {
        return Err(Failure::bad("a path holds no zero byte"));
    }
    if given.len() > 4096 {
        return Err(Failure::bad("the path is longer than 4096 bytes"));
    }
    Ok(sandbox.path(given))
}

pub(super) fn nothing(path: &Path) -> Failure {
    Failure::not_found(format!("path not found: {}", path.display()))
}

/// An entry as clients read it. A name that is not UTF-8 is shown with what can be shown of it.
pub(super) fn info(sandbox: &Sandbox, entry: &Entry) -> EntryInfo {
    let (kind, symlink_target) = match &entry.kind {
        EntryKind::File => (FileType::File, None),
        EntryKind::Folder => (FileType::Directory, None),
        EntryKind::Link(to) => (FileType::Symlink, Some(to.to_string_lossy().into_owned())),
        EntryKind::Other => (FileType::Unspecified, None),
    };
    EntryInfo {
        name: name(&entry.path),
        kind,
        path: entry.path.to_string_lossy().into_owned(),
        size: i64::try_from(entry.size).unwrap_or(i64::MAX),
        mode: entry.mode & 0o7777,
        permissions: permissions(kind, entry.mode),
        owner: entry.owner.clone(),
        group: entry.group.clone(),
        modified_time: Some(stamp::rfc3339(entry.modified_unix_ms)),
        symlink_target,
        metadata: sandbox.words().get(&entry.path).cloned().unwrap_or_default(),
    }
}

/// The last part of a path.
pub(super) fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn move_words(sandbox: &Sandbox, from: &Path, to: &Path) {
    let mut words = sandbox.words();
    words.retain(|it, _| !it.starts_with(to));
    let moved: Vec<PathBuf> = words.keys().filter(|it| it.starts_with(from)).cloned().collect();
    for path in moved {
        if let (Some(kept), Ok(below)) = (words.remove(&path), path.strip_prefix(from)) {
            let place = if below.as_os_str().is_empty() { to.to_path_buf() } else { to.join(below) };
            words.insert(place, kept);
        }
    }
}
