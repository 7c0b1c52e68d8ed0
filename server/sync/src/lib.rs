//! Only what changed travels: what a workspace is, as hashes; what changed since; and how the other side gets there.
//!
//! A sender looks at a workspace once ([`scan`]), follows it ([`Tracker`]) and tells a receiver in frames ([`Sender`])
//! what to become; the receiver ([`store::Replica`]) checks every hash before it touches its disk. Nothing here knows a
//! network: frames are bytes in, bytes out. Secrets and what version control ignores never leave.
//! invariant: only-deltas-cross

mod chunks;
mod entry;
mod ignores;
mod look;
#[cfg(target_os = "linux")]
pub mod loopback;
mod manifest;
mod path;
mod rules;
mod scan;
mod sender;
mod state;
#[cfg(target_os = "linux")]
pub mod store;
mod tracker;
pub mod wire;

pub use chunks::LARGE;
pub use entry::{Chunk, Entry, Leaf, Stat};
pub use manifest::{Counts, Difference, Folder, Manifest, Node, Op, OpError, SavedError, Sums};
pub use path::{BadPath, FilePath, MAX_DEPTH, MAX_NAME, MAX_PATH};
pub use rules::{Rules, Why};
pub use scan::{Scanned, Told, scan};
pub use sender::{Report, SendError, Sender, Sending, Step, SyncError, sync};
pub use state::State;
pub use tracker::{Status, Tracker};
