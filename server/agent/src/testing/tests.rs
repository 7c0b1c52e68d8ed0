//! Names of runners, met with the tests that a file writes down.

use std::collections::BTreeSet;
use std::sync::Arc;

use bodkin_guard::report::{
    Exit, Failure, Finished, Frame, Isolation, IsolationLevel, TestOutcome, TestResult,
};
use bodkin_text::{Line0, Line1, RelPath};
use bodkin_workspace::Workspace;
use expect_test::{Expect, expect};

use super::{Listed, TestId, TestState, is_collected, listed, reports};

const PYTHON: &str = "\
from a import f

def test_one():
    assert f(1) == 1

class TestTwo:
    def test_three(self):
        assert f(3) == 3
";

const SCRIPT: &str = "\
describe('a thing', () => {
  it('works', () => {
    check();
  });
  it('fails', () => {});
});
";

fn rel(path: &str) -> RelPath {
    RelPath::new(path).unwrap()
}

fn written(path: &str, text: &str) -> Vec<Listed> {
    let mut workspace = Workspace::new();
    workspace.set_disk(rel(path), Arc::from(text));
    let facts = workspace.snapshot().file(&rel(path)).unwrap().facts().unwrap();
    listed(&rel(path), &facts)
}

/// `+id` passed, `-id @ frames` failed, `!id` could not be loaded, `?id` did not end.
fn finished(lines: &str, code: i32) -> Finished {
    let tests = lines.lines().filter(|it| !it.trim().is_empty()).map(|line| {
        let line = line.trim();
        let (id, frames) = line.split_once(" @ ").unwrap_or((line, ""));
        let (mark, id) = id.split_at(1);
        let outcome = match mark {
            "+" => TestOutcome::Passed,
            "-" => TestOutcome::Failed,
            "!" => TestOutcome::Errored,
            "?" => TestOutcome::TimedOut,
            _ => TestOutcome::Skipped,
        };
        let frames = frames.split(' ').filter_map(|it| it.split_once(':')).map(|(path, line)| Frame {
            path: rel(path),
            line: Line1(line.parse().unwrap()),
            function: None,
        });
        let failure = (mark != "+").then(|| Failure {
            kind: "AssertionError".to_owned(),
            message: "no".to_owned(),
            frames: frames.collect(),
        });
        TestResult { id: id.to_owned(), outcome, duration_us: 2_000, failure }
    });
    Finished {
        exit: Exit::Code(code),
        output: "boom".to_owned(),
        output_bytes: 4,
        wall_us: 1,
        tests: tests.collect(),
        lines: Vec::new(),
        isolation: Isolation {
            backend: "scripted".to_owned(),
            level: IsolationLevel::Full,
            missing: Vec::new(),
        },
    }
}

fn check(path: &str, text: &str, lines: &str, code: i32, expect: &Expect) {
    let (path, listed) = (rel(path), written(path, text));
    let told = reports(&[(&path, text, &listed)], None, &finished(lines, code));
    let mut out = String::new();
    for it in told {
        out += &format!("{} {:?}", it.id, it.state);
        out += &it.line.map(|line| format!(" line {}", line.0 + 1)).unwrap_or_default();
        out += &it.cause.map(|(path, line)| format!(", from {path}:{}", line.0 + 1)).unwrap_or_default();
        out += &if it.message.is_empty() { "\n".to_owned() } else { format!(": {}\n", it.message) };
    }
    expect.assert_eq(&out);
}

#[test]
fn a_test_has_one_name_whatever_its_file_is_written_in() {
    let names =
        |path: &str, text: &str| written(path, text).iter().map(|it| it.id.to_string()).collect::<Vec<_>>();
    let python =
        ["t/test_a.py", "t/test_a.py::test_one", "t/test_a.py::TestTwo", "t/test_a.py::TestTwo::test_three"];
    assert_eq!(names("t/test_a.py", PYTHON), python);
    assert_eq!(
        names("a.test.js", SCRIPT),
        ["a.test.js", "a.test.js::a thing", "a.test.js::a thing::works", "a.test.js::a thing::fails"]
    );
    assert_eq!(names("a.py", "def f(): pass\n"), Vec::<String>::new());
    assert_eq!(names("test_a.py", "def test_a(): pass\ndef test_a(): pass\n").len(), 2);
}

