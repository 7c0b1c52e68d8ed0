//! What a user can want.

use crate::testing::TestId;
use bodkin_text::{Line0, RelPath};

/// What the user wants; one variant a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Fix what a test shows to be wrong.
    Fix(Fix),
    /// Fix what makes a test fail, wherever it is.
    FixTest(FixTest),
    /// Run tests, and tell how each went.
    Test(Test),
}

/// Fix what makes a test fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixTest {
    /// The test, a group of tests or a file of tests.
    pub test: TestId,
    /// The test command, as the user typed it; `None`: found in the workspace.
    pub command: Option<String>,
    /// The folder that a given test command runs in; `None` is the root.
    pub command_dir: Option<RelPath>,
}

/// Run some tests, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Files, groups or single tests; empty: every test of the workspace.
    pub tests: Vec<TestId>,
}

/// Fix a file, or some lines of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The file that is thought to be faulty.
    pub file: RelPath,
    /// First and last line of the selection, inclusive; `None`: anywhere in the file.
    pub lines: Option<(Line0, Line0)>,
    /// The test command, as the user typed it; `None`: found in the workspace.
    pub test: Option<String>,
    /// The folder that a given test command runs in; `None` is the root.
    pub test_dir: Option<RelPath>,
    /// What a diagnostic says of the lines, if that is what is to be fixed.
    pub message: Option<String>,
}

impl Intent {
    /// The file that it is about; the first, where there are several.
    pub fn file(&self) -> Option<RelPath> {
        match self {
            Self::Fix(fix) => Some(fix.file.clone()),
            Self::FixTest(fix) => fix.test.file(),
            Self::Test(test) => test.tests.first().and_then(TestId::file),
        }
    }

    /// One line for people: `fix src/a.py:12`.
    pub fn title(&self) -> String {
        match self {
            Self::Fix(fix) => {
                let lines = match fix.lines {
                    Some((first, last)) if first == last => format!(":{}", first.0 + 1),
                    Some((first, last)) => format!(":{}-{}", first.0 + 1, last.0 + 1),
                    None => String::new(),
                };
                let message = fix.message.as_deref().map(|it| format!(": {}", brief(it)));
                format!("fix {}{lines}{}", fix.file, message.unwrap_or_default())
            }
            Self::FixTest(fix) => format!("fix test {}", fix.test),
            Self::Test(test) => match test.tests.as_slice() {
                [] => "run all tests".to_owned(),
                [one] => format!("test {one}"),
                [first, rest @ ..] => format!("test {first} and {} more", rest.len()),
            },
        }
    }
}

/// The start of the first line.
fn brief(message: &str) -> String {
    const LONGEST: usize = 80;
    let line = message.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}
