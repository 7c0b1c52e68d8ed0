//! A workspace at one moment: its manifest, and where the bytes of each file are.

use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_text::Layer;

use crate::chunks;
use crate::entry::{Entry, Leaf};
use crate::ignores::Ignores;
use crate::look::open;
use crate::manifest::{Manifest, Node};
use crate::path::FilePath;
use crate::rules::{Judged, Rules, judge};

/// What is sent: a value, cheap to clone. The disk may move on while it is sent; that is seen, as every piece that is
/// read is hashed.
#[derive(Clone)]
pub struct State {
    pub(crate) root: PathBuf,
    pub(crate) manifest: Manifest,
    pub(crate) layer: Arc<Layer>,
    pub(crate) ignores: Arc<Ignores>,
}

impl State {
    /// The files.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder on this machine.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is laid over it.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// This state with texts laid over its files: unsaved buffers, a candidate. What would not travel as a file does
    /// not travel as a text either.
    #[must_use]
    pub fn lay(&self, layer: &Layer, rules: &Rules) -> Self {
        let mut laid = self.clone();
        for (path, text) in layer.iter() {
            let path = FilePath::from(path);
            match text {
                None => drop(laid.manifest.remove(&path)),
                Some(text) => laid.put_text(&path, text.as_bytes(), rules),
            }
        }
        laid.layer = Arc::new(self.layer.with(layer));
        laid
    }

    fn put_text(&mut self, path: &FilePath, text: &[u8], rules: &Rules) {
        let stands = self.manifest.leaf(path).map(|leaf| &leaf.entry);
        let exec = matches!(stands, Some(Entry::File { exec: true, .. }));
        let too_large = text.len() as u64 > rules.max_file_bytes;
        if judge(path) != Judged::Fine || too_large || (stands.is_none() && self.ignores.hides(path, false)) {
            return;
        }
        // A text in memory is read without failing.
        if let Ok(read) = chunks::read(&mut Cursor::new(text), text.len() as u64) {
            let entry = Entry::File { exec, size: read.size, hash: read.hash };
            self.manifest.put(path, Node::Leaf(Leaf { entry, stat: None, chunks: read.chunks }));
        }
    }

    /// Opens the bytes of a file: the text that is laid over it, or what is on the disk now.
    pub(crate) fn read(&self, path: &FilePath) -> io::Result<Box<dyn Read + Send>> {
        let laid = path.to_rel().and_then(|path| {
            let text = self.layer.iter().find(|(at, _)| **at == path)?.1?;
            Some(Arc::clone(text))
        });
        match laid {
            Some(text) => Ok(Box::new(Cursor::new(text.as_bytes().to_vec()))),
            None => Ok(Box::new(open(&self.root.join(path.to_path()))?)),
        }
    }
}
