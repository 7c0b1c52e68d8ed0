//! The run graph: a pure fold from news to acts.
//!
//! Knows no disk, process, clock or network: `host` performs what it decides.
//! invariants: run-is-a-fold, every-loop-has-a-budget, only-the-gate-says-proved, a-run-always-ends

pub mod discover;
pub mod graphs;
pub mod intent;
pub mod outcome;
pub mod plan;
pub mod proof;
pub mod run;
mod test_files;
pub mod testing;

pub use intent::{Fix, FixTest, Intent, Test};
pub use outcome::{Offer, Outcome, Part, Proof, Refused, Why};
pub use plan::{Plan, Step, StepState};
pub use run::{Act, ActFailure, ActId, Decision, News, Run, Settings, Start};
pub use test_files::is_test_file;
