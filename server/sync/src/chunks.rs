//! Large files in pieces that are cut where their content says, so that a change moves only the cuts around it.

use std::collections::HashMap;
use std::io::{self, Read};

use bodkin_text::ContentHash;
use fastcdc::v2020::StreamCDC;

use crate::entry::{Chunk, Entry};
use crate::look::{Contents, Hashing};
use crate::manifest::Manifest;

/// Files beyond this travel in pieces, bytes.
pub const LARGE: u64 = 256 << 10;

/// The least, usual and most bytes of a piece: one changed line costs one or two of them.
const SIZES: (usize, usize, usize) = (4 << 10, 16 << 10, 64 << 10);

/// Reads a content to its end; `size` is what it is expected to have.
pub(crate) fn read(from: &mut dyn Read, size: u64) -> io::Result<Contents> {
    if size <= LARGE {
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        from.take(LARGE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= LARGE {
            return Ok(Contents { hash: ContentHash::of(&bytes), size: bytes.len() as u64, chunks: None });
        }
        return cut(&mut io::Cursor::new(bytes).chain(from));
    }
    cut(from)
}

fn cut(from: &mut dyn Read) -> io::Result<Contents> {
    let mut hashing = Hashing { from, hasher: blake3::Hasher::new() };
    let (least, usual, most) = SIZES;
    let mut chunks = Vec::new();
    let mut size = 0;
    for chunk in StreamCDC::new(&mut hashing, least, usual, most) {
        let chunk = chunk.map_err(io::Error::from)?;
        size += chunk.length as u64;
        let len = u32::try_from(chunk.length).map_err(io::Error::other)?;
        chunks.push(Chunk { hash: ContentHash::of(&chunk.data), len });
    }
    let hash = ContentHash::from_bytes(hashing.hasher.finalize().into());
    let chunks = if size > LARGE { Some(chunks.into()) } else { None };
    Ok(Contents { hash, size, chunks })
}

/// Where the other side has which piece.
pub(crate) struct ChunkIndex {
    places: HashMap<ContentHash, (ContentHash, u64)>,
}

impl ChunkIndex {
    /// Of nothing: the other side has no content that we know of.
    pub(crate) fn empty() -> Self {
        Self { places: HashMap::new() }
    }

    /// The pieces of every large file of a state that the other side has.
    pub(crate) fn of(state: &Manifest) -> Self {
        let mut places = HashMap::new();
        for (_, leaf) in state.leaves() {
            let (Entry::File { hash, .. }, Some(chunks)) = (&leaf.entry, &leaf.chunks) else { continue };
            let mut offset = 0;
            for chunk in chunks.iter() {
                places.insert(chunk.hash, (*hash, offset));
                offset += u64::from(chunk.len);
            }
        }
        Self { places }
    }

    /// The content that holds such a piece on the other side, and where.
    pub(crate) fn place(&self, chunk: &ContentHash) -> Option<(ContentHash, u64)> {
        self.places.get(chunk).copied()
    }
}
