//! What a user can want.

use crate::testing::TestId;
use bodkin_text::{Line0, RelPath};

/// What the user wants; one variant a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Fix what a test shows to be wrong.
    Fix(Fix),
    /// Run tests, and tell how each went.
    Test(Test),
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
}

impl Intent {
    /// The file that it is about; the first, where there are several.
    pub fn file(&self) -> Option<RelPath> {
        match self {
            Self::Fix(fix) => Some(fix.file.clone()),
            Self::Test(test) => test.tests.first().and_then(TestId::file),
        }
    }

    /// One line for people: `fix src/a.py:12`.
    pub fn title(&self) -> String {
        match self {
            Self::Fix(fix) => match fix.lines {
                Some((first, last)) if first == last => format!("fix {}:{}", fix.file, first.0 + 1),
                Some((first, last)) => format!("fix {}:{}-{}", fix.file, first.0 + 1, last.0 + 1),
                None => format!("fix {}", fix.file),
            },
            Self::Test(test) => match test.tests.as_slice() {
                [] => "run all tests".to_owned(),
                [one] => format!("test {one}"),
                [first, rest @ ..] => format!("test {first} and {} more", rest.len()),
            },
        }
    }
}
