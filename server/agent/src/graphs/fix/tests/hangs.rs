//! Tests that hang before any change do not take the run's time, and none is called hung that is only slow.

use bodkin_guard::action::Purpose;
use bodkin_guard::report::Baseline;

use super::answers::{exit, tests};
use super::kit::{CALC, scene};
use crate::Intent;
use crate::run::{Act, ActId, News, Run};

/// What a run asks for once its look has seen `marks`, the slowest test that ended taking `slowest_ms`.
fn looked(marks: &str, slowest_ms: u64) -> (Run, Vec<String>) {
    let scene = scene(CALC, "calc.py:2");
    let (mut run, _) = Run::start(Intent::Fix(scene.fix), scene.start);
    let mut seen = tests(exit(1), marks).tests;
    seen.iter_mut().for_each(|test| test.duration_us = slowest_ms * 1000);
    let acts = run.step(News::Looked(ActId(1), Ok(Baseline { tests: seen, ..Baseline::default() })), 20);
    (run, measured(&acts))
}

/// The acts that stop or measure, and how long a measurement waits for one test.
fn measured(acts: &[Act]) -> Vec<String> {
    let told = acts.iter().filter_map(|act| match act {
        Act::Stop(id) => Some(format!("stop {}", id.0)),
        Act::Command { id, purpose: Purpose::Baseline, limits, .. } => {
            Some(format!("measure as {}, a test has {:?}", id.0, limits.test_ms))
        }
        Act::Command { .. }
        | Act::Look { .. }
        | Act::Probe { .. }
        | Act::Offer(_)
        | Act::OfferPart(_)
        | Act::Tests(_) => None,
    });
    told.collect()
}

#[test]
fn a_measurement_waits_for_a_hang_only_as_long_as_the_other_tests_may_take() {
    assert_eq!(looked("+a ?b ?c", 1).1, ["stop 0", "measure as 3, a test has Some(1000)"]);
    assert_eq!(looked("+a -b ?c", 300).1, ["stop 0", "measure as 3, a test has Some(6000)"]);
}

#[test]
fn a_measurement_without_hangs_goes_on() {
    assert_eq!(looked("+a -b", 1).1, Vec::<String>::new());
}

#[test]
fn a_test_that_is_only_slow_is_not_called_hung() {
    let (mut run, _) = looked("+a ?b", 1);
    // The whole suite holds `slow`, which the look did not run.
    let acts = run.step(News::Ran(ActId(3), Ok(tests(exit(1), "+a ?b ?slow"))), 5_000);
    assert_eq!(measured(&acts), ["measure as 5, a test has None"]);
    let acts = run.step(News::Ran(ActId(5), Ok(tests(exit(1), "+a ?b +slow"))), 30_000);
    assert_eq!(measured(&acts), Vec::<String>::new(), "measured once and for all");
}

#[test]
fn what_the_look_saw_hang_counts_as_hung() {
    let (mut run, _) = looked("+a ?b", 1);
    let acts = run.step(News::Ran(ActId(3), Ok(tests(exit(1), "+a ?b"))), 5_000);
    assert_eq!(measured(&acts), Vec::<String>::new());
}
