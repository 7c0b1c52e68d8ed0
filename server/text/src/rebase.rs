//! Two sets of edits of one text, one expressed on top of the other.
//!
//! Decides by bytes and borders, not by meaning. What is not certainly apart is a conflict:
//! - the same edit on both sides is done once;
//! - replaced ranges that share a byte, and an insertion inside a replaced range, conflict;
//! - different insertions at one offset conflict, because their order is anybody's guess;
//! - edits that only touch conflict too (`<` made `<=` here and `<-` there must not become `<=-`), unless
//!   a line end that one of them brings keeps them apart.
//!
//! invariant: rebase-or-conflict

use thiserror::Error;

use crate::{ByteRange, Edit, Edits};

/// Two edits of one text that can not both be made; ranges are of the text that both were made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the edit at bytes {ours:?} conflicts with the edit at bytes {theirs:?}")]
pub struct Conflict {
    /// The edit that was to be rebased.
    pub ours: ByteRange,
    /// The edit that it met.
    pub theirs: ByteRange,
}

/// What becomes of edits that touch without sharing a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touching {
    /// Fine where a line end that one of them brings keeps them apart.
    ApartByLineEnd,
    /// A conflict.
    Conflict,
}

impl Edits {
    /// These edits, made for the same text as `over`, as edits of the text that `over` leads to.
    /// Edits that `over` makes too are left out. The first conflict, where there is one.
    pub fn rebase(&self, over: &Self) -> Result<Self, Conflict> {
        self.rebase_with(over, Touching::ApartByLineEnd)
    }

    pub(crate) fn rebase_with(&self, over: &Self, touching: Touching) -> Result<Self, Conflict> {
        let (ours, theirs) = (self.normal(), over.normal());
        let mut rebased = Vec::with_capacity(ours.0.len());
        let mut shift = 0_isize;
        let mut ahead = theirs.0.as_slice();
        for edit in &ours.0 {
            while let Some((next, rest)) = ahead.split_first()
                && next.range.end < edit.range.start
            {
                shift += next.growth();
                ahead = rest;
            }
            if theirs.has(edit) {
                continue;
            }
            let near = ahead.iter().take_while(|it| it.range.start <= edit.range.end);
            if let Some(it) = near.clone().find(|it| !ours.has(it) && clash(edit, it, touching)) {
                return Err(Conflict { ours: edit.range, theirs: it.range });
            }
            let touching_before = near.filter(|it| it.range.end <= edit.range.start).map(Edit::growth);
            let shift = shift + touching_before.sum::<isize>();
            let start = edit.range.start.saturating_add_signed(shift);
            rebased.push(Edit::replace(start..start + edit.range.len(), edit.text.as_str()));
        }
        Ok(Self(rebased))
    }

    /// The same edits with those that change nothing left out and the insertions at one offset joined,
    /// so that no two have the same range.
    fn normal(&self) -> Self {
        let mut normal: Vec<Edit> = Vec::with_capacity(self.0.len());
        for edit in self.0.iter().filter(|it| !(it.range.is_empty() && it.text.is_empty())) {
            match normal.last_mut() {
                Some(last) if last.range == edit.range => last.text.push_str(&edit.text),
                Some(_) | None => normal.push(edit.clone()),
            }
        }
        Self(normal)
    }

    /// Whether normal edits hold this very one.
    fn has(&self, edit: &Edit) -> bool {
        let found = self.0.binary_search_by_key(&edit.range, |it| it.range);
        found.ok().and_then(|at| self.0.get(at)) == Some(edit)
    }
}

