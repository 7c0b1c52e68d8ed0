//! The command line from its door: the real binary, real files, real tests in real sandboxes.
//!
//! `UPDATE_EXPECT=1 cargo test -p bodkin_tests --test cli` writes what is printed anew; read it as a user would.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the tests look at the disk that the binary works on, and fail by panicking"
)]

mod applying;
mod doctor;
mod failing;
mod json;
mod ledger;
mod machine;
mod plan;
mod samples;
mod sandbox;
mod scenes;
mod secrets;
mod stopping;
mod syncing;
mod targets;
mod terminal;
mod test_commands;
mod undo;
mod unicode;
