//! From two texts to the edits between them.
//!
//! Lines are compared first, then words and signs inside the lines that changed. An edit never cuts a word,
//! a number or a `\r\n`: so two people's edits of one word meet as a conflict, and every edit has editor
//! positions. A `\r` alone ends no line here.
//! invariant: delta-round-trips

use std::ops::Range;

use similar::{Algorithm, DiffOp};

use crate::{ByteRange, Edit, Edits};

/// Above this many words and signs on a side, changed lines are replaced whole: the cost of comparing them
/// grows faster than their number, and such edits are read by nobody.
const REFINED_AT_MOST: usize = 5_000;

impl Edits {
    /// Small edits that turn `old` into `new`.
    pub fn between(old: &str, new: &str) -> Self {
        let mut edits = Vec::new();
        for change in changes(&Pieces::lines(old), &Pieces::lines(new)) {
            refine(old, new, change, &mut edits);
        }
        Self(edits)
    }

    /// Edits of whole lines that turn `old` into `new`.
    pub(crate) fn between_lines(old: &str, new: &str) -> Self {
        let changes = changes(&Pieces::lines(old), &Pieces::lines(new));
        Self(
            changes.into_iter().map(|it| Edit::replace(it.old, it.new.of(new).unwrap_or_default())).collect(),
        )
    }
}

/// A text cut into the pieces that are compared.
pub(crate) struct Pieces<'t> {
    /// The pieces; joined they are the text.
    pub(crate) items: Vec<&'t str>,
    /// Where each piece starts, and the text's end.
    starts: Vec<usize>,
}

impl<'t> Pieces<'t> {
    /// Lines with their `\n`; the last one may lack it.
    pub(crate) fn lines(text: &'t str) -> Self {
        Self::of(text.split_inclusive('\n').collect())
    }

    /// Words, runs of spaces, line ends, and each other sign by itself.
    fn tokens(text: &'t str) -> Self {
        let mut items = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let kind = Kind::of(first);
            let len = match kind {
                Kind::Sign => first.len_utf8(),
                Kind::LineEnd => {
                    if rest.starts_with("\r\n") {
                        2
                    } else {
                        1
                    }
                }
                Kind::Word | Kind::Space => rest.find(|it| Kind::of(it) != kind).unwrap_or(rest.len()),
            };
            let (token, after) = rest.split_at_checked(len).unwrap_or((rest, ""));
            items.push(token);
            rest = after;
        }
        Self::of(items)
    }

    fn of(items: Vec<&'t str>) -> Self {
        let mut end = 0;
        let mut starts = vec![0];
        starts.extend(items.iter().map(|it| {
            end += it.len();
            end
        }));
        Self { items, starts }
    }

    fn bytes(&self, pieces: Range<usize>) -> ByteRange {
        let at = |piece| self.starts.get(piece).or(self.starts.last()).copied().unwrap_or_default();
        ByteRange::new(at(pieces.start), at(pieces.end))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Space,
    LineEnd,
    Sign,
}

impl Kind {
    /// Characters outside ASCII count as parts of words, so that no emoji or accent is cut from its base.
    fn of(character: char) -> Self {
        match character {
            '\r' | '\n' => Self::LineEnd,
            '_' => Self::Word,
            it if it.is_ascii_alphanumeric() => Self::Word,
            it if it.is_whitespace() => Self::Space,
            it if it.is_ascii() => Self::Sign,
            _ => Self::Word,
        }
    }
}

/// A range of the old text that a range of the new one stands for.
#[derive(Clone, Copy)]
pub(crate) struct Change {
    pub(crate) old: ByteRange,
    pub(crate) new: ByteRange,
}

/// How the pieces of `old` become those of `new`.
pub(crate) fn compare(old: &Pieces, new: &Pieces) -> Vec<DiffOp> {
    similar::capture_diff_slices(Algorithm::Myers, &old.items, &new.items)
}

