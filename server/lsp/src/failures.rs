//! Failures as the protocol's errors. The codes are those of the one failure table.

use bodkin_host::HostError;
use bodkin_protocol::FailureKind;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, ErrorCode};

use crate::messages;

/// The protocol's code for what was done as asked and came to nothing.
const REQUEST_FAILED: i64 = -32803;

/// The error that answers a request which ended in this failure.
pub(crate) fn error(failure: &HostError) -> Error {
    Error {
        code: ErrorCode::from(failure.kind.lsp_code().unwrap_or(REQUEST_FAILED)),
        message: messages::failure(failure).into(),
        data: Some(json!({ "hint": failure.hint })),
    }
}

/// The caller asked for something that can not be meant.
pub(crate) fn bad_request(message: impl Into<String>, hint: &str) -> Error {
    of(FailureKind::BadRequest, message, hint)
}

/// What the caller speaks of is no longer so.
pub(crate) fn stale(message: impl Into<String>, hint: &str) -> Error {
    of(FailureKind::Stale, message, hint)
}

fn of(kind: FailureKind, message: impl Into<String>, hint: &str) -> Error {
    error(&HostError { kind, message: message.into(), hint: hint.to_owned() })
}
