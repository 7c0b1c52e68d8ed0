//! The one table that maps a failure to an LSP code, an HTTP status, an exit code and whether to try again.
//!
//! invariant: a failure says what happened, names the thing, and gives the next step

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the caller can do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The request itself is wrong: ask differently.
    BadRequest,
    /// A rule or a missing consent forbids it.
    Refused,
    /// The text has changed since the request was made.
    Stale,
    /// Something that is needed is not there now.
    Unavailable,
    /// It was tried, and nothing could be proved.
    NotProved,
    /// The user stopped it; nothing was changed.
    Cancelled,
    /// A fault of Bodkin's own.
    Bug,
}

/// Whether, and when, to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The same request fails again.
    No,
    /// After a rule or a consent was changed.
    AfterRuleChange,
    /// Now, on the present text.
    RunAgain,
    /// Later, or once what is missing is there.
    Later,
    /// With a larger budget.
    WithMoreBudget,
    /// Report it.
    Report,
}

impl FailureKind {
    /// Every kind, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::BadRequest,
        Self::Refused,
        Self::Stale,
        Self::Unavailable,
        Self::NotProved,
        Self::Cancelled,
        Self::Bug,
    ];

    /// Code of the JSON-RPC error, after the Language Server Protocol 3.17; `None` where it is no error there
    /// but the outcome of a run.
    pub const fn lsp_code(self) -> Option<i64> {
        match self {
            Self::BadRequest => Some(-32602),
            Self::Refused => Some(-32803),
            Self::Stale => Some(-32801),
            Self::Unavailable => Some(-32802),
            Self::NotProved | Self::Cancelled => None,
            Self::Bug => Some(-32603),
        }
    }

    /// The name of [`Self::lsp_code`] in the Language Server Protocol.
    pub const fn lsp_name(self) -> Option<&'static str> {
        match self {
            Self::BadRequest => Some("InvalidParams"),
            Self::Refused => Some("RequestFailed"),
            Self::Stale => Some("ContentModified"),
            Self::Unavailable => Some("ServerCancelled"),
            Self::NotProved | Self::Cancelled => None,
            Self::Bug => Some("InternalError"),
        }
    }

    /// Status of the HTTP answer.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::BadRequest => 422,
            Self::Refused => 403,
            Self::Stale => 409,
            Self::Unavailable => 503,
            Self::NotProved | Self::Cancelled => 200,
            Self::Bug => 500,
        }
    }

    /// Exit code of the command line; that of what was stopped is the shells' own for an interrupt.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::BadRequest => 2,
            Self::Refused => 3,
            Self::Stale => 4,
            Self::Unavailable => 5,
            Self::NotProved => 1,
            Self::Cancelled => 130,
            Self::Bug => 70,
        }
    }

    /// Whether to try again.
    pub const fn retry(self) -> Retry {
        match self {
            Self::BadRequest => Retry::No,
            Self::Refused => Retry::AfterRuleChange,
            Self::Stale => Retry::RunAgain,
            Self::Unavailable => Retry::Later,
            Self::NotProved => Retry::WithMoreBudget,
            Self::Cancelled => Retry::RunAgain,
            Self::Bug => Retry::Report,
        }
    }
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What the caller can do about it.
    pub kind: FailureKind,
    /// What happened, naming the thing.
    pub message: String,
    /// The next step.
    pub hint: String,
}

impl Failure {
    /// A failure; `message` says what happened and names the thing, `hint` gives the next step.
    pub fn new(kind: FailureKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_is_the_one_of_the_architecture() {
        let table: Vec<_> = FailureKind::ALL
            .iter()
            .map(|it| (it.lsp_name().unwrap_or("-"), it.http_status(), it.exit_code(), it.retry()))
            .collect();
        assert_eq!(
            table,
            [
                ("InvalidParams", 422, 2, Retry::No),
                ("RequestFailed", 403, 3, Retry::AfterRuleChange),
                ("ContentModified", 409, 4, Retry::RunAgain),
                ("ServerCancelled", 503, 5, Retry::Later),
                ("-", 200, 1, Retry::WithMoreBudget),
                ("-", 200, 130, Retry::RunAgain),
                ("InternalError", 500, 70, Retry::Report),
            ]
        );
    }

    #[test]
    fn a_script_can_tell_the_kinds_apart_by_the_exit_code() {
        let codes: BTreeSet<u8> = FailureKind::ALL.iter().map(|it| it.exit_code()).collect();
        assert_eq!(codes.len(), FailureKind::ALL.len());
        assert!(!codes.contains(&0));
    }
}
