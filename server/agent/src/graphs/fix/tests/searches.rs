//! Runs that look for a change: which way they go.

use bodkin_guard::action::Runner;
use expect_test::{Expect, expect};

use super::answers::{exit, failing, lines, passing, problem, tests};
use super::kit::{CALC, World, play, scene, verdict};
use crate::run::{ActFailure, Decision};

fn check(world: &World, expected: Expect) {
    expected.assert_eq(&play(scene(CALC, "calc.py:2"), world).transcript);
}

fn is_warm(runner: &Runner) -> bool {
    !matches!(runner, Runner::Command { .. })
}

#[test]
fn a_fault_is_looked_at_probed_proved_and_offered() {
    check(
        &World::usual(),
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn what_is_declined_was_proved_all_the_same() {
    check(
        &World { decision: Some(Decision::Declined), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn probes_begin_before_the_measurement_is_done_and_the_proof_waits_for_it() {
    check(
        &World { newest_first: true, ..World::usual() },
        expect![[r#"
        look: warm pytest
        probe: warm pytest
        measure: python3 -m pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn a_narrowed_look_that_finds_nothing_is_widened() {
    let narrow = "
=== calc.py
def add(a, b):
    return a - b
=== pytest.ini
[pytest]
=== tests/test_calc.py
from calc import add
def test_add():
    pass
=== tests/test_other.py
def test_other():
    assert run('add 1 2') == '3'
";
    let look = |runner: &Runner| match runner {
        Runner::Pytest { args, .. } if args.iter().any(|it| it.contains("test_calc")) => Ok(passing()),
        Runner::Pytest { .. } | Runner::Unittest { .. } | Runner::Command { .. } => {
            Ok(failing(&["test_calc.py::test_add"]))
        }
    };
    let world = World { look: Box::new(look), ..World::usual() };
    expect![[r#"
        measure: python3 -m pytest
        look: warm pytest tests/test_calc.py
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]]
    .assert_eq(&play(scene(narrow, "calc.py:2"), &world).transcript);
}

#[test]
fn a_warm_runner_with_a_problem_gives_way_to_the_command() {
    check(
        &World { look: Box::new(|_| Ok(problem("conftest.py: boom"))), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: python3 -m pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn a_warm_runner_that_sees_no_failure_gives_way_to_the_command() {
    check(
        &World { look: Box::new(|_| Ok(passing())), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: python3 -m pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn a_warm_runner_that_breaks_down_in_a_batch_gives_way_to_the_command() {
    let batch = |runner: &Runner| match is_warm(runner) {
        true => Err(ActFailure::Broken("the runner died".to_owned())),
        false => Ok(()),
    };
    check(
        &World { batch: Box::new(batch), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        probe: python3 -m pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn a_warm_runner_that_falls_silent_gives_way_to_the_command() {
    check(
        &World { is_silent: Box::new(is_warm), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        probe: python3 -m pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn a_command_that_tells_of_no_candidate_ends_the_search() {
    check(
        &World { is_silent: Box::new(|_| true), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        probe: python3 -m pytest
        = exhausted: no change was proved: the test command could not be run on any candidate of a batch; 0 candidates were tried. Select the line that you suspect more, or the whole function; or give more time.
        understand done, localise done, propose done, probe failed, prove skipped, offer skipped
    "#]],
    );
}

#[test]
fn a_candidate_that_fails_its_proof_is_followed_by_the_next() {
    let world = World {
        probe: Box::new(|text| verdict(text.contains("return a + b") || text.contains("return a * b"))),
        after: Box::new(|text| {
            Ok(match text.contains("return a * b") {
                true => lines(tests(exit(0), "+test_calc.py::test_add"), "calc.py", &[2]),
                false => tests(exit(1), "-test_calc.py::test_add"),
            })
        }),
        ..World::usual()
    };
    check(
        &world,
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        prove: python3 -m pytest | return a * b
        offer, proved: return a * b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn what_is_not_proved_is_kept_back_while_another_may_be() {
    let passes = |text: &str| text.contains("return a + b") || text.contains("return a * b");
    let world = World {
        probe: Box::new(move |text| verdict(passes(text))),
        after: Box::new(|text| {
            let ran: &[u32] = if text.contains("return a * b") { &[1, 2] } else { &[1] };
            Ok(lines(tests(exit(0), "+test_calc.py::test_add"), "calc.py", ran))
        }),
        ..World::usual()
    };
    check(
        &world,
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        prove: python3 -m pytest | return a * b
        offer, proved: return a * b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]],
    );
}

#[test]
fn what_is_not_proved_is_offered_when_nothing_else_is() {
    let world = World {
        after: Box::new(|_| Ok(lines(tests(exit(0), "+test_calc.py::test_add"), "calc.py", &[1]))),
        ..World::usual()
    };
    check(
        &world,
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        probe: warm pytest
        prove: python3 -m pytest | return a + b - b
        probe: warm pytest
        offer, unproved: return a + b
        = unproved: changed lines that no test executed: 2
        understand done, localise done, propose done, probe done, prove failed, offer done
    "#]],
    );
}

#[test]
fn where_no_lines_can_be_told_the_first_that_passes_is_offered_at_once() {
    let world = World { after: Box::new(|_| Ok(exit(0))), before: Ok(exit(1)), ..World::usual() };
    check(
        &world,
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        offer, unproved: return a + b
        = unproved: which lines the tests executed could not be told for this test command
        understand done, localise done, propose done, probe done, prove failed, offer done
    "#]],
    );
}

#[test]
fn a_run_without_a_line_looks_where_the_failing_test_was() {
    let world = World {
        look: Box::new(|_| {
            let mut seen = failing(&["test_calc.py::test_add"]);
            seen.lines = lines(exit(0), "calc.py", &[1, 2]).lines;
            Ok(seen)
        }),
        ..World::usual()
    };
    expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        offer, proved: return a + b
        = proved
        understand done, localise done, propose done, probe done, prove done, offer done
    "#]]
    .assert_eq(&play(scene(CALC, "calc.py"), &world).transcript);
}
