//! What may be done, what is asked, what is refused, and what the ledger says of it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may panic as the tests do")]

use std::collections::BTreeMap;

use bodkin_guard::action::{
    CommandLine, FileWrite, Limits, Network, Probe, Purpose, RunCommand, Runner, Through, WriteFiles,
    WriteReason,
};
use bodkin_guard::in_memory::InMemoryLedger;
use bodkin_guard::ledger::Did;
use bodkin_guard::report::{Isolation, IsolationLevel};
use bodkin_guard::{
    Asker, Entry, Grant, Grants, Guard, Kind, LedgerSink, Refusal, Request, Rules, RunId, SinkError,
};
use bodkin_text::{ContentHash, RelPath};

fn command(line: &str) -> RunCommand {
    RunCommand {
        purpose: Purpose::Proof,
        command: CommandLine::Shell(line.to_owned()),
        cwd: None,
        env: BTreeMap::new(),
        network: Network::Off,
        limits: Limits::default(),
        layer: ContentHash::of("layer"),
        observe: true,
    }
}

fn command_with(name: &str, value: &str) -> RunCommand {
    RunCommand { env: BTreeMap::from([(name.to_owned(), value.to_owned())]), ..command("pytest") }
}

fn probe() -> Probe {
    Probe {
        runner: Runner::Pytest { python: "python3".to_owned(), args: Vec::new(), cwd: None },
        env: BTreeMap::new(),
        network: Network::Off,
        limits: Limits::default(),
        layer: ContentHash::of("layer"),
        candidates: 300,
        batch: ContentHash::of("batch"),
    }
}

fn write(paths: &[&str]) -> WriteFiles {
    let file = |path: &&str| FileWrite {
        path: RelPath::new(path).unwrap(),
        before: Some(ContentHash::of("before")),
        after: Some(ContentHash::of("after")),
    };
    WriteFiles {
        reason: WriteReason::Accepted,
        through: Through::Disk,
        files: paths.iter().map(file).collect(),
    }
}

fn walls(level: IsolationLevel) -> Isolation {
    let missing = match level {
        IsolationLevel::Full => Vec::new(),
        IsolationLevel::Reduced => vec!["the network is not cut off".to_owned()],
    };
    Isolation { backend: "in_memory".to_owned(), level, missing }
}

fn request(grants: impl IntoIterator<Item = Grant>) -> Request {
    Request { run: RunId(1), asker: Asker::Terminal, grants: Grants::from_iter(grants) }
}

fn accepted(write: &WriteFiles) -> Grant {
    Grant::Apply { patch: write.identity() }
}

/// Reviews a command in full walls.
fn run(command: RunCommand, grants: &[Grant]) -> Result<(), Refusal> {
    let full = walls(IsolationLevel::Full);
    let mut ledger = InMemoryLedger::new();
    Guard::default().review_run(command, &full, &request(grants.to_vec()), &mut ledger).map(drop)
}

/// Reviews a write.
fn put(write: WriteFiles, grants: &[Grant]) -> Result<(), Refusal> {
    let mut ledger = InMemoryLedger::new();
    Guard::default().review_write(write, &request(grants.to_vec()), &mut ledger).map(drop)
}

fn denied(answer: Result<(), Refusal>, part: &str) {
    match answer {
        Err(Refusal::Denied { reason, .. }) => assert!(reason.contains(part), "{reason}"),
        other => panic!("expected a denial with `{part}`, got {other:?}"),
    }
}

#[test]
fn a_sandboxed_command_without_network_is_allowed_and_recorded_first() {
    let (guard, mut ledger) = (Guard::default(), InMemoryLedger::new());
    let permit =
        guard.review_run(command("pytest"), &walls(IsolationLevel::Full), &request([]), &mut ledger).unwrap();
    let line = ledger.lines().last().unwrap();
    assert_eq!((line.kind, line.seq, line.run), (Kind::Permitted, permit.seq(), Some(RunId(1))));
    assert_eq!(permit.into_action(), command("pytest"));
}

