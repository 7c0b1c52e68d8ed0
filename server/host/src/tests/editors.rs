//! Changes that an editor makes: against what it shows, and believed only when they stand.

use bodkin_protocol::FailureKind;
use bodkin_text::{ByteRange, ContentHash};

use super::kit::{desk, rel};
use crate::BufferChange;

#[test]
fn the_edits_speak_of_the_buffer_and_its_version() {
    let desk = desk(&[("a.py", "a\nb\nc\n")]);
    let run = desk.offer(&[("a.py", "a\nb\nc\n", "a\nB\nc\n")]);
    desk.host.open_buffer(rel("a.py"), 3, "a\nb\nc\nunsaved\n".to_owned());
    let change = desk.host.accept_to_editor(run).unwrap();
    let file = change.files.first().unwrap();
    assert_eq!((file.version, change.rebased), (Some(3), true));
    let after = file.edits.apply(&file.before).unwrap();
    assert_eq!(after, "a\nB\nc\nunsaved\n");
    assert_eq!(file.after_hash, ContentHash::of(after));
    assert_eq!(desk.read("a.py"), "a\nb\nc\n", "the disk is the editor's to write");
}

#[test]
fn a_file_that_is_not_open_is_edited_from_its_text_on_disk() {
    let desk = desk(&[("a.py", "a\n")]);
    let change = desk.host.accept_to_editor(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap();
    let file = change.files.first().unwrap();
    assert_eq!((file.version, &*file.before), (None, "a\n"));
    desk.write("a.py", "A\n");
    assert!(desk.host.editor_applied(change.checkpoint, true));
}

#[test]
fn an_editor_that_says_yes_is_believed_when_the_text_stands() {
    let desk = desk(&[("a.py", "a\n")]);
    desk.host.open_buffer(rel("a.py"), 1, "a\n".to_owned());
    let change = desk.host.accept_to_editor(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap();
    assert!(!desk.host.editor_applied(change.checkpoint, true), "nothing has changed yet");
    assert_eq!(desk.host.undo_on_disk(None).unwrap_err().message, "there is nothing to take back");
    let edit = BufferChange { range: Some(ByteRange::new(0, 1)), text: "A".to_owned() };
    desk.host.change_buffer(&rel("a.py"), 2, vec![edit]).unwrap();
    assert!(desk.host.editor_applied(change.checkpoint, true));
    assert!(!desk.host.editor_applied(change.checkpoint, true), "answered once");
    assert_eq!(desk.said(), ["genesis", "decided", "permitted", "did true"]);
}

#[test]
fn what_was_typed_around_a_change_since_does_not_count_against_it() {
    let desk = desk(&[("a.py", "a\nb\nc\n")]);
    desk.host.open_buffer(rel("a.py"), 1, "a\nb\nc\n".to_owned());
    let change = desk.host.accept_to_editor(desk.offer(&[("a.py", "a\nb\nc\n", "A\nb\nc\n")])).unwrap();
    desk.host.open_buffer(rel("a.py"), 2, "a\nb\nmine\n".to_owned());
    assert!(!desk.host.editor_applied(change.checkpoint, true), "typed, and not changed");
    desk.host.open_buffer(rel("a.py"), 3, "A\nb\nmine\n".to_owned());
    assert!(desk.host.editor_applied(change.checkpoint, true));
    let undo = desk.host.undo_in_editor(None).unwrap();
    let file = undo.files.first().unwrap();
    assert_eq!(file.edits.apply(&file.before).unwrap(), "a\nb\nmine\n");
}

#[test]
fn an_editor_that_says_no_leaves_nothing_to_undo() {
    let desk = desk(&[("a.py", "a\n")]);
    let change = desk.host.accept_to_editor(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap();
    assert!(!desk.host.editor_applied(change.checkpoint, false));
    assert_eq!(desk.said(), ["genesis", "decided", "permitted", "did false"]);
    let error = desk.host.undo_in_editor(Some(change.checkpoint)).unwrap_err();
    assert_eq!(error.message, format!("the change {} does not stand any more", change.checkpoint));
}

#[test]
fn a_buffer_that_was_edited_in_the_same_place_is_left_alone() {
    let desk = desk(&[("a.py", "a\n")]);
    let run = desk.offer(&[("a.py", "a\n", "A\n")]);
    desk.host.open_buffer(rel("a.py"), 1, "mine\n".to_owned());
    assert_eq!(desk.host.accept_to_editor(run).unwrap_err().kind, FailureKind::Stale);
}

#[test]
fn a_buffer_that_is_in_doubt_is_not_edited() {
    let desk = desk(&[("a.py", "a\n")]);
    let run = desk.offer(&[("a.py", "a\n", "A\n")]);
    desk.host.open_buffer(rel("a.py"), 5, "a\n".to_owned());
    let impossible = BufferChange { range: Some(ByteRange::new(7, 9)), text: String::new() };
    let error = desk.host.change_buffer(&rel("a.py"), 6, vec![impossible]).unwrap_err();
    assert_eq!((error.kind, error.hint.as_str()), (FailureKind::Stale, "Close and re-open the file."));
    assert_eq!(desk.host.accept_to_editor(run).unwrap_err().kind, FailureKind::Stale);
    desk.host.open_buffer(rel("a.py"), 7, "a\n".to_owned());
    desk.host.accept_to_editor(run).unwrap();
}

#[test]
fn an_old_version_puts_a_buffer_in_doubt() {
    let desk = desk(&[("a.py", "a\n")]);
    desk.host.open_buffer(rel("a.py"), 5, "a\n".to_owned());
    let edit = BufferChange { range: Some(ByteRange::new(0, 1)), text: "A".to_owned() };
    let error = desk.host.change_buffer(&rel("a.py"), 4, vec![edit.clone()]).unwrap_err();
    assert!(error.message.contains("version 4 came after version 5"), "{error}");
    let unknown = desk.host.change_buffer(&rel("b.py"), 1, vec![edit]).unwrap_err();
    assert!(unknown.message.contains("is not open"), "{unknown}");
}

#[test]
fn what_an_editor_saved_before_the_process_died_counts_as_applied() {
    let mut desk = desk(&[("a.py", "a\nb\nc\n")]);
    desk.host.accept_to_editor(desk.offer(&[("a.py", "a\nb\nc\n", "A\nb\nc\n")])).unwrap();
    desk.write("a.py", "A\nb\nc\nmine\n");
    assert_eq!(desk.again().recovered(), Vec::<String>::new(), "somebody still waits for the answer");
    desk.dies();
    assert_eq!(
        desk.host.recovered(),
        ["the change c1 (a change), left to an editor, stands and counts as applied"]
    );
    assert_eq!(desk.said().last().map(String::as_str), Some("did true"));
    desk.host.undo_on_disk(None).unwrap();
    assert_eq!(desk.read("a.py"), "a\nb\nc\nmine\n");
    assert_eq!(desk.again().recovered(), Vec::<String>::new(), "once is enough");
}

#[test]
fn what_no_editor_saved_before_the_process_died_counts_as_not_made() {
    let mut desk = desk(&[("a.py", "a\n")]);
    desk.host.accept_to_editor(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap();
    desk.dies();
    assert_eq!(
        desk.host.recovered(),
        ["the change c1 (a change), left to an editor, was not saved and counts as not made"]
    );
    assert_eq!(desk.said().last().map(String::as_str), Some("did false"));
    assert_eq!(desk.host.undo_on_disk(None).unwrap_err().message, "there is nothing to take back");
}
