//! Contents by their hash, compressed; the memory behind checkpoints and undo.
#![expect(clippy::disallowed_methods, reason = "blobs are files of the state folder")]

use std::fs;
use std::io;

use bodkin_text::ContentHash;

use crate::content::Content;
use crate::state::{StateDir, write_durably};

const LEVEL: i32 = 3;

/// Keeps a content; cheap when it is there already.
pub(crate) fn put(state: &StateDir, content: &Content) -> io::Result<ContentHash> {
    let hash = content.hash();
    let path = state.at(&format!("blobs/{hash}"));
    if !path.exists() {
        write_durably(&path, &zstd::encode_all(content.bytes(), LEVEL)?)?;
    }
    Ok(hash)
}

/// The content of a hash; an error when it is gone or was changed.
pub(crate) fn get(state: &StateDir, hash: ContentHash) -> io::Result<Content> {
    let bytes = zstd::decode_all(fs::read(state.at(&format!("blobs/{hash}")))?.as_slice())?;
    if ContentHash::of(&bytes) != hash {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("blob {} was changed", hash.short())));
    }
    Ok(bytes.into())
}
