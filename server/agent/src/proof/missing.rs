//! What a proof can lack.

use std::fmt;

use bodkin_text::{Line1, RelPath};

/// Something that a proof lacks, in a sentence by its `Display`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The check did not fail without the change.
    FailureBefore,
    /// What is changed is a test.
    CodeChange(RelPath),
    /// The check passes, and nobody can tell which of its tests were run.
    TestRecord,
    /// Nobody can tell which lines the check executed.
    LineRecord,
    /// These changed lines were not executed.
    Execution(Vec<Line1>),
    /// A reason to think that the change fits the test instead of the task.
    CleanChange(String),
}

impl Missing {
    /// Whether another change would lack it just the same: it is the check that does not tell.
    pub fn is_of_the_check(&self) -> bool {
        match self {
            Self::FailureBefore | Self::CodeChange(_) | Self::LineRecord => true,
            Self::TestRecord | Self::Execution(_) | Self::CleanChange(_) => false,
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FailureBefore => {
                f.write_str("the test command passed without the change, in a fresh sandbox")
            }
            Self::CodeChange(file) => {
                write!(f, "`{file}` is itself a test: a change to it proves nothing about the code")
            }
            Self::TestRecord => {
                f.write_str("whether the tests that failed before were run could not be told with the change")
            }
            Self::LineRecord => {
                f.write_str("which lines the tests executed could not be told for this test command")
            }
            Self::Execution(lines) => {
                let lines: Vec<String> = lines.iter().map(Line1::to_string).collect();
                write!(f, "changed lines that no test executed: {}", lines.join(", "))
            }
            Self::CleanChange(smell) => f.write_str(smell),
        }
    }
}
