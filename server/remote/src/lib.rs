//! Sandboxes on another machine: any endpoint that speaks E2B's protocol, `bodkin sandboxd` among them.
//!
//! The walls stand where this machine can not see them, so what comes back is hostile whoever sends it: every
//! length is bounded, every path is checked, every change is judged here. The crate reads no environment.
//! invariants: only-deltas-cross, network-off-unless-permitted

mod options;

pub use options::{E2B_DOMAIN, OptionsError, RemoteOptions};
