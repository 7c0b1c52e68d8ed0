//! Contents by their hash, compressed; the memory behind checkpoints and undo.
#![expect(clippy::disallowed_methods, reason = "blobs are files of the state folder")]

use std::fs;
use std::io;

use bodkin_text::ContentHash;

use crate::state::{StateDir, write_durably};

const LEVEL: i32 = 3;

/// Keeps a text; cheap when it is there already.
pub(crate) fn put(state: &StateDir, text: &str) -> io::Result<ContentHash> {
    let hash = ContentHash::of(text.as_bytes());
    let path = state.at(&format!("blobs/{hash}"));
    if !path.exists() {
        write_durably(&path, &zstd::encode_all(text.as_bytes(), LEVEL)?)?;
    }
    Ok(hash)
}

/// The text of a hash; an error when it is gone or was changed.
pub(crate) fn get(state: &StateDir, hash: ContentHash) -> io::Result<String> {
    let bytes = zstd::decode_all(fs::read(state.at(&format!("blobs/{hash}")))?.as_slice())?;
    if ContentHash::of(&bytes) != hash {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("blob {} was changed", hash.short())));
    }
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
