//! What is put on the ledger, before it becomes a line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::action::Action;
use crate::grant::Grant;
use crate::guard::Request;
use crate::record;
use crate::report::Isolation;
use crate::run::RunId;
use crate::secret::redact;

/// One thing to be recorded. Its place, time and hashes come from the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The run that it belongs to, where there is one.
    pub run: Option<RunId>,
    /// What kind of thing.
    pub kind: Kind,
    /// What exactly; an object. Secrets are taken out by whoever makes it.
    pub body: Value,
}

/// What kind of thing a line records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The first line: format and workspace.
    Genesis,
    /// The user asked for something: a run starts.
    Asked,
    /// An act needs a consent that was not given yet.
    Questioned,
    /// An act was allowed, and is about to be done.
    Permitted,
    /// An act was forbidden.
    Refused,
    /// A permitted act was done, or failed.
    Did,
    /// The user decided: gave a consent, accepted, rejected, took back.
    Decided,
    /// A point that can be returned to.
    Checkpoint,
    /// A run ended.
    Ended,
}

impl Kind {
    /// Whether something irreversible may follow, so that the line must be on the disk first.
    pub fn is_decision(self) -> bool {
        match self {
            Self::Genesis | Self::Permitted | Self::Decided | Self::Checkpoint => true,
            Self::Asked | Self::Questioned | Self::Refused | Self::Did | Self::Ended => false,
        }
    }
}

/// What came of a permitted act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Did {
    /// Place of the permit on the ledger.
    pub permit: u64,
    /// Whether the act itself could be done; a test that fails was run all the same.
    pub done: bool,
    /// In a sentence: `12 of 300 candidates passed`.
    pub summary: String,
    /// Figures that belong to it, units in their names: `wall_us`, `candidates`.
    pub figures: BTreeMap<String, u64>,
}

impl Entry {
    /// Something about a run. The texts of `body` are redacted.
    pub fn new(run: Option<RunId>, kind: Kind, body: Value) -> Self {
        Self { run, kind, body: redacted(body) }
    }

    pub(crate) fn permitted(
        request: &Request,
        action: &Action,
        walls: Option<&Isolation>,
        by: &[Grant],
    ) -> Self {
        let mut body = json!({"action": record::of(action), "asker": request.asker, "grants": by});
        if let (Some(walls), Value::Object(fields)) = (walls, &mut body) {
            fields.insert("walls".to_owned(), json!({"backend": walls.backend, "level": walls.level}));
        }
        Self { run: Some(request.run), kind: Kind::Permitted, body }
    }

    pub(crate) fn questioned(request: &Request, action: &Action, question: &str) -> Self {
        let body = json!({"action": record::of(action), "asker": request.asker, "question": question});
        Self { run: Some(request.run), kind: Kind::Questioned, body }
    }

    pub(crate) fn refused(request: &Request, action: &Action, reason: &str) -> Self {
        let body = json!({"action": record::of(action), "asker": request.asker, "reason": reason});
        Self { run: Some(request.run), kind: Kind::Refused, body }
    }

    pub(crate) fn did(run: RunId, did: &Did) -> Self {
        let Did { permit, done, summary, figures } = did;
        let body = json!({"permit": permit, "done": done, "summary": redact(summary), "figures": figures});
        Self { run: Some(run), kind: Kind::Did, body }
    }
}

fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact(&text).into_owned()),
        Value::Array(items) => Value::Array(items.into_iter().map(redacted).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name, redacted(field))).collect())
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
    }
}
