//! What a snapshot shows, and what it keeps.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;

use bodkin_text::{Edit, Line0, RelPath};
use bodkin_workspace::{Change, Snapshot, Suspect, Workspace};

fn path(text: &str) -> RelPath {
    RelPath::new(text).unwrap()
}

fn insert(at: usize, text: &str) -> Change {
    Change::Replace(Edit::insert(at, text))
}

fn text(snapshot: &Snapshot, file: &str) -> Option<String> {
    snapshot.file(&path(file)).map(|it| it.text().to_string())
}

#[test]
fn a_buffer_wins_over_the_disk_until_it_is_closed() {
    let mut workspace = Workspace::new();
    workspace.set_disk(path("a.py"), "disk".into());
    workspace.open(path("a.py"), 1, "buffer".into());
    workspace.set_disk(path("a.py"), "disk again".into());
    assert_eq!(text(&workspace.snapshot(), "a.py").unwrap(), "buffer");
    workspace.close(&path("a.py"));
    assert_eq!(text(&workspace.snapshot(), "a.py").unwrap(), "disk again");
    workspace.remove_disk(&path("a.py"));
    assert_eq!(text(&workspace.snapshot(), "a.py"), None);
}

#[test]
fn a_snapshot_can_be_read_from_several_threads() {
    let mut workspace = Workspace::new();
    workspace.set_disk(path("a.py"), "a = 1\n".into());
    let snapshot = workspace.snapshot();
    let tree = || snapshot.file(&path("a.py")).unwrap().syntax().unwrap();
    let (one, other) = std::thread::scope(|scope| {
        let (one, other) = (scope.spawn(tree), scope.spawn(tree));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert!(Arc::ptr_eq(&one, &other));
}

/// invariant: snapshot-is-frozen
#[test]
fn a_snapshot_does_not_see_later_changes() {
    let mut workspace = Workspace::new();
    workspace.set_disk(path("a.py"), "a".into());
    workspace.open(path("b.py"), 1, "b".into());
    let before = workspace.snapshot();
    workspace.change(&path("b.py"), 2, &[insert(1, "!")]).unwrap();
    workspace.set_disk(path("a.py"), "a!".into());
    workspace.set_disk(path("c.py"), "c".into());
    assert_eq!((text(&before, "a.py").unwrap(), text(&before, "b.py").unwrap()), ("a".into(), "b".into()));
    assert_eq!(before.files().count(), 2);
    let revisions = (before.revision(), workspace.snapshot().revision());
    assert_eq!(revisions, (2, 5));
}

/// invariant: typing-in-a-body-keeps-other-files-facts
#[test]
fn typing_in_a_body_keeps_the_trees_and_facts_of_other_files() {
    let mut workspace = Workspace::new();
    workspace.set_disk(path("a.py"), "a = 1\n".into());
    workspace.open(path("b.py"), 1, "def f(): pass\n".into());
    let before = workspace.snapshot();
    let known = |snapshot: &Snapshot| {
        let file = snapshot.file(&path("a.py")).unwrap();
        (file.syntax().unwrap(), file.facts().unwrap())
    };
    let (tree, facts) = known(&before);
    workspace.change(&path("b.py"), 2, &[insert(9, "x()")]).unwrap();
    let (tree_after, facts_after) = known(&workspace.snapshot());
    assert!(Arc::ptr_eq(&tree, &tree_after) && Arc::ptr_eq(&facts, &facts_after));
}

#[test]
fn a_text_that_is_known_is_not_parsed_again() {
    let mut workspace = Workspace::new();
    workspace.set_disk(path("a.py"), "a = 1\n".into());
    let closed = workspace.snapshot().file(&path("a.py")).unwrap().syntax().unwrap();
    workspace.open(path("a.py"), 1, "a = 1\n".into());
    workspace.change(&path("a.py"), 2, &[insert(5, "0")]).unwrap();
    let open = workspace.snapshot().file(&path("a.py")).unwrap().syntax().unwrap();
    workspace.set_disk(path("a.py"), "a = 10\n".into());
    workspace.close(&path("a.py"));
    let saved = workspace.snapshot().file(&path("a.py")).unwrap().syntax().unwrap();
    assert!(!Arc::ptr_eq(&closed, &open) && Arc::ptr_eq(&open, &saved));
}

#[test]
fn trees_of_closed_files_can_be_forgotten_while_their_facts_stay() {
    let mut workspace = Workspace::new();
    workspace.set_disk(path("a.py"), "a = 1\n".into());
    let before = workspace.snapshot();
    let tree = before.file(&path("a.py")).unwrap().syntax().unwrap();
    let facts = before.file(&path("a.py")).unwrap().facts().unwrap();
    workspace.forget_trees();
    assert!(Arc::ptr_eq(&facts, &workspace.snapshot().file(&path("a.py")).unwrap().facts().unwrap()));
    assert!(!Arc::ptr_eq(&tree, &workspace.snapshot().file(&path("a.py")).unwrap().syntax().unwrap()));
    assert!(Arc::ptr_eq(&tree, &before.file(&path("a.py")).unwrap().syntax().unwrap()));
}

#[test]
fn files_come_in_order_of_their_paths_each_once() {
    let mut workspace = Workspace::new();
    for name in ["b.py", "d.py"] {
        workspace.set_disk(path(name), "".into());
    }
    for name in ["a.py", "b.py", "e.py"] {
        workspace.open(path(name), 1, "".into());
    }
    let snapshot = workspace.snapshot();
    let files: Vec<(&str, bool)> =
        snapshot.files().map(|(path, file)| (path.as_str(), file.is_open())).collect();
    assert_eq!(files, [("a.py", true), ("b.py", true), ("d.py", false), ("e.py", true)]);
}

#[test]
fn the_unsaved_layer_holds_the_buffers_that_differ_from_the_disk() {
    let mut workspace = Workspace::new();
    workspace.set_disk(path("same.py"), "1".into());
    workspace.set_disk(path("other.py"), "1".into());
    for (name, text) in [("same.py", "1"), ("other.py", "2"), ("new.py", "3")] {
        workspace.open(path(name), 1, text.into());
    }
    let layer = workspace.snapshot().unsaved();
    let files: Vec<_> = layer.iter().map(|(path, text)| (path.as_str(), text.unwrap().as_ref())).collect();
    assert_eq!(files, [("new.py", "3"), ("other.py", "2")]);
}

#[test]
fn changes_of_one_version_are_each_against_the_one_before() {
    let mut workspace = Workspace::new();
    workspace.open(path("a.py"), 1, "a👩‍👧b".into());
    let changes = [insert(1, "\r\n"), insert(3, "1"), Change::Replace(Edit::delete(0..1))];
    workspace.change(&path("a.py"), 7, &changes).unwrap();
    let snapshot = workspace.snapshot();
    assert_eq!(text(&snapshot, "a.py").unwrap(), "\r\n1👩‍👧b");
    assert_eq!(snapshot.file(&path("a.py")).unwrap().version(), Some(7));
}

#[test]
fn an_impossible_range_makes_the_document_suspect_until_it_is_told_anew() {
    let mut workspace = Workspace::new();
    let file = path("a.py");
    for (from, to) in [(2, 3), (0, 9)] {
        workspace.open(file.clone(), 1, "a👩b".into());
        let bad = [insert(0, "x"), Change::Replace(Edit::delete(from..to))];
        let suspect = workspace.change(&file, 2, &bad).unwrap_err();
        assert!(matches!(suspect, Suspect::Range(..)));
        assert_eq!(workspace.change(&file, 3, &[insert(0, "x")]), Err(suspect.clone()));
        let snapshot = workspace.snapshot();
        assert_eq!(snapshot.file(&file).unwrap().suspect(), Some(&suspect));
        assert_eq!(text(&snapshot, "a.py").unwrap(), "a👩b");
    }
    workspace.change(&file, 4, &[Change::Whole("new".into()), insert(3, "!")]).unwrap();
    let snapshot = workspace.snapshot();
    assert_eq!(
        (snapshot.file(&file).unwrap().suspect(), text(&snapshot, "a.py").unwrap()),
        (None, "new!".into())
    );
}

#[test]
fn a_version_that_does_not_grow_makes_the_document_suspect() {
    let mut workspace = Workspace::new();
    let file = path("a.py");
    workspace.open(file.clone(), 5, "a".into());
    for got in [5, 4] {
        let suspect = Suspect::Version { had: 5, got };
        assert_eq!(workspace.change(&file, got, &[insert(0, "x")]), Err(suspect.clone()));
        assert_eq!(workspace.snapshot().file(&file).unwrap().suspect(), Some(&suspect));
        workspace.open(file.clone(), 5, "a".into());
    }
    assert_eq!(workspace.snapshot().file(&file).unwrap().suspect(), None);
    assert_eq!(workspace.change(&path("b.py"), 1, &[]), Err(Suspect::NotOpen));
}

#[test]
fn positions_are_resolved_on_the_lines_as_the_change_before_left_them() {
    let mut workspace = Workspace::new();
    let file = path("a.py");
    workspace.open(file.clone(), 1, "one\rtwo\u{2028}\n".into());
    let at_line =
        |line: &u32, lines: bodkin_workspace::Lines<'_>| Some(insert(lines.start(Line0(*line))?, "\n"));
    workspace.change_by(&file, 2, &[1, 1], at_line).unwrap();
    assert_eq!(text(&workspace.snapshot(), "a.py").unwrap(), "one\r\n\ntwo\u{2028}\n");
    assert_eq!(workspace.change_by(&file, 3, &[9], at_line), Err(Suspect::Position));
}

#[test]
fn the_first_line_tells_the_language_where_the_name_does_not() {
    let mut workspace = Workspace::new();
    let file = path("bin/tool");
    workspace.open(file.clone(), 1, "#!/usr/bin/env node\nlet a\n".into());
    let language = |workspace: &Workspace| {
        workspace.snapshot().file(&file).unwrap().syntax().map(|it| it.language().name())
    };
    assert_eq!(language(&workspace), Some("JavaScript"));
    workspace.change(&file, 2, &[Change::Replace(Edit::replace(15..19, "-S python3 -u"))]).unwrap();
    assert_eq!(language(&workspace), Some("Python"));
    workspace.change(&file, 3, &[Change::Replace(Edit::delete(0..1))]).unwrap();
    assert_eq!(language(&workspace), None);
}
