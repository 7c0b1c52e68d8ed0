//! What is spoken beside the Language Server Protocol: names, and what goes with each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offer::Offer;
use crate::plan::{Plan, RunSummary};
use crate::review::Review;

/// Notification to the client: a plan changed. Params: [`Plan`].
pub const PLAN: &str = "bodkin/plan";
/// Notification to the client: something happened in a run. Params: [`crate::Event`].
pub const EVENT: &str = "bodkin/event";
/// Request to the server: every run of this server as it is now. No params. Result: [`Runs`].
pub const RUNS: &str = "bodkin/runs";
/// Request to the server: decide about hunks of an offer. Params: [`crate::review::DecideArguments`]. Result: [`Review`].
pub const DECIDE: &str = "bodkin/decide";
/// Request to the server: a text of an offer. Params: [`crate::review::ContentArguments`].
pub const CONTENT: &str = "bodkin/content";
/// Request to the server, and notification to the client when it changes: how the server is.
/// Result and params: [`crate::status::Status`].
pub const STATUS: &str = "bodkin/status";
/// Request to the server: the tests. Params: [`crate::testing::TestsArguments`].
pub const TESTS: &str = "bodkin/tests";
/// Request to the server: the ledger. Params: [`crate::history::LedgerArguments`].
pub const LEDGER: &str = "bodkin/ledger";
/// Request to the server: the changes that were put in place. Params: [`crate::history::ChangesArguments`].
pub const CHANGES: &str = "bodkin/changes";
/// Command: fix lines of a file. Argument: [`FixArguments`]. Result: [`Started`], within milliseconds.
pub const FIX: &str = "bodkin.fix";
/// Command: fix what makes a test fail. Argument: [`crate::testing::FixTestArguments`]. Result: [`Started`].
pub const FIX_TEST: &str = "bodkin.fixTest";
/// Command: run tests in the sandbox. Argument: [`crate::testing::TestArguments`]. Result: [`Started`].
pub const TEST: &str = "bodkin.test";
/// Command: cancel a run, or every run where none is named. Argument: [`RunArguments`], or none. Result: null.
pub const CANCEL: &str = "bodkin.cancel";
/// Command: put an offered patch in place. Argument: [`AcceptArguments`]. Result: null; the edit follows.
pub const ACCEPT: &str = "bodkin.accept";
/// Command: turn an offered patch down. Argument: [`RunArguments`]. Result: null.
pub const DECLINE: &str = "bodkin.decline";
/// Command: take a change back. Argument: [`crate::history::UndoArguments`], or none. Result: null; the edit follows.
pub const UNDO: &str = "bodkin.undo";

/// One name that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// The name.
    pub name: &'static str,
    /// Who speaks it, and how.
    pub how: How,
    /// The type that goes with it; `-`: none.
    pub params: &'static str,
    /// The type of the answer; `-`: none.
    pub result: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Who speaks, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A notification to the client.
    ToClient,
    /// A request to the server.
    ToServer,
    /// A command of `workspace/executeCommand`.
    Command,
}

impl How {
    /// In words.
    pub fn said(self) -> &'static str {
        match self {
            Self::ToClient => "notification to the client",
            Self::ToServer => "request to the server",
            Self::Command => "workspace/executeCommand",
        }
    }
}

impl Method {
    /// The name without what stands before every name: `fixTest`.
    pub fn short_name(&self) -> &'static str {
        self.name.trim_start_matches("bodkin").trim_start_matches(['/', '.'])
    }
}

/// Every name that is spoken, for the documentation and the generated clients.
pub const METHODS: &[Method] = &[
    method(PLAN, How::ToClient, "Plan", "-", "A plan changed."),
    method(EVENT, How::ToClient, "Event", "-", "Something happened in a run."),
    method(STATUS, How::ToClient, "Status", "-", "How the server is has changed."),
    method(
        RUNS,
        How::ToServer,
        "-",
        "Runs",
        "Every run of this server as it is now, and the last of earlier ones.",
    ),
    method(DECIDE, How::ToServer, "DecideArguments", "Review", "Accepts or rejects hunks of an offer."),
    method(CONTENT, How::ToServer, "ContentArguments", "Content", "A text of an offer, to be compared."),
    method(STATUS, How::ToServer, "-", "Status", "How the server is."),
    method(TESTS, How::ToServer, "TestsArguments", "Tests", "The tests that are found by reading."),
    method(CHANGES, How::ToServer, "ChangesArguments", "Changes", "The changes that were put in place."),
    method(
        LEDGER,
        How::ToServer,
        "LedgerArguments",
        "Ledger",
        "The end of the ledger, and whether it is intact.",
    ),
    method(FIX, How::Command, "FixArguments", "Started", "Fixes lines of a file; the rest is events."),
    method(
        FIX_TEST,
        How::Command,
        "FixTestArguments",
        "Started",
        "Fixes what makes a test fail; the rest is events.",
    ),
    method(TEST, How::Command, "TestArguments", "Started", "Runs tests in the sandbox; the rest is events."),
    method(CANCEL, How::Command, "RunArguments", "-", "Cancels a run, or every run where none is named."),
    method(ACCEPT, How::Command, "AcceptArguments", "-", "Puts an offered patch in place; the edit follows."),
    method(DECLINE, How::Command, "RunArguments", "-", "Turns an offered patch down."),
    method(UNDO, How::Command, "UndoArguments", "-", "Takes a change back; the edit follows."),
];

const fn method(
    name: &'static str,
    how: How,
    params: &'static str,
    result: &'static str,
    meaning: &'static str,
) -> Method {
    Method { name, how, params, result, meaning }
}

/// Argument of the command that fixes lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FixArguments {
    /// The document, as the client names it.
    pub uri: String,
    /// First and last line of the selection, counted from zero, both included; null: anywhere in the file.
    pub lines: Option<SelectedLines>,
    /// Version of the document that the lines speak of; null where the client has none.
    pub version: Option<i32>,
    /// The test command, as it would be typed; null: found in the workspace.
    pub test: Option<String>,
    /// The message of the diagnostic that is to be fixed; null where there is none.
    pub message: Option<String>,
}

/// Lines of a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SelectedLines {
    /// The first, counted from zero.
    pub first: u32,
    /// The last, counted from zero; not before the first.
    pub last: u32,
}

/// Answer of a command that starts a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// The run, as in `r12`.
    pub run_id: String,
}

/// Argument that names a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunArguments {
    /// The run, as in `r12`.
    pub run_id: String,
}

/// Argument of the command that puts a patch in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptArguments {
    /// The run, as in `r12`.
    pub run_id: String,
    /// The hunks that are accepted; null: all of them.
    pub hunks: Option<Vec<String>>,
}

/// Every run of a server as it is now, and what the ledger tells of the last runs of earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Runs {
    /// `seq` of the last event that is contained in this.
    pub seq: u64,
    /// The runs, the newest first.
    pub runs: Vec<RunState>,
}

/// A run as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunState {
    /// The run in one line.
    pub summary: RunSummary,
    /// Its steps.
    pub plan: Plan,
    /// The patch that waits for a decision, or was decided on; null where there is none.
    pub offer: Option<Offer>,
    /// How far the decision about it is; null where there is nothing to decide.
    pub review: Option<Review>,
    /// The file that it is about, as the client names it; null where it is about none.
    pub uri: Option<String>,
    /// By which its change can be taken back; null where none of it stands.
    pub checkpoint: Option<String>,
}
