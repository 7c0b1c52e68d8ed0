//! A sandbox made of a backend's sessions does what the local one does by its own way: commands, their changes,
//! candidates; and sends nothing without leave.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests fail by panicking")]

mod kit;

use std::collections::BTreeMap;
use std::sync::Arc;

use bodkin_guard::action::{CommandLine, Limits, Network, Probe, Purpose, RunCommand, Runner, SendFiles};
use bodkin_guard::in_memory::InMemoryLedger;
use bodkin_guard::report::{Exit, Finished, Isolation, Probed, Stop, Verdict, batch_hash};
use bodkin_guard::{Asker, Grant, Grants, Guard, Permit, Request, Rules, RunId};
use bodkin_sandbox::over::Over;
use bodkin_sandbox::{Cancel, ProbeNews, RunJob, Sandbox, SandboxError, Trial};
use bodkin_text::{ContentHash, Layer};
use kit::{Scene, path};

const TEST: &str = "
import unittest
from a import add

class Add(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(1, 2), 3)

    def test_nothing(self):
        self.assertEqual(add(0, 0), 0)
";

fn request() -> Request {
    let grants = Grants::none().with(Grant::SendTo { to: "https://there".to_owned() });
    Request { run: RunId(1), asker: Asker::Terminal, grants }
}

fn over(scene: &Scene) -> Over {
    Over::here(Arc::new(scene.sandbox.clone()))
}

fn permit(walls: &Isolation, line: &str, layer: &Layer, limits: Limits, observe: bool) -> Permit<RunCommand> {
    let action = RunCommand {
        purpose: Purpose::Proof,
        command: CommandLine::Shell(line.to_owned()),
        cwd: None,
        env: [("NAMED".to_owned(), "value".to_owned())].into(),
        network: Network::Off,
        limits,
        layer: layer.hash(),
        observe,
    };
    Guard::new(Rules { allow_reduced: true })
        .review_run(action, walls, &request(), &mut InMemoryLedger::new())
        .unwrap()
}

fn trial(scene: &Scene, line: &str, layer: &Layer, limits: Limits, cancel: &Cancel) -> Trial {
    let over = over(scene);
    let permit = permit(&over.isolation(), line, layer, limits, false);
    let job = RunJob { root: &scene.workspace(), layer, cancel, on_output: &mut |_| {}, send: None };
    over.trial(permit, job).unwrap_or_else(|error| panic!("{error}"))
}

