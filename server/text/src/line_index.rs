//! Lines and columns of editors, to and from byte offsets.
//!
//! Line ends are those of the Language Server Protocol: `\n`, `\r\n`, and `\r` alone; U+2028, U+0085 and form
//! feed end no line. A byte order mark is a character like others. Conversions never fail: what lies outside
//! is clamped, what lies inside a character goes to its start. The index holds no text.

use serde::{Deserialize, Serialize};

use crate::{ByteRange, Line0};

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// 16-bit units; a character above U+FFFF counts two.
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// How many columns a character of so many UTF-8 bytes takes.
    fn columns(self, utf8_len: u8) -> usize {
        match self {
            Self::Utf8 => usize::from(utf8_len),
            Self::Utf16 => {
                if utf8_len == 4 {
                    2
                } else {
                    1
                }
            }
            Self::Utf32 => 1,
        }
    }
}

/// A place as an editor names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The line.
    pub line: Line0,
    /// Columns from the line's start, in units of an [`Encoding`].
    pub column: u32,
}

/// Where the lines and the wide characters of a text are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    /// Each line, in order; at least one.
    lines: Vec<Line>,
    /// Every character that takes more than one byte, in order.
    wide: Vec<Wide>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    start: usize,
    /// Without the line end.
    end: usize,
    /// With the line end.
    full_end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wide {
    start: usize,
    utf8_len: u8,
}

impl LineIndex {
    /// Reads the text once.
    pub fn new(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut wide = Vec::new();
        let mut start = 0;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let next = at + character.len_utf8();
            let full_end = match character {
                '\n' => next,
                '\r' => characters.next_if(|(_, it)| *it == '\n').map_or(next, |_| next + 1),
                it if it.is_ascii() => continue,
                it => {
                    wide.push(Wide { start: at, utf8_len: utf8_len(it) });
                    continue;
                }
            };
            lines.push(Line { start, end: at, full_end });
            start = full_end;
        }
        lines.push(Line { start, end: text.len(), full_end: text.len() });
        Self { lines, wide }
    }

    /// How many lines; a text that ends in a line end has an empty last one.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Length of the text in bytes.
    pub fn len(&self) -> usize {
        self.lines.last().map_or(0, |it| it.full_end)
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a line without its line end; `None` past the last line.
    pub fn line_range(&self, line: Line0) -> Option<ByteRange> {
        self.get(line).map(|it| ByteRange::new(it.start, it.end))
    }

    /// The bytes of a line with its line end; `None` past the last line.
    pub fn line_range_with_end(&self, line: Line0) -> Option<ByteRange> {
        self.get(line).map(|it| ByteRange::new(it.start, it.full_end))
    }

    /// The line that holds the offset, its line end included; past the end of the text, the last one.
    pub fn line(&self, offset: usize) -> Line0 {
        let after = self.lines.partition_point(|it| it.start <= offset);
        Line0(u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX))
    }

    /// The place of an offset. An offset inside a character counts as its start, one inside a line end as
    /// the end of the line before it, one past the end as the end.
    pub fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let number = self.line(offset);
        let column = self.get(number).map_or(0, |line| {
            let offset = offset.min(line.end);
            let mut column = offset - line.start;
            for it in self.wide_between(line.start, offset) {
                let within = usize::from(it.utf8_len).min(offset - it.start);
                let counted =
                    if within < usize::from(it.utf8_len) { 0 } else { encoding.columns(it.utf8_len) };
                column = column - within + counted;
            }
            column
        });
        Position { line: number, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    /// The offset of a place. A column past the line's end is the line's end, before its line end; a column
    /// inside a character is its start; a line past the last one is the end of the text.
    pub fn offset(&self, position: Position, encoding: Encoding) -> usize {
        self.offset_strict(position, encoding).unwrap_or(self.len())
    }

    /// As [`LineIndex::offset`], but `None` for a line past the last one: an edit there would be a guess.
    pub fn offset_strict(&self, position: Position, encoding: Encoding) -> Option<usize> {
        let line = self.get(position.line)?;
        let wanted = usize::try_from(position.column).unwrap_or(usize::MAX);
        let mut offset = line.start;
        let mut column = 0;
        for it in self.wide_between(line.start, line.end) {
            let ascii = it.start - offset;
            if wanted - column <= ascii {
                break;
            }
            if wanted - column - ascii < encoding.columns(it.utf8_len) {
                return Some(it.start);
            }
            column += ascii + encoding.columns(it.utf8_len);
            offset = it.start + usize::from(it.utf8_len);
        }
        Some(offset.saturating_add(wanted - column).min(line.end))
    }

    fn get(&self, line: Line0) -> Option<&Line> {
        self.lines.get(usize::try_from(line.0).ok()?)
    }

    /// The wide characters that start at or after `start` and before `end`.
    fn wide_between(&self, start: usize, end: usize) -> &[Wide] {
        let from = self.wide.partition_point(|it| it.start < start);
        let to = self.wide.partition_point(|it| it.start < end);
        self.wide.get(from..to).unwrap_or_default()
    }
}

