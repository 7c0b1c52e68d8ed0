//! What a workspace is, as a tree of hashes.
//!
//! A value: cloning costs nothing, as unchanged folders are shared, and two manifests are compared folder by folder
//! by hash, so that a difference costs what differs. Folders count, empty ones too.
//! invariant: equal roots are equal trees

mod diff;
mod op;
mod saved;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bodkin_text::ContentHash;

use crate::entry::{Entry, Leaf};
use crate::path::{FilePath, join};

pub use diff::{Counts, Difference};
pub use op::{Op, OpError};
pub use saved::SavedError;

/// Every file, link and folder of a workspace with its hash.
#[derive(Clone, Default)]
pub struct Manifest {
    top: Arc<Folder>,
}

/// A folder with all below it.
#[derive(Clone, Default)]
pub struct Folder {
    nodes: BTreeMap<Box<[u8]>, Node>,
    sums: OnceLock<Sums>,
}

/// A file or link, or a folder.
#[derive(Clone)]
pub enum Node {
    /// A folder.
    Folder(Arc<Folder>),
    /// A file or a link.
    Leaf(Leaf),
}

/// What a folder comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// The hash of everything below.
    pub hash: ContentHash,
    /// Files and links below.
    pub files: u64,
    /// Bytes of the files below.
    pub bytes: u64,
}

impl Manifest {
    /// One without anything in it.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The hash of the whole.
    pub fn root(&self) -> ContentHash {
        self.top.sums().hash
    }

    /// Hash, files and bytes of the whole.
    pub fn sums(&self) -> Sums {
        self.top.sums()
    }

    /// The topmost folder.
    pub fn top(&self) -> &Arc<Folder> {
        &self.top
    }

    /// What stands at `path`.
    pub fn node(&self, path: &FilePath) -> Option<&Node> {
        let mut folder = &self.top;
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            let node = folder.nodes.get(part)?;
            match node {
                node if parts.peek().is_none() => return Some(node),
                Node::Folder(below) => folder = below,
                Node::Leaf(_) => return None,
            }
        }
        None
    }

    /// The file or link at `path`.
    pub fn leaf(&self, path: &FilePath) -> Option<&Leaf> {
        match self.node(path)? {
            Node::Leaf(leaf) => Some(leaf),
            Node::Folder(_) => None,
        }
    }

    /// Puts a node in place of what stands at `path`; folders on the way are made, and a file on the way gives way.
    pub fn put(&mut self, path: &FilePath, node: Node) {
        let mut folder = Arc::make_mut(&mut self.top);
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            folder.sums = OnceLock::new();
            if parts.peek().is_none() {
                folder.nodes.insert(part.into(), node);
                return;
            }
            let Some(below) = folder.make_folder(part) else { return };
            folder = below;
        }
    }

    /// Takes away what stands at `path`; gives it.
    pub fn remove(&mut self, path: &FilePath) -> Option<Node> {
        self.node(path)?;
        let mut folder = Arc::make_mut(&mut self.top);
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            folder.sums = OnceLock::new();
            if parts.peek().is_none() {
                return folder.nodes.remove(part);
            }
            folder = folder.make_folder(part)?;
        }
        None
    }

    /// Every file and link, ordered by path.
    pub fn leaves(&self) -> Vec<(FilePath, &Leaf)> {
        let mut all = Vec::new();
        self.top.walk(None, &mut |path, node| {
            if let Node::Leaf(leaf) = node {
                all.push((path, leaf));
            }
        });
        all
    }

    /// Every folder, parents before what is in them.
    pub fn folders(&self) -> Vec<FilePath> {
        let mut all = Vec::new();
        self.top.walk(None, &mut |path, node| {
            if matches!(node, Node::Folder(_)) {
                all.push(path);
            }
        });
        all
    }
}

impl Folder {
    /// A folder of these nodes.
    pub(crate) fn of(nodes: BTreeMap<Box<[u8]>, Node>) -> Self {
        Self { nodes, sums: OnceLock::new() }
    }

    /// What is in it, by name.
    pub fn nodes(&self) -> &BTreeMap<Box<[u8]>, Node> {
        &self.nodes
    }

    /// What it comes to; counted once.
    pub fn sums(&self) -> Sums {
        *self.sums.get_or_init(|| self.count())
    }

    /// Every node below with its path, parents first, ordered.
    pub(crate) fn walk<'f>(&'f self, at: Option<&FilePath>, each: &mut impl FnMut(FilePath, &'f Node)) {
        for (name, node) in &self.nodes {
            let Ok(path) = join(at, name) else { continue };
            each(path.clone(), node);
            if let Node::Folder(folder) = node {
                folder.walk(Some(&path), each);
            }
        }
    }

    /// The folder of that name, made where there is none.
    fn make_folder(&mut self, name: &[u8]) -> Option<&mut Self> {
        let node = self.nodes.entry(name.into()).or_insert_with(|| Node::Folder(Arc::default()));
        if let Node::Leaf(_) = node {
            *node = Node::Folder(Arc::default());
        }
        match node {
            Node::Folder(folder) => Some(Arc::make_mut(folder)),
            Node::Leaf(_) => None,
        }
    }

    fn count(&self) -> Sums {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"bodkin folder 1");
        let (mut files, mut bytes) = (0, 0u64);
        for (name, node) in &self.nodes {
            hasher.update(&(name.len() as u64).to_le_bytes()).update(name);
            match node {
                Node::Folder(folder) => {
                    let sums = folder.sums();
                    hasher.update(b"d").update(sums.hash.as_bytes());
                    files += sums.files;
                    bytes = bytes.saturating_add(sums.bytes);
                }
                Node::Leaf(Leaf { entry: Entry::File { exec, size, hash }, .. }) => {
                    hasher.update(if *exec { b"x" } else { b"f" }).update(&size.to_le_bytes());
                    hasher.update(hash.as_bytes());
                    files += 1;
                    bytes = bytes.saturating_add(*size);
                }
                Node::Leaf(Leaf { entry: Entry::Link { target }, .. }) => {
                    hasher.update(b"l").update(&(target.len() as u64).to_le_bytes()).update(target);
                    files += 1;
                }
            }
        }
        Sums { hash: ContentHash::from_bytes(hasher.finalize().into()), files, bytes }
    }
}

impl Node {
    /// Whether both are the same as far as it travels.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Folder(a), Self::Folder(b)) => Arc::ptr_eq(a, b) || a.sums().hash == b.sums().hash,
            (Self::Leaf(a), Self::Leaf(b)) => a.entry == b.entry,
            (Self::Folder(_), Self::Leaf(_)) | (Self::Leaf(_), Self::Folder(_)) => false,
        }
    }
}

impl PartialEq for Manifest {
    fn eq(&self, other: &Self) -> bool {
        self.root() == other.root()
    }
}

impl std::fmt::Debug for Manifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sums = self.sums();
        write!(f, "{:?}: {} files, {} bytes", sums.hash, sums.files, sums.bytes)
    }
}

#[cfg(test)]
mod tests;
