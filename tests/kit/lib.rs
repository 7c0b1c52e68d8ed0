//! The test kit: what tests across crates share.

pub mod lsp;
