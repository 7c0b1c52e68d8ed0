//! What the repair engine proposes, in which order, and within which bounds.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod operators;
mod quick;
mod samples;
mod scene;
mod search;
