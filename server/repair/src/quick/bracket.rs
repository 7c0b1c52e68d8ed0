//! A bracket that is not closed in its line, or closes nothing.

use bodkin_text::{Edit, Edits};

use super::line::{Kind, Line, Token};

/// The closing bracket that the line lacks, at the end of each token behind the opening one.
pub(super) fn missing(line: &Line<'_>) -> Vec<(String, Edit)> {
    let (open, unmatched) = balance(line);
    let ([.., opening], []) = (open.as_slice(), unmatched.as_slice()) else { return Vec::new() };
    let Some(close) = closing(*opening) else { return Vec::new() };
    let title = format!("Insert missing `{close}`");
    let behind = line.tokens.iter().filter(|it| it.range.start >= opening.range.start);
    behind.map(|it| (title.clone(), Edit::insert(it.range.end, close.to_string()))).collect()
}

/// Without the last of two equal closing brackets, where it is one too many.
///
/// As often an opening one is missing: where a call would make use of the bracket, nothing is offered.
pub(super) fn unmatched(line: &Line<'_>) -> Vec<(String, Edit)> {
    let (_, unmatched) = balance(line);
    let [Token { kind: Kind::Mark(close), range }] = unmatched.as_slice() else { return Vec::new() };
    let before = line.tokens.iter().position(|it| it.range == *range).and_then(|at| at.checked_sub(1));
    let twice = before.and_then(|at| line.tokens.get(at)).is_some_and(|it| it.kind == Kind::Mark(*close));
    if !twice || is_a_calls(line, *close) {
        return Vec::new();
    }
    vec![(format!("Remove the unmatched `{close}`"), Edit::delete(*range))]
}

/// Whether an opening bracket behind one of the words would make the text whole.
fn is_a_calls(line: &Line<'_>, close: char) -> bool {
    let open = match close {
        ')' => "(",
        ']' => "[",
        _ => "{",
    };
    // A call of nothing, or of what is called already, is not what was meant.
    let is_idle = |next: &Token| matches!(next.kind, Kind::Mark('(' | ')'));
    let words = line.tokens.iter().zip(line.tokens.iter().skip(1));
    words
        .filter(|(it, next)| it.kind == Kind::Word && !is_idle(next))
        .map(|(it, _)| Edits::one(Edit::insert(it.range.end, open)))
        .any(|edits| line.syntax.after(&edits).is_some_and(|after| !after.has_errors()))
}

/// The brackets that are open at the end of the line, and those that close nothing in it.
fn balance(line: &Line<'_>) -> (Vec<Token>, Vec<Token>) {
    let (mut open, mut unmatched): (Vec<Token>, Vec<Token>) = (Vec::new(), Vec::new());
    for token in &line.tokens {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => open.push(*token),
            Kind::Mark(mark @ (')' | ']' | '}')) => {
                if open.last().copied().and_then(closing) == Some(mark) {
                    open.pop();
                } else {
                    unmatched.push(*token);
                }
            }
            Kind::Mark(_) | Kind::Word | Kind::Text | Kind::Open(_) => {}
        }
    }
    (open, unmatched)
}

fn closing(opening: Token) -> Option<char> {
    match opening.kind {
        Kind::Mark('(') => Some(')'),
        Kind::Mark('[') => Some(']'),
        Kind::Mark('{') => Some('}'),
        Kind::Mark(_) | Kind::Word | Kind::Text | Kind::Open(_) => None,
    }
}
