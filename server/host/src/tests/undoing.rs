//! What was put in place can be taken back, also over later edits; a real conflict changes nothing.

use bodkin_protocol::FailureKind;

use super::kit::{Desk, desk, rel};

const BEFORE: &str = "one\ntwo\nthree\nfour\nfive\n";
const AFTER: &str = "one\nTWO\nthree\nfour\nfive\n";

fn applied() -> Desk {
    let desk = desk(&[("a.py", BEFORE)]);
    desk.host.accept_to_disk(desk.offer(&[("a.py", BEFORE, AFTER)])).unwrap();
    desk
}

#[test]
fn an_undo_brings_the_old_text_back() {
    let desk = applied();
    let undone = desk.host.undo_on_disk(None).unwrap();
    assert_eq!((undone.title.as_str(), undone.rebased), ("undo: a change", false));
    assert_eq!((desk.read("a.py").as_str(), desk.files()), (BEFORE, vec!["a.py".to_owned()]));
    assert_eq!(
        desk.said(),
        ["genesis", "decided", "permitted", "did true", "decided", "permitted", "did true"]
    );
}

#[test]
fn an_undo_in_another_process_finds_the_change() {
    let desk = applied();
    desk.again().undo_on_disk(None).unwrap();
    assert_eq!(desk.read("a.py"), BEFORE);
    assert!(desk.ledger().is_intact());
}

#[test]
fn later_edits_elsewhere_are_kept() {
    let desk = applied();
    desk.write("a.py", "zero\none\nTWO\nthree\nfour\nFIVE\n");
    assert!(desk.host.undo_on_disk(None).unwrap().rebased);
    assert_eq!(desk.read("a.py"), "zero\none\ntwo\nthree\nfour\nFIVE\n");
}

#[test]
fn an_edit_in_the_same_place_is_not_undone_over() {
    let desk = applied();
    desk.write("a.py", "one\nMINE\nthree\nfour\nfive\n");
    let error = desk.host.undo_on_disk(None).unwrap_err();
    assert_eq!(error.kind, FailureKind::Stale);
    assert_eq!(
        error.message,
        "`a.py` near line 2 was changed in the same place meanwhile; nothing was changed"
    );
    assert_eq!(desk.read("a.py"), "one\nMINE\nthree\nfour\nfive\n");
    // The change still stands: with the conflict gone it can be taken back.
    desk.write("a.py", AFTER);
    desk.host.undo_on_disk(None).unwrap();
    assert_eq!(desk.read("a.py"), BEFORE);
}

#[test]
fn nothing_is_undone_twice() {
    let desk = applied();
    let change = desk.host.undo_on_disk(None).unwrap().checkpoint;
    let nothing = desk.host.undo_on_disk(None).unwrap_err();
    assert_eq!(
        (nothing.kind, nothing.message.as_str()),
        (FailureKind::BadRequest, "there is nothing to take back")
    );
    let named = desk.host.undo_on_disk(Some(change)).unwrap_err();
    assert_eq!(named.message, format!("the change {change} does not stand any more"));
    assert_eq!(desk.read("a.py"), BEFORE);
}

#[test]
fn a_named_change_is_taken_back_under_a_later_one() {
    let desk = desk(&[("a.py", BEFORE)]);
    let first = desk.host.accept_to_disk(desk.offer(&[("a.py", BEFORE, AFTER)])).unwrap();
    let both = "one\nTWO\nthree\nfour\nFIVE\n";
    let second = desk.host.accept_to_disk(desk.offer(&[("a.py", AFTER, both)])).unwrap();
    assert_ne!(first.checkpoint, second.checkpoint);
    desk.host.undo_on_disk(Some(first.checkpoint)).unwrap();
    assert_eq!(desk.read("a.py"), "one\ntwo\nthree\nfour\nFIVE\n");
    assert_eq!(desk.host.undo_on_disk(None).unwrap().checkpoint, second.checkpoint);
    assert_eq!(desk.read("a.py"), BEFORE);
}

