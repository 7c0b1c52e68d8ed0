//! Contents that come in several parts, or are made of others.
#![expect(clippy::disallowed_methods, reason = "the store is the receiver's disk")]

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use bodkin_text::ContentHash;

use super::{StoreError, names};
use crate::wire::{Content, Piece};

/// Contents on their way. A part that was taken stays when the process is killed, and its sender goes on from there.
pub(super) struct Parts {
    folder: PathBuf,
    /// What was hashed of each so far.
    hashers: HashMap<ContentHash, blake3::Hasher>,
}

/// How much is copied at once, bytes.
const BLOCK: usize = 128 << 10;

impl Parts {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, hashers: HashMap::new() }
    }

    fn path(&self, hash: &ContentHash) -> PathBuf {
        self.folder.join(hash.to_string())
    }

    /// Bytes that are here.
    pub(super) fn len(&self, hash: &ContentHash) -> u64 {
        std::fs::symlink_metadata(self.path(hash)).map_or(0, |it| it.len())
    }

    /// Appends a part; `false` when it does not follow on what is here, or is made of what is not.
    pub(super) fn take(
        &mut self,
        content: &Content,
        open: &dyn Fn(&ContentHash) -> Option<File>,
    ) -> Result<bool, StoreError> {
        let failed = || StoreError::io(format!("a content of {} bytes", content.size));
        let path = self.path(&content.hash);
        if content.offset == 0 {
            self.hashers.remove(&content.hash);
            let _ = std::fs::remove_file(&path);
        } else if self.len(&content.hash) != content.offset {
            return Ok(false);
        }
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).read(true).open(&path).map_err(failed())?;
        rustix::fs::fchmod(&file, rustix::fs::Mode::from_raw_mode(0o644))
            .map_err(StoreError::disk("a content's mode"))?;
        let mut hasher = match self.hashers.remove(&content.hash) {
            Some(hasher) => hasher,
            None => hashed(&mut file).map_err(failed())?,
        };
        for piece in &content.pieces {
            let done = match piece {
                Piece::New(bytes) => {
                    hasher.update(bytes);
                    file.write_all(bytes).map(|()| true)
                }
                Piece::Old { of, offset, len } => match open(of) {
                    Some(from) => copy(from, *offset, *len, &mut file, &mut hasher),
                    None => Ok(false),
                },
            };
            match done {
                Ok(true) => {}
                // Half a part is no part.
                Ok(false) => {
                    let _ = std::fs::remove_file(&path);
                    return Ok(false);
                }
                Err(error) => {
                    let _ = file.set_len(content.offset);
                    return Err(failed()(error));
                }
            }
        }
        self.hashers.insert(content.hash, hasher);
        Ok(true)
    }

    /// The file of one that is whole, with the right hash; it is to be moved away.
    pub(super) fn finish(&mut self, content: &Content) -> Result<PathBuf, StoreError> {
        let path = self.path(&content.hash);
        let hash = self.hashers.remove(&content.hash).map(|it| ContentHash::from_bytes(it.finalize().into()));
        if hash == Some(content.hash) {
            return Ok(path);
        }
        let _ = std::fs::remove_file(&path);
        Err(StoreError::Refused("a content has another hash than was said".to_owned()))
    }

    /// Removes all that were begun and not finished, but these.
    pub(super) fn clear(&mut self, but: &dyn Fn(&ContentHash) -> bool) {
        for name in names(&self.folder) {
            if !name.parse().is_ok_and(|hash| but(&hash)) {
                let _ = std::fs::remove_file(self.folder.join(name));
            }
        }
        self.hashers.retain(|hash, _| but(hash));
    }
}

fn hashed(file: &mut File) -> io::Result<blake3::Hasher> {
    let mut hasher = blake3::Hasher::new();
    file.seek(SeekFrom::Start(0))?;
    hasher.update_reader(file)?;
    Ok(hasher)
}

/// Copies a range; `false` when there is less.
fn copy(
    mut from: File,
    offset: u64,
    len: u64,
    to: &mut File,
    hasher: &mut blake3::Hasher,
) -> io::Result<bool> {
    from.seek(SeekFrom::Start(offset))?;
    let mut from = from.take(len);
    let mut block = vec![0; BLOCK];
    let mut copied = 0;
    loop {
        let read = from.read(&mut block)?;
        let Some(bytes) = block.get(..read).filter(|it| !it.is_empty()) else { break };
        hasher.update(bytes);
        to.write_all(bytes)?;
        copied += read as u64;
    }
    Ok(copied == len)
}