#[test]
fn a_batch_of_candidates_is_one_permit_and_two_lines() {
    let (guard, mut ledger) = (Guard::default(), InMemoryLedger::new());
    let permit =
        guard.review_probe(probe(), &walls(IsolationLevel::Full), &request([]), &mut ledger).unwrap();
    let did = Did {
        permit: permit.seq(),
        done: true,
        summary: "2 of 300 candidates passed".to_owned(),
        figures: BTreeMap::from([("passed".to_owned(), 2)]),
    };
    guard.record_outcome(RunId(1), &did, &mut ledger).unwrap();
    let kinds: Vec<Kind> = ledger.lines().iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [Kind::Genesis, Kind::Permitted, Kind::Did]);
    assert_eq!(ledger.open_permits().count(), 0);
    let text = ledger.text();
    assert!(text.contains(&ContentHash::of("batch").to_string()), "{text}");
}

/// invariant: record-before-act
#[test]
fn when_the_ledger_takes_no_line_nothing_may_be_done() {
    let mut full_disk = InMemoryLedger::with_room_for(0);
    let walls = walls(IsolationLevel::Full);
    let answer = Guard::default().review_run(command("pytest"), &walls, &request([]), &mut full_disk);
    assert_eq!(answer, Err(Refusal::LedgerUnavailable(SinkError::Unavailable("no room left".to_owned()))));
}

/// invariant: record-before-act
#[test]
fn an_outcome_without_a_permit_is_a_fault_that_the_twin_finds() {
    let (guard, mut ledger) = (Guard::default(), InMemoryLedger::new());
    let mut did = Did { permit: 7, done: true, summary: String::new(), figures: BTreeMap::new() };
    assert!(guard.record_outcome(RunId(1), &did, &mut ledger).is_err());
    let permit =
        guard.review_run(command("pytest"), &walls(IsolationLevel::Full), &request([]), &mut ledger).unwrap();
    did.permit = permit.seq();
    assert!(guard.record_outcome(RunId(1), &did, &mut ledger).is_ok());
    assert!(guard.record_outcome(RunId(1), &did, &mut ledger).is_err(), "the same permit twice");
}

#[test]
fn a_ledger_has_one_first_line() {
    let again = Entry::new(None, Kind::Genesis, serde_json::json!({}));
    assert!(InMemoryLedger::new().append(again).is_err());
}

/// invariant: default-is-ask
#[test]
fn a_reduced_sandbox_is_asked_about_once_with_what_is_missing() {
    let (guard, mut ledger) = (Guard::default(), InMemoryLedger::new());
    let reduced = walls(IsolationLevel::Reduced);
    let answer = guard.review_run(command("pytest"), &reduced, &request([]), &mut ledger);
    let Err(Refusal::NeedsConsent { question, grant }) = answer else { panic!("{answer:?}") };
    assert!(question.contains("reduced") && question.contains("the network is not cut off"), "{question}");
    assert_eq!(ledger.lines().last().unwrap().kind, Kind::Questioned);
    assert!(guard.review_run(command("pytest"), &reduced, &request([grant]), &mut ledger).is_ok());
    assert!(ledger.text().contains("reduced_isolation"), "the consent is on the line that it allowed");
}

#[test]
fn the_setting_allows_a_reduced_sandbox_without_a_question() {
    let guard = Guard::new(Rules { allow_reduced: true });
    let reduced = walls(IsolationLevel::Reduced);
    assert!(guard.review_probe(probe(), &reduced, &request([]), &mut InMemoryLedger::new()).is_ok());
}

#[test]
fn what_would_be_a_question_is_refused_when_nobody_is_there() {
    let headless = Request { asker: Asker::Headless, ..request([]) };
    let mut ledger = InMemoryLedger::new();
    let reduced = walls(IsolationLevel::Reduced);
    denied(
        Guard::default().review_run(command("pytest"), &reduced, &headless, &mut ledger).map(drop),
        "Nobody",
    );
    assert_eq!(ledger.lines().last().unwrap().kind, Kind::Refused);
    denied(Guard::default().review_write(write(&["a.py"]), &headless, &mut ledger).map(drop), "Nobody");
}

#[test]
fn a_command_that_names_no_program_is_refused() {
    for line in ["", "  ", "a\0b"] {
        denied(run(command(line), &[]), "names no program");
    }
    for argv in [vec![], vec![""], vec!["a", "\0"]] {
        let argv = CommandLine::Argv(argv.into_iter().map(str::to_owned).collect());
        denied(run(RunCommand { command: argv, ..command("") }, &[]), "names no program");
    }
}

