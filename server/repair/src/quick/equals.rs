//! `=` for `==` in a Python condition.

use bodkin_text::Edit;
use bodkin_workspace::Language;

use super::line::{Kind, Line};

/// Each single `=` of a line that decides something.
pub(super) fn changes(line: &Line<'_>) -> Vec<(String, Edit)> {
    let decides = matches!(line.first_word(), "if" | "elif" | "while");
    if line.syntax.language() != Language::Python || !decides {
        return Vec::new();
    }
    let text = line.syntax.text();
    let is_mark = |at: Option<usize>| {
        let byte = at.and_then(|at| text.as_bytes().get(at));
        byte.is_some_and(|byte| b"=!<>:+-*/%&|^@~".contains(byte))
    };
    let single = line.tokens.iter().filter(|it| {
        it.kind == Kind::Mark('=') && !is_mark(it.range.start.checked_sub(1)) && !is_mark(Some(it.range.end))
    });
    single.map(|it| ("Compare with `==`".to_owned(), Edit::replace(it.range, "=="))).collect()
}
