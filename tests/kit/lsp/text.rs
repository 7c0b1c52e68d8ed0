//! A text as editors keep it: UTF-16, lines ended by `\n`, `\r\n` or `\r`. Slow and plain on purpose.

use serde_json::{Value, json};

/// A text in UTF-16.
pub(super) struct Utf16 {
    units: Vec<u16>,
}

impl Utf16 {
    pub(super) fn new(text: &str) -> Self {
        Self { units: text.encode_utf16().collect() }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf16(&self.units).expect("edits keep characters whole")
    }

    /// Where a place is, in units; an editor refuses a place that is not in its text.
    pub(super) fn offset(&self, place: &Value) -> usize {
        let (line, column) = (number(&place["line"]), number(&place["character"]));
        let lines = self.lines();
        let (start, end) = *lines.get(line).unwrap_or_else(|| panic!("line {line} of {}", lines.len()));
        assert!(start + column <= end, "column {column} of line {line}, which has {}", end - start);
        start + column
    }

    /// Replaces a range.
    pub(super) fn replace(&mut self, range: &Value, text: &str) {
        let (start, end) = (self.offset(&range["start"]), self.offset(&range["end"]));
        self.units.splice(start..end, text.encode_utf16());
    }

    /// The range of a text that stands there once.
    pub(super) fn find(&self, wanted: &str) -> Value {
        let text = self.text();
        assert_eq!(text.matches(wanted).count(), 1, "`{wanted}` in `{text}`");
        let at = text.find(wanted).unwrap_or_default();
        let start = text[..at].encode_utf16().count();
        let end = start + wanted.encode_utf16().count();
        json!({"start": self.place(start), "end": self.place(end)})
    }

    /// The place behind everything.
    pub(super) fn end(&self) -> Value {
        self.place(self.units.len())
    }

    fn place(&self, at: usize) -> Value {
        let lines = self.lines();
        let line = lines.iter().rposition(|(start, _)| *start <= at).unwrap_or_default();
        json!({"line": line, "character": at - lines[line].0})
    }

    /// Each line, without its end.
    fn lines(&self) -> Vec<(usize, usize)> {
        let (mut lines, mut start, mut at) = (Vec::new(), 0, 0);
        while at < self.units.len() {
            let crlf = self.units[at] == 13 && self.units.get(at + 1) == Some(&10);
            let ends = self.units[at] == 10 || self.units[at] == 13;
            at += if crlf { 2 } else { 1 };
            if ends {
                lines.push((start, at - if crlf { 2 } else { 1 }));
                start = at;
            }
        }
        lines.push((start, self.units.len()));
        lines
    }
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a place is two numbers")).expect("and small")
}
