//! A run, its steps and how it ended, as shown to the user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The steps of a run. Always the whole list; a later one has a higher `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The run, as in `r12`.
    pub run_id: String,
    /// Grows with every visible change; what arrives with a lower one is outdated.
    pub seq: u64,
    /// The steps in order.
    pub entries: Vec<PlanEntry>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanEntry {
    /// Its name within the run, which never changes: `probe`.
    pub id: String,
    /// What it does, for people.
    pub title: String,
    /// How far it is.
    pub state: StepState,
    /// What was found or is being done; empty until there is something to say.
    pub detail: String,
    /// Milliseconds into the run at which it began; null before.
    pub started_ms: Option<u64>,
    /// Milliseconds into the run at which it ended; null before.
    pub ended_ms: Option<u64>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Pending,
    /// Being worked on.
    InProgress,
    /// Done.
    Done,
    /// It ended without what it was for.
    Failed,
    /// Not needed.
    Skipped,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A patch was proved: see its proof.
    Proved,
    /// A patch passes the tests, but part of the evidence is missing: see `missing` of its proof.
    Unproved,
    /// The tests that were asked for have run: see the reason for how many passed.
    Tested,
    /// Everything within the budget was tried.
    Exhausted,
    /// It could not be done as asked.
    Refused,
    /// The user cancelled it.
    Cancelled,
    /// Something broke that is not the user's doing.
    Failed,
}

/// A run in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunSummary {
    /// The run, as in `r12`.
    pub run_id: String,
    /// What is wanted: `fix src/a.py:12`.
    pub title: String,
    /// How it ended; null while it is going on.
    pub outcome: Option<Outcome>,
    /// Why it ended so, in sentences; empty where the outcome says it all.
    pub reason: String,
    /// Candidates tried so far.
    pub candidates: u64,
    /// Milliseconds since 1970-01-01T00:00:00Z at which it began.
    pub started_unix_ms: u64,
    /// Milliseconds that it took so far.
    pub elapsed_ms: u64,
    /// Whether it has a patch to offer.
    pub has_offer: bool,
}
