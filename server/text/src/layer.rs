//! Files laid over a workspace: unsaved buffers, a candidate, or both.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{ContentHash, RelPath};

/// What stands in place of some files of a workspace, without touching them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layer {
    files: BTreeMap<RelPath, Option<Arc<str>>>,
}

impl Layer {
    /// Nothing laid over anything.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Puts `text` in place of the file at `path`, which need not exist.
    pub fn put(&mut self, path: RelPath, text: impl Into<Arc<str>>) {
        self.files.insert(path, Some(text.into()));
    }

    /// Makes the file at `path` absent.
    pub fn hide(&mut self, path: RelPath) {
        self.files.insert(path, None);
    }

    /// This layer with `upper` over it.
    #[must_use]
    pub fn with(&self, upper: &Self) -> Self {
        let mut files = self.files.clone();
        files.extend(upper.files.iter().map(|(path, text)| (path.clone(), text.clone())));
        Self { files }
    }

    /// Each path with its text, or `None` where the file is made absent; ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = (&RelPath, Option<&Arc<str>>)> {
        self.files.iter().map(|(path, text)| (path, text.as_ref()))
    }

    /// How many files it speaks of.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Identity of the layer: paths, contents and absences, independent of how it was built.
    pub fn hash(&self) -> ContentHash {
        let mut all = Vec::new();
        for (path, text) in &self.files {
            all.extend_from_slice(path.as_str().as_bytes());
            all.push(0);
            match text {
                Some(text) => all.extend_from_slice(ContentHash::of(text.as_bytes()).to_string().as_bytes()),
                None => all.push(b'-'),
            }
            all.push(b'\n');
        }
        ContentHash::of(all)
    }
}
