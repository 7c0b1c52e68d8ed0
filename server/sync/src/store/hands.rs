//! Does to a folder on disk what was done to its manifest; never through a link, never outside of it.

use bodkin_text::ContentHash;
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{AtFlags, Dir, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::StoreError;
use super::blobs::{Blobs, Touch};
use crate::entry::{Entry, Leaf};
use crate::manifest::{Difference, Manifest, Node};
use crate::path::FilePath;

/// A folder that is being changed.
pub(super) struct Hands<'s> {
    root: OwnedFd,
    blobs: &'s Blobs,
    touch: Touch,
    /// The folder that was used last: neighbours come one after the other.
    last: Option<(FilePath, OwnedFd)>,
    changed: u64,
}

impl<'s> Hands<'s> {
    pub(super) fn new(root: OwnedFd, blobs: &'s Blobs, touch: Touch) -> Self {
        Self { root, blobs, touch, last: None, changed: 0 }
    }

    /// Makes of a folder that is `from` one that is `to`. Everything may be half done already: done again, it comes
    /// to the same. Gives how much was changed.
    pub(super) fn bring(mut self, from: &Manifest, to: &Manifest) -> Result<u64, StoreError> {
        let differences = from.differences(to);
        for Difference { path, before, after } in &differences {
            let gives_way = match (before, after) {
                (Some(_), None) | (Some(Node::Leaf(_)), Some(Node::Folder(_))) => true,
                (Some(Node::Folder(_)), Some(_)) => true,
                (Some(Node::Leaf(_)), Some(Node::Leaf(_))) | (None, _) => false,
            };
            if gives_way {
                self.remove(path)?;
            }
        }
        for Difference { path, after, .. } in &differences {
            match after {
                Some(node) => self.make(path, node)?,
                None => self.changed += 1,
            }
        }
        Ok(self.changed)
    }

    fn make(&mut self, path: &FilePath, node: &Node) -> Result<(), StoreError> {
        match node {
            Node::Folder(folder) => {
                self.make_folder(path)?;
                for (name, below) in folder.nodes() {
                    let Ok(path) = path.join(name) else { continue };
                    self.make(&path, below)?;
                }
                Ok(())
            }
            Node::Leaf(leaf) => {
                self.changed += 1;
                match self.put(path, leaf) {
                    // What was left by somebody else: a folder where a file should stand.
                    Err(StoreError::Disk { source, .. }) if is_in_the_way(&source) => {
                        self.remove(path)?;
                        self.put(path, leaf)
                    }
                    other => other,
                }
            }
        }
    }

    fn put(&mut self, path: &FilePath, leaf: &Leaf) -> Result<(), StoreError> {
        let (blobs, touch) = (self.blobs, self.touch);
        let parent = self.parent(path)?;
        match &leaf.entry {
            Entry::File { exec, hash, .. } => blobs.place(hash, *exec, parent.as_fd(), path.name(), touch),
            Entry::Link { target } => blobs.place_link(target, parent.as_fd(), path.name()),
        }
    }

    fn make_folder(&mut self, path: &FilePath) -> Result<(), StoreError> {
        let failed = || StoreError::disk(path.to_string());
        let mode = Mode::from_raw_mode(0o755);
        let parent = self.parent(path)?;
        match rustix::fs::mkdirat(parent, path.name(), mode) {
            Ok(()) => rustix::fs::chmodat(parent, path.name(), mode, AtFlags::empty()).map_err(failed()),
            Err(Errno::EXIST) => {
                let stat =
                    rustix::fs::statat(parent, path.name(), AtFlags::SYMLINK_NOFOLLOW).map_err(failed())?;
                if rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir() {
                    return Ok(());
                }
                rustix::fs::unlinkat(parent, path.name(), AtFlags::empty()).map_err(failed())?;
                rustix::fs::mkdirat(parent, path.name(), mode).map_err(failed())
            }
            Err(error) => Err(failed()(error)),
        }
    }

    fn remove(&mut self, path: &FilePath) -> Result<(), StoreError> {
        self.last = None;
        let removed = match self.parent(path) {
            Ok(parent) => remove_tree(parent, path.name()),
            Err(StoreError::Disk { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => return Err(error),
        };
        removed.map_err(StoreError::disk(path.to_string()))
    }

    /// The folder that holds `path`, opened from the root without following any link.
    fn parent(&mut self, path: &FilePath) -> Result<&OwnedFd, StoreError> {
        let Some(parent) = path.parent() else { return Ok(&self.root) };
        if self.last.as_ref().is_none_or(|(last, _)| *last != parent) {
            let opened = rustix::fs::openat2(
                &self.root,
                parent.as_bytes(),
                OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
                Mode::empty(),
                ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS,
            );
            self.last = Some((parent, opened.map_err(StoreError::disk(path.to_string()))?));
        }
        Ok(self.last.as_ref().map_or(&self.root, |(_, fd)| fd))
    }
}

fn is_in_the_way(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::IsADirectory | ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists)
}

/// Removes what stands at `name` in a folder, with all below it; links are removed, not followed. Nothing there is fine.
pub(super) fn remove_tree(parent: &OwnedFd, name: &[u8]) -> Result<(), Errno> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(error),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = rustix::fs::openat(parent, name, flags, Mode::empty())?;
    let mut names = Vec::new();
    for entry in Dir::read_from(&folder)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(name);
        }
    }
    for name in names {
        remove_tree(&folder, &name)?;
    }
    match rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Contents that `to` needs beyond `from` and that are not here.
pub(super) fn lacking(from: &Manifest, to: &Manifest, blobs: &Blobs) -> Vec<ContentHash> {
    let mut seen = std::collections::HashSet::new();
    let mut lacking = Vec::new();
    let mut look = |leaf: &Leaf| {
        if let Entry::File { hash, .. } = &leaf.entry
            && seen.insert(*hash)
            && !blobs.has(hash)
        {
            lacking.push(*hash);
        }
    };
    for difference in from.differences(to) {
        match &difference.after {
            Some(Node::Leaf(leaf)) => look(leaf),
            Some(Node::Folder(folder)) => folder.walk(None, &mut |_, node| {
                if let Node::Leaf(leaf) = node {
                    look(leaf);
                }
            }),
            None => {}
        }
    }
    lacking
}
