//! Text as values: positions, ranges, edits, diffs, merges.
//!
//! Pure. Offsets are UTF-8 bytes everywhere; editor columns are converted by [`LineIndex`] at the door.
//! invariants: edits-do-not-overlap, delta-round-trips, rebase-or-conflict

mod edit;
mod hash;
mod layer;
mod path;
mod range;

pub use edit::{Edit, EditError, Edits, FileEdit, Patch};
pub use hash::ContentHash;
pub use layer::Layer;
pub use path::{PathError, RelPath};
pub use range::{ByteRange, Line0, Line1};
