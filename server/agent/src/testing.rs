//! Tests by name: what a file writes down, what a runner told of it, and how the two meet.
//!
//! A test is named `path::group::name`, whatever its runner calls it: the same name before and after it has run.

mod listed;
mod report;
mod results;
#[cfg(test)]
mod tests;

pub use listed::{Listed, ListedKind, TestId, is_collected, listed};
pub use report::{Tally, TestReport, TestState};
pub use results::{is_named, reports, results_of};
