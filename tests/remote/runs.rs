//! Permitted runs over a replica.

use std::collections::BTreeMap;
use std::path::Path;

use bodkin_guard::action::{CommandLine, Limits, Network, Purpose, RunCommand, SendFiles};
use bodkin_guard::in_memory::InMemoryLedger;
use bodkin_guard::report::Exit;
use bodkin_guard::{Asker, Grant, Grants, Guard, Permit, Request, Rules, RunId};
use bodkin_remote::RemoteSandbox;
use bodkin_sandbox::changes::Verdict;
use bodkin_sandbox::{Cancel, RunJob, Sandbox, SandboxError, Trial};
use bodkin_text::{ContentHash, Layer, RelPath};

use super::Daemon;

fn request() -> Request {
    Request { run: RunId(1), asker: Asker::Terminal, grants: Grants::none() }
}

fn permit(sandbox: &RemoteSandbox, line: &str, layer: &Layer) -> Permit<RunCommand> {
    let action = RunCommand {
        purpose: Purpose::Asked,
        command: CommandLine::Shell(line.to_owned()),
        cwd: None,
        env: BTreeMap::new(),
        network: Network::Off,
        limits: Limits::default(),
        layer: layer.hash(),
        observe: false,
    };
    let mut ledger = InMemoryLedger::new();
    Guard::new(Rules::default()).review_run(action, &sandbox.isolation(), &request(), &mut ledger).unwrap()
}

fn leave(to: &str) -> Permit<SendFiles> {
    let action = SendFiles { to: to.to_owned(), root: ContentHash::of(""), files: 1, bytes: 1, left_out: 0 };
    let grants = Grants::none().with(Grant::SendTo { to: to.to_owned() });
    let mut ledger = InMemoryLedger::new();
    let request = Request { grants, ..request() };
    Guard::new(Rules::default()).review_send(action, &request, &mut ledger).unwrap()
}

fn trial(
    sandbox: &RemoteSandbox,
    root: &Path,
    line: &str,
    layer: &Layer,
    send: Option<Permit<SendFiles>>,
) -> Result<Trial, SandboxError> {
    let permit = permit(sandbox, line, layer);
    sandbox.trial(permit, RunJob { root, layer, send, cancel: &Cancel::new(), on_output: &mut |_| {} })
}

#[test]
fn a_run_sees_each_new_state_and_its_changes_come_back_judged() {
    let daemon = Daemon::start();
    let sandbox = RemoteSandbox::new(daemon.options()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "one").unwrap();
    let line = "cat a; echo x > new; mkdir -p .git/hooks; echo x > .git/hooks/pre-commit";
    let layer = Layer::empty();
    let first = trial(&sandbox, folder.path(), line, &layer, Some(leave(&daemon.url))).unwrap();
    assert_eq!((first.finished.exit, first.finished.output.as_str()), (Exit::Code(0), "one"));
    assert!(first.finished.isolation.backend.contains(&daemon.url), "{:?}", first.finished.isolation);
    let of = |name: &str| {
        first.changes.changes.iter().find(|it| it.path == Path::new(name)).unwrap().verdict.clone()
    };
    assert_eq!(of("new"), Verdict::Taken);
    assert!(matches!(of(".git/hooks/pre-commit"), Verdict::Held(_)));
    assert!(!folder.path().join("new").exists());
    std::fs::write(folder.path().join("a"), "two, longer").unwrap();
    let second = trial(&sandbox, folder.path(), "cat a; ls", &layer, None).unwrap();
    assert_eq!(second.finished.output, "two, longera\n");
    let mut unsaved = Layer::empty();
    unsaved.put(RelPath::new("a").unwrap(), "unsaved");
    let third = trial(&sandbox, folder.path(), "cat a; exit 3", &unsaved, None).unwrap();
    assert_eq!((third.finished.exit, third.finished.output.as_str()), (Exit::Code(3), "unsaved"));
}

#[test]
fn no_permit_no_effect_nothing_is_sent_without_leave() {
    let daemon = Daemon::start();
    let sandbox = RemoteSandbox::new(daemon.options()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let layer = Layer::empty();
    let error = trial(&sandbox, folder.path(), "true", &layer, None).unwrap_err();
    assert!(matches!(error, SandboxError::Unavailable { .. }), "{error}");
    let elsewhere = leave("https://elsewhere.example");
    let error = trial(&sandbox, folder.path(), "true", &layer, Some(elsewhere)).unwrap_err();
    assert!(matches!(error, SandboxError::Stale(_)), "{error}");
    assert!(daemon.scene.path(".").exists());
}
