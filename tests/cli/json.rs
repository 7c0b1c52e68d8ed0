//! `--json`: one line on standard output that the schema of the command accepts, whatever happened.

use bodkin_tests::{Scene, needs};
use serde_json::{Value, json};

use crate::scenes::{FAULT, fixed_sum, leaves_alone, sum};

fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    value.pointer(path).unwrap_or_else(|| panic!("nothing at {path} of {value:#}"))
}

#[test]
fn a_proved_fix_is_one_envelope_with_its_proof() {
    needs!(Python);
    let scene = sum();
    let said = leaves_alone(&scene, &["fix", FAULT, "--json"]);
    let it = said.envelope("fix");
    assert_eq!(said.code, Some(0));
    assert_eq!(at(&it, "/cmd"), "fix");
    assert_eq!(at(&it, "/payload/outcome"), "proved");
    assert_eq!(at(&it, "/payload/applied"), false);
    assert_eq!(at(&it, "/payload/offer/proof/mended"), &json!(["test_calc.Add.test_adds"]));
    assert_eq!(
        at(&it, "/payload/offer/proof/changedLinesExecuted"),
        &json!([{"path": "calc.py", "lines": [2]}])
    );
    assert_eq!(at(&it, "/payload/offer/proof/missing"), &json!([]));
    assert_eq!(at(&it, "/payload/offer/files/0/hunks/0/after"), "    return a + b\n");
    assert_eq!(at(&it, "/meta/workspace").as_str(), scene.root().to_str());
}

#[test]
fn an_applied_fix_names_its_change_and_undo_takes_it() {
    needs!(Python);
    let scene = sum();
    let it = scene.bodkin(&["fix", FAULT, "--apply", "--json"]).run().envelope("fix");
    assert_eq!(at(&it, "/payload/applied"), true);
    let change = at(&it, "/payload/checkpoint").as_str().unwrap();
    let undone = scene.bodkin(&["--json", "undo", change]).run().envelope("undo");
    assert_eq!(at(&undone, "/payload/files"), &json!(["calc.py"]));
    assert_eq!(at(&undone, "/payload/rebased"), false);
}

#[test]
fn a_fix_that_is_not_proved_is_a_failure_with_its_plan() {
    needs!(Python);
    let scene = unmendable();
    let said = leaves_alone(&scene, &["fix", "calc.py:2", "--json"]);
    let it = said.envelope("fix");
    assert_eq!(said.code, Some(1));
    assert_eq!(at(&it, "/meta/failure/kind"), "not_proved");
    assert_eq!(at(&it, "/payload/outcome"), "exhausted");
    assert!(at(&it, "/payload/candidates").as_u64().unwrap() > 0);
    assert_eq!(at(&it, "/payload/plan/entries/0/state"), "done");
}

#[test]
fn a_fix_that_is_refused_says_why_and_what_next() {
    let said = leaves_alone(&sum(), &["fix", "nowhere.py:1", "--json"]);
    let it = said.envelope("fix");
    assert_eq!(said.code, Some(2));
    assert_eq!(at(&it, "/meta/failure/kind"), "bad_request");
    assert!(at(&it, "/meta/failure/message").as_str().unwrap().contains("nowhere.py"));
    assert_ne!(at(&it, "/meta/failure/hint"), "");
    assert!(!said.stderr.contains("bodkin:"), "the failure is told once: {}", said.stderr);
}

#[test]
fn an_undo_of_nothing_is_a_failure_without_payload() {
    let said = leaves_alone(&sum(), &["undo", "--json"]);
    let it = said.envelope("undo");
    assert_eq!(said.code, Some(2));
    assert_eq!(at(&it, "/payload"), &Value::Null);
}

#[test]
fn an_undo_in_conflict_is_stale() {
    needs!(Python);
    let scene = fixed_sum();
    scene.write("calc.py", scene.text("calc.py").replace("a + b", "a * b"));
    let said = leaves_alone(&scene, &["undo", "--json"]);
    assert_eq!(said.code, Some(4));
    assert_eq!(at(&said.envelope("undo"), "/meta/failure/kind"), "stale");
}

#[test]
fn the_doctor_speaks_json() {
    let said = sum().bodkin(&["doctor", "--json"]).run();
    let it = said.envelope("doctor");
    let ids = at(&it, "/payload/checks").as_array().unwrap().iter().filter_map(|it| it["id"].as_str());
    let ids: Vec<&str> = ids.collect();
    for id in ["isolation", "state", "ledger", "applies", "tool.python", "workspace"] {
        assert!(ids.contains(&id), "{ids:?}");
    }
}

#[test]
fn a_whole_and_a_broken_ledger_speak_json() {
    needs!(Python);
    let scene = fixed_sum();
    let whole = scene.bodkin(&["ledger", "verify", "--json"]).run();
    assert_eq!(whole.code, Some(0));
    assert_eq!(at(&whole.envelope("ledger-verify"), "/payload/intact"), true);
    let mut lines = scene.ledger();
    lines.remove(2);
    scene.set_ledger(&lines);
    let broken = scene.bodkin(&["ledger", "verify", "--json"]).run();
    assert_eq!(broken.code, Some(1));
    assert_eq!(at(&broken.envelope("ledger-verify"), "/payload/breaks/0/line"), 3);
}

#[test]
fn a_command_that_was_typed_wrong_speaks_json_too() {
    let said = sum().bodkin(&["fix", "--jsn", "--json"]).run();
    assert_eq!(said.code, Some(2));
    let it = said.envelope("envelope");
    assert_eq!(at(&it, "/meta/failure/kind"), "bad_request");
    assert!(at(&it, "/meta/failure/message").as_str().unwrap().contains("--jsn"), "{it:#}");
}

/// A fault that no operator mends: an algorithm is missing.
fn unmendable() -> Scene {
    Scene::new(crate::test_commands::UNMENDABLE)
}
