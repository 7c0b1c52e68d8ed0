//! Edits against a character-by-character application.

use proptest::prelude::*;

use super::{config, edits_of, text, two_texts};
use crate::{Bias, Edit, Edits, HunkId};

/// Applies from the last edit to the first, so that no offset ever moves.
fn plain_apply(edits: &Edits, old: &str) -> String {
    let mut text = old.to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(edit.range.start..edit.range.end, &edit.text);
    }
    text
}

fn text_and_edits() -> impl Strategy<Value = (String, Edits)> {
    text().prop_flat_map(|text| {
        let edits = edits_of(&text);
        (Just(text), edits)
    })
}

fn text_and_two() -> impl Strategy<Value = (String, Edits, Edits)> {
    text().prop_flat_map(|text| {
        let (one, two) = (edits_of(&text), edits_of(&text));
        (Just(text), one, two)
    })
}

/// Both sides' edits of one old text, those of both sides once.
fn both_at_once(ours: &Edits, theirs: &Edits) -> Edits {
    let joined = |edits: &Edits| {
        let mut all: Vec<Edit> = Vec::new();
        for it in edits.iter().filter(|it| !(it.range.is_empty() && it.text.is_empty())) {
            match all.iter_mut().find(|other| other.range == it.range) {
                Some(other) => other.text.push_str(&it.text),
                None => all.push(it.clone()),
            }
        }
        all
    };
    let mut all = joined(theirs);
    all.extend(joined(ours).into_iter().filter(|it| !joined(theirs).contains(it)));
    Edits::new(all).unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn edits_apply_as_if_made_one_by_one((old, edits) in text_and_edits()) {
        // invariant: edits-do-not-overlap
        prop_assert_eq!(edits.apply(&old).unwrap(), plain_apply(&edits, &old));
    }

    #[test]
    fn inverted_edits_take_the_text_back((old, edits) in text_and_edits()) {
        let new = edits.apply(&old).unwrap();
        let back = edits.invert(&old).unwrap();
        prop_assert_eq!(Edits::new(back.clone().into()), Ok(back.clone()));
        prop_assert_eq!(back.apply(&new).unwrap(), old.as_str());
        prop_assert_eq!(back.invert(&new).unwrap().apply(&old).unwrap(), new);
    }

    #[test]
    fn a_delta_leads_from_one_text_to_the_other((old, new) in two_texts()) {
        // invariant: delta-round-trips
        let edits = Edits::between(&old, &new);
        prop_assert_eq!(Edits::new(edits.clone().into()), Ok(edits.clone()));
        prop_assert_eq!(edits.apply(&old).unwrap(), new.as_str());
        prop_assert_eq!(Edits::between_lines(&old, &new).apply(&old).unwrap(), new.as_str());
        for edit in edits.iter() {
            for at in [edit.range.start, edit.range.end] {
                prop_assert!(!(old[..at].ends_with('\r') && old[at..].starts_with('\n')));
            }
        }
    }

    #[test]
    fn rebased_edits_and_those_below_do_what_both_do_at_once((old, ours, theirs) in text_and_two()) {
        // invariant: rebase-or-conflict
        if let Ok(rebased) = ours.rebase(&theirs) {
            let both = both_at_once(&ours, &theirs).apply(&old).unwrap();
            prop_assert_eq!(rebased.apply(&theirs.apply(&old).unwrap()).unwrap(), both.as_str());
            let other = theirs.rebase(&ours).unwrap();
            prop_assert_eq!(other.apply(&ours.apply(&old).unwrap()).unwrap(), both);
        } else {
            prop_assert!(theirs.rebase(&ours).is_err());
        }
    }

    #[test]
    fn edits_rebased_over_themselves_or_nothing((_, edits) in text_and_edits()) {
        prop_assert_eq!(edits.rebase(&edits), Ok(Edits::default()));
        let normal = edits.rebase(&Edits::default()).unwrap();
        prop_assert_eq!(normal.rebase(&Edits::default()).unwrap(), normal.clone());
        prop_assert_eq!(Edits::default().rebase(&edits), Ok(Edits::default()));
    }

    #[test]
    fn a_kept_character_is_found_where_its_offset_maps((old, edits) in text_and_edits()) {
        let new = edits.apply(&old).unwrap();
        let mut last = (0, 0);
        for (at, character) in old.char_indices() {
            let mapped = (edits.map_offset(at, Bias::Left), edits.map_offset(at, Bias::Right));
            prop_assert!(last.0 <= mapped.0 && last.1 <= mapped.1 && mapped.0 <= mapped.1);
            last = mapped;
            let is_replaced = edits.iter().any(|it| it.range.start <= at && at < it.range.end);
            if !is_replaced {
                prop_assert!(new[mapped.1..].starts_with(character));
            }
        }
        prop_assert_eq!(edits.map_offset(old.len(), Bias::Right), new.len());
    }

    #[test]
    fn hunks_are_the_edits_and_their_lines((old, new) in two_texts(), chosen in any::<u8>()) {
        let edits = Edits::between(&old, &new);
        let hunks = edits.hunks(&old).unwrap();
        let mut text = old.clone();
        let mut ids: Vec<HunkId> = Vec::new();
        for (at, hunk) in hunks.iter().enumerate().rev().filter(|(at, _)| chosen >> (at % 8) & 1 == 1) {
            prop_assert_eq!(&text[hunk.range.start..hunk.range.end], &hunk.before, "hunk {}", at);
            text.replace_range(hunk.range.start..hunk.range.end, &hunk.after);
            ids.push(hunk.id.clone());
        }
        prop_assert_eq!(edits.choose(&old, &ids).unwrap().apply(&old).unwrap(), text);
        let all: Vec<HunkId> = hunks.iter().map(|it| it.id.clone()).collect();
        prop_assert_eq!(edits.choose(&old, &all).unwrap(), edits);
    }

    #[test]
    fn edits_are_the_same_after_a_trip_over_the_wire((_, edits) in text_and_edits()) {
        let json = serde_json::to_string(&edits).unwrap();
        prop_assert_eq!(serde_json::from_str::<Edits>(&json).unwrap(), edits);
    }
}
