//! The attempts of the sandbox crate (`server/sandbox/tests/escapes`), made in the cages that other crates build:
//! a container, and a daemon's sandbox.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "tests look at their own files and processes, and fail by panicking"
)]

#[path = "../../server/sandbox/tests/escapes/battery/mod.rs"]
mod battery;
mod container;
#[path = "../sandboxd/daemon.rs"]
#[allow(dead_code, reason = "shared with the daemon's own tests")]
mod daemon;
mod sandboxd;
#[path = "../sandboxd/wire.rs"]
#[allow(dead_code, reason = "shared with the daemon's own tests")]
mod wire;
