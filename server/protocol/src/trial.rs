//! A command that was run in a sandbox on its own, and what it would change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offer::Isolation;

/// Payload of `bodkin sandbox run`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrialPayload {
    /// The run, as in `r12`.
    pub run_id: String,
    /// What was run, as it would be typed.
    pub command: String,
    /// How it ended: `exit code 1`, `stopped after 60 s`.
    pub exit: String,
    /// Its exit code; null where it ended otherwise.
    pub exit_code: Option<i32>,
    /// What it printed, standard output and standard error as they came; cut in the middle where it is long.
    pub output: String,
    /// Bytes that it printed.
    pub output_bytes: u64,
    /// Wall time, milliseconds.
    pub wall_ms: u64,
    /// Where it ran.
    pub isolation: Isolation,
    /// What it changed in the workspace, ordered by path; nothing of it stands in your files unless it was kept.
    pub changes: Vec<TrialChange>,
    /// What was not looked at, and why, in sentences.
    pub left_out: Vec<String>,
    /// Hosts that it asked for and that were not agreed, `name:port` each.
    pub refused_hosts: Vec<String>,
    /// What `bodkin undo` takes to take back what was kept; null where nothing was kept.
    pub checkpoint: Option<String>,
    /// The files that were kept.
    pub kept: Vec<String>,
}

/// One difference that a command made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrialChange {
    /// Path below the workspace's folder; what could deceive a reader is escaped.
    pub path: String,
    /// What stands there now.
    pub kind: TrialChangeKind,
    /// Bytes of a file.
    pub size: u64,
    /// The difference as a unified diff; empty where there is no text to compare.
    pub diff: String,
    /// Whether it may be kept.
    pub verdict: TrialVerdict,
    /// Why it is held back or refused; empty where it may be kept.
    pub reason: String,
}

/// What stands at a changed path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialChangeKind {
    /// A file that was not there.
    Added,
    /// A file with another content or other permissions.
    Changed,
    /// Nothing any more.
    Removed,
    /// A new folder.
    Folder,
    /// A symbolic link.
    Link,
    /// Something else, such as a socket.
    Other,
}

/// Whether a change may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialVerdict {
    /// It may.
    Free,
    /// Only when it is named: it would run outside later, or touches a sensitive file.
    Held,
    /// It can not be taken.
    Refused,
}

/// Payload of `bodkin sandbox list` and `bodkin sandbox kill`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LivingPayload {
    /// The sandboxes that live, or that were ended.
    pub sandboxes: Vec<LivingSandbox>,
}

/// A sandbox that lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LivingSandbox {
    /// Its name, as `bodkin sandbox kill` takes it.
    pub id: String,
    /// What runs it: `local`.
    pub backend: String,
    /// Milliseconds since it was made.
    pub age_ms: u64,
    /// The command line of the process that made it.
    pub maker: String,
    /// That process's number.
    pub maker_pid: Option<u32>,
}
