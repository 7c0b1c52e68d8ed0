//! What is told of a test while it waits, runs and has ended.

use bodkin_text::{Line0, RelPath};

use super::listed::TestId;

/// How one test, group or file of tests stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    /// Its name.
    pub id: TestId,
    /// The file that it is written in.
    pub file: RelPath,
    /// How it stands.
    pub state: TestState,
    /// Why it failed, or what else is to be said; empty where there is nothing.
    pub message: String,
    /// The line of its file that failed; of the test itself where that is not known.
    pub line: Option<Line0>,
    /// The innermost place of the failure outside of tests.
    pub cause: Option<(RelPath, Line0)>,
    /// How long it took, milliseconds.
    pub duration_ms: Option<u64>,
}

/// How a test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TestState {
    /// It will be run.
    Queued,
    /// Its runner is at work.
    Running,
    /// It passed, or failed as it was marked to.
    Passed,
    /// It failed, or could not be set up.
    Failed,
    /// It was not run.
    Skipped,
    /// It did not end within its time.
    TimedOut,
}

impl TestReport {
    /// A test that has not ended.
    pub fn waiting(id: TestId, file: RelPath, state: TestState) -> Self {
        Self { id, file, state, message: String::new(), line: None, cause: None, duration_ms: None }
    }
}

/// How many tests went which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// They passed.
    pub passed: u32,
    /// They failed, or did not end.
    pub failed: u32,
    /// They were not run.
    pub skipped: u32,
}

impl Tally {
    /// Counts a test that has ended.
    pub fn count(&mut self, state: TestState) {
        match state {
            TestState::Passed => self.passed += 1,
            TestState::Failed | TestState::TimedOut => self.failed += 1,
            TestState::Skipped => self.skipped += 1,
            TestState::Queued | TestState::Running => {}
        }
    }

    /// `3 passed, 1 failed`; `nothing was run` where nothing was.
    pub fn sentence(&self) -> String {
        let parts = [(self.passed, "passed"), (self.failed, "failed"), (self.skipped, "skipped")];
        let said: Vec<String> =
            parts.iter().filter(|it| it.0 > 0).map(|(count, word)| format!("{count} {word}")).collect();
        if said.is_empty() { "nothing was run".to_owned() } else { said.join(", ") }
    }
}
