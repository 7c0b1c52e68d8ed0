//! The daemon: this machine's sandboxes for other machines, in E2B's protocol.
//!
//! One port carries both planes: the control plane (make, list, keep alive and end sandboxes, with an API key) and
//! each sandbox's own API (files, processes, with the sandbox's token). Sandboxes are made by a
//! [`bodkin_sandbox::session::Backend`]; this crate adds names, keys, quotas, lives and the wire, and no walls.
//!
//! invariants: record-before-act (a line on the ledger before each create, start, kill and sync);
//! network-off-unless-permitted; nothing outlives the daemon; one key never sees what belongs to another

mod bridge;
mod clock;
mod control;
mod daemon;
mod envd;
mod failure;
mod guests;
mod keys;
mod ledger;
mod native;
mod options;
mod planes;
mod random;
mod sandbox;
mod serve;

pub use daemon::Daemon;
pub use keys::{Key, Keys, KeysError, Quota, fresh_key};
pub use options::{Options, OptionsError, TlsFiles};
pub use serve::{Served, Stopper, serve};
