//! What is spoken beside the Language Server Protocol: names, and what goes with each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offer::Offer;
use crate::plan::{Plan, RunSummary};

/// Notification to the client: a plan changed. Params: [`Plan`].
pub const PLAN: &str = "bodkin/plan";
/// Notification to the client: something happened in a run. Params: [`crate::Event`].
pub const EVENT: &str = "bodkin/event";
/// Request to the server: every run of this server as it is now. No params. Result: [`Runs`].
pub const RUNS: &str = "bodkin/runs";
/// Command: fix lines of a file. Argument: [`FixArguments`]. Result: [`Started`], within milliseconds.
pub const FIX: &str = "bodkin.fix";
/// Command: cancel a run. Argument: [`RunArguments`]. Result: null.
pub const CANCEL: &str = "bodkin.cancel";
/// Command: put an offered patch in place. Argument: [`AcceptArguments`]. Result: null; the edit follows.
pub const ACCEPT: &str = "bodkin.accept";
/// Command: turn an offered patch down. Argument: [`RunArguments`]. Result: null.
pub const DECLINE: &str = "bodkin.decline";
/// Command: take the last patch that was put in place back. No argument. Result: null; the edit follows.
pub const UNDO: &str = "bodkin.undo";

/// One name that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// The name.
    pub name: &'static str,
    /// Who speaks it, and how.
    pub how: &'static str,
    /// The type that goes with it; `-`: none.
    pub params: &'static str,
    /// The type of the answer; `-`: none.
    pub result: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Every name that is spoken, for the documentation and the generated clients.
pub const METHODS: &[Method] = &[
    method(PLAN, TO_CLIENT, "Plan", "-", "A plan changed."),
    method(EVENT, TO_CLIENT, "Event", "-", "Something happened in a run."),
    method(RUNS, TO_SERVER, "-", "Runs", "Every run of this server as it is now."),
    method(FIX, COMMAND, "FixArguments", "Started", "Fixes lines of a file; the rest is events."),
    method(CANCEL, COMMAND, "RunArguments", "-", "Cancels a run."),
    method(ACCEPT, COMMAND, "AcceptArguments", "-", "Puts an offered patch in place; the edit follows."),
    method(DECLINE, COMMAND, "RunArguments", "-", "Turns an offered patch down."),
    method(UNDO, COMMAND, "-", "-", "Takes the last patch back; the edit follows."),
];

const TO_CLIENT: &str = "notification to the client";
const TO_SERVER: &str = "request to the server";
const COMMAND: &str = "workspace/executeCommand";

const fn method(
    name: &'static str,
    how: &'static str,
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

/// Every run of a server as it is now.
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
}
