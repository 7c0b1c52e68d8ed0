//! Rules of the repository, tested: the layers, and how files open.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "the rules are checked on the files of the repository, and fail by panicking"
)]

mod files;
mod layers;