#[test]
fn pytest_names_are_met_from_any_folder_and_with_any_parameters() {
    let expected = expect![[r#"
        t/test_a.py::test_one Failed line 4, from a.py:2: 1 of 2 fail, first [2] AssertionError: no
        t/test_a.py::TestTwo::test_three Passed
    "#]];
    for folder in ["t/", "", "up/t/"] {
        let lines = format!(
            "+{folder}test_a.py::test_one[1]\n\
             -{folder}test_a.py::test_one[2] @ t/test_a.py:4 a.py:2\n\
             +{folder}test_a.py::TestTwo::test_three"
        );
        check("t/test_a.py", PYTHON, &lines, 1, &expected);
    }
}

#[test]
fn unittest_names_are_met_from_any_folder() {
    let expected = expect![[r#"
        t/test_a.py::test_one Skipped: It was not run.
        t/test_a.py::TestTwo::test_three TimedOut line 7: AssertionError: no
    "#]];
    for module in ["test_a", "t.test_a", "x.t.test_a"] {
        check("t/test_a.py", PYTHON, &format!("?{module}.TestTwo.test_three\n+other.B.c"), 1, &expected);
    }
}

#[test]
fn names_of_suites_are_met_with_and_without_their_file() {
    let expected = expect![[r#"
        w/a.test.js::a thing::works Passed
        w/a.test.js::a thing::fails Failed line 5: AssertionError: no
    "#]];
    for file in ["", "a.test.js > ", "w/a.test.js > "] {
        let lines = format!("+{file}a thing > works\n-{file}a thing > fails @ w/a.test.js:5");
        check("w/a.test.js", SCRIPT, &lines, 1, &expected);
    }
    // A runner that lists only what fails.
    check("w/a.test.js", SCRIPT, "-a thing > fails @ w/a.test.js:5", 1, &expected);
}

#[test]
fn a_file_that_can_not_be_loaded_is_told_as_a_file() {
    let expected = expect![[r#"
        t/test_a.py::test_one Skipped: Its file could not be loaded: AssertionError: no
        t/test_a.py::TestTwo::test_three Skipped: Its file could not be loaded: AssertionError: no
        t/test_a.py Failed line 1, from a.py:9: AssertionError: no
    "#]];
    for id in ["t/test_a.py", "unittest.loader._FailedTest.test_a", "test_a"] {
        check("t/test_a.py", PYTHON, &format!("!{id} @ t/test_a.py:1 a.py:9"), 2, &expected);
    }
    let (path, listed) = (rel("t/test_a.py"), written("t/test_a.py", PYTHON));
    let wanted = BTreeSet::from([TestId::parse("t/test_a.py::test_one").unwrap()]);
    let told =
        reports(&[(&path, PYTHON, &listed)], Some(&wanted), &finished("!t/test_a.py @ t/test_a.py:1", 2));
    assert_eq!(told.len(), 1, "only the one that was asked for");
    assert_eq!((told[0].state, told[0].line), (TestState::Failed, Some(Line0(0))));
}

#[test]
fn a_failure_that_no_written_test_fits_is_told_of_its_file() {
    check(
        "a.test.js",
        "it.each([1])('is %i', n => {});\nit('x', () => {});\n",
        "+x\n-is 1 @ a.test.js:1",
        1,
        &expect![[r#"
            a.test.js::x Passed
            a.test.js Failed line 1: is 1: AssertionError: no
        "#]],
    );
}

#[test]
fn a_command_that_tells_no_tests_speaks_for_all_of_them() {
    check(
        "t/test_a.py",
        PYTHON,
        "",
        0,
        &expect![[r#"
            t/test_a.py::test_one Passed
            t/test_a.py::TestTwo::test_three Passed
        "#]],
    );
    check(
        "t/test_a.py",
        PYTHON,
        "",
        1,
        &expect![[r#"
            t/test_a.py::test_one Failed line 3: boom
            t/test_a.py::TestTwo::test_three Failed line 7: boom
        "#]],
    );
}

#[test]
fn of_two_files_with_the_same_names_the_failure_says_which() {
    let (one, other) = (rel("a.test.js"), rel("b.test.js"));
    let (of_one, of_other) = (written("a.test.js", SCRIPT), written("b.test.js", SCRIPT));
    let told = reports(
        &[(&one, SCRIPT, &of_one), (&other, SCRIPT, &of_other)],
        None,
        &finished("-a thing > works @ b.test.js:2\n+a thing > works\n+a thing > fails\n+a thing > fails", 1),
    );
    let failed: Vec<&str> = told.iter().filter(|it| it.line.is_some()).map(|it| it.id.as_str()).collect();
    assert_eq!(failed, ["b.test.js::a thing::works"]);
}

#[test]
fn files_are_collected_by_their_names_or_by_the_runner_that_they_import() {
    let is = |path: &str, text: &str| {
        let mut workspace = Workspace::new();
        workspace.set_disk(rel(path), Arc::from(text));
        is_collected(workspace.snapshot().file(&rel(path)).unwrap())
    };
    assert!(is("test_a.py", "") && is("x/a_test.py", "") && is("app/tests.py", ""));
    assert!(is("testa.py", "import unittest") && !is("testa.py", "") && !is("contest.py", ""));
    assert!(is("a.spec.ts", "") && is("__tests__/a.js", "") && !is("a.js", ""));
    assert!(is("check.mjs", "import test from 'node:test';") && !is("check.mjs", "// node:test"));
    assert!(!is("node_modules/x/a.test.js", "") && !is("README.md", ""));
}
