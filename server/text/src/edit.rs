//! Edits as values.
//!
//! invariant: edits-do-not-overlap

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{ByteRange, ContentHash, RelPath};

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
}

/// Edits of one text, all against the same old text: ordered by position, none overlapping another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(into = "Vec<Edit>", try_from = "Vec<Edit>")]
pub struct Edits(Vec<Edit>);

/// Why edits can not be made or applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// Two edits claim the same bytes.
    #[error("the edits at bytes {0:?} and {1:?} overlap")]
    Overlap(ByteRange, ByteRange),
    /// The range is not within the text, or cuts a character in two.
    #[error("bytes {0:?} are not a range of characters of a text of {1} bytes")]
    OutOfBounds(ByteRange, usize),
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

/// Edits of one file, bound to the content that they were made for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileEdit {
    /// The file.
    pub path: RelPath,
    /// Hash of the content that the ranges speak of.
    pub base: ContentHash,
    /// What changes.
    pub edits: Edits,
}

/// A change of one or more files; at most one [`FileEdit`] a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Patch {
    /// The files, ordered by path.
    pub files: Vec<FileEdit>,
}
