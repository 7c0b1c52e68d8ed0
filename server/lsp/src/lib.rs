//! The language server: what any LSP client needs to highlight a line and get a proved fix.
//!
//! One queue, one owner of state. Handlers post and wait for their answer; nothing here waits for the client,
//! for a run or for the disk. Positions are turned into bytes at this door and nowhere else.
//! invariants: no request waits for a run; every request is answered exactly once; a panic in a handler
//! answers an error and the server lives

mod actions;
mod apply;
mod client;
mod clock;
mod configuration;
mod diagnostics;
mod documents;
mod engine;
mod failures;
mod features;
mod folders;
mod frame;
mod messages;
mod navigation;
mod offers;
mod outcomes;
mod outgoing;
mod positions;
mod progress;
mod queue;
mod requests;
mod review;
mod routes;
mod runs;
mod serve;
mod server;
mod settings;
mod status;
mod testing;
mod transport;
mod turn;
mod watching;
mod wire;
mod workspace_edit;

pub use serve::{ServeOptions, serve};

#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;
