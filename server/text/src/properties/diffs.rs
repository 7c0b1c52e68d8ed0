//! Diffs against a naive reader of unified diffs; merges against what a merge must be.

use proptest::prelude::*;

use super::{config, lines, text, two_texts};
use crate::merge::{Merge, three_way};
use crate::{RelPath, diff};

/// Applies a unified diff by the book: every line of context and every removed line must be there.
fn plain_patch(old: &str, patch: &str) -> String {
    let mut rest = old.split_inclusive('\n');
    let mut new = String::new();
    let mut line_number = 0;
    let lines: Vec<&str> = patch.split_inclusive('\n').skip(2).collect();
    for (at, line) in lines.iter().enumerate() {
        let bare = |line: &str| match lines.get(at + 1) {
            Some(next) if next.starts_with('\\') => line[1..line.len() - 1].to_owned(),
            _ => line[1..].to_owned(),
        };
        match line.as_bytes()[0] {
            b'@' => {
                let (start, len) = span(line.split(' ').nth(1).unwrap());
                while line_number + usize::from(len > 0) < start {
                    new.push_str(rest.next().unwrap());
                    line_number += 1;
                }
                let (start, len) = span(line.split(' ').nth(2).unwrap());
                assert_eq!(new.split_inclusive('\n').count() + usize::from(len > 0), start);
            }
            b'\\' => {}
            b'+' => new.push_str(&bare(line)),
            sign => {
                assert_eq!(rest.next().unwrap(), bare(line));
                line_number += 1;
                if sign == b' ' {
                    new.push_str(&bare(line));
                }
            }
        }
    }
    new + &rest.collect::<String>()
}

fn span(text: &str) -> (usize, usize) {
    let (start, len) = text[1..].split_once(',').unwrap_or((&text[1..], "1"));
    (start.parse().unwrap(), len.parse().unwrap())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_unified_diff_leads_from_one_text_to_the_other((old, new) in two_texts(), context in 0_usize..4) {
        let path = RelPath::new("a").unwrap();
        let patch = diff::unified(Some(&path), Some(&path), &old, &new, context);
        prop_assert_eq!(patch.is_empty(), old == new);
        prop_assert_eq!(plain_patch(&old, &patch), new);
    }

    #[test]
    fn a_merge_with_an_unchanged_side_is_the_other_side(base in text(), other in text()) {
        prop_assert_eq!(three_way(&base, &other, &base), Merge::Merged(other.clone()));
        prop_assert_eq!(three_way(&base, &base, &other), Merge::Merged(other.clone()));
        prop_assert_eq!(three_way(&base, &other, &other), Merge::Merged(other));
    }

    #[test]
    fn a_merge_does_not_depend_on_whose_side_is_whose(base in lines(), ours in lines(), theirs in lines()) {
        match (three_way(&base, &ours, &theirs), three_way(&base, &theirs, &ours)) {
            (Merge::Merged(one), Merge::Merged(other)) => prop_assert_eq!(one, other),
            (Merge::Conflicts(one), Merge::Conflicts(other)) => {
                prop_assert!(!one.is_empty());
                let swapped: Vec<_> = other.into_iter().map(|it| (it.lines, it.theirs, it.ours)).collect();
                let one: Vec<_> = one.into_iter().map(|it| (it.lines, it.ours, it.theirs)).collect();
                prop_assert_eq!(one, swapped);
            }
            (one, other) => prop_assert!(false, "{one:?} but {other:?}"),
        }
    }

    #[test]
    fn a_merge_makes_up_no_word(base in lines(), ours in lines(), theirs in lines()) {
        // invariant: rebase-or-conflict, never a wrong merge
        let words = |text: &str| text.split(|it: char| !it.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
        if let Merge::Merged(merged) = three_way(&base, &ours, &theirs) {
            let known: Vec<String> = [&base, &ours, &theirs].iter().flat_map(|it| words(it)).collect();
            let glued = words(&merged).into_iter().find(|it| !known.contains(it));
            prop_assert_eq!(glued, None);
        }
    }
}
