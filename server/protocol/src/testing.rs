//! Tests: where they are, how to run them, and how they went.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Argument of the request for the tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestsArguments {
    /// A file or a workspace folder; null: all folders.
    pub uri: Option<String>,
}

/// The tests that were found by reading, without running anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tests {
    /// Files first, then what is in them, in order of position; a parent comes before its children.
    pub tests: Vec<TestItem>,
}

/// A test, or what holds tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestItem {
    /// Names it within its folder: `tests/test_a.py::TestA::test_b`.
    pub id: String,
    /// What people call it: `test_b`.
    pub label: String,
    /// The file that it is in.
    pub uri: String,
    /// Where it is there; of a file, its first line.
    pub range: TextRange,
    /// `id` of what holds it; null for a file.
    pub parent: Option<String>,
    /// What it is.
    pub kind: TestItemKind,
}

/// What a test item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestItemKind {
    /// A file with tests in it.
    File,
    /// A class, or a `describe`.
    Group,
    /// One test.
    Test,
}

/// A range of a text as editors count: from zero, columns in the encoding of the connection, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TextRange {
    /// Where it begins.
    pub start: TextPosition,
    /// Where it ends.
    pub end: TextPosition,
}

/// A place in a text as editors count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TextPosition {
    /// The line, counted from zero.
    pub line: u32,
    /// The column, counted from zero in the encoding of the connection.
    pub character: u32,
}

/// Argument of the command that runs tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestArguments {
    /// A file, or a workspace folder.
    pub uri: String,
    /// The tests, by their `id`; null: all of the file or folder.
    pub tests: Option<Vec<String>>,
    /// Version of the document; null where the client has none.
    pub version: Option<i32>,
}

/// Argument of the command that fixes a failing test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FixTestArguments {
    /// The file that the test is in.
    pub uri: String,
    /// The test, by its `id`.
    pub test: String,
}

/// How one test went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// The `id` of the test; of a test that reading does not find, such as one of several parameters, the
    /// function that it comes from, and `message` tells which it is.
    pub id: String,
    /// The file that it is in.
    pub uri: String,
    /// How it went.
    pub state: TestState,
    /// What failed, in the runner's words; null where nothing did.
    pub message: Option<String>,
    /// The line of the file at which it failed, counted from zero; null where that is not known.
    pub line: Option<u32>,
    /// How long it took, milliseconds; null where that is not known.
    pub duration_ms: Option<u64>,
}

/// How far a test is, or how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestState {
    /// It waits for its turn.
    Queued,
    /// It runs.
    Running,
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It was left out.
    Skipped,
    /// It did not end within its time.
    TimedOut,
}
