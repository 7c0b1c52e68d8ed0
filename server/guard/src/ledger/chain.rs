//! How entries become lines, each bound to the one before.
//!
//! A line has one spelling: fields in a fixed order, the body's keys sorted, whole numbers only. So a line that
//! reads back to the same values but differs in a byte is a changed line.

use bodkin_text::ContentHash;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Entry, Kind, Timestamp};
use crate::run::RunId;

/// Version of the line format, named in the first line.
pub const FORMAT: u64 = 1;

/// The last line's place and hash. Remembered elsewhere, it shows that lines were cut off at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Place of the line; the first is 0.
    pub seq: u64,
    /// Its hash.
    pub hash: ContentHash,
}

/// One line of the ledger, without its line end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its place; the first is 0.
    pub seq: u64,
    /// When it was written, by the writer's clock.
    pub time: Timestamp,
    /// The run that it belongs to.
    pub run: Option<RunId>,
    /// What kind of thing it records.
    pub kind: Kind,
    /// What exactly.
    pub body: Value,
    /// Hash of the line before; of the first line: of nothing.
    pub prev: ContentHash,
    /// BLAKE3 of this line's text without this field.
    pub hash: ContentHash,
}

/// The end of a ledger, to which lines are added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    head: Head,
}

impl Chain {
    /// A new ledger for a workspace (any name that tells it from others); with its first line.
    pub fn start(workspace: &str, time: Timestamp) -> (Self, Line) {
        let body = json!({"format": FORMAT, "workspace": workspace});
        let line = Line::make(0, time, Entry { run: None, kind: Kind::Genesis, body }, ContentHash::of(""));
        (Self { head: line.head() }, line)
    }

    /// Goes on from a line that was verified.
    pub fn resume(head: Head) -> Self {
        Self { head }
    }

    /// The next line.
    pub fn append(&mut self, entry: Entry, time: Timestamp) -> Line {
        let line = Line::make(self.head.seq.saturating_add(1), time, entry, self.head.hash);
        self.head = line.head();
        line
    }

    /// The last line's place and hash.
    pub fn head(&self) -> Head {
        self.head
    }
}

impl Line {
    fn make(seq: u64, time: Timestamp, entry: Entry, prev: ContentHash) -> Self {
        let Entry { run, kind, body } = entry;
        let body = canonical(body);
        let unsealed = Self { seq, time, run, kind, body, prev, hash: prev };
        Self { hash: unsealed.seal(), ..unsealed }
    }

    /// Reads a line back, without its line end. `None` unless it is spelled as lines are and its hash fits;
    /// whether it follows the line before it is not looked at.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let line: Self = serde_json::from_slice(text).ok()?;
        (line.is_sealed() && line.render().as_bytes() == text).then_some(line)
    }

    /// Whether its hash is that of its other fields.
    pub fn is_sealed(&self) -> bool {
        self.seal() == self.hash
    }

    /// The hash that its other fields ask for.
    pub(crate) fn seal(&self) -> ContentHash {
        let Self { seq, time, run, kind, body, prev, hash: _ } = self;
        let sealed = (seq, time, run, kind, canonical(body.clone()), prev);
        ContentHash::of(json!(sealed).to_string())
    }

    /// Its place and hash.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// The line as it is written, without a line end.
    pub fn render(&self) -> String {
        let Self { seq, time, run, kind, body, prev, hash } = self;
        format!(
            r#"{{"seq":{seq},"time":{},"run":{},"kind":{},"body":{},"prev":{},"hash":{}}}"#,
            json!(time),
            json!(run),
            json!(kind),
            canonical(body.clone()),
            json!(prev),
            json!(hash),
        )
    }
}

/// The same value with keys sorted, whichever map the JSON library was built with; a fraction becomes text,
/// because not every fraction reads back to the same bytes.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(
                fields.into_iter().map(|(name, field)| (name, canonical(field))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        Value::Number(number) if !number.is_u64() && !number.is_i64() => Value::String(number.to_string()),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{What, verify};

    #[test]
    fn a_ledger_of_a_later_format_is_not_gone_on_with() {
        let body = json!({"format": FORMAT + 1, "workspace": "shop"});
        let entry = Entry { run: None, kind: Kind::Genesis, body };
        let line = Line::make(0, Timestamp::from_unix_ms(0), entry, ContentHash::of(""));
        let report = verify([line.render().as_str()]);
        assert_eq!(report.breaks.first().map(|it| &it.what), Some(&What::UnknownFormat(FORMAT + 1)));
        assert_eq!(report.resume(), None);
    }
}
