//! Properties of the whole crate over random texts, each against an oracle too plain to be wrong.
//!
//! Seeded: every run sees the same cases, and nothing is written beside the sources.

mod diffs;
mod edits;
mod positions;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};

use crate::{Edit, Edits};

fn config() -> Config {
    Config {
        cases: 600,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x0b0d_0417),
        ..Config::default()
    }
}

/// What texts go wrong on: line ends of all kinds and look-alikes, wide and joined characters, marks, tabs.
const PIECES: [&str; 26] = [
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\u{2028}",
    "\u{85}",
    "\u{b}",
    "\u{feff}",
    "\t",
    " ",
    " ",
    "a",
    "b",
    "foo",
    "bar_1",
    "=",
    "<",
    "(",
    "é",
    "e\u{301}",
    "日本",
    "😀",
    "👩‍👩‍👧",
    "\u{200d}",
    "\u{1d11e}",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(select(PIECES.as_slice()), 0..24).prop_map(|it| it.concat())
}

/// Lines from a small stock, so that three texts have some in common.
fn lines() -> impl Strategy<Value = String> {
    let line = select(
        ["a\n", "b\n", "x = 1\n", "x = 2\n", "y = 2\n", "\n", "a\r\n", "b", "f(a, b)\n", "é\r"].as_slice(),
    );
    prop::collection::vec(line, 0..8).prop_map(|it| it.concat())
}

fn boundaries(text: &str) -> Vec<usize> {
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect()
}

/// Random edits that fit the text: replacements, insertions and deletions in any order.
fn edits_of(text: &str) -> impl Strategy<Value = Edits> + use<> {
    let places = boundaries(text);
    let place = select(places);
    let inserted =
        prop_oneof![Just(String::new()), select(PIECES.as_slice()).prop_map(str::to_owned), self::text()];
    prop::collection::vec((place.clone(), place, inserted), 0..6).prop_map(|all| {
        let mut edits: Vec<Edit> = Vec::new();
        for (a, b, text) in all {
            let edit = Edit::replace(a.min(b)..a.max(b), text);
            let mut more = edits.clone();
            more.push(edit);
            if Edits::new(more.clone()).is_ok() {
                edits = more;
            }
        }
        Edits::new(edits).unwrap()
    })
}

/// A text and a second one that is near it, or anything.
fn two_texts() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        2 => text().prop_flat_map(|old| {
            let edits = edits_of(&old);
            (Just(old), edits)
        }).prop_map(|(old, edits)| { let new = edits.apply(&old).unwrap(); (old, new) }),
        1 => (text(), text()),
        1 => (lines(), lines()),
    ]
}