fn utf8_len(character: char) -> u8 {
    match u32::from(character) {
        ..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        0x1_0000.. => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line: Line0(line), column }
    }

    #[test]
    fn lines_end_as_editors_end_them() {
        let text = "a\nb\r\nc\rd\u{2028}\u{85}\u{b}\u{c}e";
        let index = LineIndex::new(text);
        let lines: Vec<&str> =
            (0..).map_while(|line| index.line_range(Line0(line))).map(|it| it.of(text).unwrap()).collect();
        assert_eq!(lines, ["a", "b", "c", "d\u{2028}\u{85}\u{b}\u{c}e"]);
        assert_eq!(index.line_range_with_end(Line0(1)), Some((2..5).into()));
        assert_eq!(index.line_range(Line0(4)), None);
    }

    #[test]
    fn a_text_that_ends_in_a_line_end_has_an_empty_last_line() {
        let index = LineIndex::new("a\n");
        assert_eq!((index.line_count(), index.line_range(Line0(1))), (2, Some((2..2).into())));
        assert_eq!(LineIndex::new("").line_count(), 1);
    }

    #[test]
    fn columns_count_in_the_encoding_that_was_agreed() {
        let index = LineIndex::new("é😀x");
        let columns = |encoding| [0, 2, 6, 7].map(|offset| index.position(offset, encoding).column);
        assert_eq!(columns(Encoding::Utf8), [0, 2, 6, 7]);
        assert_eq!(columns(Encoding::Utf16), [0, 1, 3, 4]);
        assert_eq!(columns(Encoding::Utf32), [0, 1, 2, 3]);
    }

    #[test]
    fn a_column_inside_a_character_is_its_start() {
        let index = LineIndex::new("a😀b");
        assert_eq!(index.offset(at(0, 2), Encoding::Utf16), 1);
        assert_eq!(index.offset(at(0, 3), Encoding::Utf16), 5);
        assert_eq!([2, 3, 4].map(|column| index.offset(at(0, column), Encoding::Utf8)), [1, 1, 1]);
        assert_eq!(index.position(3, Encoding::Utf8), at(0, 1));
    }

    #[test]
    fn a_place_outside_is_clamped() {
        let index = LineIndex::new("ab\r\ncd");
        assert_eq!(index.offset(at(0, 9), Encoding::Utf16), 2);
        assert_eq!(index.offset(at(0, u32::MAX), Encoding::Utf8), 2);
        assert_eq!(index.offset(at(7, 0), Encoding::Utf16), 6);
        assert_eq!(index.offset_strict(at(7, 0), Encoding::Utf16), None);
        assert_eq!(index.position(3, Encoding::Utf16), at(0, 2));
        assert_eq!(index.position(99, Encoding::Utf16), at(1, 2));
    }

    #[test]
    fn a_byte_order_mark_is_a_character() {
        let index = LineIndex::new("\u{feff}a");
        assert_eq!(index.position(3, Encoding::Utf16), at(0, 1));
        assert_eq!(index.offset(at(0, 1), Encoding::Utf8), 0);
    }
}