fn finished(scene: &Scene, line: &str, limits: Limits) -> Finished {
    let (over, layer) = (over(scene), Layer::empty());
    let permit = permit(&over.isolation(), line, &layer, limits, false);
    let (root, cancel) = (scene.workspace(), Cancel::new());
    let job = RunJob { root: &root, layer: &layer, cancel: &cancel, on_output: &mut |_| {}, send: None };
    over.run(permit, job).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_command_runs_over_its_layer_and_its_end_is_told() {
    let scene = Scene::new(&[("a.txt", "old")]);
    let mut layer = Layer::empty();
    layer.put(path("a.txt"), "new");
    let trial = trial(
        &scene,
        "cat a.txt; echo $NAMED; echo x > b.txt; exit 3",
        &layer,
        Limits::default(),
        &Cancel::new(),
    );
    assert_eq!((trial.finished.exit, trial.finished.output.as_str()), (Exit::Code(3), "newvalue\n"));
    assert_eq!(std::fs::read_to_string(scene.workspace().join("a.txt")).unwrap(), "old");
    assert!(!scene.workspace().join("b.txt").exists());
    let changed: Vec<_> = trial.changes.changes.iter().map(|it| it.path.display().to_string()).collect();
    assert_eq!(changed, ["b.txt"]);
}

#[test]
fn tests_are_observed_one_by_one_with_the_lines_that_they_ran() {
    let scene = Scene::new(&[("a.py", "def add(a, b):\n    return a - b\n"), ("test_a.py", TEST)]);
    let mut layer = Layer::empty();
    layer.put(path("a.py"), "def add(a, b):\n    return a + b\n");
    let over = over(&scene);
    let permit = permit(&over.isolation(), "python3 -m unittest", &layer, Limits::default(), true);
    let job = RunJob {
        root: &scene.workspace(),
        layer: &layer,
        cancel: &Cancel::new(),
        on_output: &mut |_| {},
        send: None,
    };
    let finished = over.run(permit, job).unwrap();
    assert_eq!(finished.exit, Exit::Code(0), "{}", finished.output);
    assert_eq!(finished.tests.len(), 2, "{finished:?}");
    let lines: Vec<u32> = finished.lines.iter().flat_map(|(_, lines)| lines).map(|line| line.0).collect();
    assert!(lines.contains(&2), "{finished:?}");
}

#[test]
fn a_command_that_goes_on_for_ever_is_stopped_by_its_limits() {
    let scene = Scene::new(&[("a", "")]);
    let limits = Limits { wall_ms: 300, ..Limits::default() };
    let stopped = finished(&scene, "sleep 1000", limits);
    assert_eq!(stopped.exit, Exit::Stopped(Stop::WallTime));
    let limits = Limits { output_bytes: 100_000, ..Limits::default() };
    let flood = finished(&scene, "yes", limits);
    assert_eq!(flood.exit, Exit::Stopped(Stop::Output));
    let cancel = Cancel::new();
    cancel.cancel();
    let over = over(&scene);
    let permit = permit(&over.isolation(), "sleep 1000", &Layer::empty(), Limits::default(), false);
    let (root, layer) = (scene.workspace(), Layer::empty());
    let job = RunJob { root: &root, layer: &layer, cancel: &cancel, on_output: &mut |_| {}, send: None };
    match over.run(permit, job) {
        Ok(finished) => assert_eq!(finished.exit, Exit::Stopped(Stop::Cancelled)),
        Err(SandboxError::Io { source, .. }) => assert_eq!(source.kind(), std::io::ErrorKind::Interrupted),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn the_exit_code_and_a_missing_program_are_told_as_a_shell_does() {
    let scene = Scene::new(&[("a", "")]);
    assert_eq!(finished(&scene, "exit 7", Limits::default()).exit, Exit::Code(7));
    assert_eq!(finished(&scene, "no-such-program", Limits::default()).exit, Exit::Code(127));
}

#[test]
fn candidates_are_tried_one_after_the_other_and_leave_the_files_as_they_were() {
    let scene = Scene::new(&[("a.py", "def add(a, b):\n    return a - b\n"), ("test_a.py", TEST)]);
    let over = over(&scene);
    let candidate = |text: &str| {
        let mut layer = Layer::empty();
        layer.put(path("a.py"), text);
        layer
    };
    let good = candidate("def add(a, b):\n    return a + b\n");
    let candidates = [
        candidate("def add(a, b):\n    return a * b\n"),
        good.clone(),
        candidate("def add(a, b):\n    while True: pass\n"),
        candidate("def add(a, b\n"),
        good,
    ];
    let action = Probe {
        runner: Runner::Unittest { python: "python3".to_owned(), args: Vec::new(), cwd: None },
        env: BTreeMap::new(),
        network: Network::Off,
        limits: Limits { wall_ms: 60_000, ..Limits::default() },
        layer: Layer::empty().hash(),
        candidates: 5,
        batch: batch_hash(candidates.iter().map(Layer::hash)),
    };
    let permit = Guard::new(Rules { allow_reduced: true })
        .review_probe(action, &over.isolation(), &request(), &mut InMemoryLedger::new())
        .unwrap();
    let (mut baselines, mut probed) = (Vec::new(), Vec::<Probed>::new());
    over.prober(&scene.workspace(), None)
        .probe(permit, &Layer::empty(), &candidates, &Cancel::new(), &mut |news| match news {
            ProbeNews::Baseline(baseline) => baselines.push(baseline),
            ProbeNews::Probed(one) => probed.push(one),
        })
        .unwrap();
    assert_eq!(baselines.len(), 1);
    assert_eq!((baselines[0].passed, baselines[0].tests.len()), (false, 2), "{baselines:?}");
    assert!(matches!(probed[0].verdict, Verdict::Failed { .. }), "{probed:?}");
    assert_eq!((&probed[1].verdict, probed[1].mended), (&Verdict::Passed, 1), "{probed:?}");
    assert!(matches!(probed[2].verdict, Verdict::TimedOut | Verdict::Failed { .. }), "{probed:?}");
    assert!(matches!(probed[3].verdict, Verdict::Failed { .. }), "{probed:?}");
    assert_eq!(probed[4].verdict, Verdict::Passed, "{probed:?}");
    let text = std::fs::read_to_string(scene.workspace().join("a.py")).unwrap();
    assert!(text.contains("a - b"), "{text}");
}

#[test]
fn no_permit_no_effect_nothing_is_sent_without_leave_for_that_address() {
    let scene = Scene::new(&[("a", "")]);
    let over = Over::elsewhere(Arc::new(scene.sandbox.clone()), "https://there");
    assert_eq!(over.destination().as_deref(), Some("https://there"));
    let leave = |to: &str| {
        let root = ContentHash::of("");
        let action = SendFiles { to: to.to_owned(), root, files: 1, bytes: 0, left_out: 0 };
        let grants = Grants::none().with(Grant::SendTo { to: to.to_owned() });
        let request = Request { run: RunId(1), asker: Asker::Terminal, grants };
        Guard::new(Rules::default()).review_send(action, &request, &mut InMemoryLedger::new()).unwrap()
    };
    let run = |send: Option<Permit<SendFiles>>| {
        let (root, layer) = (scene.workspace(), Layer::empty());
        let permit = permit(&over.isolation(), "true", &layer, Limits::default(), false);
        let job = RunJob { root: &root, layer: &layer, cancel: &Cancel::new(), on_output: &mut |_| {}, send };
        over.run(permit, job)
    };
    assert!(matches!(run(None), Err(SandboxError::Stale(_))));
    assert!(matches!(run(Some(leave("https://elsewhere"))), Err(SandboxError::Stale(_))));
    assert_eq!(run(Some(leave("https://there"))).unwrap().exit, Exit::Code(0));
}
