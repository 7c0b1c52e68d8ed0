//! A string that does not end in its line.

use bodkin_text::Edit;

use super::line::{Kind, Line};

/// The quote that the line lacks, at each place behind the opening one where a string may end.
pub(super) fn changes(line: &Line<'_>) -> Vec<(String, Edit)> {
    let Some(open) = line.tokens.last() else { return Vec::new() };
    let Kind::Open(quote) = open.kind else { return Vec::new() };
    if quote == '`' || line.text(open.range).starts_with(&[quote; 3].iter().collect::<String>()) {
        return Vec::new(); // it may go on in the next line
    }
    let title = format!("Insert missing `{quote}`");
    let text = line.text(open.range);
    let ends = text.char_indices().map(|(at, it)| (at + it.len_utf8(), it)).skip(1);
    let marks_next = |at: usize| text.get(at..).and_then(|rest| rest.chars().next());
    // Within a word no string ends.
    let fits =
        ends.filter(|(at, it)| !(it.is_alphanumeric() && marks_next(*at).is_some_and(char::is_alphanumeric)));
    fits.map(|(at, _)| (title.clone(), Edit::insert(open.range.start + at, quote.to_string()))).collect()
}