/// Whether two different edits, the ranges of which share a byte or touch, can not both be made.
fn clash(a: &Edit, b: &Edit, touching: Touching) -> bool {
    let is_apart = |first: &Edit, second: &Edit| match touching {
        Touching::ApartByLineEnd => {
            first.text.ends_with('\n')
                || second.text.starts_with("\r\n")
                || second.text.starts_with('\n') && !first.text.ends_with('\r')
        }
        Touching::Conflict => false,
    };
    if a.range == b.range || (a.range.start < b.range.end && b.range.start < a.range.end) {
        true
    } else if a.range.end == b.range.start {
        !is_apart(a, b)
    } else {
        !is_apart(b, a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rebases `ours` over `theirs`, both made from `base` by small edits.
    fn check(base: &str, ours: Edit, theirs: Edit, expected: Result<&str, ()>) {
        let theirs = Edits::one(theirs);
        let rebased = Edits::one(ours).rebase(&theirs);
        let text = rebased.map(|it| it.apply(&theirs.apply(base).unwrap()).unwrap());
        assert_eq!(text.as_deref().map_err(|_| ()), expected);
    }

    #[test]
    fn edits_with_text_between_them_are_both_made() {
        check("a < b", Edit::replace(2..3, "<="), Edit::replace(4..5, "cc"), Ok("a <= cc"));
        check("a < b", Edit::replace(4..5, "cc"), Edit::replace(2..3, "<="), Ok("a <= cc"));
    }

    #[test]
    fn the_same_edit_on_both_sides_is_made_once() {
        check("a < b", Edit::insert(3, "="), Edit::insert(3, "="), Ok("a <= b"));
        check("a < b", Edit::replace(0..1, "x"), Edit::replace(0..1, "x"), Ok("x < b"));
    }

    #[test]
    fn different_edits_of_the_same_bytes_conflict() {
        check("a < b", Edit::replace(2..3, ">"), Edit::replace(2..3, "=="), Err(()));
        check("abcd", Edit::delete(0..3), Edit::delete(2..4), Err(()));
        check("abcd", Edit::delete(0..3), Edit::insert(1, "x"), Err(()));
        check("abcd", Edit::insert(1, "x"), Edit::delete(0..3), Err(()));
    }

    #[test]
    fn different_insertions_at_one_offset_conflict() {
        check("ab", Edit::insert(1, "x"), Edit::insert(1, "y"), Err(()));
        check("ab", Edit::insert(1, "x\n"), Edit::insert(1, "y\n"), Err(()));
    }

    #[test]
    fn edits_that_touch_conflict() {
        check("a<b", Edit::replace(1..2, "<="), Edit::insert(2, "-"), Err(()));
        check("a<b", Edit::insert(1, "x"), Edit::replace(1..2, ">"), Err(()));
        check("ab", Edit::replace(0..1, "x"), Edit::replace(1..2, "y"), Err(()));
    }

    #[test]
    fn a_line_added_beside_a_changed_line_does_not_conflict() {
        check("a\nb\n", Edit::replace(2..3, "B"), Edit::insert(2, "new\n"), Ok("a\nnew\nB\n"));
        check("a\nb\n", Edit::replace(2..3, "B"), Edit::insert(3, "\nnew"), Ok("a\nB\nnew\n"));
        check("a\nb\n", Edit::insert(3, "\r\nnew"), Edit::replace(2..3, "B\r"), Ok("a\nB\r\r\nnew\n"));
        check("a\nb\n", Edit::insert(3, "\nnew"), Edit::replace(2..3, "B\r"), Err(()));
    }

    #[test]
    fn an_edit_beside_one_that_both_sides_make_is_kept() {
        let both = Edit::replace(1..2, "<=");
        let ours = Edits::new(vec![both.clone(), Edit::insert(2, " ")]).unwrap();
        let rebased = ours.rebase(&Edits::one(both)).unwrap();
        assert_eq!(rebased.apply("a<=b").unwrap(), "a<= b");
    }

    #[test]
    fn a_conflict_names_both_places_in_the_common_text() {
        let ours = Edits::new(vec![Edit::insert(0, "xyz"), Edit::delete(2..4)]).unwrap();
        let conflict = ours.rebase(&Edits::one(Edit::delete(3..5))).unwrap_err();
        assert_eq!(conflict, Conflict { ours: (2..4).into(), theirs: (3..5).into() });
    }
}
