//! What a session needs whose files this machine can not reach: a workspace goes in as one stream, what changed is
//! found and comes back by nothing but a shell on the other side.
//!
//! Knows no engine and no network: whoever does gives a [`Shell`]. All that comes back was made by the other side
//! and is read with bounds; what it means is judged by [`crate::changes`].
//! invariant: only-deltas-cross

mod differ;
mod look;
mod outlet;
mod pack;
mod shell;
mod survey;

pub use differ::{Bounds, Laid, changes};
pub use look::PolledWatch;
pub use outlet::{Outlet, Pushed};
pub use pack::{Body, Contents, Item, Pack, Piece, Stream};
pub use shell::{MOST_SAID, Said, Shell, argv, collected, script};
pub use survey::{Look, Seen, look_at, survey};
