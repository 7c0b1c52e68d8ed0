//! How the server is: for a status item, a health check and a report of a fault.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::offer::Isolation;

/// How the server is. Holds no source text and no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Version of the server.
    pub version: String,
    /// How it is, in a word.
    pub health: Health,
    /// The same in a sentence.
    pub message: String,
    /// What to do about it; null where there is nothing to do.
    pub next_step: Option<String>,
    /// How many runs are under way.
    pub running: u32,
    /// What the columns of the connection count: `utf-8`, `utf-16`.
    pub encoding: String,
    /// The workspace folders, in the order in which they came.
    pub folders: Vec<FolderStatus>,
    /// The settings in force, by their names without `bodkin.`; those of the first folder where there are folders.
    pub settings: Map<String, Value>,
    /// The folder below which the state of every workspace is kept.
    pub state_folder: String,
}

/// How the server is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be, with nothing to do, or waiting for the user.
    Ok,
    /// A run is at work, or a folder is being opened.
    Busy,
    /// Something is weaker than it should be.
    Warning,
    /// Something can not be done.
    Error,
}

/// How one workspace folder is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FolderStatus {
    /// The folder, as the client names it.
    pub uri: String,
    /// Its last part.
    pub name: String,
    /// How far it is.
    pub state: FolderState,
    /// What is wrong with it, and what to do; empty where nothing is.
    pub message: String,
    /// How strong the walls around what runs there are; null until that is known.
    pub isolation: Option<Isolation>,
    /// The test command that was found or set; null where there is none, or it is not known yet.
    pub tests: Option<TestsFound>,
    /// What an earlier process left behind and was put right, in sentences.
    pub recovered: Vec<String>,
}

/// How far a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FolderState {
    /// Being opened.
    Opening,
    /// At work.
    Open,
    /// It could not be opened; the next command tries again.
    Failed,
}

/// The test command of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestsFound {
    /// The command, as it would be typed.
    pub command: String,
    /// Why it is this one, in a sentence.
    pub reason: String,
}
