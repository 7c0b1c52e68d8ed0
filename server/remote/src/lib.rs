//! Sandboxes on another machine: any endpoint that speaks E2B's protocol, `bodkin sandboxd` among them.
//!
//! [`RemoteBackend`] makes sessions there. [`RemoteSandbox`] runs permitted commands: over a replica that follows the
//! workspace, in one round trip, where the other side is `bodkin sandboxd`; else in a fresh session that the workspace
//! is unpacked in. Nothing is sent without leave ([`bodkin_guard::action::SendFiles`]). Reads no environment; keys are
//! never printed. The other side is not believed: what it sends is bounded, and its changes are judged here.
//! invariants: only-deltas-cross, no-permit-no-effect

mod backend;
mod changes;
mod link;
mod options;
mod probe;
mod process;
mod replica;
mod run;
mod session;
mod watch;
mod workspace;

pub use backend::RemoteBackend;
pub use options::{OptionsError, RemoteOptions};
pub use run::RemoteSandbox;
