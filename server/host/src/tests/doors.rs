//! Opening a workspace, and naming a file of it.
#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

use std::fs;
use std::path::Path;

use bodkin_protocol::FailureKind;

use super::kit::{CALC, Setup, desk, open, rel};

#[test]
fn a_folder_that_is_missing_or_a_file_is_refused() {
    let desk = desk(&[("a.py", "a\n")]);
    let error = open(&desk.root.join("nowhere"), &desk.home, Setup::default()).err().unwrap();
    assert_eq!(error.kind, FailureKind::BadRequest);
    assert!(error.message.ends_with("nowhere` does not exist"), "{error}");
    let error = open(&desk.root.join("a.py"), &desk.home, Setup::default()).err().unwrap();
    assert_eq!(error.kind, FailureKind::BadRequest);
    assert!(error.message.ends_with("is not a folder"), "{error}");
}

#[test]
fn a_state_folder_that_can_not_be_made_is_said() {
    let desk = desk(&[("a.py", "a\n")]);
    let error = open(&desk.root, &desk.root.join("a.py"), Setup::default()).err().unwrap();
    assert!(error.message.starts_with("opening the state folder below"), "{error}");
}

#[test]
fn nothing_of_ours_appears_in_the_work_tree() {
    let desk = desk(CALC);
    desk.host.listing();
    assert_eq!(desk.files(), ["calc.py", "test_calc.py"]);
}

#[test]
fn a_path_is_named_from_the_root_or_lies_outside() {
    let desk = desk(&[("sub/a.py", "a\n")]);
    let named = |path: &Path| desk.host.rel(path).map_err(|error| error.kind);
    assert_eq!(named(Path::new("sub/a.py")), Ok(rel("sub/a.py")));
    assert_eq!(named(&desk.root.join("sub/a.py")), Ok(rel("sub/a.py")));
    assert_eq!(named(Path::new("sub/../sub/a.py")), Ok(rel("sub/a.py")));
    assert_eq!(named(Path::new("sub/new.py")), Ok(rel("sub/new.py")));
    assert_eq!(named(Path::new("no/such/new.py")), Ok(rel("no/such/new.py")));
    assert_eq!(named(Path::new("../state")), Err(FailureKind::BadRequest));
    assert_eq!(named(Path::new("/etc/hosts")), Err(FailureKind::BadRequest));
    assert_eq!(named(Path::new("../work-not-there/a.py")), Err(FailureKind::BadRequest));
}

#[cfg(unix)]
#[test]
fn a_path_through_links_is_named_by_what_it_really_is() {
    use std::os::unix::fs::symlink;
    let desk = desk(&[("sub/a.py", "a\n")]);
    let door = desk.home.join("door");
    fs::create_dir_all(&desk.home).unwrap();
    symlink(&desk.root, &door).unwrap();
    symlink("sub/a.py", desk.root.join("link.py")).unwrap();
    let outside = fs::canonicalize(&desk.home).unwrap().join("outside.py");
    fs::write(&outside, "x\n").unwrap();
    symlink(&outside, desk.root.join("out.py")).unwrap();
    let named = |path: &Path| desk.host.rel(path).map_err(|error| error.kind);
    assert_eq!(named(&door.join("sub/a.py")), Ok(rel("sub/a.py")));
    assert_eq!(named(&door.join("sub/new.py")), Ok(rel("sub/new.py")), "also where nothing stands yet");
    assert_eq!(named(Path::new("link.py")), Ok(rel("sub/a.py")));
    let out = desk.host.rel(Path::new("out.py")).unwrap_err();
    assert_eq!(out.message, format!("`out.py` is a link out of the workspace, to `{}`", outside.display()));
}

#[test]
fn the_same_folder_by_another_name_has_the_same_state() {
    let desk = desk(&[("a.py", "a\n")]);
    desk.host.accept_to_disk(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap();
    let dotted = desk.root.join("..").join("work");
    let host = open(&dotted, &desk.home, Setup::default()).unwrap();
    host.undo_on_disk(None).unwrap();
    assert_eq!(desk.read("a.py"), "a\n");
}

#[test]
fn doctor_tells_what_there_is() {
    let desk = desk(CALC);
    let checks = crate::doctor::examine(&desk.host);
    let found = |id: &str| checks.iter().find(|it| it.id == id).unwrap().detail.clone();
    assert_eq!(found("isolation"), "in_memory, full isolation");
    assert_eq!(found("ledger"), "nothing recorded yet");
    assert_eq!(found("applies"), "none was interrupted");
    assert!(found("workspace").ends_with("2 files, 2 in a language that can be repaired"));
    assert!(found("tool.pytest").contains("does not run in the sandbox"));
    assert!(desk.ledger().is_intact(), "asking for versions is recorded too");
}
