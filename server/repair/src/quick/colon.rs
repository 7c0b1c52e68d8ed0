//! The head of a Python block without its colon.

use bodkin_text::Edit;
use bodkin_workspace::Language;

use super::line::{Kind, Line};

const HEADS: [&str; 15] = [
    "if", "elif", "else", "for", "while", "def", "class", "try", "except", "finally", "with", "async",
    "match", "case", "lambda",
];

/// A colon at the end of a line that begins a block, or that ends the head of one.
pub(super) fn changes(line: &Line<'_>) -> Vec<(String, Edit)> {
    if line.syntax.language() != Language::Python {
        return Vec::new();
    }
    let Some(last) = line.tokens.last() else { return Vec::new() };
    let closes = matches!(last.kind, Kind::Mark(')' | ']')) || line.text(last.range) == "None";
    if last.kind == Kind::Mark(':') || !(HEADS.contains(&line.first_word()) || closes) {
        return Vec::new();
    }
    vec![("Insert missing `:`".to_owned(), Edit::insert(last.range.end, ":"))]
}
