//! Where the parser says a byte is.
//!
//! The parser's rows end at `\n` alone, unlike an editor's lines; columns are bytes.

use tree_sitter::{InputEdit, Point};

/// An edit as the parser wants it: `removed` bytes at `start` (which is at `at`) give way to `inserted`.
pub(crate) fn input_edit(start: usize, at: Point, removed: &str, inserted: &str) -> InputEdit {
    InputEdit {
        start_byte: start,
        old_end_byte: start + removed.len(),
        new_end_byte: start + inserted.len(),
        start_position: at,
        old_end_position: after(at, removed),
        new_end_position: after(at, inserted),
    }
}

/// The point at the end of `text`, if its start is at `at`.
pub(crate) fn after(at: Point, text: &str) -> Point {
    let rows = text.bytes().filter(|byte| *byte == b'\n').count();
    match text.rfind('\n') {
        Some(last) => Point { row: at.row + rows, column: text.len() - last - 1 },
        None => Point { row: at.row, column: at.column + text.len() },
    }
}
