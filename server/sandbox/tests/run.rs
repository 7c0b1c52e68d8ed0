//! A permitted command runs to its end; a permit for anything else runs nothing.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod kit;

use bodkin_guard::action::{CommandLine, Limits, Network, Purpose, RunCommand};
use bodkin_guard::in_memory::InMemoryLedger;
use bodkin_guard::report::{Exit, Finished, Stop};
use bodkin_guard::{Asker, Grants, Guard, Permit, Request, Rules, RunId};
use bodkin_sandbox::{Cancel, RunJob, Sandbox, SandboxError};
use bodkin_text::Layer;
use kit::{Scene, path};

fn permit(scene: &Scene, command: CommandLine, layer: &Layer, limits: Limits) -> Permit<RunCommand> {
    let action = RunCommand {
        purpose: Purpose::Asked,
        command,
        cwd: Some(path("sub")),
        env: [("NAMED".to_owned(), "value".to_owned())].into(),
        network: Network::Off,
        limits,
        layer: layer.hash(),
        observe: false,
    };
    let request = Request { run: RunId(1), asker: Asker::Terminal, grants: Grants::none() };
    let mut ledger = InMemoryLedger::new();
    Guard::new(Rules { allow_reduced: true })
        .review_run(action, &scene.sandbox.isolation(), &request, &mut ledger)
        .unwrap()
}

fn run(
    scene: &Scene,
    permit: Permit<RunCommand>,
    layer: &Layer,
    on_output: &mut dyn FnMut(&[u8]),
) -> Result<Finished, SandboxError> {
    let job = RunJob { root: &scene.workspace(), layer, cancel: &Cancel::new(), on_output, send: None };
    scene.sandbox.run(permit, job)
}

fn shell(line: &str) -> CommandLine {
    CommandLine::Shell(line.to_owned())
}

#[test]
fn a_permitted_command_runs_in_its_folder_over_its_layer() {
    let scene = Scene::new(&[("sub/a", "old")]);
    let mut layer = Layer::empty();
    layer.put(path("sub/a"), "new");
    let permit =
        permit(&scene, shell("cat a; echo; echo $NAMED; echo oh >&2; exit 3"), &layer, Limits::default());
    let mut heard = Vec::new();
    let finished = run(&scene, permit, &layer, &mut |bytes| heard.extend_from_slice(bytes)).unwrap();
    assert_eq!((finished.exit, finished.output.as_str()), (Exit::Code(3), "new\nvalue\noh\n"));
    assert_eq!(heard, finished.output.as_bytes());
    assert_eq!(finished.isolation, scene.sandbox.isolation());
}

#[test]
fn no_shell_takes_part_unless_asked_for() {
    let scene = Scene::new(&[("sub/a", "")]);
    let argv = ["echo", "$HOME", "*", ";", "exit"].map(str::to_owned).to_vec();
    let permit = permit(&scene, CommandLine::Argv(argv), &Layer::empty(), Limits::default());
    let finished = run(&scene, permit, &Layer::empty(), &mut |_| {}).unwrap();
    assert_eq!(finished.output, "$HOME * ; exit\n");
}

#[test]
fn no_permit_no_effect_a_permit_for_other_files_runs_nothing() {
    let scene = Scene::new(&[("sub/a", "")]);
    let permit = permit(&scene, shell("true"), &Layer::empty(), Limits::default());
    let mut other = Layer::empty();
    other.put(path("sub/a"), "other");
    assert!(matches!(run(&scene, permit, &other, &mut |_| {}), Err(SandboxError::Stale(_))));
}

#[test]
fn an_endless_output_is_kept_in_part() {
    let scene = Scene::new(&[("sub/a", "")]);
    let limits = Limits { output_bytes: 3 << 20, ..Limits::default() };
    let permit = permit(&scene, shell("echo first; yes"), &Layer::empty(), limits);
    let finished = run(&scene, permit, &Layer::empty(), &mut |_| {}).unwrap();
    assert_eq!(finished.exit, Exit::Stopped(Stop::Output));
    assert!(finished.output.starts_with("first\ny\n") && finished.output.contains("bytes cut"));
    assert!(finished.output.len() < 2 << 20 && finished.output_bytes > 3 << 20);
}
