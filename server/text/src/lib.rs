//! Text as values: positions, ranges, edits, diffs, merges.
//!
//! Pure. Offsets are UTF-8 bytes everywhere; editor columns are converted by [`LineIndex`] at the door.
//! invariants: edits-do-not-overlap, delta-round-trips, rebase-or-conflict

mod delta;
pub mod diff;
mod edit;
mod hash;
mod hunk;
mod layer;
mod line_index;
pub mod merge;
mod patch;
mod path;
mod range;
mod rebase;

#[cfg(test)]
mod properties;

pub use edit::{Bias, Edit, EditError, Edits};
pub use hash::ContentHash;
pub use hunk::{Hunk, HunkId};
pub use layer::Layer;
pub use line_index::{Encoding, LineIndex, Position};
pub use patch::{FileEdit, Patch, PatchError, PatchHunk};
pub use path::{PathError, RelPath};
pub use range::{ByteRange, Line0, Line1};
pub use rebase::Conflict;
