//! Three-way merge.
//!
//! Whole lines first; where both sides changed the same or neighbouring lines, their words, if unchanged text
//! lies between all edits of the one and of the other. What is left is a conflict, never a guess.
//! invariant: rebase-or-conflict, never a wrong merge

use std::ops::Range;

use crate::rebase::Touching;
use crate::{ByteRange, Edit, Edits, Line0, LineIndex};

/// How a merge went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// Both sides' changes.
    Merged(String),
    /// Where the sides disagree, in order of position; at least one.
    Conflicts(Vec<Disagreement>),
}

/// Lines that both sides changed, each in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The lines in the base text; empty where both sides add lines at one place.
    pub lines: Range<Line0>,
    /// Our text for them.
    pub ours: String,
    /// Their text for them.
    pub theirs: String,
}

/// Both sides' changes of `base` in one text.
pub fn three_way(base: &str, ours: &str, theirs: &str) -> Merge {
    let mut merged = String::with_capacity(ours.len().max(theirs.len()));
    let mut conflicts = Vec::new();
    let mut done = 0;
    for region in regions(Edits::between_lines(base, ours), Edits::between_lines(base, theirs)) {
        merged.push_str(base.get(done..region.range.start).unwrap_or_default());
        done = region.range.end;
        let (ours, theirs) = (region.text(base, &region.ours), region.text(base, &region.theirs));
        match region.resolve(base, &ours, &theirs) {
            Some(text) => merged.push_str(&text),
            None => conflicts.push((region.range, ours, theirs)),
        }
    }
    merged.push_str(base.get(done..).unwrap_or_default());
    if conflicts.is_empty() {
        return Merge::Merged(merged);
    }
    let index = LineIndex::new(base);
    let conflicts = conflicts.into_iter().map(|(range, ours, theirs)| Disagreement {
        lines: lines(&index, base, range),
        ours,
        theirs,
    });
    Merge::Conflicts(conflicts.collect())
}

/// A run of base lines that edits touch, apart from the next run by an unchanged line.
struct Region {
    range: ByteRange,
    ours: Vec<Edit>,
    theirs: Vec<Edit>,
}

impl Region {
    /// The region's lines with the edits of one side.
    fn text(&self, base: &str, edits: &[Edit]) -> String {
        let mut text = String::new();
        let mut done = self.range.start;
        for edit in edits {
            text.push_str(base.get(done..edit.range.start).unwrap_or_default());
            text.push_str(&edit.text);
            done = edit.range.end;
        }
        text + base.get(done..self.range.end).unwrap_or_default()
    }

    /// The text that holds both sides' changes, where there is exactly one.
    fn resolve(&self, base: &str, ours: &str, theirs: &str) -> Option<String> {
        if self.theirs.is_empty() || ours == theirs {
            return Some(ours.to_owned());
        }
        if self.ours.is_empty() {
            return Some(theirs.to_owned());
        }
        let base = self.range.of(base)?;
        let over = Edits::between(base, ours);
        let rebased = Edits::between(base, theirs).rebase_with(&over, Touching::Conflict).ok()?;
        rebased.apply(ours).ok()
    }
}

/// Joins the edits of both sides wherever they share or touch lines.
fn regions(ours: Edits, theirs: Edits) -> Vec<Region> {
    let mut all: Vec<(Edit, bool)> = Vec::from(ours).into_iter().map(|it| (it, true)).collect();
    all.extend(Vec::from(theirs).into_iter().map(|it| (it, false)));
    all.sort_by_key(|(edit, _)| edit.range);
    let mut regions: Vec<Region> = Vec::new();
    for (edit, is_ours) in all {
        if regions.last().is_none_or(|last| last.range.end < edit.range.start) {
            regions.push(Region { range: edit.range, ours: Vec::new(), theirs: Vec::new() });
        }
        if let Some(region) = regions.last_mut() {
            region.range.end = region.range.end.max(edit.range.end);
            let side = if is_ours { &mut region.ours } else { &mut region.theirs };
            side.push(edit);
        }
    }
    regions
}

fn lines(index: &LineIndex, base: &str, range: ByteRange) -> Range<Line0> {
    let start = index.line(range.start);
    let end = index.line(range.end);
    let ends_within = !range.is_empty() && !base.get(..range.end).unwrap_or_default().ends_with('\n');
    start..Line0(end.0 + u32::from(ends_within))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "a = 1\nb = 2\nc = 3\n";

    fn check(ours: &str, theirs: &str, expected: &str) {
        assert_eq!(three_way(BASE, ours, theirs), Merge::Merged(expected.to_owned()));
        assert_eq!(three_way(BASE, theirs, ours), Merge::Merged(expected.to_owned()));
    }

    fn conflict(ours: &str, theirs: &str, lines: Range<u32>) {
        for merge in [three_way(BASE, ours, theirs), three_way(BASE, theirs, ours)] {
            match merge {
                Merge::Merged(text) => panic!("merged to {text:?}"),
                Merge::Conflicts(all) => {
                    let seen: Vec<_> = all.iter().map(|it| it.lines.start.0..it.lines.end.0).collect();
                    assert_eq!(seen, std::slice::from_ref(&lines));
                }
            }
        }
    }

    #[test]
    fn changes_of_different_lines_are_both_made() {
        check("a = 9\nb = 2\nc = 3\n", "a = 1\nb = 2\n", "a = 9\nb = 2\n");
    }

    #[test]
    fn changes_of_different_words_of_a_line_are_both_made() {
        check("a = 1\nx = 2\nc = 3\n", "a = 1\nb = 7\nc = 3\n", "a = 1\nx = 7\nc = 3\n");
    }

    #[test]
    fn changes_of_one_word_conflict() {
        conflict("a = 1\nb = 5\nc = 3\n", "a = 1\nb = 7\nc = 3\n", 1..2);
    }

    #[test]
    fn changes_without_unchanged_text_between_conflict() {
        conflict("a = 1\nb = -2\nc = 3\n", "a = 1\nb = 7\nc = 3\n", 1..2);
        conflict("a = 1\nnew\nb = 2\nc = 3\n", "a = 1\nx = 2\nc = 3\n", 1..2);
    }

    #[test]
    fn different_lines_added_at_one_place_conflict() {
        conflict("a = 1\nx\nb = 2\nc = 3\n", "a = 1\ny\nb = 2\nc = 3\n", 1..1);
    }

    #[test]
    fn a_change_of_a_deleted_line_conflicts() {
        conflict("a = 1\nb = 2\n", "a = 1\nb = 2\nc = 4\n", 2..3);
    }

    #[test]
    fn a_conflict_shows_both_texts() {
        let merge = three_way("x", "y", "z");
        let both = Disagreement { lines: Line0(0)..Line0(1), ours: "y".into(), theirs: "z".into() };
        assert_eq!(merge, Merge::Conflicts(vec![both]));
    }
}
