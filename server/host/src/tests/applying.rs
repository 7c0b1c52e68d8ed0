//! A change is put in place whole, over exactly the text that it was made for, or not at all.
#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

use std::fs;

use bodkin_protocol::FailureKind;

use super::kit::{Desk, desk};

/// That nothing but these files is there, and the ledger is whole.
fn untouched(desk: &Desk, files: &[(&str, &str)]) {
    let names: Vec<&str> = files.iter().map(|it| it.0).collect();
    assert_eq!(desk.files(), names);
    for (path, text) in files {
        assert_eq!(desk.read(path), *text);
    }
    assert!(desk.ledger().is_intact());
}

#[test]
fn all_files_of_a_change_are_put_in_place() {
    let desk = desk(&[("a.py", "a\n"), ("src/b.py", "b\n")]);
    let run = desk.offer(&[("a.py", "a\n", "A\n"), ("src/b.py", "b\n", "B\n")]);
    let applied = desk.host.accept_to_disk(run).unwrap();
    assert_eq!((applied.files.len(), applied.rebased), (2, false));
    untouched(&desk, &[("a.py", "A\n"), ("src/b.py", "B\n")]);
    assert_eq!(desk.said(), ["genesis", "decided", "permitted", "did true"]);
}

#[test]
fn a_second_yes_finds_nothing_to_do() {
    let desk = desk(&[("a.py", "a\n")]);
    let run = desk.offer(&[("a.py", "a\n", "A\n")]);
    desk.host.accept_to_disk(run).unwrap();
    let error = desk.host.accept_to_disk(run).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (FailureKind::BadRequest, "the text is already as the change would make it")
    );
}

#[test]
fn a_change_elsewhere_in_the_file_is_kept() {
    let desk = desk(&[("a.py", "one\ntwo\nthree\nfour\n")]);
    let run = desk.offer(&[("a.py", "one\ntwo\nthree\nfour\n", "ONE\ntwo\nthree\nfour\n")]);
    desk.write("a.py", "one\ntwo\nthree\nFOUR\n");
    assert!(desk.host.accept_to_disk(run).unwrap().rebased);
    untouched(&desk, &[("a.py", "ONE\ntwo\nthree\nFOUR\n")]);
}

#[test]
fn a_change_in_the_same_place_of_one_file_stops_all_of_them() {
    let desk = desk(&[("a.py", "a\n"), ("b.py", "b\n")]);
    let run = desk.offer(&[("a.py", "a\n", "A\n"), ("b.py", "b\n", "B\n")]);
    desk.write("b.py", "mine\n");
    let error = desk.host.accept_to_disk(run).unwrap_err();
    assert_eq!(error.kind, FailureKind::Stale);
    assert_eq!(
        error.message,
        "`b.py` near line 1 was changed in the same place meanwhile; nothing was changed"
    );
    assert_eq!((desk.read("a.py").as_str(), desk.read("b.py").as_str()), ("a\n", "mine\n"));
}

#[test]
fn a_file_that_is_gone_is_no_place_for_a_change() {
    let desk = desk(&[("a.py", "a\n")]);
    let run = desk.offer(&[("a.py", "a\n", "A\n")]);
    fs::remove_file(desk.root.join("a.py")).unwrap();
    assert_eq!(desk.host.accept_to_disk(run).unwrap_err().kind, FailureKind::Stale);
    assert_eq!(desk.files(), Vec::<String>::new());
}

#[test]
fn a_base_that_changes_at_the_last_moment_is_seen() {
    use bodkin_guard::action::{FileWrite, Through, WriteFiles, WriteReason};
    use bodkin_guard::{Asker, Grant, Grants, Request, RunId};
    use bodkin_text::ContentHash;

    use crate::apply::{Marks, NewContent, write_all};
    use crate::checkpoint::{CheckpointId, State};

    let desk = desk(&[("a.py", "a\n"), ("b.py", "changed after the permit\n")]);
    let write = |path: &str, before: &str, after: &str| FileWrite {
        path: super::kit::rel(path),
        before: Some(ContentHash::of(before)),
        after: Some(ContentHash::of(after)),
    };
    let files = vec![write("a.py", "a\n", "A\n"), write("b.py", "b\n", "B\n")];
    let action = WriteFiles { reason: WriteReason::Accepted, through: Through::Disk, files };
    let grants = Grants::none().with(Grant::Apply { patch: action.identity() });
    let request = Request { run: RunId(1), asker: Asker::Terminal, grants };
    let inner = desk.host.inner();
    let permit = inner.with_ledger(|guard, ledger| guard.review_write(action, &request, ledger)).unwrap();
    let text =
        |path: &str, text: &str| NewContent { path: super::kit::rel(path), content: Some(text.into()) };
    let marks =
        Marks { run: RunId(1), checkpoint: CheckpointId(1), done: State::Applied, failed: State::RolledBack };
    let texts = [text("a.py", "A\n"), text("b.py", "B\n")];
    let error = write_all(&desk.root, &inner.state, permit, &texts, marks).unwrap_err();
    assert_eq!(error.kind, FailureKind::Stale);
    assert!(error.message.starts_with("`b.py` was changed by something else at the last moment"), "{error}");
    untouched(&desk, &[("a.py", "a\n"), ("b.py", "changed after the permit\n")]);
    assert_eq!(inner.state.list("journal").unwrap(), Vec::<String>::new());
}

