//! What an act brought back: results of tests, as data that every layer reads alike.

use bodkin_text::{ContentHash, Line1, RelPath};
use serde::{Deserialize, Serialize};

/// One test and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestResult {
    /// The runner's own name for it: `tests/test_a.py::test_b[1]`.
    pub id: String,
    /// How it went.
    pub outcome: TestOutcome,
    /// CPU time where the runner can tell, else wall time; microseconds.
    pub duration_us: u64,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// How a test went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// It passed, or failed as it was marked to.
    Passed,
    /// An assertion or the code under test failed.
    Failed,
    /// It could not be loaded or set up.
    Errored,
    /// It did not end within its budget.
    TimedOut,
    /// It was not run.
    Skipped,
}

/// What a failing test said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The exception's type or the assertion's kind: `AssertionError`, `IndexError`, `TimedOut`.
    pub kind: String,
    /// Its message, at most 2,000 characters.
    pub message: String,
    /// Where, outermost first; only frames inside the workspace.
    pub frames: Vec<Frame>,
}

/// One place of a stack trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The file.
    pub path: RelPath,
    /// The line.
    pub line: Line1,
    /// The function, where known.
    pub function: Option<String>,
}

/// The tests as they are, before any candidate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Baseline {
    /// Every selected test; empty where the runner only tells an exit code.
    pub tests: Vec<TestResult>,
    /// Whether the whole selection passed.
    pub passed: bool,
    /// What stopped the runner before any test ran (no tests found, a broken conftest, no pytest).
    pub problem: Option<String>,
    /// Lines of workspace files that the failing tests ran, where the runner can tell; by file.
    pub lines: Vec<(RelPath, Vec<Line1>)>,
}

/// One candidate and how its tests went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// Its place in the batch, from zero.
    pub index: u32,
    /// How it went.
    pub verdict: Verdict,
    /// How many tests that failed before pass now.
    pub mended: u32,
    /// How many tests ran.
    pub ran: u32,
    /// CPU time, microseconds.
    pub cpu_us: u64,
}

/// How a candidate went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Verdict {
    /// Every selected test passed: plausible, not yet proved.
    Passed,
    /// A test failed; the first one, its failure's kind and message (cut at 300 characters).
    Failed {
        /// The test.
        test: String,
        /// The failure's kind.
        failure: String,
        /// The failure's message.
        message: String,
    },
    /// It did not end within its budget.
    TimedOut,
    /// The changed file could not be loaded.
    Broken(String),
    /// The process died.
    Crashed(String),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Exit {
    /// It ended by itself.
    Code(i32),
    /// A signal of its own making ended it.
    Signal(i32),
    /// It was stopped.
    Stopped(Stop),
}

/// Why a command was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It took more wall time than it may.
    WallTime,
    /// It printed more than it may.
    Output,
    /// It took more CPU time than it may.
    CpuTime,
    /// It took more memory than it may.
    Memory,
    /// The user cancelled.
    Cancelled,
}

/// A command that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// How it ended.
    pub exit: Exit,
    /// Standard output and standard error as they came, lossily decoded, cut in the middle above the limit.
    pub output: String,
    /// Bytes that were printed, kept or not.
    pub output_bytes: u64,
    /// Wall time, microseconds.
    pub wall_us: u64,
    /// Each test, where the runner was understood and `observe` was asked for.
    pub tests: Vec<TestResult>,
    /// Executed lines of the files that the layer speaks of, where they could be told.
    pub lines: Vec<(RelPath, Vec<Line1>)>,
    /// Where it ran.
    pub isolation: Isolation,
}

impl Finished {
    /// Whether it ended by itself with exit code 0.
    pub fn succeeded(&self) -> bool {
        self.exit == Exit::Code(0)
    }
}

/// How strong the walls were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Isolation {
    /// `local`, `in_memory`; later `container`, `remote`.
    pub backend: String,
    /// How strong.
    pub level: IsolationLevel,
    /// What is missing and why, in sentences; empty at full strength.
    pub missing: Vec<String>,
}

impl Isolation {
    /// Where something runs, in a few words: `local sandbox, isolated`.
    pub fn in_words(&self) -> String {
        let level = match self.level {
            IsolationLevel::Full => "isolated",
            IsolationLevel::Reduced => "weaker walls",
        };
        format!("{} sandbox, {level}", self.backend)
    }
}

/// How strong a sandbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IsolationLevel {
    /// A copy of the needed files with limits; the kernel refused namespaces.
    Reduced,
    /// Own user, mount, process, network and ipc namespaces; the workspace as a lower layer.
    Full,
}

/// Identity of a batch of candidates, each given by the hash of its layer, in order.
pub fn batch_hash(layers: impl IntoIterator<Item = ContentHash>) -> ContentHash {
    let joined: Vec<String> = layers.into_iter().map(|hash| hash.to_string()).collect();
    ContentHash::of(joined.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn every_verdict_can_be_written_and_read_back() {
        let failed = Verdict::Failed { test: "t".into(), failure: "f".into(), message: "m".into() };
        for verdict in [Verdict::Passed, failed, Verdict::TimedOut, Verdict::Broken("b".into())] {
            let text = serde_json::to_string(&verdict).unwrap();
            assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
        }
    }
}
