//! Killed while applying, at each point: the next start finishes or rolls back, and says so.
#![expect(clippy::disallowed_methods, reason = "the child reads where it works from its environment")]

use std::collections::BTreeMap;
use std::path::Path;

use super::kit::{Desk, Setup, again, desk, files, offer, open};

const OLD: &[(&str, &str)] = &[("a.py", "a\n"), ("b.py", "b\n")];

/// In the child: applies a change of the first `count` files and dies on the way.
fn die(count: usize, place: &Path) {
    let host = open(&place.join("work"), &place.join("state"), Setup::default()).unwrap();
    let all = [("a.py", "a\n", "A\n"), ("b.py", "b\n", "B\n")];
    let _ = host.accept_to_disk(offer(&host, all.get(..count).unwrap()));
}

/// Dies at a point in a process of its own, then opens the workspace again. `None` in the child.
fn crash(test: &str, point: &str, count: usize) -> Option<Desk> {
    if let Some(place) = std::env::var_os("BODKIN_TEST_PLACE") {
        die(count, Path::new(&place));
        return None;
    }
    let mut desk = desk(OLD);
    let place = desk.home.parent().unwrap().to_str().unwrap().to_owned();
    let variables =
        BTreeMap::from([("BODKIN_TEST_PLACE", place), ("BODKIN_TEST_CRASH_AT", point.to_owned())]);
    let child = again(&format!("tests::crashes::{test}"), &variables, &[]);
    assert!(!child.status.success(), "it was to die: {}", String::from_utf8_lossy(&child.stdout));
    desk.host = desk.again();
    Some(desk)
}

fn check(desk: &Desk, recovered: &str, texts: &[(&str, &str)]) {
    assert_eq!(desk.host.recovered(), [recovered]);
    let now: Vec<(String, String)> =
        files(&desk.root).into_iter().map(|path| (path.clone(), desk.read(&path))).collect();
    let expected: Vec<(String, String)> =
        texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    assert_eq!(now, expected, "no stray files, and the right texts");
    assert!(desk.ledger().is_intact(), "{:?}", desk.ledger().breaks);
    assert_eq!(desk.host.inner().state.list("journal").unwrap(), Vec::<String>::new());
    assert_eq!(desk.again().recovered(), Vec::<String>::new(), "once is enough");
}

const ROLLED_BACK: &str = "an interrupted apply of `a.py`, `b.py` was rolled back; the old texts stand";

#[test]
fn killed_when_only_the_journal_is_written_nothing_has_changed() {
    let name = "killed_when_only_the_journal_is_written_nothing_has_changed";
    let Some(desk) = crash(name, "journal", 2) else { return };
    check(&desk, ROLLED_BACK, OLD);
    assert_eq!(desk.host.undo_on_disk(None).unwrap_err().message, "there is nothing to take back");
}

#[test]
fn killed_when_the_new_texts_stand_beside_they_are_removed() {
    let name = "killed_when_the_new_texts_stand_beside_they_are_removed";
    let Some(desk) = crash(name, "staged", 2) else { return };
    check(&desk, ROLLED_BACK, OLD);
}

#[test]
fn killed_between_two_files_the_first_goes_back() {
    let Some(desk) = crash("killed_between_two_files_the_first_goes_back", "rename", 2) else { return };
    check(&desk, ROLLED_BACK, OLD);
    assert_eq!(desk.host.undo_on_disk(None).unwrap_err().message, "there is nothing to take back");
    let said = desk.said();
    let end = ["permitted", "did true", "did false"];
    assert_eq!(said.get(said.len() - 3..).unwrap(), end, "the recovery, and what came of the apply");
}

#[test]
fn killed_after_the_last_file_the_change_stands_and_can_be_undone() {
    let name = "killed_after_the_last_file_the_change_stands_and_can_be_undone";
    let Some(desk) = crash(name, "rename", 1) else { return };
    let said = "an interrupted apply of `a.py` had put everything in place; it counts as applied";
    check(&desk, said, &[("a.py", "A\n"), ("b.py", "b\n")]);
    desk.host.undo_on_disk(None).unwrap();
    assert_eq!(desk.read("a.py"), "a\n");
}

#[test]
fn a_file_that_was_edited_after_the_crash_is_left_alone_and_said() {
    let name = "a_file_that_was_edited_after_the_crash_is_left_alone_and_said";
    if let Some(place) = std::env::var_os("BODKIN_TEST_PLACE") {
        return die(2, Path::new(&place));
    }
    let desk = desk(OLD);
    let place = desk.home.parent().unwrap().to_str().unwrap().to_owned();
    let variables =
        BTreeMap::from([("BODKIN_TEST_PLACE", place), ("BODKIN_TEST_CRASH_AT", "rename".to_owned())]);
    again(&format!("tests::crashes::{name}"), &variables, &[]);
    desk.write("a.py", "edited\n");
    let host = desk.again();
    let said = host.recovered().join(" ");
    assert!(said.contains("`a.py` was edited since and is left as it is."), "{said}");
    assert_eq!((desk.read("a.py").as_str(), desk.read("b.py").as_str()), ("edited\n", "b\n"));
    assert_eq!(desk.files(), ["a.py", "b.py"]);
}
