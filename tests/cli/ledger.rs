//! `bodkin ledger verify`: whole after a run; what was changed, removed or moved is found and named.

use bodkin_tests::needs;
use expect_test::{Expect, expect};

use crate::scenes::{fixed_sum, sum};

#[test]
fn the_ledger_of_a_run_is_whole() {
    needs!(Python);
    let scene = fixed_sum();
    let said = scene.bodkin(&["ledger", "verify"]).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(said.stdout.starts_with("whole: "), "{}", said.stdout);
    let kinds: Vec<String> = scene
        .ledger()
        .iter()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds.first().map(String::as_str), Some("genesis"), "{kinds:?}");
    assert_eq!(kinds.last().map(String::as_str), Some("ended"), "{kinds:?}");
}

#[test]
fn nothing_recorded_yet_is_no_failure() {
    let said = sum().bodkin(&["ledger", "verify"]).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(said.stdout.starts_with("nothing has been recorded"), "{}", said.stdout);
}

/// Changes a ledger of one run, line 3 is the one concerned.
fn tampered(tamper: impl FnOnce(&mut Vec<String>), said: Expect) {
    let scene = fixed_sum();
    let mut lines = scene.ledger();
    let last = format!("entry {} is", lines.len() - 1);
    tamper(&mut lines);
    scene.set_ledger(&lines);
    let found = scene.bodkin(&["ledger", "verify"]).run();
    assert_eq!(found.code, Some(1));
    let first = found.stdout.lines().next().unwrap_or_default();
    said.assert_eq(&first.replace(&last, "entry <last> is"));
    let doctor = scene.bodkin(&["doctor"]).run();
    assert_eq!(doctor.code, Some(5), "{}", doctor.shown());
    assert!(doctor.stdout.contains("`bodkin ledger verify` names the lines"), "{}", doctor.stdout);
}

#[test]
fn a_changed_line_is_named() {
    needs!(Python);
    tampered(
        |lines| lines[2] = lines[2].replacen("true", "false", 1).replacen("\"local\"", "\"locol\"", 1),
        expect!["broken: line 3: it was changed after it was written"],
    );
}

#[test]
fn a_removed_line_is_named() {
    needs!(Python);
    tampered(|lines| drop(lines.remove(2)), expect!["broken: line 3: entry 2 before it is missing"]);
}

#[test]
fn moved_lines_are_named() {
    needs!(Python);
    tampered(|lines| lines.swap(2, 3), expect!["broken: line 3: entry 2 before it is missing"]);
}

#[test]
fn a_line_that_was_put_in_is_named() {
    needs!(Python);
    tampered(
        |lines| lines.insert(2, lines[2].clone()),
        expect!["broken: line 4: the entry before it stands here a second time"],
    );
}

#[test]
fn lines_cut_off_at_the_end_are_missed() {
    needs!(Python);
    tampered(
        |lines| lines.truncate(3),
        expect!["broken: line 3: the ledger ends here, but entry <last> is remembered to have been its last"],
    );
}

#[test]
fn a_line_torn_by_a_crash_is_no_tampering() {
    needs!(Python);
    let scene = fixed_sum();
    let lines = scene.ledger().join("\n");
    std::fs::write(scene.state().join("ledger.jsonl"), format!("{lines}\n{{\"seq\":")).unwrap();
    assert_eq!(scene.bodkin(&["ledger", "verify"]).run().code, Some(0));
    assert_eq!(scene.bodkin(&["undo"]).run().code, Some(0));
    assert_eq!(scene.bodkin(&["ledger", "verify"]).run().code, Some(0));
}

#[test]
fn nothing_is_run_that_can_not_be_recorded() {
    needs!(Python);
    let scene = fixed_sum();
    let mut lines = scene.ledger();
    let last = lines.len() - 1;
    lines[last] = lines[last].replacen("proved", "praved", 1);
    scene.set_ledger(&lines);
    let said = scene.bodkin(&["fix", "calc.py:2"]).run();
    expect![[r#"
        bodkin: nothing is done that can not be recorded: the ledger is broken: its last line was changed or can not be read
          next: `bodkin ledger verify` tells what is wrong with the ledger.
        exit 5
    "#]]
    .assert_eq(&said.failure());
    assert_eq!(scene.ledger(), lines);
}
