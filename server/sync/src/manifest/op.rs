//! One step from a manifest to the next.

use bodkin_text::ContentHash;
use thiserror::Error;

use super::{Manifest, Node};
use crate::entry::{Entry, Leaf};
use crate::path::FilePath;

/// One change of a tree. What it needs on the way is made; what it replaces must have been removed, except that a
/// file or link may be put over another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// A file stands here.
    Put {
        /// Where.
        path: FilePath,
        /// Whether its owner may execute it.
        exec: bool,
        /// Bytes.
        size: u64,
        /// BLAKE3 of its content.
        hash: ContentHash,
    },
    /// A symbolic link stands here.
    Link {
        /// Where.
        path: FilePath,
        /// Its target, as text.
        target: Box<[u8]>,
    },
    /// A folder stands here.
    Folder {
        /// Where.
        path: FilePath,
    },
    /// Nothing stands here, nor below.
    Remove {
        /// Where.
        path: FilePath,
    },
    /// What stood at the one place stands at the other, with all below it.
    Move {
        /// Where it stood.
        from: FilePath,
        /// Where nothing stood.
        to: FilePath,
    },
    /// A file may be executed now, or no longer.
    Mode {
        /// Where.
        path: FilePath,
        /// Whether its owner may execute it.
        exec: bool,
    },
}

/// An operation that does not fit the tree: the other side meant another one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} does not fit what stands at {path}")]
pub struct OpError {
    /// The operation's name.
    pub what: &'static str,
    /// Where.
    pub path: FilePath,
}

impl Op {
    /// Puts an entry.
    pub fn put(path: FilePath, entry: &Entry) -> Self {
        match entry {
            Entry::File { exec, size, hash } => Self::Put { path, exec: *exec, size: *size, hash: *hash },
            Entry::Link { target } => Self::Link { path, target: target.clone() },
        }
    }
}

impl Manifest {
    /// Does the operations in their order; on an error some of them are done.
    pub fn apply(&mut self, ops: &[Op]) -> Result<(), OpError> {
        ops.iter().try_for_each(|op| self.apply_one(op))
    }

    fn apply_one(&mut self, op: &Op) -> Result<(), OpError> {
        match op {
            Op::Put { path, exec, size, hash } => {
                let entry = Entry::File { exec: *exec, size: *size, hash: *hash };
                self.lay("a file", path, Node::Leaf(Leaf::new(entry)))
            }
            Op::Link { path, target } => {
                let entry = Entry::Link { target: target.clone() };
                self.lay("a link", path, Node::Leaf(Leaf::new(entry)))
            }
            Op::Folder { path } => match self.node(path) {
                Some(Node::Folder(_)) => Ok(()),
                Some(Node::Leaf(_)) => Err(misfit("a folder", path)),
                None => self.lay("a folder", path, Node::Folder(<_>::default())),
            },
            Op::Remove { path } => match self.remove(path) {
                Some(_) => Ok(()),
                None => Err(misfit("a removal", path)),
            },
            Op::Move { from, to } => {
                if to.is_within(from) || self.node(to).is_some() {
                    return Err(misfit("a move", to));
                }
                let node = self.remove(from).ok_or_else(|| misfit("a move", from))?;
                self.lay("a move", to, node)
            }
            Op::Mode { path, exec } => match self.leaf(path).map(|leaf| &leaf.entry) {
                Some(Entry::File { size, hash, .. }) => {
                    let entry = Entry::File { exec: *exec, size: *size, hash: *hash };
                    self.put(path, Node::Leaf(Leaf::new(entry)));
                    Ok(())
                }
                Some(Entry::Link { .. }) | None => Err(misfit("a mode", path)),
            },
        }
    }

    /// Puts a node where no folder stands, and nothing but folders above it.
    fn lay(&mut self, what: &'static str, path: &FilePath, node: Node) -> Result<(), OpError> {
        let above = path.parent();
        let blocked = above.is_some_and(|it| it.ancestors().any(|it| self.leaf(&it).is_some()));
        if blocked || matches!(self.node(path), Some(Node::Folder(_))) {
            return Err(misfit(what, path));
        }
        self.put(path, node);
        Ok(())
    }
}

fn misfit(what: &'static str, path: &FilePath) -> OpError {
    OpError { what, path: path.clone() }
}
