//! The coat of everything that travels: a mark, the version, what it is, how long it is, zstd.

use std::io::Read as _;

use super::WireError;

/// What every frame begins with.
const MAGIC: &[u8; 4] = b"BKSY";

/// The version of the frames.
pub(super) const VERSION: u8 = 1;

/// The most bytes of a packed frame.
pub const MAX_FRAME: usize = 32 << 20;

/// The most bytes of a frame when it is unpacked.
pub(super) const MAX_RAW: usize = 64 << 20;

/// Bytes before the packed part: mark, version, kind, length packed, length unpacked.
const HEAD: usize = 14;

/// How hard it is tried to make a frame small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Not at all: the wire is faster than any packing.
    None,
    /// A little.
    Fast,
    /// More than a little.
    Usual,
    /// For small frames and slow wires.
    Most,
}

impl Effort {
    /// What is right for a frame of so many bytes when nothing is known of the wire.
    pub(crate) fn of(raw: usize) -> Self {
        if raw <= SMALL { Self::Most } else { Self::Usual }
    }

    /// What is right where so many bytes are taken a millisecond: packing costs about one for 400,000.
    pub(crate) fn at_pace(bytes_a_ms: u64) -> Self {
        match bytes_a_ms {
            0..=2_000 => Self::Most,
            2_001..=10_000 => Self::Usual,
            10_001..=30_000 => Self::Fast,
            _ => Self::None,
        }
    }

    fn pack(self, raw: &[u8]) -> Option<Vec<u8>> {
        let level = match self {
            Self::None => return None,
            Self::Fast => -5,
            Self::Usual => 1,
            Self::Most => 3,
        };
        zstd::bulk::compress(raw, level).ok().filter(|packed| packed.len() < raw.len())
    }
}

/// Up to here the highest effort is worth its time on any wire, bytes.
const SMALL: usize = 256 << 10;

/// Packs. What does not become smaller stays as it is: then both lengths are the same.
pub(super) fn pack(kind: u8, raw: &[u8], effort: Effort) -> Result<Vec<u8>, WireError> {
    let packed = effort.pack(raw);
    let packed = packed.as_deref().unwrap_or(raw);
    let (Ok(len), Ok(raw_len)) = (u32::try_from(packed.len()), u32::try_from(raw.len())) else {
        return Err(WireError::TooLarge);
    };
    if packed.len() + HEAD > MAX_FRAME || raw.len() > MAX_RAW {
        return Err(WireError::TooLarge);
    }
    let mut frame = Vec::with_capacity(HEAD + packed.len());
    frame.extend_from_slice(MAGIC);
    frame.extend_from_slice(&[VERSION, kind]);
    frame.extend_from_slice(&len.to_le_bytes());
    frame.extend_from_slice(&raw_len.to_le_bytes());
    frame.extend_from_slice(packed);
    Ok(frame)
}

/// Unpacks one that is of this kind; never more than it said, and never more than the limit.
pub(super) fn unpack(kind: u8, frame: &[u8]) -> Result<Vec<u8>, WireError> {
    if frame.len() > MAX_FRAME {
        return Err(WireError::TooLarge);
    }
    let Some((head, packed)) = frame.split_at_checked(HEAD) else {
        return Err(WireError::Malformed("shorter than its head"));
    };
    let [a, b, c, d, version, found, l0, l1, l2, l3, r0, r1, r2, r3] = *head else {
        return Err(WireError::Malformed("shorter than its head"));
    };
    if [a, b, c, d] != *MAGIC {
        return Err(WireError::Malformed("another mark"));
    }
    if version != VERSION {
        return Err(WireError::Version(version));
    }
    if found != kind {
        return Err(WireError::Malformed("another kind of frame"));
    }
    let (len, raw_len) = (u32::from_le_bytes([l0, l1, l2, l3]), u32::from_le_bytes([r0, r1, r2, r3]));
    if len as usize != packed.len() {
        return Err(WireError::Malformed("another length"));
    }
    if raw_len as usize > MAX_RAW {
        return Err(WireError::TooLarge);
    }
    if len == raw_len {
        return Ok(packed.to_vec());
    }
    // What a frame says of itself is not believed: the buffer grows with what really comes.
    let mut raw = Vec::with_capacity((raw_len as usize).min(packed.len().saturating_mul(8)));
    let decoder = zstd::Decoder::new(packed).map_err(|_| WireError::Malformed("no zstd"))?;
    let mut bounded = decoder.take(u64::from(raw_len) + 1);
    bounded.read_to_end(&mut raw).map_err(|_| WireError::Malformed("broken zstd"))?;
    if raw.len() != raw_len as usize {
        return Err(WireError::Malformed("another length when unpacked"));
    }
    Ok(raw)
}
