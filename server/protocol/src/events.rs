//! What listeners are told while runs go on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::history::ChangedFile;
use crate::offer::{Offer, Proof};
use crate::plan::{Plan, RunSummary};
use crate::review::Review;
use crate::testing::TestResult;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Grows with every event of the stream; who missed one asks for the present state.
    pub seq: u64,
    /// The run, as in `r12`.
    pub run_id: String,
    /// Milliseconds into the run.
    pub at_ms: u64,
    /// What happened.
    pub news: News,
}

/// What happened; `kind` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum News {
    /// The plan changed.
    Plan {
        /// The whole plan as it is now.
        plan: Plan,
    },
    /// Candidates were tried. Told now and then, not for each.
    Tried {
        /// How many so far.
        tried: u64,
        /// How many of them passed the tests.
        passed: u64,
    },
    /// A candidate has all its evidence.
    Proved {
        /// The evidence.
        proof: Box<Proof>,
    },
    /// A patch waits for a decision.
    Offered {
        /// The patch and its evidence.
        offer: Box<Offer>,
    },
    /// The decision about the patch has changed.
    Reviewed {
        /// How far it is.
        review: Review,
    },
    /// The patch, or the accepted part of it, stands.
    Applied {
        /// By which it can be taken back.
        checkpoint: String,
        /// The files that it changed.
        files: Vec<ChangedFile>,
    },
    /// A change of this run was taken back.
    Undone {
        /// Which.
        checkpoint: String,
    },
    /// Tests were begun or have ended.
    Tests {
        /// How far each of them is; those that are not named are as they were.
        results: Vec<TestResult>,
    },
    /// The run has ended. Only a decision about its patch, and an undo, may follow.
    Ended {
        /// The run in one line.
        summary: RunSummary,
    },
    /// Something to be read by people.
    Message {
        /// How urgent it is.
        level: MessageLevel,
        /// In sentences.
        text: String,
    },
}

/// How urgent a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageLevel {
    /// Good to know.
    Info,
    /// Something is weaker or slower than it should be.
    Warning,
    /// Something was not done.
    Error,
}
