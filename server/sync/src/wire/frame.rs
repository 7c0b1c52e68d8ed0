//! A frame: contents that the other side may lack, and the steps from one state to the next.

use bodkin_text::ContentHash;

use super::envelope::Effort;
use super::{Reader, WireError, Writer, envelope};
use crate::manifest::Op;

const KIND: u8 = b'F';
const TAKES_STATE: u8 = 1;
const VERIFIES: u8 = 2;

/// What the one who has the files sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Contents to keep, used by this frame's state or a later one's.
    pub contents: Vec<Content>,
    /// The state to come to; `None`: only keep the contents.
    pub state: Option<Step>,
    /// Look at every byte on the disk first: is it still what was taken?
    pub verify: bool,
}

/// From one state to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Root of the state that the operations start from. It need not be the present one, only a known one.
    pub base: ContentHash,
    /// Root of the state that they lead to. A receiver that knows it already needs no operation.
    pub new: ContentHash,
    /// What is done.
    pub ops: Vec<Op>,
}

/// A content, or the next part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// BLAKE3 of the whole.
    pub hash: ContentHash,
    /// Bytes of the whole.
    pub size: u64,
    /// Where this part begins; parts come in order.
    pub offset: u64,
    /// What it is made of.
    pub pieces: Vec<Piece>,
}

/// A piece of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes.
    New(Vec<u8>),
    /// Bytes that the receiver has in another content.
    Old {
        /// Which content.
        of: ContentHash,
        /// Where they begin in it.
        offset: u64,
        /// How many.
        len: u64,
    },
}

impl Piece {
    /// Bytes that it stands for.
    pub fn len(&self) -> u64 {
        match self {
            Self::New(bytes) => bytes.len() as u64,
            Self::Old { len, .. } => *len,
        }
    }

    /// Whether it stands for none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Frame {
    /// A frame that asks the receiver to become a state that it may know.
    pub fn become_state(root: ContentHash) -> Self {
        Self {
            contents: Vec::new(),
            state: Some(Step { base: root, new: root, ops: Vec::new() }),
            verify: false,
        }
    }

    /// As bytes; [`WireError::TooLarge`] when it should have been several.
    pub fn encode(&self) -> Result<Vec<u8>, WireError> {
        let raw = self.raw();
        envelope::pack(KIND, &raw, Effort::of(raw.len()))
    }

    /// As bytes, packed with that effort.
    pub(crate) fn encode_with(&self, effort: Effort) -> Result<Vec<u8>, WireError> {
        envelope::pack(KIND, &self.raw(), effort)
    }

    fn raw(&self) -> Vec<u8> {
        let mut to = Writer::default();
        to.byte(if self.state.is_some() { TAKES_STATE } else { 0 } | if self.verify { VERIFIES } else { 0 });
        to.number(self.contents.len() as u64);
        for content in &self.contents {
            to.hash(&content.hash);
            to.number(content.size);
            to.number(content.offset);
            to.number(content.pieces.len() as u64);
            for piece in &content.pieces {
                match piece {
                    Piece::New(bytes) => {
                        to.byte(0);
                        to.bytes(bytes);
                    }
                    Piece::Old { of, offset, len } => {
                        to.byte(1);
                        to.hash(of);
                        to.number(*offset);
                        to.number(*len);
                    }
                }
            }
        }
        if let Some(Step { base, new, ops }) = &self.state {
            to.hash(base);
            to.hash(new);
            to.ops(ops);
        }
        to.0
    }

    /// From bytes of a stranger.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let raw = envelope::unpack(KIND, bytes)?;
        let mut from = Reader(&raw);
        let flags = from.byte()?;
        let count = from.count(35)?;
        let contents = (0..count).map(|_| content(&mut from)).collect::<Result<_, _>>()?;
        let state = if flags & TAKES_STATE == 0 {
            None
        } else {
            Some(Step { base: from.hash()?, new: from.hash()?, ops: from.ops()? })
        };
        from.end()?;
        Ok(Self { contents, state, verify: flags & VERIFIES != 0 })
    }
}

fn content(from: &mut Reader<'_>) -> Result<Content, WireError> {
    let (hash, size, offset) = (from.hash()?, from.number()?, from.number()?);
    let count = from.count(2)?;
    let mut end = offset;
    let mut pieces = Vec::new();
    for _ in 0..count {
        let piece = match from.byte()? {
            0 => Piece::New(from.bytes()?.to_vec()),
            1 => Piece::Old { of: from.hash()?, offset: from.number()?, len: from.number()? },
            _ => return Err(WireError::Malformed("an unknown piece")),
        };
        end = end.checked_add(piece.len()).ok_or(WireError::Malformed("longer than anything"))?;
        pieces.push(piece);
    }
    if end > size {
        return Err(WireError::Malformed("a content longer than it says"));
    }
    Ok(Content { hash, size, offset, pieces })
}
