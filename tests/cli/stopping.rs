//! Stopped half-way, and two at once.

use std::time::Duration;

use bodkin_tests::{Said, Scene, needs, processes};
use rustix::process::Signal;

use crate::scenes::{FAULT, sum};

/// Waits while candidates are tried, in tests that would go on for minutes; then asks it to stop.
fn stopped_by(signal: Signal) -> (Said, Scene) {
    let scene = Scene::new(
        "
=== calc.py
def add(a, b):
    return [a, a, a, b]
=== test_calc.py
import unittest

from calc import add


class Add(unittest.TestCase):
    def test_adds(self):
        for _ in range(100_000_000):
            pass
        self.assertEqual(add(1, 2), 'never')
",
    );
    let before = scene.tree();
    let mut running = scene.bodkin(&["fix", FAULT, "--apply"]).start();
    running.hear("Run the tests as they are");
    let family = processes::family(running.id(), 2);
    running.signal(signal);
    let said = running.end();
    for process in family {
        assert!(process.ends_within(Duration::from_secs(30)), "a process outlives the run");
    }
    assert_eq!(processes::that_know(&scene.root()), Vec::<String>::new());
    assert!(scene.tree() == before);
    assert_eq!(scene.bodkin(&["ledger", "verify"]).run().code, Some(0));
    (said, scene)
}

/// What is said and written down of a run that was asked to stop.
fn is_cancelled((said, scene): (Said, Scene)) {
    assert_eq!(
        (said.code, said.stdout.as_str()),
        (Some(130), "cancelled; nothing was changed\n"),
        "{}",
        said.shown()
    );
    let ledger = scene.ledger();
    let last = ledger.last().map_or("", String::as_str);
    assert!(last.contains(r#""outcome":"cancelled""#), "the run's end is on the ledger: {last}");
    let count =
        |kind: &str| ledger.iter().filter(|line| line.contains(&format!("\"kind\":\"{kind}\""))).count();
    assert_eq!(count("permitted"), count("did"), "what was begun is told to its end:\n{}", ledger.join("\n"));
}

#[test]
fn ctrl_c_leaves_no_process_and_no_change() {
    needs!(Python);
    is_cancelled(stopped_by(Signal::INT));
}

#[test]
fn a_request_to_terminate_leaves_no_process_and_no_change() {
    needs!(Python);
    is_cancelled(stopped_by(Signal::TERM));
}

#[test]
fn killed_outright_it_leaves_no_process_and_no_change() {
    needs!(Python);
    assert_ne!(stopped_by(Signal::KILL).0.code, Some(0));
}

#[test]
fn two_at_once_in_one_workspace_both_work_and_share_one_ledger() {
    needs!(Python);
    let scene = sum();
    let first = scene.bodkin(&["fix", FAULT]).start();
    let second = scene.bodkin(&["fix", FAULT]).start();
    for said in [first.end(), second.end()] {
        assert_eq!(said.code, Some(0), "{}", said.shown());
    }
    let verify = scene.bodkin(&["ledger", "verify"]).run();
    assert_eq!(verify.code, Some(0), "{}", verify.shown());
    let runs: std::collections::BTreeSet<String> =
        scene.ledger().iter().filter(|line| line.contains("\"asked\"")).cloned().collect();
    assert_eq!(runs.len(), 2, "{runs:?}");
}

#[test]
fn of_two_that_apply_at_once_one_wins_and_the_other_loses_nothing() {
    needs!(Python);
    let scene = sum();
    let first = scene.bodkin(&["fix", FAULT, "--apply"]).start();
    let second = scene.bodkin(&["fix", FAULT, "--apply"]).start();
    let codes = [first.end().code, second.end().code];
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert!(scene.text("calc.py").contains("return a + b\n"), "{}", scene.text("calc.py"));
    assert_eq!(scene.bodkin(&["ledger", "verify"]).run().code, Some(0));
}
