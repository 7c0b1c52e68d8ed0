//! A patch with its evidence, as shown to the user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A patch that can be accepted, as a whole or hunk by hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// What the change does, in a sentence.
    pub summary: String,
    /// What proposed it: an operator's or a model's name.
    pub proposer: String,
    /// The files that it changes, by path.
    pub files: Vec<OfferedFile>,
    /// What a reviewer should look at twice, in sentences.
    pub cautions: Vec<String>,
    /// How many other candidates passed the tests as well.
    pub alternatives: u64,
    /// The evidence.
    pub proof: Proof,
}

/// One file of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferedFile {
    /// The file, below the workspace's folder, with `/` between parts.
    pub path: String,
    /// BLAKE3 of the content that the hunks were made for; 64 hexadecimal digits.
    pub base_hash: String,
    /// The change as a unified diff that `git apply` takes.
    pub diff: String,
    /// The change in pieces that can be accepted one by one, in order of position.
    pub hunks: Vec<OfferedHunk>,
}

/// Lines that change together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferedHunk {
    /// Names it within the offer; stays the same when other hunks are applied.
    pub id: String,
    /// The first of its lines in the old text, counted from one; where lines are only added, the line that
    /// they are put before.
    pub line: u32,
    /// The lines as they are, line ends included.
    pub before: String,
    /// The lines as they become.
    pub after: String,
    /// The same change as edits, in order of position.
    pub edits: Vec<OfferedEdit>,
}

/// Replaces one range of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferedEdit {
    /// First byte of the range in the old text, UTF-8.
    pub start_byte: u64,
    /// Byte after the last.
    pub end_byte: u64,
    /// What stands there afterwards.
    pub text: String,
}

/// The evidence for a patch: the same command in two fresh sandboxes, without it and with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// What was run, as it would be typed.
    pub command: String,
    /// The folder it ran in, below the workspace's; null is the workspace's own.
    pub cwd: Option<String>,
    /// How it went without the patch.
    pub before: Check,
    /// How it went with the patch.
    pub after: Check,
    /// Tests that failed before and pass now.
    pub mended: Vec<String>,
    /// Tests that failed before and still do.
    pub still_failing: Vec<String>,
    /// Changed lines that the tests executed; empty where it could not be told, and `missing` says so.
    pub changed_lines_executed: Vec<FileLines>,
    /// Whether the patch changes a test.
    pub tests_changed: bool,
    /// How many candidates were tried to find it.
    pub candidates_tried: u64,
    /// Milliseconds from the start of the run to the proof.
    pub wall_ms: u64,
    /// Where it ran.
    pub isolation: Isolation,
    /// What is missing for a proof, in sentences; empty when proved.
    pub missing: Vec<String>,
}

/// How a test command went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// How it ended: `exit code 1`, `stopped after 60 s`.
    pub exit: String,
    /// Whether it ended with exit code 0.
    pub succeeded: bool,
    /// How many tests passed; null where the test runner's words are not understood.
    pub passed_tests: Option<u32>,
    /// The tests that failed, where they could be told.
    pub failed_tests: Vec<String>,
    /// The first failure, or the end of what was printed.
    pub summary: String,
    /// Wall time, milliseconds.
    pub wall_ms: u64,
}

/// Lines of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileLines {
    /// The file, below the workspace's folder.
    pub path: String,
    /// The lines, counted from one.
    pub lines: Vec<u32>,
}

/// How strong the walls around a run were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Isolation {
    /// What ran it: `local`.
    pub backend: String,
    /// How strong.
    pub level: IsolationLevel,
    /// What is missing and why, in sentences; empty at full strength.
    pub missing: Vec<String>,
}

/// How strong a sandbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IsolationLevel {
    /// Limits and a copy of the files, but no namespaces of its own.
    Reduced,
    /// Its own users, mounts, processes and network; the workspace is only read.
    Full,
}
