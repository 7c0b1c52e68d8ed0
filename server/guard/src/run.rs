//! The name of a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One intent being worked on; unique within a workspace, written `r12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RunId(pub u64);

/// Why a text is not a [`RunId`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` names no run; runs are written like `r12`")]
pub struct RunIdError(String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        let id = text.strip_prefix('r').and_then(|digits| digits.parse().ok()).map(Self);
        // One spelling a run: `r012` and `r+12` name none.
        id.filter(|id| id.to_string() == text).ok_or_else(|| RunIdError(text.to_owned()))
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for RunId {
    type Error = RunIdError;

    fn try_from(text: String) -> Result<Self, RunIdError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_one_spelling() {
        assert_eq!("r12".parse(), Ok(RunId(12)));
        assert_eq!(RunId(12).to_string(), "r12");
        for text in ["", "r", "12", "r012", "r+1", "r-1", "R1", "r1 "] {
            assert_eq!(text.parse::<RunId>(), Err(RunIdError(text.to_owned())));
        }
    }
}
