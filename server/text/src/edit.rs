//! Edits as values: apply them, take them back, follow an offset through them.
//!
//! Knows one text at a time; how two sets of edits meet is in `rebase`, where edits come from in `delta`.
//! invariant: edits-do-not-overlap

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{ByteRange, HunkId};

/// Replaces one range of the old text by a new text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edit {
    /// Range in the old text, UTF-8 bytes.
    pub range: ByteRange,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Replaces `range` by `text`.
    pub fn replace(range: impl Into<ByteRange>, text: impl Into<String>) -> Self {
        Self { range: range.into(), text: text.into() }
    }

    /// Inserts `text` at `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self { range: ByteRange::at(offset), text: text.into() }
    }

    /// Deletes `range`.
    pub fn delete(range: impl Into<ByteRange>) -> Self {
        Self { range: range.into(), text: String::new() }
    }

    /// By how many bytes it lengthens the text; negative where it shortens it.
    pub(crate) fn growth(&self) -> isize {
        self.text.len().cast_signed().saturating_sub(self.range.len().cast_signed())
    }
}

/// Edits of one text, all against the same old text: ordered by position, none overlapping another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(into = "Vec<Edit>", try_from = "Vec<Edit>")]
pub struct Edits(pub(crate) Vec<Edit>);

/// Which way an offset goes where there is a choice: an insertion at it, or a replacement around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bias {
    /// To the front of the new text.
    Left,
    /// To the end of the new text.
    Right,
}

/// Why edits can not be made or applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// Two edits claim the same bytes.
    #[error("the edits at bytes {0:?} and {1:?} overlap")]
    Overlap(ByteRange, ByteRange),
    /// The range is not within the text, or cuts a character in two.
    #[error("bytes {0:?} are not a range of characters of a text of {1} bytes")]
    OutOfBounds(ByteRange, usize),
    /// No hunk of these edits has this id: the edits or the text are not what the hunks were made from.
    #[error("no hunk `{0}` in these edits")]
    UnknownHunk(HunkId),
}

impl Edits {
    /// Orders the edits; refuses overlapping ones. Two insertions at one offset keep their order.
    pub fn new(mut edits: Vec<Edit>) -> Result<Self, EditError> {
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        for (one, next) in edits.iter().zip(edits.iter().skip(1)) {
            if next.range.start < one.range.end {
                return Err(EditError::Overlap(one.range, next.range));
            }
        }
        Ok(Self(edits))
    }

    /// A single edit.
    pub fn one(edit: Edit) -> Self {
        Self(vec![edit])
    }

    /// The edits in order of position.
    pub fn iter(&self) -> std::slice::Iter<'_, Edit> {
        self.0.iter()
    }

    /// How many edits.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The new text.
    pub fn apply(&self, old: &str) -> Result<String, EditError> {
        let mut new = String::with_capacity(old.len() + self.0.iter().map(|it| it.text.len()).sum::<usize>());
        let mut done = 0;
        for edit in &self.0 {
            let out_of_bounds = || EditError::OutOfBounds(edit.range, old.len());
            new.push_str(old.get(done..edit.range.start).ok_or_else(out_of_bounds)?);
            edit.range.of(old).ok_or_else(out_of_bounds)?;
            new.push_str(&edit.text);
            done = edit.range.end;
        }
        new.push_str(old.get(done..).unwrap_or_default());
        Ok(new)
    }

    /// The edits that take the new text back to `old`, the text that these edits were made for.
    pub fn invert(&self, old: &str) -> Result<Self, EditError> {
        let mut shift = 0_isize;
        let mut back = Vec::with_capacity(self.0.len());
        for edit in &self.0 {
            let was = edit.range.of(old).ok_or(EditError::OutOfBounds(edit.range, old.len()))?;
            let start = edit.range.start.saturating_add_signed(shift);
            back.push(Edit::replace(start..start + edit.text.len(), was));
            shift += edit.growth();
        }
        Ok(Self(back))
    }

    /// Where an offset of the old text lies in the new one.
    ///
    /// An offset at the border of a replaced range stays at that border; `bias` decides for an offset inside
    /// a replaced range and for one at which text is inserted.
    pub fn map_offset(&self, offset: usize, bias: Bias) -> usize {
        let mut shift = 0_isize;
        for edit in self.0.iter().take_while(|it| it.range.start <= offset) {
            let start = edit.range.start.saturating_add_signed(shift);
            let stays_before = edit.range.start == offset && (!edit.range.is_empty() || bias == Bias::Left);
            let is_inside = offset < edit.range.end;
            match (stays_before, is_inside, bias) {
                (true, _, _) | (false, true, Bias::Left) => return start,
                (false, true, Bias::Right) => return start + edit.text.len(),
                (false, false, _) => shift += edit.growth(),
            }
        }
        offset.saturating_add_signed(shift)
    }
}

impl From<Edits> for Vec<Edit> {
    fn from(edits: Edits) -> Self {
        edits.0
    }
}

impl TryFrom<Vec<Edit>> for Edits {
    type Error = EditError;

    fn try_from(edits: Vec<Edit>) -> Result<Self, EditError> {
        Self::new(edits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_edits_are_refused() {
        // invariant: edits-do-not-overlap
        let overlap = |a, b| Edits::new(vec![a, b]).unwrap_err();
        let expected = EditError::Overlap((0..3).into(), (2..4).into());
        assert_eq!(overlap(Edit::delete(2..4), Edit::delete(0..3)), expected);
        let expected = EditError::Overlap((0..3).into(), (1..1).into());
        assert_eq!(overlap(Edit::delete(0..3), Edit::insert(1, "x")), expected);
    }

    #[test]
    fn a_range_that_cuts_a_character_is_refused() {
        let edits = Edits::one(Edit::delete(0..1));
        assert_eq!(edits.apply("é"), Err(EditError::OutOfBounds((0..1).into(), 2)));
        assert_eq!(edits.invert("é"), Err(EditError::OutOfBounds((0..1).into(), 2)));
        assert!(edits.apply("").is_err());
    }

    #[test]
    fn insertions_at_one_offset_keep_their_order() {
        let edits = Edits::new(vec![Edit::insert(1, "x"), Edit::replace(1..2, "B"), Edit::insert(1, "y")]);
        assert_eq!(edits.unwrap().apply("ab").unwrap(), "axyB");
    }

    #[test]
    fn an_offset_follows_the_text_around_it() {
        let edits = Edits::new(vec![Edit::insert(1, "xx"), Edit::replace(2..4, "Y")]).unwrap();
        assert_eq!(edits.apply("abcde").unwrap(), "axxbYe");
        let map = |bias| (0..=5).map(|at| edits.map_offset(at, bias)).collect::<Vec<_>>();
        assert_eq!(map(Bias::Left), [0, 1, 4, 4, 5, 6]);
        assert_eq!(map(Bias::Right), [0, 3, 4, 5, 5, 6]);
    }
}
