//! Two folders of one machine, and frames between them.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make the folders that they look at"
)]

mod both;
mod faults;
mod scan;
mod tracker;
