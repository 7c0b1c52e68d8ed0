//! The head of a Python block without a body.

use bodkin_text::Edit;
use bodkin_workspace::Language;

use super::line::{Kind, Line};

/// `pass` in the line after the head.
pub(super) fn changes(line: &Line<'_>) -> Vec<(String, Edit)> {
    let ends_head = line.tokens.last().is_some_and(|it| it.kind == Kind::Mark(':'));
    if line.syntax.language() != Language::Python || !ends_head {
        return Vec::new();
    }
    let is_crlf = line.syntax.text().get(line.range.end..).is_some_and(|rest| rest.starts_with("\r\n"));
    let end = if is_crlf { "\r\n" } else { "\n" };
    let step = if line.indentation().contains('\t') { "\t" } else { "    " };
    let pass = format!("{end}{}{step}pass", line.indentation());
    vec![("Add `pass` as the body".to_owned(), Edit::insert(line.range.end, pass))]
}
