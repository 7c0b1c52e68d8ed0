//! A session lives on between commands: processes, files, watches, freezing, limits, and its end.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "tests look at their own files, and fail by panicking"
)]

#[path = "../kit/mod.rs"]
mod kit;

mod files;
mod life;
mod processes;
mod scene;
mod watching;
