//! Which test command is run when none is given, and what the plan says about it.

use bodkin_tests::{Scene, needs};
use expect_test::expect;

use crate::scenes::{FAULT, leaves_alone, sum};

/// The command and its reason in the plan's line about the target.
fn understood(stderr: &str) -> String {
    let line = stderr.lines().find(|line| line.contains("Understand the target")).unwrap_or_default();
    let line = line.trim_start_matches("✓ Understand the target: tests by ");
    line.rsplit_once(' ')
        .and_then(|(rest, _)| rest.rsplit_once(' '))
        .map_or(line, |(rest, _)| rest)
        .to_owned()
}

#[test]
fn a_unittest_project_is_known_by_its_imports() {
    needs!(Python);
    let said = leaves_alone(&sum(), &["fix", FAULT]);
    expect!["`python3 -m unittest discover` (local sandbox, isolated): unittest, because the tests import unittest and nothing speaks of pytest"].assert_eq(&understood(&said.stderr));
    assert_eq!(said.code, Some(0), "{}", said.shown());
}

#[test]
fn a_setting_overrides_what_would_be_found() {
    needs!(Python);
    let scene = sum();
    scene.write("checks/check_calc.py", "import calc\nassert calc.double(2) == 4, calc.double(2)\n");
    scene.settings("test_command = \"python3 -m unittest test_calc.Add\"\n");
    let said = leaves_alone(&scene, &["fix", FAULT]);
    expect!["`python3 -m unittest test_calc.Add` (local sandbox, isolated): as given (from the settings)"]
        .assert_eq(&understood(&said.stderr));
    assert!(said.stdout.contains("proved by `python3 -m unittest test_calc.Add`"), "{}", said.shown());
}

#[test]
fn what_is_typed_overrides_the_setting() {
    needs!(Python);
    let scene = sum();
    scene.settings("test_command = \"false\"\n");
    let said = leaves_alone(&scene, &["fix", FAULT, "--test", "python3 -m unittest"]);
    expect!["`python3 -m unittest` (local sandbox, isolated): as given"].assert_eq(&understood(&said.stderr));
    assert!(said.stdout.contains("proved by `python3 -m unittest`"), "{}", said.shown());
}

#[test]
fn a_test_command_runs_in_the_folder_that_it_was_typed_in() {
    needs!(Python);
    let scene = Scene::new(
        "
=== inner/calc.py
def add(a, b):
    return a - b
=== inner/test_calc.py
import unittest
from calc import add
class Add(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(1, 2), 3)
",
    );
    std::fs::create_dir(scene.path(".git")).unwrap();
    let call = scene.bodkin(&["fix", "calc.py:2", "--test", "python3 -m unittest"]);
    let said = call.in_folder(scene.path("inner")).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(said.stdout.contains("proved by `python3 -m unittest` in inner"), "{}", said.shown());
    assert!(said.stdout.contains("--- a/inner/calc.py"), "{}", said.shown());
}

#[test]
fn a_wrong_setting_is_named() {
    let scene = sum();
    scene.settings("test_comand = \"true\"\n");
    let said = leaves_alone(&scene, &["fix", FAULT]);
    expect![[r#"
        bodkin: the settings file `<scene>/config/bodkin/settings.toml` is wrong: TOML parse error at line 1, column 1
          |
        1 | test_comand = "true"
          | ^^^^^^^^^^^
        unknown field `test_comand`, expected one of `test_command`, `test_timeout_seconds`, `run_timeout_seconds`, `max_candidates`, `seed`, `allow_reduced`, `allow_unwalled`, `keep_caches`, `sandbox`
          next: Mend the settings file, or move it away.
        exit 2
    "#]].assert_eq(&said.failure());
}

#[test]
fn settings_that_are_no_toml_are_named() {
    let scene = sum();
    scene.settings("test_command\n");
    let said = leaves_alone(&scene, &["doctor"]);
    expect![[r#"
        bodkin: the settings file `<scene>/config/bodkin/settings.toml` is wrong: TOML parse error at line 1, column 13
          |
        1 | test_command
          |             ^
        key with no value, expected `=`
          next: Mend the settings file, or move it away.
        exit 2
    "#]].assert_eq(&said.failure());
}

#[test]
fn a_workspace_without_tests_is_told_how_to_give_some() {
    let scene = Scene::new("=== calc.py\ndef add(a, b):\n    return a - b\n");
    let said = leaves_alone(&scene, &["fix", FAULT]);
    expect![[r#"
        bodkin: no tests found for `calc.py`: no file is named test_*.py or *_test.py, and no Makefile has a test target
          next: write a test that fails because of the fault, or give the command that shows it: --test "…"
        exit 2
    "#]].assert_eq(&said.failure());
}

#[test]
fn without_a_line_the_whole_file_is_looked_at() {
    needs!(Python);
    let scene = sum();
    let said = leaves_alone(&scene, &["fix", "calc.py"]);
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(said.stdout.contains("+    return a + b"), "{}", said.shown());
}

#[test]
fn a_range_of_lines_is_looked_at() {
    needs!(Python);
    let said = leaves_alone(&sum(), &["fix", "calc.py:1-2"]);
    assert_eq!(said.code, Some(0), "{}", said.shown());
}

#[test]
fn a_line_beside_the_fault_finds_it_too() {
    needs!(Python);
    let said = leaves_alone(&sum(), &["fix", "calc.py:3"]);
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(said.stdout.contains("+    return a + b"), "{}", said.shown());
}

#[test]
fn plain_lines_tell_the_steps_in_the_order_of_the_plan() {
    needs!(Python);
    let said = leaves_alone(&sum(), &["fix", FAULT]);
    let lines: Vec<&str> =
        said.stderr.lines().map(|line| line.split(':').next().unwrap_or_default()).collect();
    let lines: Vec<&str> =
        lines.iter().map(|line| line.trim_end_matches(|it| " .0123456789s".contains(it))).collect();
    expect![[r#"
        ✓ Understand the target
          Run the tests as they are …
        ✓ Run the tests as they are
        ✓ Work out candidate
          Try candidates in the sandbox …
        ✓ Try candidates in the sandbox
          Prove the best one in a fresh sandbox …
        ✓ Prove the best one in a fresh sandbox
          Offer the change …
        ✓ Offer the change
    "#]]
    .assert_eq(&format!("{}\n", lines.join("\n")));
}

#[test]
fn a_refusal_is_said_once() {
    let said = leaves_alone(&sum(), &["fix", "clac.py:2"]);
    expect![[r#"
        --- stderr
        ✗ Understand the target <n> s
        bodkin: `clac.py` does not exist
          next: Check its spelling; it is written here as seen from the workspace's folder.
        --- exit 2
    "#]]
    .assert_eq(&said.shown());
}
