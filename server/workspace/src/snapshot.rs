//! The workspace at one revision.
//!
//! invariant: snapshot-is-frozen

use std::collections::BTreeMap;
use std::sync::Arc;

use bodkin_text::{Layer, RelPath};

use crate::file::File;

pub(crate) type Files = BTreeMap<Arc<RelPath>, Arc<File>>;

/// All files as they were at one revision. Cheap to clone and to send; what happens later is not seen in it.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub(crate) revision: u64,
    pub(crate) disk: Arc<Files>,
    pub(crate) open: Arc<Files>,
}

impl Snapshot {
    /// Which revision; grows with every change of the workspace.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// A file: the editor's buffer where it is open, else the disk's text.
    pub fn file(&self, path: &RelPath) -> Option<&File> {
        self.open.get(path).or_else(|| self.disk.get(path)).map(|it| &**it)
    }

    /// A file as it is on disk, open or not.
    pub fn saved(&self, path: &RelPath) -> Option<&File> {
        self.disk.get(path).map(|it| &**it)
    }

    /// All files, ordered by path.
    pub fn files(&self) -> impl Iterator<Item = (&RelPath, &File)> {
        let mut disk = self.disk.values().peekable();
        let mut open = self.open.values().peekable();
        std::iter::from_fn(move || {
            let order = match (disk.peek(), open.peek()) {
                (Some(one), Some(other)) => one.path.cmp(&other.path),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, _) => std::cmp::Ordering::Greater,
            };
            if order.is_eq() {
                disk.next();
            }
            let file = if order.is_lt() { disk.next() } else { open.next() }?;
            Some((file.path(), &**file))
        })
    }

    /// What must be laid over the disk to get this snapshot: buffers that differ from it or are not on it.
    pub fn unsaved(&self) -> Layer {
        let mut layer = Layer::empty();
        for (path, file) in self.open.iter() {
            let same = self.disk.get(path).is_some_and(|it| it.content.text() == file.content.text());
            if !same {
                layer.put(RelPath::clone(path), file.text());
            }
        }
        layer
    }
}
