//! What travels, as bytes: frames there, answers and changes back.
//!
//! Everything that is read here was written by somebody else. Nothing is allocated beyond the bytes that came and the
//! limits below, whatever the counts in them say; a path is parsed before it is anything.

mod answer;
mod back;
mod bytes;
mod envelope;
mod frame;

pub use answer::{Answer, Lacking};
pub use back::{Back, BackChange, BackVerdict, BackWhat};
pub(crate) use bytes::{Reader, Writer};
pub(crate) use envelope::Effort;
pub use envelope::MAX_FRAME;
pub use frame::{Content, Frame, Piece, Step};

#[cfg(test)]
mod tests;

use thiserror::Error;

/// Bytes that are no frame of ours, or are beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WireError {
    /// Not ours, or cut off.
    #[error("these bytes are no sync frame: {0}")]
    Malformed(&'static str),
    /// Another version.
    #[error("this is version {0} of the sync frames, and version {ours} is spoken here", ours = envelope::VERSION)]
    Version(u8),
    /// More than is taken at once.
    #[error("a frame may have {MAX_FRAME} bytes packed and {max} unpacked", max = envelope::MAX_RAW)]
    TooLarge,
}
