//! Runs that are about a test: the fault may be in any file that it runs, and no test is changed.

use bodkin_guard::action::Runner;
use bodkin_guard::report::{Baseline, Failure, Frame, TestOutcome, TestResult};
use bodkin_text::{Line1, RelPath};
use expect_test::{Expect, expect};

use super::answers::{exit, lines, tests};
use super::kit::{Scene, World, play_intent, scene};
use crate::run::Target;
use crate::testing::TestId;
use crate::{FixTest, Intent};

const SHOP: &str = "
=== shop/__init__.py
=== shop/calc.py
def add(a, b):
    return a - b
=== shop/unrelated.py
def other(a, b):
    return a - b
=== tests/test_calc.py
from shop.calc import add
def test_add():
    assert add(1, 2) == 3
def test_other():
    assert add(1, 0) == 1
";

fn test(id: &str, outcome: TestOutcome, frames: &[(&str, u32)]) -> TestResult {
    let frame =
        |it: &(&str, u32)| Frame { path: RelPath::new(it.0).unwrap(), line: Line1(it.1), function: None };
    let failure = (outcome != TestOutcome::Passed).then(|| Failure {
        kind: "AssertionError".to_owned(),
        message: "assert -1 == 3".to_owned(),
        frames: frames.iter().map(frame).collect(),
    });
    TestResult { id: id.to_owned(), outcome, duration_us: 1, failure }
}

fn baseline(tests: Vec<TestResult>, ran: &[(&str, &[u32])]) -> Baseline {
    let of = |it: &(&str, &[u32])| (RelPath::new(it.0).unwrap(), it.1.iter().copied().map(Line1).collect());
    Baseline { tests, passed: false, problem: None, lines: ran.iter().map(of).collect() }
}

const ADD: &str = "tests/test_calc.py::test_add";
const OTHER: &str = "tests/test_calc.py::test_other";

fn world(look: Baseline, before: &'static str, after: &'static str) -> World {
    World {
        look: Box::new(move |_: &Runner| Ok(look.clone())),
        before: Ok(tests(exit(1), before)),
        after: Box::new(move |text| {
            Ok(match text.contains("return a + b") {
                true => lines(tests(exit(0), after), "shop/calc.py", &[1, 2]),
                false => tests(exit(1), before),
            })
        }),
        ..World::usual()
    }
}

fn check(id: &str, world: &World, expected: Expect) {
    let Scene { mut start, .. } = scene(SHOP, "shop/calc.py");
    start.target = Target::Text;
    let test = TestId::parse(id).unwrap();
    let intent = Intent::FixTest(FixTest { test, command: None, command_dir: None });
    let played = play_intent(intent, RelPath::new("shop/calc.py").unwrap(), start, world);
    expected.assert_eq(&played.transcript);
}

#[test]
fn what_a_failing_test_runs_is_mended_and_the_whole_suite_proves_it() {
    let failing = vec![
        test(ADD, TestOutcome::Failed, &[("tests/test_calc.py", 3)]),
        test(OTHER, TestOutcome::Passed, &[]),
    ];
    let look = baseline(failing, &[("shop/calc.py", &[1, 2]), ("tests/test_calc.py", &[1, 2, 3])]);
    let before = "-tests/test_calc.py::test_add +tests/test_calc.py::test_other";
    check(
        ADD,
        &world(look, before, "+tests/test_calc.py::test_add +tests/test_calc.py::test_other"),
        expect![[r#"
            measure: python3 -m pytest
            look: warm pytest tests/test_calc.py
            probe: warm pytest tests/test_calc.py
            prove: python3 -m pytest | return a + b
            offer, proved: return a + b
            = proved
            understand done, localise done, propose done, probe done, prove done, offer done
        "#]],
    );
}

#[test]
fn another_failure_of_the_same_file_is_not_waited_for() {
    let failed = TestOutcome::Failed;
    let look = baseline(vec![test(ADD, failed, &[]), test(OTHER, failed, &[])], &[("shop/calc.py", &[2])]);
    let before = "-tests/test_calc.py::test_add -tests/test_calc.py::test_other";
    check(
        ADD,
        &world(look, before, "+tests/test_calc.py::test_add -tests/test_calc.py::test_other"),
        expect![[r#"
            measure: python3 -m pytest
            look: warm pytest tests/test_calc.py
            probe: warm pytest tests/test_calc.py::test_add
            prove: python3 -m pytest | return a + b
            offer, proved: return a + b
            = proved
            understand done, localise done, propose done, probe done, prove done, offer done
        "#]],
    );
}

#[test]
fn a_file_is_suspected_by_what_the_test_imports_where_nobody_recorded_lines() {
    let look = baseline(vec![test(ADD, TestOutcome::Failed, &[])], &[]);
    let before = "-tests/test_calc.py::test_add";
    check(
        ADD,
        &world(look, before, "+tests/test_calc.py::test_add"),
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest tests/test_calc.py
        probe: warm pytest tests/test_calc.py
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn a_test_that_passes_or_is_not_there_is_refused() {
    let look =
        baseline(vec![test(ADD, TestOutcome::Passed, &[]), test(OTHER, TestOutcome::Failed, &[])], &[]);
    let before = "+tests/test_calc.py::test_add -tests/test_calc.py::test_other";
    check(
        ADD,
        &world(look.clone(), before, before),
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest tests/test_calc.py
        = refused, BadRequest: `tests/test_calc.py::test_add` passes already: nothing fails that a fix could mend
          Run the test to see how it goes; a fix is for one that fails.
        understand done, localise failed, propose skipped, probe skipped, prove skipped, offer skipped
    "#]],
    );
    check(
        "tests/test_calc.py::test_gone",
        &world(look, before, before),
        expect![[r#"
        = refused, BadRequest: `tests/test_calc.py::test_gone` is not among the tests of its file
          It may have been renamed; look at the tests of the file again.
        understand failed, localise skipped, propose skipped, probe skipped, prove skipped, offer skipped
    "#]],
    );
}

#[test]
fn a_test_that_runs_only_tests_is_not_mended_by_changing_tests() {
    let look = baseline(vec![test("shop/unrelated.py", TestOutcome::Failed, &[])], &[]);
    let world = world(look, "-tests/test_self.py::test_a", "+tests/test_self.py::test_a");
    let files = "=== tests/test_self.py\ndef test_a():\n    assert 1 == 2\n=== pytest.ini\n[pytest]\n";
    let Scene { mut start, .. } = scene(files, "tests/test_self.py");
    start.target = Target::Text;
    let test = TestId::parse("tests/test_self.py::test_a").unwrap();
    let intent = Intent::FixTest(FixTest { test, command: None, command_dir: None });
    let played = play_intent(intent, RelPath::new("tests/test_self.py").unwrap(), start, &world);
    expect![[r#"
        measure: python3 -m pytest
        look: warm pytest tests/test_self.py
        = refused, BadRequest: no file of the workspace was seen that the failing test runs
          Select the lines that you suspect, and fix these.
        understand done, localise done, propose failed, probe skipped, prove skipped, offer skipped
    "#]]
    .assert_eq(&played.transcript);
}
