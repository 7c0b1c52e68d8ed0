//! The test kit: scenes on disk, the real binary, and what it says.
//!
//! Every wait has a deadline, nothing sleeps, and nothing reaches the user's own folders.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "test code drives real processes on a real disk, and fails by panicking"
)]

pub mod binary;
pub mod clients;
pub mod lsp;
pub mod neovim;
pub mod podman;
pub mod processes;
pub mod running;
pub mod said;
pub mod scene;
pub mod terminal;
pub mod tools;

pub use running::{Call, Running};
pub use said::Said;
pub use scene::Scene;
