//! The one answer that every command prints with `--json`.
//!
//! invariant: `ok` is true exactly when no failure is named; a payload may stand beside a failure

use schemars::{JsonSchema, Schema, json_schema};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The answer of a command. Printed as one line on standard output, whatever happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = ok_or_failure)]
pub struct Envelope<P> {
    /// Whether the command did what it was asked for; then, and only then, the exit code is 0.
    pub ok: bool,
    /// The command: `fix`, `ledger verify` …
    pub cmd: String,
    /// Version of the program that answers.
    pub version: String,
    /// Wall time from the start of the command, milliseconds.
    pub duration_ms: u64,
    /// What the command has to say; with a failure as much as there is of it, or null.
    pub payload: Option<P>,
    /// What is said about the answer itself.
    pub meta: Meta,
}

/// What is said about an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Why the command did not do what it was asked for; null when it did.
    pub failure: Option<Failure>,
    /// The workspace's folder; null where none was found.
    pub workspace: Option<String>,
    /// What the user should know though nothing failed, in sentences.
    pub warnings: Vec<String>,
}

impl<P> Envelope<P> {
    /// The answer of a command that did what it was asked for.
    pub fn done(cmd: impl Into<String>, duration_ms: u64, payload: P) -> Self {
        Self::new(cmd.into(), duration_ms, Some(payload), None)
    }

    /// The answer of one that did not, with as much of a payload as there is.
    pub fn failed(cmd: impl Into<String>, duration_ms: u64, payload: Option<P>, failure: Failure) -> Self {
        Self::new(cmd.into(), duration_ms, payload, Some(failure))
    }

    /// The same answer about this workspace.
    #[must_use]
    pub fn in_workspace(mut self, workspace: impl Into<String>) -> Self {
        self.meta.workspace = Some(workspace.into());
        self
    }

    /// The same answer with one more warning.
    #[must_use]
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.meta.warnings.push(warning.into());
        self
    }

    /// The exit code that goes with the answer.
    pub fn exit_code(&self) -> u8 {
        self.meta.failure.as_ref().map_or(0, |failure| failure.kind.exit_code())
    }

    fn new(cmd: String, duration_ms: u64, payload: Option<P>, failure: Option<Failure>) -> Self {
        Self {
            ok: failure.is_none(),
            cmd,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            duration_ms,
            payload,
            meta: Meta { failure, ..Meta::default() },
        }
    }
}

/// Says in the schema what the type can not: a failure is named if and only if `ok` is false.
fn ok_or_failure(schema: &mut Schema) {
    let meta = |failure: &str| serde_json::json!({"properties": {"failure": {"type": failure}}});
    let rule = json_schema!({
        "if": {"properties": {"ok": {"const": true}}},
        "then": {"properties": {"meta": meta("null"), "payload": {"not": {"type": "null"}}}},
        "else": {"properties": {"meta": meta("object")}},
    });
    for (name, part) in rule.as_object().into_iter().flatten() {
        schema.insert(name.clone(), part.clone());
    }
}
