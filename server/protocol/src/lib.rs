//! What Bodkin says to the outside: public wire types, their schemas and their documentation.
//!
//! invariant: no-inner-type-is-serialised-directly

pub mod failure;

pub use failure::{Failure, FailureKind, Retry};