#[test]
fn line_ends_and_byte_order_marks_are_kept_byte_for_byte() {
    let (before, after) = ("\u{feff}a = 1\r\nb = 2\r\nc = 3", "\u{feff}a = 1\r\nb = 5\r\nc = 3");
    let desk = desk(&[("a.py", before)]);
    desk.host.accept_to_disk(desk.offer(&[("a.py", before, after)])).unwrap();
    untouched(&desk, &[("a.py", after)]);
    desk.host.undo_on_disk(None).unwrap();
    untouched(&desk, &[("a.py", before)]);
}

#[test]
fn a_cancelled_run_offers_nothing_any_more() {
    let desk = desk(&[("a.py", "a\n")]);
    let run = desk.offer(&[("a.py", "a\n", "A\n")]);
    desk.host.inner().runs.update(run, |it| it.outcome = Some(crate::Outcome::Cancelled));
    let error = desk.host.accept_to_disk(run).unwrap_err();
    assert_eq!(error.message, format!("run {run} was cancelled"));
    let unknown = desk.host.accept_to_disk(bodkin_guard::RunId(999)).unwrap_err();
    assert_eq!(unknown.message, "there is no run r999");
    assert_eq!(desk.read("a.py"), "a\n");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(desk: &Desk, path: &str) -> u32 {
        fs::metadata(desk.root.join(path)).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(desk: &Desk, path: &str, mode: u32) {
        fs::set_permissions(desk.root.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn permissions_are_kept_and_undone_with_it() {
        let desk = desk(&[("run.py", "a\n")]);
        set_mode(&desk, "run.py", 0o750);
        desk.host.accept_to_disk(desk.offer(&[("run.py", "a\n", "A\n")])).unwrap();
        assert_eq!((desk.read("run.py").as_str(), mode(&desk, "run.py")), ("A\n", 0o750));
        desk.host.undo_on_disk(None).unwrap();
        assert_eq!((desk.read("run.py").as_str(), mode(&desk, "run.py")), ("a\n", 0o750));
    }

    #[test]
    fn a_read_only_file_is_refused_also_for_root() {
        let desk = desk(&[("a.py", "a\n"), ("b.py", "b\n")]);
        set_mode(&desk, "b.py", 0o444);
        let run = desk.offer(&[("a.py", "a\n", "A\n"), ("b.py", "b\n", "B\n")]);
        let error = desk.host.accept_to_disk(run).unwrap_err();
        assert_eq!(error.kind, FailureKind::Refused);
        assert_eq!(error.message, "`b.py` is read-only; nothing was written");
        assert_eq!(error.hint, "Make it writable (`chmod u+w b.py`), then run this again.");
        untouched(&desk, &[("a.py", "a\n"), ("b.py", "b\n")]);
        set_mode(&desk, "b.py", 0o644);
        desk.host.accept_to_disk(run).unwrap();
    }

    #[test]
    fn a_link_that_leads_out_is_refused() {
        let desk = desk(&[("a.py", "a\n")]);
        let outside = desk.home.join("outside.py");
        fs::write(&outside, "x\n").unwrap();
        symlink(&outside, desk.root.join("link.py")).unwrap();
        let run = desk.offer(&[("a.py", "a\n", "A\n"), ("link.py", "x\n", "X\n")]);
        let error = desk.host.accept_to_disk(run).unwrap_err();
        assert_eq!(error.kind, FailureKind::BadRequest);
        assert_eq!(error.message, "`link.py` leads out of the workspace through a link");
        assert_eq!(
            (desk.read("a.py").as_str(), fs::read_to_string(outside).unwrap().as_str()),
            ("a\n", "x\n")
        );
    }

    #[test]
    fn a_link_inside_the_workspace_stays_a_link_and_its_file_is_changed() {
        let desk = desk(&[("real/a.py", "a\n")]);
        symlink("real/a.py", desk.root.join("a.py")).unwrap();
        desk.host.accept_to_disk(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap();
        assert!(fs::symlink_metadata(desk.root.join("a.py")).unwrap().is_symlink());
        assert_eq!(desk.read("real/a.py"), "A\n");
    }

    #[test]
    fn what_is_kept_may_be_read_by_its_owner_alone() {
        let desk = desk(&[("a.py", "a\n")]);
        let state = desk.host.inner().state.at("");
        assert_eq!(fs::metadata(state).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
