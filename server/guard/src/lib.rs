//! The rules of what may be done to the outside world, and the record of what was.
//!
//! Pure: judges and records, never acts.
//! invariants: no-permit-no-effect, record-before-act, default-is-ask

pub mod action;
pub mod report;

pub use action::Action;
