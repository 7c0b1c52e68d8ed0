//! Edits of one open document: a rope and a tree that is told of each edit.
//!
//! invariant: incremental-equals-from-scratch

use std::borrow::Cow;
use std::sync::Arc;

use bodkin_text::{ByteRange, Edit, Line0};
use ropey::Rope;
use thiserror::Error;
use tree_sitter::{Point, Tree};

use crate::point::{after, input_edit};

/// One change of a document, against the text that the change before it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Replaces a part.
    Replace(Edit),
    /// Replaces everything.
    Whole(Arc<str>),
}

/// Why what we have of a document may not be what the editor shows. No edit may be built on it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Suspect {
    /// A change came for a document that is not open.
    #[error("the document is not open")]
    NotOpen,
    /// The version did not grow: a change was lost, doubled or out of order.
    #[error("version {got} came after version {had}")]
    Version {
        /// The version we had.
        had: i32,
        /// The version that came.
        got: i32,
    },
    /// The range is not in the text, or cuts a character in two; bytes, and the length of the text.
    #[error("bytes {0:?} are not a range of characters of a text of {1} bytes")]
    Range(ByteRange, usize),
    /// The position that the editor gave is not in the text.
    #[error("the editor spoke of a position that the text does not have")]
    Position,
}

/// The lines of a document that is being edited, as editors count them: `\n`, `\r\n` and `\r` end a line.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'r>(&'r Rope);

impl<'r> Lines<'r> {
    /// How many lines; one more than line ends.
    pub fn count(self) -> usize {
        self.0.len_lines()
    }

    /// Length of the text in bytes.
    pub fn bytes(self) -> usize {
        self.0.len_bytes()
    }

    /// The offset of a line's first byte; `None` past the end.
    pub fn start(self, line: Line0) -> Option<usize> {
        let line = usize::try_from(line.0).ok().filter(|it| *it < self.count())?;
        self.0.try_line_to_byte(line).ok()
    }

    /// A line with its line end; `None` past the end.
    pub fn text(self, line: Line0) -> Option<Cow<'r, str>> {
        let line = usize::try_from(line.0).ok()?;
        self.0.get_line(line).map(Cow::from)
    }
}

/// A rope and the tree that follows it.
pub(crate) struct Draft {
    pub(crate) rope: Rope,
    pub(crate) tree: Option<Tree>,
}

impl Draft {
    pub(crate) fn lines(&self) -> Lines<'_> {
        Lines(&self.rope)
    }

    pub(crate) fn change(&mut self, change: &Change) -> Result<(), Suspect> {
        match change {
            Change::Replace(edit) => self.replace(edit),
            Change::Whole(text) => {
                *self = Self { rope: Rope::from_str(text), tree: None };
                Ok(())
            }
        }
    }

    fn replace(&mut self, edit: &Edit) -> Result<(), Suspect> {
        let impossible = || Suspect::Range(edit.range, self.rope.len_bytes());
        let start = char_at(&self.rope, edit.range.start).ok_or_else(impossible)?;
        let end = char_at(&self.rope, edit.range.end).ok_or_else(impossible)?;
        if let Some(tree) = &mut self.tree {
            let removed = Cow::from(self.rope.slice(start..end));
            let at = point_at(&self.rope, edit.range.start);
            tree.edit(&input_edit(edit.range.start, at, &removed, &edit.text));
        }
        self.rope.remove(start..end);
        self.rope.insert(start, &edit.text);
        Ok(())
    }
}

/// The character that starts at `byte`; `None` inside a character or past the end.
fn char_at(rope: &Rope, byte: usize) -> Option<usize> {
    let at = rope.try_byte_to_char(byte).ok()?;
    (rope.char_to_byte(at) == byte).then_some(at)
}

/// The parser's point of a byte: rows end at `\n` only, so the rope's lines do not serve where a lone `\r` stands.
fn point_at(rope: &Rope, byte: usize) -> Point {
    let mut at = Point::new(0, 0);
    let mut left = byte;
    for chunk in rope.chunks() {
        let part = chunk.get(..left).unwrap_or(chunk);
        at = after(at, part);
        left -= part.len();
        if left == 0 {
            break;
        }
    }
    at
}
