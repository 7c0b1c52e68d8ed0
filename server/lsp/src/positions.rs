//! Places of the editor, to and from byte offsets. The only module of the project that meets both.
//!
//! invariant: offsets are UTF-8 bytes, editor columns live only here

use bodkin_text::{ByteRange, Edit, Edits, Encoding, Line0, LineIndex, Position as Place};
use tower_lsp::ls_types::{Position, Range, TextEdit};

/// The bytes of a range that an edit names; `None` where it lies outside the text or runs backwards.
pub(crate) fn bytes(index: &LineIndex, range: Range, encoding: Encoding) -> Option<ByteRange> {
    let start = index.offset_strict(place(range.start), encoding)?;
    let end = index.offset_strict(place(range.end), encoding)?;
    ((range.start.line, range.start.character) <= (range.end.line, range.end.character))
        .then(|| ByteRange::new(start, end))
}

/// The editor's name for a range of bytes.
pub(crate) fn range(index: &LineIndex, bytes: ByteRange, encoding: Encoding) -> Range {
    Range { start: position(index, bytes.start, encoding), end: position(index, bytes.end, encoding) }
}

/// The lines that a selection means, first and last; `None` where it begins outside the text.
///
/// Editors end a selection of whole lines at column 0 of the line after it, or at the last character,
/// or far behind it; all mean the same lines. A selection that runs backwards means what it covers.
pub(crate) fn lines(index: &LineIndex, selection: Range) -> Option<(Line0, Line0)> {
    let (start, end) = (selection.start.min(selection.end), selection.start.max(selection.end));
    let mut last = if end.character == 0 && end.line > start.line { end.line - 1 } else { end.line };
    let count = u32::try_from(index.line_count()).unwrap_or(u32::MAX);
    if start.line >= count {
        return None;
    }
    if last >= count {
        last = count - 1;
        // Behind the last line end there is nothing to select.
        let is_empty = index.line_range(Line0(last)).is_some_and(|it| it.is_empty());
        last -= u32::from(is_empty && last > start.line);
    }
    Some((Line0(start.line), Line0(last)))
}

/// The editor's form of edits of `old`.
///
/// An editor has no place between the `\r` and the `\n` of one line end: an edit that begins or ends there
/// takes the other half along.
pub(crate) fn text_edits(old: &str, edits: &Edits, encoding: Encoding) -> Vec<TextEdit> {
    let index = LineIndex::new(old);
    edits
        .iter()
        .map(|edit| {
            let edit = whole_line_ends(old, edit);
            TextEdit { range: range(&index, edit.range, encoding), new_text: edit.text }
        })
        .collect()
}

fn whole_line_ends(old: &str, edit: &Edit) -> Edit {
    let cuts = |at: usize| {
        old.get(..at).is_some_and(|it| it.ends_with('\r'))
            && old.get(at..).is_some_and(|it| it.starts_with('\n'))
    };
    let mut edit = edit.clone();
    if cuts(edit.range.start) {
        edit.range.start -= 1;
        edit.text.insert(0, '\r');
    }
    if cuts(edit.range.end) {
        edit.range.end += 1;
        edit.text.push('\n');
    }
    edit
}

fn position(index: &LineIndex, offset: usize, encoding: Encoding) -> Position {
    let place = index.position(offset, encoding);
    Position::new(place.line.0, place.column)
}

fn place(position: Position) -> Place {
    Place { line: Line0(position.line), column: position.character }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(start: (u32, u32), end: (u32, u32)) -> Range {
        Range::new(Position::new(start.0, start.1), Position::new(end.0, end.1))
    }

    #[test]
    fn every_editors_way_to_select_two_lines_means_those_two_lines() {
        let index = LineIndex::new("one\ntwo\nthree\n");
        let two = Some((Line0(0), Line0(1)));
        for (who, range) in [
            ("VS Code, dragged to the end", selection((0, 0), (1, 3))),
            ("VS Code, by line number", selection((0, 0), (2, 0))),
            ("VS Code, part of the lines", selection((0, 2), (1, 1))),
            ("Neovim, V", selection((0, 0), (1, 2_147_483_647))),
            ("Neovim, v from below", selection((1, 3), (0, 0))),
            ("Helix, xx", selection((0, 0), (2, 0))),
            ("Emacs, region", selection((0, 1), (2, 0))),
        ] {
            assert_eq!(lines(&index, range), two, "{who}");
        }
    }

    #[test]
    fn a_cursor_means_its_line_also_at_column_0_and_in_the_last_empty_line() {
        let index = LineIndex::new("one\n");
        assert_eq!(lines(&index, selection((0, 0), (0, 0))), Some((Line0(0), Line0(0))));
        assert_eq!(lines(&index, selection((1, 0), (1, 0))), Some((Line0(1), Line0(1))));
    }

    #[test]
    fn the_last_line_may_be_selected_past_the_end_but_a_line_that_is_not_there_may_not() {
        let index = LineIndex::new("one\ntwo");
        assert_eq!(lines(&index, selection((0, 0), (2, 0))), Some((Line0(0), Line0(1))));
        assert_eq!(lines(&index, selection((2, 0), (2, 0))), None);
        assert_eq!(lines(&index, selection((0, 0), (9, 4))), Some((Line0(0), Line0(1))));
        assert_eq!(lines(&LineIndex::new("a\nb\n"), selection((1, 0), (9, 0))), Some((Line0(1), Line0(1))));
    }

    #[test]
    fn an_edit_outside_the_text_or_backwards_has_no_bytes() {
        let index = LineIndex::new("ab\nc");
        assert_eq!(bytes(&index, selection((0, 1), (1, 1)), Encoding::Utf16), Some((1..4).into()));
        assert_eq!(bytes(&index, selection((0, 1), (2, 0)), Encoding::Utf16), None);
        assert_eq!(bytes(&index, selection((1, 1), (0, 0)), Encoding::Utf16), None);
        assert_eq!(bytes(&index, selection((0, 9), (0, 9)), Encoding::Utf16), Some((2..2).into()));
    }

    #[test]
    fn an_edit_never_cuts_a_line_end_in_two() {
        let old = "a\r\nb";
        let edits = Edits::one(Edit::replace(2..3, "\n\r\n"));
        let sent = text_edits(old, &edits, Encoding::Utf16);
        assert_eq!(sent, [TextEdit::new(selection((0, 1), (1, 0)), "\r\n\r\n".to_owned())]);
        assert_eq!(text_edits(old, &Edits::one(Edit::insert(2, "x")), Encoding::Utf8)[0].new_text, "\rx\n");
    }

    #[test]
    fn columns_are_those_of_the_clients_encoding() {
        let edits = Edits::one(Edit::replace(5..6, "+"));
        let columns = |encoding| {
            text_edits("😀 -", &Edits::one(Edit::replace(5..6, "+")), encoding)[0].range.start.character
        };
        assert_eq!(edits.len(), 1);
        assert_eq!([columns(Encoding::Utf8), columns(Encoding::Utf16), columns(Encoding::Utf32)], [5, 3, 2]);
    }
}
