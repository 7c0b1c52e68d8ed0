//! What each command puts into its envelope.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offer::Offer;
use crate::plan::{Outcome, Plan};

/// Payload of `bodkin fix`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FixPayload {
    /// The run, as in `r12`.
    pub run_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so, in sentences; empty where the outcome says it all.
    pub reason: String,
    /// Its steps.
    pub plan: Plan,
    /// The patch and its evidence; null where there is none.
    pub offer: Option<Offer>,
    /// Whether the patch was put in place.
    pub applied: bool,
    /// What `bodkin undo` takes to take it back; null where nothing was put in place.
    pub checkpoint: Option<String>,
    /// How many candidates were tried.
    pub candidates: u64,
    /// Milliseconds that the run took.
    pub elapsed_ms: u64,
}

/// Payload of `bodkin undo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndoPayload {
    /// The checkpoint that was returned to.
    pub checkpoint: String,
    /// What was taken back, in a line.
    pub title: String,
    /// The files that were written, below the workspace's folder.
    pub files: Vec<String>,
    /// Whether something else had changed them meanwhile, and was kept.
    pub rebased: bool,
}

/// Payload of `bodkin doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoctorPayload {
    /// What was looked at, in the order in which it matters.
    pub checks: Vec<DoctorCheck>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoctorCheck {
    /// Its name, which never changes: `sandbox`.
    pub id: String,
    /// What was looked at, for people.
    pub title: String,
    /// How it is.
    pub status: DoctorStatus,
    /// What was found, in a sentence.
    pub detail: String,
    /// What to do about it; null where there is nothing to do.
    pub next_step: Option<String>,
}

/// How a thing that was looked at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoctorStatus {
    /// As it should be.
    Ok,
    /// Weaker or slower than it should be.
    Warn,
    /// Something can not be done because of it.
    Fail,
}

/// Payload of `bodkin ledger verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerPayload {
    /// Where the ledger is; null where nothing has been recorded yet.
    pub path: Option<String>,
    /// Whether every entry stands as it was written.
    pub intact: bool,
    /// How many entries could be read.
    pub entries: u64,
    /// The last entry; null where there is none.
    pub head: Option<LedgerHead>,
    /// Every place where the ledger is not what was written, in order.
    pub breaks: Vec<LedgerBreak>,
    /// How it ends.
    pub tail: LedgerTail,
}

/// The last entry of a ledger. Kept elsewhere, it shows later whether entries were cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerHead {
    /// Its place; the first is 0.
    pub seq: u64,
    /// Its hash; 64 hexadecimal digits.
    pub hash: String,
}

/// A place where a ledger is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerBreak {
    /// The line, counted from one.
    pub line: u32,
    /// What is wrong with it.
    pub kind: LedgerFault,
    /// The same in a sentence.
    pub message: String,
}

/// What is wrong at a place of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerFault {
    /// It is no line of a ledger.
    Unreadable,
    /// It was changed after it was written.
    Changed,
    /// It, or the line before it, was put in later.
    Unchained,
    /// Entries before it were removed.
    Missing,
    /// The entry before it stands here a second time.
    Repeated,
    /// It stands after an entry that it belongs before.
    OutOfOrder,
    /// The first line does not open a ledger.
    NoFirstLine,
    /// A later version of Bodkin wrote it.
    UnknownFormat,
    /// Another entry is remembered for this place: the ledger was rewritten.
    NotAsRemembered,
    /// The ledger ends before the entry that is remembered as its last.
    CutOff,
}

/// How a ledger ends. What is not whole comes from a crash, and is repaired by the next entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerTail {
    /// With a whole line.
    Whole,
    /// With a whole line that lacks its line end.
    Unended,
    /// With a piece of a line.
    Torn,
}
