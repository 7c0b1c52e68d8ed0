//! A manifest in a file, so that a restart does not hash everything again.

use std::sync::Arc;

use bodkin_text::ContentHash;
use thiserror::Error;

use super::{Manifest, Node};
use crate::entry::{Chunk, Entry, Leaf, Stat};
use crate::wire::{Reader, WireError, Writer};

const MARK: &[u8] = b"bodkin manifest 1\n";

/// A file that holds no manifest: it is read as if it were not there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the saved manifest is damaged")]
pub struct SavedError;

impl From<WireError> for SavedError {
    fn from(_: WireError) -> Self {
        Self
    }
}

impl Manifest {
    /// As bytes, with all that is known of the files; the last 32 are the hash of the rest.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Writer(MARK.to_vec());
        let (folders, leaves) = (self.folders(), self.leaves());
        to.number(folders.len() as u64);
        for path in &folders {
            to.path(path);
        }
        to.number(leaves.len() as u64);
        for (path, leaf) in &leaves {
            to.path(path);
            put(&mut to, leaf);
        }
        let hash = ContentHash::of(&to.0);
        to.hash(&hash);
        to.0
    }

    /// From bytes that [`Manifest::to_bytes`] made.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedError> {
        let at = bytes.len().checked_sub(32).ok_or(SavedError)?;
        let (body, hash) = bytes.split_at_checked(at).ok_or(SavedError)?;
        if ContentHash::of(body).as_bytes() != hash {
            return Err(SavedError);
        }
        let mut from = Reader(body.strip_prefix(MARK).ok_or(SavedError)?);
        let mut manifest = Self::empty();
        for _ in 0..from.count(2)? {
            manifest.put(&from.path()?, Node::Folder(Arc::default()));
        }
        for _ in 0..from.count(4)? {
            let path = from.path()?;
            manifest.put(&path, Node::Leaf(leaf(&mut from)?));
        }
        from.end()?;
        Ok(manifest)
    }
}

fn put(to: &mut Writer, leaf: &Leaf) {
    match &leaf.entry {
        Entry::File { exec, size, hash } => {
            to.byte(u8::from(*exec));
            to.number(*size);
            to.hash(hash);
        }
        Entry::Link { target } => {
            to.byte(2);
            to.bytes(target);
        }
    }
    match &leaf.stat {
        Some(stat) => {
            to.byte(1 + u8::from(stat.racy));
            for number in [stat.mtime_ns.cast_unsigned(), stat.ctime_ns.cast_unsigned(), stat.ino, stat.size]
            {
                to.0.extend_from_slice(&number.to_le_bytes());
            }
        }
        None => to.byte(0),
    }
    let chunks = leaf.chunks.as_deref().unwrap_or_default();
    to.number(chunks.len() as u64);
    for chunk in chunks {
        to.hash(&chunk.hash);
        to.number(u64::from(chunk.len));
    }
}

fn leaf(from: &mut Reader<'_>) -> Result<Leaf, SavedError> {
    let entry = match from.byte()? {
        kind @ (0 | 1) => Entry::File { exec: kind == 1, size: from.number()?, hash: from.hash()? },
        2 => Entry::Link { target: from.link()? },
        _ => return Err(SavedError),
    };
    let stat = match from.byte()? {
        0 => None,
        kind @ (1 | 2) => {
            let mut next = || -> Result<u64, SavedError> {
                let bytes = <[u8; 8]>::try_from(from.take(8)?).map_err(|_| SavedError)?;
                Ok(u64::from_le_bytes(bytes))
            };
            let (mtime_ns, ctime_ns) = (next()?.cast_signed(), next()?.cast_signed());
            Some(Stat { mtime_ns, ctime_ns, ino: next()?, size: next()?, racy: kind == 2 })
        }
        _ => return Err(SavedError),
    };
    let count = from.count(33)?;
    let mut chunks = Vec::with_capacity(count);
    for _ in 0..count {
        let hash = from.hash()?;
        chunks.push(Chunk { hash, len: u32::try_from(from.number()?).map_err(|_| SavedError)? });
    }
    let chunks = if chunks.is_empty() { None } else { Some(chunks.into()) };
    Ok(Leaf { entry, stat, chunks })
}