#[test]
fn a_variable_that_looks_like_a_secret_enters_only_by_name() {
    denied(run(command_with("GITHUB_TOKEN", "x"), &[]), "GITHUB_TOKEN");
    denied(
        run(command_with("GITHUB_TOKEN", "x"), &[Grant::Env { name: "OTHER".to_owned() }]),
        "GITHUB_TOKEN",
    );
    assert_eq!(
        run(command_with("GITHUB_TOKEN", "x"), &[Grant::Env { name: "GITHUB_TOKEN".to_owned() }]),
        Ok(())
    );
    assert_eq!(run(command_with("DJANGO_SETTINGS_MODULE", "a.b"), &[]), Ok(()));
    denied(run(command_with("A=B", "x"), &[]), "can not be a variable's name");
}

#[test]
fn no_value_of_a_variable_reaches_the_ledger() {
    let mut ledger = InMemoryLedger::new();
    let grants = request([Grant::Env { name: "DB_PASSWORD".to_owned() }]);
    let action = command_with("DB_PASSWORD", "hunter2");
    let _permit =
        Guard::default().review_run(action, &walls(IsolationLevel::Full), &grants, &mut ledger).unwrap();
    let text = ledger.text();
    assert!(text.contains("DB_PASSWORD") && !text.contains("hunter2"), "{text}");
    assert!(
        !text.contains(&ContentHash::of("hunter2").to_string()),
        "a hash of a short secret can be guessed"
    );
}

#[test]
fn a_write_needs_a_yes_to_exactly_this_text() {
    let patch = write(&["a.py", "b.py"]);
    let Err(Refusal::NeedsConsent { question, grant }) = put(patch.clone(), &[]) else { panic!() };
    assert!(question.contains("`a.py`, `b.py`"), "{question}");
    assert_eq!(grant, accepted(&patch));
    assert_eq!(put(patch.clone(), std::slice::from_ref(&grant)), Ok(()));

    let mut other = patch;
    other.files[0].after = Some(ContentHash::of("something else"));
    assert!(matches!(put(other, &[grant]), Err(Refusal::NeedsConsent { .. })));
}

#[test]
fn the_order_of_files_makes_no_other_write() {
    assert_eq!(write(&["a", "b"]).identity(), write(&["b", "a"]).identity());
    assert_ne!(write(&["a", "b"]).identity(), write(&["a"]).identity());
}

#[test]
fn taking_back_needs_a_yes_and_recovery_the_permit_that_it_goes_on_from() {
    let undo = WriteFiles { reason: WriteReason::Undo, ..write(&["a.py"]) };
    assert!(matches!(put(undo.clone(), &[]), Err(Refusal::NeedsConsent { .. })));
    assert_eq!(put(undo.clone(), &[accepted(&undo)]), Ok(()));

    let recovery = WriteFiles { reason: WriteReason::Recovery, ..write(&["a.py", ".env"]) };
    denied(put(recovery.clone(), &[accepted(&recovery)]), "under the permit");
    assert_eq!(put(recovery, &[Grant::Resume { permit: 4 }]), Ok(()));
}

#[test]
fn a_sensitive_file_is_written_only_by_name() {
    for path in [".git/hooks/pre-commit", ".env", "deploy/server.pem", ".bodkin/policy.toml"] {
        let patch = write(&["a.py", path]);
        denied(put(patch.clone(), &[accepted(&patch)]), path);
        let named = Grant::Path { path: RelPath::new(path).unwrap() };
        assert_eq!(put(patch.clone(), &[accepted(&patch), named.clone()]), Ok(()));
        assert!(put(patch, &[named]).is_err(), "naming the file is not accepting the patch");
    }
}

#[test]
fn a_write_of_nothing_is_refused() {
    denied(put(write(&[]), &[]), "writes no file");
    let mut same = write(&["a.py"]);
    same.files[0].after = same.files[0].before;
    denied(put(same, &[]), "changes nothing");
}

#[test]
fn a_file_listed_twice_is_refused() {
    denied(put(write(&["a.py", "b.py", "a.py"]), &[]), "`a.py` is written twice");
}
