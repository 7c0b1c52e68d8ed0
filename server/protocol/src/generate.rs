//! What is written from the types and tables of this crate for those who do not read Rust.
//!
//! Each part gives a text; the tests of this crate compare it with the file in the repository, and write it when
//! they are told to.

pub mod configuration;
pub mod lua;
pub mod package;
mod shape;
pub mod typescript;

/// What stands at the head of every generated file, before the sign of a comment.
const WRITTEN: &str = "Written from `server/protocol` by `cargo xtask codegen`; edit that, not this file.";