/// The changed ranges in order, an unchanged piece between any two.
fn changes(old: &Pieces, new: &Pieces) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for op in compare(old, new) {
        if let DiffOp::Equal { .. } = op {
            continue;
        }
        let change = Change { old: old.bytes(op.old_range()), new: new.bytes(op.new_range()) };
        match changes.last_mut() {
            Some(last) if last.old.end == change.old.start && last.new.end == change.new.start => {
                last.old.end = change.old.end;
                last.new.end = change.new.end;
            }
            Some(_) | None => changes.push(change),
        }
    }
    changes
}

/// Narrows a change of lines to the words and signs that differ.
fn refine(old: &str, new: &str, change: Change, edits: &mut Vec<Edit>) {
    let was = change.old.of(old).unwrap_or_default();
    let is = change.new.of(new).unwrap_or_default();
    let (was_tokens, is_tokens) = (Pieces::tokens(was), Pieces::tokens(is));
    let small = was_tokens.items.len().max(is_tokens.items.len()) <= REFINED_AT_MOST;
    let narrow = match small && !was.is_empty() && !is.is_empty() {
        true => changes(&was_tokens, &is_tokens),
        false => Vec::new(),
    };
    if !narrow.is_empty() && is_alike(was, is, &narrow) {
        for it in narrow {
            let start = change.old.start + it.old.start;
            edits.push(Edit::replace(start..start + it.old.len(), it.new.of(is).unwrap_or_default()));
        }
    } else {
        edits.push(without_common_ends(&was_tokens, &is_tokens, change.old.start, is));
    }
}

/// Whether enough words stay that edits between them mean something; where only brackets and spaces
/// happen to agree, one replacement says it better.
fn is_alike(was: &str, is: &str, changes: &[Change]) -> bool {
    let words = |text: &str| text.chars().filter(|it| Kind::of(*it) == Kind::Word).count();
    let changed: usize = changes.iter().map(|it| words(it.old.of(was).unwrap_or_default())).sum();
    let all = words(was);
    3 * all.saturating_sub(changed) >= all.max(words(is)) || all == 0
}

/// One edit for the whole of a change, less the tokens that both ends have in common.
fn without_common_ends(was: &Pieces, is: &Pieces, offset: usize, new: &str) -> Edit {
    let shorter = was.items.len().min(is.items.len());
    let front = was.items.iter().zip(&is.items).take_while(|(a, b)| a == b).count();
    let back = was.items.iter().rev().zip(is.items.iter().rev()).take_while(|(a, b)| a == b).count();
    let back = back.min(shorter - front);
    let range = was.bytes(front..was.items.len() - back);
    let text = is.bytes(front..is.items.len() - back).of(new).unwrap_or_default();
    Edit::replace(offset + range.start..offset + range.end, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, expected: &[(Range<usize>, &str)]) {
        let edits = Edits::between(old, new);
        let expected: Vec<Edit> =
            expected.iter().map(|(at, text)| Edit::replace(at.clone(), *text)).collect();
        assert_eq!(Vec::from(edits.clone()), expected);
        assert_eq!(edits.apply(old).unwrap(), new);
    }

    #[test]
    fn one_changed_sign_is_one_small_edit() {
        check("if a < b:\n", "if a <= b:\n", &[(6..6, "=")]);
        check("x = 1\nreturn a < b\n", "x = 1\nreturn a > b\n", &[(15..16, ">")]);
    }

    #[test]
    fn words_and_line_ends_are_replaced_whole() {
        check("return total1\n", "return total2\n", &[(7..13, "total2")]);
        check("a b\r\n", "a b\n", &[(3..5, "\n")]);
        check("👩‍👧 x", "👩‍👦 x", &[(0..11, "👩‍👦")]);
    }

    #[test]
    fn lines_with_little_in_common_are_replaced_by_one_edit() {
        check("  first(a, b)\n", "  other[c][d]\n", &[(2..13, "other[c][d]")]);
    }

    #[test]
    fn inserted_and_deleted_lines_are_whole_lines() {
        check("a\nc\n", "a\nb\nc\n", &[(2..2, "b\n")]);
        check("a\nb\nc\n", "a\nc\n", &[(2..4, "")]);
        check("same", "same", &[]);
    }
}
