//! Reads a replica's folder as it really is.
#![expect(clippy::disallowed_methods, reason = "the store is the receiver's disk")]

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bodkin_text::ContentHash;

use crate::entry::{Entry, Leaf};
use crate::manifest::{Folder, Manifest, Node};
use crate::path::{is_name, to_bytes};

/// Everything in the folder, every byte of it hashed. What is neither file, folder nor link counts as nothing.
pub(super) fn read(folder: &Path) -> io::Result<Manifest> {
    let mut manifest = Manifest::empty();
    for (name, node) in nodes(folder, 0)? {
        if let Ok(path) = crate::path::FilePath::new(name) {
            manifest.put(&path, node);
        }
    }
    Ok(manifest)
}

fn nodes(folder: &Path, depth: usize) -> io::Result<BTreeMap<Box<[u8]>, Node>> {
    let mut nodes = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = to_bytes(Path::new(&entry.file_name()));
        let kind = entry.file_type()?;
        if !is_name(&name) || depth > crate::path::MAX_DEPTH {
            continue;
        }
        let node = if kind.is_dir() {
            Node::Folder(Arc::new(Folder::of(nodes_below(&entry, depth)?)))
        } else if kind.is_symlink() {
            let target = to_bytes(&std::fs::read_link(entry.path())?).into();
            Node::Leaf(Leaf::new(Entry::Link { target }))
        } else if kind.is_file() {
            Node::Leaf(Leaf::new(file(&entry.path())?))
        } else {
            continue;
        };
        nodes.insert(name.into(), node);
    }
    Ok(nodes)
}

fn nodes_below(entry: &std::fs::DirEntry, depth: usize) -> io::Result<BTreeMap<Box<[u8]>, Node>> {
    nodes(&entry.path(), depth + 1)
}

fn file(path: &Path) -> io::Result<Entry> {
    let mut file = std::fs::File::open(path)?;
    let mode = rustix::fs::fstat(&file)?.st_mode;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut file)?;
    let size = hasher.count();
    Ok(Entry::File { exec: mode & 0o100 != 0, size, hash: ContentHash::from_bytes(hasher.finalize().into()) })
}
