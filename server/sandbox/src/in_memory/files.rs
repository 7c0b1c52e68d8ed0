//! Files that stand in memory only, with the errors of a real file system.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::SandboxError;
use crate::session::{Entry, EntryKind, FileEvent};

/// A tree of files.
#[derive(Debug, Clone)]
pub(super) struct Files {
    nodes: BTreeMap<PathBuf, Node>,
    clock_ms: i64,
    /// What happened since the last look.
    pub(super) events: Vec<FileEvent>,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// `None`: a folder.
    pub(super) content: Option<Vec<u8>>,
    pub(super) mode: u32,
    modified_unix_ms: i64,
}

impl Files {
    /// An empty tree with one folder.
    pub(super) fn with(folder: &Path) -> Self {
        let mut files = Self { nodes: BTreeMap::new(), clock_ms: 1_700_000_000_000, events: Vec::new() };
        files.put(Path::new("/"), None, 0o755);
        // Absolute and clean: it comes from the order.
        let _ = files.make_dir(folder);
        files.events.clear();
        files
    }

    fn put(&mut self, path: &Path, content: Option<Vec<u8>>, mode: u32) {
        self.clock_ms += 1;
        let node = Node { content, mode, modified_unix_ms: self.clock_ms };
        self.nodes.insert(path.to_path_buf(), node);
    }

    fn node(&self, path: &Path) -> Result<&Node, SandboxError> {
        self.nodes.get(path).ok_or_else(|| failed(ErrorKind::NotFound, path))
    }

    /// All nodes below `folder` by their path below it.
    pub(super) fn below(&self, folder: &Path) -> BTreeMap<PathBuf, Node> {
        let below = self.nodes.iter().filter(|(path, _)| *path != folder);
        below
            .filter_map(|(path, node)| Some((path.strip_prefix(folder).ok()?.to_path_buf(), node.clone())))
            .collect()
    }

    pub(super) fn stat(&self, path: &Path) -> Result<Option<Entry>, SandboxError> {
        let path = clean(path)?;
        Ok(self.nodes.get(&path).map(|node| entry(&path, node)))
    }

    pub(super) fn list(&self, path: &Path, depth: u32) -> Result<Vec<Entry>, SandboxError> {
        let path = clean(path)?;
        if self.node(&path)?.content.is_some() {
            return Err(failed(ErrorKind::NotADirectory, &path));
        }
        let depth = usize::try_from(depth.max(1)).unwrap_or(usize::MAX);
        let is_near = |below: &Path| below.components().count() <= depth;
        let below = self.below(&path).into_iter().filter(|(below, _)| is_near(below));
        Ok(below.map(|(below, node)| entry(&path.join(below), &node)).collect())
    }

    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, SandboxError> {
        let path = clean(path)?;
        self.node(&path)?.content.clone().ok_or_else(|| failed(ErrorKind::IsADirectory, &path))
    }

    pub(super) fn write(
        &mut self,
        path: &Path,
        content: Vec<u8>,
        mode: Option<u32>,
    ) -> Result<Entry, SandboxError> {
        let path = clean(path)?;
        let before = self.nodes.get(&path);
        if before.is_some_and(|node| node.content.is_none()) {
            return Err(failed(ErrorKind::IsADirectory, &path));
        }
        let (is_new, mode) = (before.is_none(), mode.or(before.map(|node| node.mode)).unwrap_or(0o644));
        self.make_parent_of(&path)?;
        self.put(&path, Some(content), mode);
        if is_new {
            self.events.push(FileEvent::Created(path.clone()));
        }
        self.events.push(FileEvent::Written(path.clone()));
        Ok(entry(&path, self.node(&path)?))
    }

    pub(super) fn make_dir(&mut self, path: &Path) -> Result<bool, SandboxError> {
        let path = clean(path)?;
        let mut above: Vec<&Path> = path.ancestors().collect();
        above.reverse();
        let mut is_new = false;
        for folder in above {
            match self.nodes.get(folder) {
                Some(Node { content: None, .. }) => is_new = false,
                Some(_) if folder == path => return Err(failed(ErrorKind::AlreadyExists, &path)),
                Some(_) => return Err(failed(ErrorKind::NotADirectory, folder)),
                None => {
                    self.put(folder, None, 0o755);
                    self.events.push(FileEvent::Created(folder.to_path_buf()));
                    is_new = true;
                }
            }
        }
        Ok(is_new)
    }

    fn make_parent_of(&mut self, path: &Path) -> Result<(), SandboxError> {
        let Some(parent) = path.parent() else { return Ok(()) };
        if self.nodes.get(parent).is_some_and(|node| node.content.is_some()) {
            return Err(failed(ErrorKind::NotADirectory, path));
        }
        self.make_dir(parent).map(drop)
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> Result<Entry, SandboxError> {
        let (from, to) = (clean(from)?, clean(to)?);
        let moved = self.node(&from)?.clone();
        if to.starts_with(&from) && to != from {
            return Err(failed(ErrorKind::InvalidInput, &to));
        }
        if self.nodes.get(&to).is_some_and(|node| node.content.is_none()) {
            return Err(failed(ErrorKind::AlreadyExists, &to));
        }
        self.make_parent_of(&to)?;
        let below = self.below(&from);
        self.nodes.retain(|path, _| !path.starts_with(&from));
        self.nodes.extend(below.into_iter().map(|(below, node)| (to.join(below), node)));
        self.nodes.insert(to.clone(), moved);
        self.events.extend([FileEvent::Renamed(from), FileEvent::Renamed(to.clone())]);
        Ok(entry(&to, self.node(&to)?))
    }

    pub(super) fn remove(&mut self, path: &Path) -> Result<(), SandboxError> {
        let path = clean(path)?;
        self.node(&path)?;
        self.nodes.retain(|node, _| !node.starts_with(&path));
        self.events.push(FileEvent::Removed(path));
        Ok(())
    }
}

fn entry(path: &Path, node: &Node) -> Entry {
    Entry {
        path: path.to_path_buf(),
        kind: if node.content.is_some() { EntryKind::File } else { EntryKind::Folder },
        size: node.content.as_ref().map_or(0, |content| content.len() as u64),
        mode: node.mode,
        owner: "user".to_owned(),
        group: "user".to_owned(),
        modified_unix_ms: node.modified_unix_ms,
    }
}

/// The path without `.` and `..`; a relative one is refused, as the real sandbox does.
fn clean(path: &Path) -> Result<PathBuf, SandboxError> {
    if !path.is_absolute() || path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(failed(ErrorKind::InvalidInput, path));
    }
    let mut parts: Vec<OsString> = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_owned()),
            Component::ParentDir => drop(parts.pop()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    Ok(Path::new("/").join(parts.iter().collect::<PathBuf>()))
}

fn failed(kind: ErrorKind, path: &Path) -> SandboxError {
    SandboxError::io(path.display().to_string())(kind.into())
}
