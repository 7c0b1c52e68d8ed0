//! The daemon over HTTP, with the twin in memory behind it.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests look at the daemon's files, and fail by panicking"
)]

mod control;
mod doors;
mod files;
mod kit;
mod native;
mod processes;