const BOTH: &str = "one\nTWO\nthree\nfour\nFIVE\n";

/// Two changes, of which the user has taken the later one back by hand.
fn the_later_taken_back_by_hand() -> Desk {
    let desk = applied();
    desk.host.accept_to_disk(desk.offer(&[("a.py", AFTER, BOTH)])).unwrap();
    desk.write("a.py", format!("mine\n{AFTER}"));
    desk
}

#[test]
fn what_was_taken_back_by_hand_is_said_and_the_change_before_it_is_taken_back() {
    let desk = the_later_taken_back_by_hand();
    let undone = desk.host.undo_on_disk(None).unwrap();
    assert_eq!((undone.checkpoint.to_string(), undone.by_hand.len()), ("c1".to_owned(), 1));
    assert_eq!(desk.read("a.py"), format!("mine\n{BEFORE}"));
    assert!(desk.ledger_text().contains(r#""by":"hand","checkpoint":"c2","state":"undone""#));
    let named = desk.host.undo_on_disk(Some("c2".parse().unwrap())).unwrap_err();
    assert_eq!(named.message, "the change c2 does not stand any more");
    assert!(desk.ledger().is_intact());
}

#[test]
fn an_editor_is_told_what_was_taken_back_by_hand() {
    let desk = the_later_taken_back_by_hand();
    let undo = desk.host.undo_in_editor(None).unwrap();
    assert_eq!(undo.checkpoint.to_string(), "c1");
    assert_eq!(undo.title, "undo: a change (c2 was taken back by hand already)");
}

#[test]
fn when_all_was_taken_back_by_hand_nothing_is_left() {
    let desk = applied();
    desk.write("a.py", BEFORE);
    let error = desk.host.undo_on_disk(None).unwrap_err();
    assert_eq!(error.message, "there is nothing left to take back: c1 was taken back by hand already");
    assert_eq!(desk.host.undo_on_disk(None).unwrap_err().message, "there is nothing to take back");
    assert_eq!(desk.read("a.py"), BEFORE);
}

#[test]
fn an_unknown_change_is_named() {
    let desk = applied();
    let error = desk.host.undo_on_disk(Some("c99".parse().unwrap())).unwrap_err();
    assert_eq!(error.message, "there is no change c99");
    assert!("x9".parse::<crate::CheckpointId>().unwrap_err().contains("written like `c7`"));
}

#[test]
fn what_was_kept_and_then_changed_is_not_put_back() {
    let desk = applied();
    let kept = bodkin_text::ContentHash::of(BEFORE);
    super::kit::put(&desk.host.inner().state.at("blobs"), &kept.to_string(), "rubbish");
    let error = desk.host.undo_on_disk(None).unwrap_err();
    assert!(error.message.contains("reading what was kept for an undo"), "{error}");
    assert_eq!(desk.read("a.py"), AFTER);
}

#[test]
fn in_an_editor_the_unsaved_text_counts() {
    let desk = applied();
    let screen = "one\nTWO\nthree\nfour\nfive\nunsaved\n";
    desk.host.open_buffer(rel("a.py"), 7, screen.to_owned());
    let undo = desk.host.undo_in_editor(None).unwrap();
    let file = undo.files.first().unwrap();
    assert_eq!((file.version, &*file.before, undo.rebased), (Some(7), screen, true));
    let shown = file.edits.apply(screen).unwrap();
    assert_eq!(shown, "one\ntwo\nthree\nfour\nfive\nunsaved\n");
    // Still there to be undone until the editor has done it.
    assert!(!desk.host.editor_applied(undo.checkpoint, true));
    desk.host.open_buffer(rel("a.py"), 8, shown);
    assert!(desk.host.editor_applied(undo.checkpoint, true));
    assert_eq!(desk.read("a.py"), AFTER, "the disk is the editor's to write");
    assert_eq!(desk.host.undo_in_editor(None).unwrap_err().message, "there is nothing to take back");
}
