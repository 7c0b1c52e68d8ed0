//! Any test command: its exit code is the verdict, each candidate in a sandbox of its own.

use bodkin_guard::report::Verdict;
use bodkin_text::Layer;

use crate::kit::{Scene, layers, shell};

const CHECK: &str = "test \"$(cat answer)\" = 42 || { echo \"no: $(cat answer)\"; exit 3; }";

#[test]
fn the_exit_code_of_a_command_is_the_verdict() {
    let mut scene = Scene::new(None, &[("answer", "41")]);
    let candidates = layers(&[("answer", "42"), ("answer", "43"), ("answer", "42")]);
    let outcome = scene.probe(shell(CHECK), &Layer::empty(), &candidates);
    assert!(!outcome.baseline().passed);
    assert_eq!(outcome.words(), ["passed", "failed exit code 3", "passed"]);
    let Verdict::Failed { message, .. } = outcome.verdict(1) else { panic!() };
    assert_eq!(message, "no: 43");
    assert_eq!(scene.read("answer"), "41");
}

#[test]
fn the_command_is_looked_at_once_for_each_state_of_the_files() {
    let mut scene = Scene::new(None, &[("answer", "41")]);
    assert!(!scene.probe(shell(CHECK), &Layer::empty(), &[]).baseline().passed);
    let below = crate::kit::layer(&[("answer", "42")]);
    assert!(scene.probe(shell(CHECK), &below, &[]).baseline().passed);
    let again = scene.probe(shell(CHECK), &below, &layers(&[("answer", "41")]));
    assert!(again.baselines.is_empty());
    assert_eq!(again.words(), ["failed exit code 3"]);
}

#[test]
fn a_command_that_hangs_floods_or_dies_costs_itself_alone() {
    let mut scene = Scene::new(None, &[("run", "exit 1")]);
    scene.limits.output_bytes = 1 << 16;
    let candidates =
        layers(&[("run", "sleep 1000"), ("run", "yes"), ("run", "kill -9 $$"), ("run", "exit 0")]);
    let outcome = scene.probe(shell(". ./run"), &Layer::empty(), &candidates);
    assert_eq!(outcome.words(), ["timed out", "failed Output", "crashed", "passed"], "{outcome:#?}");
}

#[test]
fn a_command_that_is_not_there_is_said() {
    let mut scene = Scene::new(None, &[("answer", "41")]);
    let outcome = scene.probe(shell("no-such-program"), &Layer::empty(), &layers(&[("answer", "42")]));
    let problem = outcome.baseline().problem.clone().unwrap();
    assert!(problem.contains("no-such-program"), "{problem}");
    assert!(outcome.probed.is_empty());
}
