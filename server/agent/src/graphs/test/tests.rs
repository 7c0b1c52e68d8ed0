//! Runs of tests, played against a scripted outside.

use std::sync::Arc;

use bodkin_guard::report::{Exit, Finished, Isolation, IsolationLevel, TestOutcome, TestResult};
use bodkin_text::RelPath;
use bodkin_workspace::Workspace;
use expect_test::{Expect, expect};

use crate::graphs::fix::trouble::show;
use crate::run::{Act, ActFailure, News, Run, Settings, Start, Target};
use crate::testing::TestId;
use crate::{Intent, Outcome, Test};

const FILES: &str = "
=== a.py
=== pytest.ini
[pytest]
=== tests/test_a.py
def test_one(): pass
class TestTwo:
    def test_three(self): pass
=== tests/test_b.py
def test_b(): pass
=== web/a.js
=== web/a.test.js
import test from 'node:test';
test('it works', () => {});
=== web/package.json
{\"scripts\": {\"test\": \"node --test\"}}
";

fn start(files: &str) -> Start {
    let mut texts: Vec<(RelPath, String)> = Vec::new();
    for line in files.trim_start().split_inclusive('\n') {
        match line.strip_prefix("=== ") {
            Some(path) => texts.push((RelPath::new(path.trim()).unwrap(), String::new())),
            None => texts.last_mut().unwrap().1.push_str(line),
        }
    }
    texts.sort();
    let mut workspace = Workspace::new();
    for (path, text) in &texts {
        workspace.set_disk(path.clone(), Arc::from(text.as_str()));
    }
    Start {
        snapshot: workspace.snapshot(),
        listing: Arc::new(texts.into_iter().map(|it| it.0).collect()),
        target: Target::Text,
        settings: Settings::default(),
        isolation: walls(),
    }
}

fn walls() -> Isolation {
    Isolation { backend: "scripted".to_owned(), level: IsolationLevel::Full, missing: Vec::new() }
}

fn finished(code: i32, tests: &[(&str, TestOutcome)]) -> Finished {
    let tests = tests.iter().map(|(id, outcome)| TestResult {
        id: (*id).to_owned(),
        outcome: *outcome,
        duration_us: 1_000,
        failure: None,
    });
    Finished {
        exit: Exit::Code(code),
        output: String::new(),
        output_bytes: 0,
        wall_us: 1,
        tests: tests.collect(),
        lines: Vec::new(),
        isolation: walls(),
    }
}

/// Plays a run; `answer` is asked for each command. What it did, a line each.
fn play(files: &str, tests: &[&str], answer: impl Fn(&str) -> Result<Finished, ActFailure>) -> (String, Run) {
    let tests = tests.iter().map(|it| TestId::parse(it).unwrap()).collect();
    let (mut run, first) = Run::start(Intent::Test(Test { tests }), start(files));
    let mut todo: std::collections::VecDeque<Act> = first.into();
    let mut out = String::new();
    let mut now = 0;
    while let Some(act) = todo.pop_front() {
        now += 10;
        match act {
            Act::Tests(reports) => {
                for it in reports {
                    out += &format!("{} {:?}\n", it.id, it.state);
                }
            }
            Act::Command { id, command, cwd, .. } => {
                let line = show(&command);
                let place = cwd.map(|it| format!(" in {it}")).unwrap_or_default();
                out += &format!("run: {line}{place}\n");
                todo.extend(run.step(News::Ran(id, answer(&line)), now));
            }
            other @ (Act::Look { .. }
            | Act::Probe { .. }
            | Act::Offer(_)
            | Act::OfferPart(_)
            | Act::Stop(_)) => {
                panic!("{other:?}")
            }
        }
    }
    match run.outcome() {
        Some(Outcome::Tested(tally)) => out += &format!("= {}\n", tally.sentence()),
        Some(Outcome::Refused(refused)) => out += &format!("= refused: {}\n", refused.message),
        other => out += &format!("= {other:?}\n"),
    }
    (out, run)
}

fn check(tests: &[&str], expect: Expect) {
    let (out, _) = play(FILES, tests, |_| {
        Ok(finished(
            1,
            &[("tests/test_a.py::test_one", TestOutcome::Passed), ("it works", TestOutcome::Failed)],
        ))
    });
    expect.assert_eq(&out);
}

#[test]
fn one_test_is_run_alone_and_told_as_it_goes() {
    check(
        &["tests/test_a.py::test_one"],
        expect![[r#"
            tests/test_a.py::test_one Queued
            tests/test_a.py::test_one Running
            run: python3 -m pytest tests/test_a.py::test_one
            tests/test_a.py::test_one Passed
            = 1 passed
        "#]],
    );
}

#[test]
fn the_whole_of_a_file_or_a_group_is_told_test_by_test() {
    check(
        &["tests/test_a.py"],
        expect![[r#"
        tests/test_a.py::test_one Queued
        tests/test_a.py::TestTwo::test_three Queued
        tests/test_a.py::test_one Running
        tests/test_a.py::TestTwo::test_three Running
        run: python3 -m pytest tests/test_a.py
        tests/test_a.py::test_one Passed
        tests/test_a.py::TestTwo::test_three Skipped
        = 1 passed, 1 skipped
    "#]],
    );
    check(
        &["tests/test_a.py::TestTwo", "tests/test_b.py"],
        expect![[r#"
        tests/test_a.py::TestTwo::test_three Queued
        tests/test_b.py::test_b Queued
        tests/test_a.py::TestTwo::test_three Running
        tests/test_b.py::test_b Running
        run: python3 -m pytest tests/test_a.py::TestTwo tests/test_b.py
        tests/test_a.py::TestTwo::test_three Skipped
        tests/test_b.py::test_b Skipped
        = 2 skipped
    "#]],
    );
}

#[test]
fn each_language_and_project_has_its_own_command() {
    check(
        &[],
        expect![[r#"
        tests/test_a.py::test_one Queued
        tests/test_a.py::TestTwo::test_three Queued
        tests/test_b.py::test_b Queued
        web/a.test.js::it works Queued
        tests/test_a.py::test_one Running
        tests/test_a.py::TestTwo::test_three Running
        tests/test_b.py::test_b Running
        run: python3 -m pytest
        tests/test_a.py::test_one Passed
        tests/test_a.py::TestTwo::test_three Skipped
        tests/test_b.py::test_b Skipped
        web/a.test.js::it works Running
        run: npm test in web
        web/a.test.js::it works Failed
        = 1 passed, 1 failed, 2 skipped
    "#]],
    );
    check(
        &["web/a.test.js::it works", "tests/test_b.py::test_b"],
        expect![[r#"
        tests/test_b.py::test_b Queued
        web/a.test.js::it works Queued
        tests/test_b.py::test_b Running
        run: python3 -m pytest tests/test_b.py::test_b
        tests/test_b.py::test_b Skipped
        web/a.test.js::it works Running
        run: node --test '--test-name-pattern=(^| )it works$' a.test.js in web
        web/a.test.js::it works Failed
        = 1 failed, 1 skipped
    "#]],
    );
}

#[test]
fn what_is_not_there_is_refused_with_what_to_do() {
    for (id, said) in [
        ("gone.py::test_a", "`gone.py` is not a file of the workspace"),
        ("a.py", "`a.py` writes down no test"),
        ("tests/test_a.py::test_gone", "`tests/test_a.py::test_gone` is not among the tests of its file"),
    ] {
        let (out, _) = play(FILES, &[id], |_| unreachable!("nothing is run"));
        assert_eq!(out, format!("= refused: {said}\n"));
    }
    let (out, _) = play("=== a.py\n", &[], |_| unreachable!("nothing is run"));
    assert_eq!(out, "= refused: no tests were found in this workspace\n");
}

#[test]
fn a_command_that_can_not_start_fails_its_tests_and_the_run_says_why() {
    let (out, _) = play(FILES, &["tests/test_b.py"], |_| {
        Ok(Finished { output: "No module named pytest".to_owned(), ..finished(1, &[]) })
    });
    expect![[r#"
        tests/test_b.py::test_b Queued
        tests/test_b.py::test_b Running
        run: python3 -m pytest tests/test_b.py
        tests/test_b.py::test_b Failed
        = refused: the test command `python3 -m pytest tests/test_b.py` can not start: No module named pytest
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_sandbox_that_fails_ends_the_run_and_leaves_no_test_running() {
    let (out, _) = play(FILES, &[], |_| Err(ActFailure::Broken("no disk".to_owned())));
    expect![[r#"
        tests/test_a.py::test_one Queued
        tests/test_a.py::TestTwo::test_three Queued
        tests/test_b.py::test_b Queued
        web/a.test.js::it works Queued
        tests/test_a.py::test_one Running
        tests/test_a.py::TestTwo::test_three Running
        tests/test_b.py::test_b Running
        run: python3 -m pytest
        tests/test_a.py::test_one Skipped
        tests/test_a.py::TestTwo::test_three Skipped
        tests/test_b.py::test_b Skipped
        web/a.test.js::it works Skipped
        = Some(Failed { reason: "no disk" })
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_cancelled_run_leaves_no_test_running() {
    let id = TestId::parse("tests/test_b.py").unwrap();
    let (mut run, _) = Run::start(Intent::Test(Test { tests: vec![id] }), start(FILES));
    let acts = run.step(News::Cancelled, 5);
    assert!(matches!(acts.as_slice(), [Act::Stop(_), Act::Tests(told)] if told.len() == 1), "{acts:?}");
    assert_eq!(run.outcome(), Some(&Outcome::Cancelled));
}

#[test]
fn a_run_always_ends_when_its_time_is_used_up() {
    let (mut run, _) = Run::start(Intent::Test(Test { tests: Vec::new() }), start(FILES));
    assert_eq!(run.step(News::Tick, 100), Vec::new());
    let acts = run.step(News::Tick, 300_001);
    assert!(matches!(run.outcome(), Some(Outcome::Exhausted { .. })), "{acts:?}");
}
