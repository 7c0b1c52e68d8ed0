//! What was done: the changes that were put in place, and the ledger.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Argument of the command that takes a change back; may be left out whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndoArguments {
    /// The change, by its checkpoint; null: the last that stands.
    pub checkpoint: Option<String>,
    /// The workspace folder; null: that of the checkpoint, else the one that was changed last.
    pub folder: Option<String>,
}

/// Argument of the request for the changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangesArguments {
    /// The workspace folder; null: all.
    pub folder: Option<String>,
}

/// The changes that were put in place, or were about to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// The changes of each folder, the newest first.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// By which it can be taken back: `c7`.
    pub checkpoint: String,
    /// The run that it comes from, which may be one of another process.
    pub run_id: String,
    /// What it is, in a line.
    pub title: String,
    /// The files that it changed.
    pub files: Vec<ChangedFile>,
    /// Whether it stands.
    pub state: ChangeState,
}

/// A file that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedFile {
    /// The file, below the workspace's folder, with `/` between parts.
    pub path: String,
    /// The file, as the client names it.
    pub uri: String,
}

/// Whether a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// It stands, unless somebody changed it since.
    Applied,
    /// It was taken back.
    Undone,
    /// It was never put in place, or only for a moment.
    RolledBack,
    /// It is about to be made.
    Pending,
}

/// Argument of the request for the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerArguments {
    /// The workspace folder; null: the first.
    pub folder: Option<String>,
    /// Only entries before this one; null: from the last.
    pub before: Option<u64>,
    /// How many entries at most; 1,000 are never exceeded.
    pub limit: u32,
}

/// The end of a ledger, and whether all of it stands as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ledger {
    /// Whether every entry stands as it was written.
    pub intact: bool,
    /// The same in a sentence.
    pub message: String,
    /// The entries that were asked for, the newest first.
    pub entries: Vec<LedgerEntry>,
    /// Where the ledger is; null where nothing has been recorded yet.
    pub path: Option<String>,
}

/// One entry of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerEntry {
    /// Its place; the first is 0.
    pub seq: u64,
    /// When it was written, as RFC 3339 has it.
    pub at: String,
    /// The run that it belongs to; null where it belongs to none.
    pub run_id: Option<String>,
    /// What kind of entry it is: `asked`, `permitted`, `did` …
    pub kind: String,
    /// What it says, in a line.
    pub summary: String,
}
