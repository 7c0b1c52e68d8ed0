//! `bodkin sandboxd` as it is shipped: driven by the official clients, by many at once, and ended in every way.
//!
//! The scenarios of the clients stand in `clients`; each prints `ok NAME` or `FAILED NAME` for each of its scenes.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the tests drive real programs, and fail by panicking"
)]

mod daemon;
mod ends;
mod many;
mod native;
mod negative;
mod official;
mod refusals;
mod wire;
