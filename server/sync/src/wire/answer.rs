//! What the receiver of a frame says.

use bodkin_text::ContentHash;

use super::{Reader, WireError, Writer, envelope};

const KIND: u8 = b'A';

/// The answer to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The state stands on the receiver's disk, every hash of it checked.
    Applied {
        /// Its root.
        root: ContentHash,
        /// Files, links and folders that were written or removed for it.
        changed: u64,
        /// Of those on the disk, how many were not as they were left (only after a frame that verifies).
        drifted: u64,
    },
    /// The contents are kept.
    Kept,
    /// The base is not known, or its operations do not lead to the root that was named: send all of them from the
    /// empty state.
    NeedState {
        /// The root that stands here.
        have: ContentHash,
    },
    /// The state is known and remembered; these contents lack for it.
    NeedContents(Vec<Lacking>),
    /// There is no room; what stood stands.
    Full(String),
    /// The frame is wrong, or beyond what this receiver takes; what stood stands.
    Refused(String),
}

/// A content that the receiver lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lacking {
    /// BLAKE3 of it.
    pub hash: ContentHash,
    /// Bytes of its beginning that have come already.
    pub have: u64,
}

impl Answer {
    /// The HTTP status that goes with it: 200, 409 (send more), 507 (full) or 422.
    pub fn status(&self) -> u16 {
        match self {
            Self::Applied { .. } | Self::Kept => 200,
            Self::NeedState { .. } | Self::NeedContents(_) => 409,
            Self::Full(_) => 507,
            Self::Refused(_) => 422,
        }
    }

    /// As bytes.
    pub fn encode(&self) -> Result<Vec<u8>, WireError> {
        let mut to = Writer::default();
        match self {
            Self::Applied { root, changed, drifted } => {
                to.byte(0);
                to.hash(root);
                to.number(*changed);
                to.number(*drifted);
            }
            Self::Kept => to.byte(1),
            Self::NeedState { have } => {
                to.byte(2);
                to.hash(have);
            }
            Self::NeedContents(lacking) => {
                to.byte(3);
                to.number(lacking.len() as u64);
                for one in lacking {
                    to.hash(&one.hash);
                    to.number(one.have);
                }
            }
            Self::Full(why) => {
                to.byte(4);
                to.bytes(why.as_bytes());
            }
            Self::Refused(why) => {
                to.byte(5);
                to.bytes(why.as_bytes());
            }
        }
        envelope::pack(KIND, &to.0, envelope::Effort::of(to.0.len()))
    }

    /// From bytes of a stranger.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let raw = envelope::unpack(KIND, bytes)?;
        let mut from = Reader(&raw);
        let answer = match from.byte()? {
            0 => Self::Applied { root: from.hash()?, changed: from.number()?, drifted: from.number()? },
            1 => Self::Kept,
            2 => Self::NeedState { have: from.hash()? },
            3 => {
                let count = from.count(33)?;
                let one = |from: &mut Reader<'_>| Ok(Lacking { hash: from.hash()?, have: from.number()? });
                Self::NeedContents((0..count).map(|_| one(&mut from)).collect::<Result<_, _>>()?)
            }
            4 => Self::Full(from.text()?),
            5 => Self::Refused(from.text()?),
            _ => return Err(WireError::Malformed("an unknown answer")),
        };
        from.end()?;
        Ok(answer)
    }
}
