//! Edits as hunks that are accepted or refused one by one.
//!
//! A hunk is made of whole lines (ended by `\n`), and holds every edit that touches them or the lines next
//! to them. Its id is made from its text alone: it stays the same when other hunks are applied or lines move.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ByteRange, ContentHash, Edit, EditError, Edits};

/// Names a hunk within its edits or patch; 16 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HunkId(String);

impl From<&str> for HunkId {
    /// Takes any text: one that names no hunk is found out when it is used.
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for HunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Edits of neighbouring lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Its name.
    pub id: HunkId,
    /// The lines in the old text, line ends included; empty where lines are only added.
    pub range: ByteRange,
    /// The lines as they were.
    pub before: String,
    /// The lines as they become.
    pub after: String,
    /// The edits, in order, as ranges of the whole old text.
    pub edits: Edits,
}

impl Edits {
    /// The edits of `old` in hunks, in order of position.
    pub fn hunks(&self, old: &str) -> Result<Vec<Hunk>, EditError> {
        self.hunks_named(old, "")
    }

    /// The edits of the chosen hunks. An id that names none of them is an error; naming one twice is not.
    pub fn choose(&self, old: &str, ids: &[HunkId]) -> Result<Self, EditError> {
        let hunks = self.hunks(old)?;
        match ids.iter().find(|id| !hunks.iter().any(|hunk| hunk.id == **id)) {
            Some(unknown) => Err(EditError::UnknownHunk(unknown.clone())),
            None => Ok(Self::joined(hunks.into_iter().filter(|it| ids.contains(&it.id)))),
        }
    }

    /// The edits of hunks of one list, in its order.
    pub(crate) fn joined(hunks: impl IntoIterator<Item = Hunk>) -> Self {
        Self(hunks.into_iter().flat_map(|it| it.edits.0).collect())
    }

    /// Hunks with ids that differ from those of equal hunks of another `place`.
    pub(crate) fn hunks_named(&self, old: &str, place: &str) -> Result<Vec<Hunk>, EditError> {
        let mut hunks: Vec<Hunk> = Vec::new();
        for (range, edits) in self.groups(old)? {
            let out_of_bounds = || EditError::OutOfBounds(range, old.len());
            let before = range.of(old).ok_or_else(out_of_bounds)?.to_owned();
            let inner = edits.iter().map(|it| {
                let start = it.range.start - range.start;
                Edit::replace(start..start + it.range.len(), it.text.as_str())
            });
            let after = Self(inner.collect()).apply(&before)?;
            let nth = hunks.iter().filter(|it| it.before == before && it.after == after).count();
            let id = id(place, &before, &after, nth);
            hunks.push(Hunk { id, range, before, after, edits: Self(edits) });
        }
        Ok(hunks)
    }

    /// The edits by the runs of lines that they touch.
    fn groups(&self, old: &str) -> Result<Vec<(ByteRange, Vec<Edit>)>, EditError> {
        let mut groups: Vec<(ByteRange, Vec<Edit>)> = Vec::new();
        for edit in &self.0 {
            let lines = whole_lines(old, edit).ok_or(EditError::OutOfBounds(edit.range, old.len()))?;
            match groups.last_mut() {
                Some((range, edits)) if lines.start <= range.end => {
                    range.end = range.end.max(lines.end);
                    edits.push(edit.clone());
                }
                Some(_) | None => groups.push((lines, vec![edit.clone()])),
            }
        }
        Ok(groups)
    }
}

/// The lines of `old` that `edit` changes; none where it adds or removes whole lines.
fn whole_lines(old: &str, edit: &Edit) -> Option<ByteRange> {
    edit.range.of(old)?;
    let (before, after) = (old.get(..edit.range.start)?, old.get(edit.range.end..)?);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let is_whole = edit.text.ends_with('\n') || edit.text.is_empty() && start == edit.range.start;
    if is_whole && old.get(..edit.range.end)?.ends_with('\n') {
        return Some(ByteRange::new(start, edit.range.end));
    }
    if is_whole && edit.range.end == 0 {
        return Some(ByteRange::at(0));
    }
    let rest = after.find('\n').map_or(after.len(), |at| at + 1);
    Some(ByteRange::new(start, edit.range.end + rest))
}

fn id(place: &str, before: &str, after: &str, nth: usize) -> HunkId {
    let parts = [place, before, after].map(|it| ContentHash::of(it).to_string());
    let hash = ContentHash::of(format!("{}:{nth}", parts.join(":")));
    HunkId(hash.to_string().chars().take(16).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "a\nb\nc = 1\nd = 2\ne\n";
    const NEW: &str = "A\nb\nc = 3\nd = 4\ne\nnew\n";

    #[test]
    fn edits_of_neighbouring_lines_are_one_hunk() {
        let edits = Edits::between(OLD, NEW);
        assert_eq!(edits.len(), 4);
        let hunks = edits.hunks(OLD).unwrap();
        let seen: Vec<_> = hunks.iter().map(|it| (it.before.as_str(), it.after.as_str())).collect();
        assert_eq!(seen, [("a\n", "A\n"), ("c = 1\nd = 2\n", "c = 3\nd = 4\n"), ("", "new\n")]);
    }

    #[test]
    fn a_chosen_hunk_is_applied_without_the_others() {
        let edits = Edits::between(OLD, NEW);
        let ids: Vec<HunkId> = edits.hunks(OLD).unwrap().into_iter().map(|it| it.id).collect();
        let text = |ids: &[HunkId]| edits.choose(OLD, ids).unwrap().apply(OLD).unwrap();
        assert_eq!(text(&ids[1..2]), "a\nb\nc = 3\nd = 4\ne\n");
        assert_eq!(text(&[ids[2].clone(), ids[0].clone(), ids[0].clone()]), "A\nb\nc = 1\nd = 2\ne\nnew\n");
        assert_eq!(text(&ids), NEW);
        assert_eq!(text(&[]), OLD);
    }

    #[test]
    fn an_id_of_another_text_is_refused() {
        let id = HunkId::from("0123456789abcdef");
        let error = Edits::between(OLD, NEW).choose(OLD, std::slice::from_ref(&id)).unwrap_err();
        assert_eq!(error, EditError::UnknownHunk(id));
    }

    #[test]
    fn a_hunk_keeps_its_id_when_others_are_applied() {
        let edits = Edits::between(OLD, NEW);
        let hunks = edits.hunks(OLD).unwrap();
        let applied = edits.choose(OLD, &[hunks[0].id.clone()]).unwrap();
        let left = edits.rebase(&applied).unwrap().hunks(&applied.apply(OLD).unwrap()).unwrap();
        let ids = |hunks: &[Hunk]| hunks.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&left), ids(&hunks[1..]));
    }

    #[test]
    fn equal_hunks_have_different_ids() {
        let hunks = Edits::between("x\n1\n2\nx\n", "y\n1\n2\ny\n").hunks("x\n1\n2\nx\n").unwrap();
        assert_eq!(hunks.len(), 2);
        assert_ne!(hunks[0].id, hunks[1].id);
    }
}
