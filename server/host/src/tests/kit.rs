//! A folder, its state folder and a host over them.
#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use bodkin_agent::outcome::{CheckResult, OfferedFile};
use bodkin_agent::{Intent, Offer, Outcome, Plan, Proof};
use bodkin_guard::action::{CommandLine, Probe, RunCommand};
use bodkin_guard::ledger::{Line, Report};
use bodkin_guard::report::{
    Baseline, Failure, Finished, Isolation, IsolationLevel, TestOutcome, TestResult, Verdict,
};
use bodkin_guard::{Asker, RunId};
use bodkin_sandbox::Sandbox;
use bodkin_sandbox::in_memory::{InMemorySandbox, Script, finished};
use bodkin_text::{FileEdit, Layer, Line1, Patch, RelPath};
use tempfile::TempDir;

use crate::runs::RunView;
use crate::{Event, Fix, Host, HostOptions, Settings};

/// Longer than anything that a test waits for takes, also on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with files, a state folder beside it, and a host over both.
pub(super) struct Desk {
    pub(super) host: Host,
    pub(super) root: PathBuf,
    pub(super) home: PathBuf,
    _dir: TempDir,
}

/// How a desk is set up.
pub(super) struct Setup {
    pub(super) sandbox: Arc<dyn Sandbox>,
    pub(super) settings: Settings,
    pub(super) watch: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            sandbox: Arc::new(InMemorySandbox::new(Calc::usual())),
            settings: Settings::default(),
            watch: false,
        }
    }
}

pub(super) fn desk(files: &[(&str, &str)]) -> Desk {
    desk_with(files, Setup::default())
}

pub(super) fn desk_with(files: &[(&str, &str)], setup: Setup) -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let (root, home) = (dir.path().join("work"), dir.path().join("state"));
    fs::create_dir(&root).unwrap();
    for (path, text) in files {
        put(&root, path, text);
    }
    let host = open(&root, &home, setup).unwrap();
    Desk { host, root: fs::canonicalize(root).unwrap(), home, _dir: dir }
}

pub(super) fn open(root: &Path, home: &Path, setup: Setup) -> Result<Host, crate::HostError> {
    let Setup { sandbox, settings, watch } = setup;
    let (root, state_home) = (root.to_owned(), home.to_owned());
    Host::open(HostOptions { root, state_home, sandbox, settings, asker: Asker::Terminal, watch })
}

pub(super) fn put(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(super) fn rel(path: &str) -> RelPath {
    RelPath::new(path).unwrap()
}

impl Desk {
    /// Another host over the same folders, as a new process would open them.
    pub(super) fn again(&self) -> Host {
        open(&self.root, &self.home, Setup::default()).unwrap()
    }

    /// The process dies, with all that it waited for, and another one opens the workspace.
    pub(super) fn dies(&mut self) {
        self.host.inner().sent().clear();
        self.host = self.again();
    }

    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        put(&self.root, path, text);
    }

    pub(super) fn read(&self, path: &str) -> String {
        String::from_utf8(fs::read(self.root.join(path)).unwrap()).unwrap()
    }

    /// A run that offers these changes: path, text before, text after.
    pub(super) fn offer(&self, changes: &[(&str, &str, &str)]) -> RunId {
        offer(&self.host, changes)
    }

    /// Every file of the folder, hidden ones too.
    pub(super) fn files(&self) -> Vec<String> {
        files(&self.root)
    }

    pub(super) fn ledger(&self) -> Report {
        crate::check_ledger(&self.home, &self.root).unwrap().report.unwrap()
    }

    pub(super) fn ledger_text(&self) -> String {
        let path = crate::check_ledger(&self.home, &self.root).unwrap().path;
        fs::read_to_string(path).unwrap()
    }

    /// The kinds of the ledger's lines, and what an act came to.
    pub(super) fn said(&self) -> Vec<String> {
        let text = self.ledger_text();
        let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).unwrap());
        lines
            .map(|line| {
                let kind = serde_json::to_value(line.kind).unwrap().as_str().unwrap().to_owned();
                match line.body.get("done").and_then(serde_json::Value::as_bool) {
                    Some(done) => format!("{kind} {done}"),
                    None => kind,
                }
            })
            .collect()
    }
}

pub(super) fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match fs::symlink_metadata(&path).unwrap().is_dir() {
                true => todo.push(path),
                false => found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()),
            }
        }
    }
    found.sort();
    found
}

pub(super) fn offer(host: &Host, changes: &[(&str, &str, &str)]) -> RunId {
    let inner = host.inner();
    let id = inner.state.next_run().unwrap();
    let file = |&(path, before, after): &(&str, &str, &str)| OfferedFile {
        path: rel(path),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    let check = CheckResult {
        ended: String::new(),
        succeeded: true,
        passed: None,
        failed: Vec::new(),
        said: String::new(),
        wall_ms: 0,
    };
    let offer = Offer {
        patch: Patch {
            files: changes
                .iter()
                .map(|(path, before, after)| FileEdit::between(rel(path), before, after))
                .collect(),
        },
        files: changes.iter().map(file).collect(),
        summary: "a change".to_owned(),
        proposer: "test".to_owned(),
        cautions: Vec::new(),
        alternatives: 0,
        proof: Proof {
            command: CommandLine::Shell("true".to_owned()),
            cwd: None,
            before: check.clone(),
            after: check,
            mended: Vec::new(),
            still_failing: Vec::new(),
            executed: Vec::new(),
            candidates: 1,
            elapsed_ms: 0,
            isolation: Isolation {
                backend: "none".to_owned(),
                level: IsolationLevel::Full,
                missing: Vec::new(),
            },
            missing: Vec::new(),
        },
    };
    inner.runs.add(view(id, Some(offer), None), channel().0);
    id
}

pub(super) fn view(id: RunId, offer: Option<Offer>, outcome: Option<Outcome>) -> RunView {
    RunView {
        id,
        title: "fix it".to_owned(),
        plan: Plan::default(),
        tried: 0,
        outcome,
        offer: offer.map(Arc::new),
        part: None,
        checkpoint: None,
        file: None,
        started_unix_ms: 0,
        elapsed_ms: 0,
    }
}

/// A project whose `add` subtracts.
pub(super) const CALC: &[(&str, &str)] = &[
    ("calc.py", "def add(a, b):\n    return a - b\n"),
    ("test_calc.py", "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"),
];

/// What the tests of [`CALC`] come to, by the text of `calc.py`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calc {
    /// Whether a candidate that adds passes.
    pub(super) mendable: bool,
}

impl Calc {
    pub(super) fn usual() -> Self {
        Self { mendable: true }
    }

    fn adds(self, layer: &Layer) -> bool {
        self.mendable && layer.iter().any(|(_, text)| text.is_some_and(|it| it.contains("return a + b")))
    }
}

fn test(passes: bool) -> TestResult {
    test_result("test_calc.py::test_add", passes)
}

pub(super) fn test_result(id: &str, passes: bool) -> TestResult {
    let (kind, message) = ("AssertionError".to_owned(), "assert -1 == 3".to_owned());
    TestResult {
        id: id.to_owned(),
        outcome: if passes { TestOutcome::Passed } else { TestOutcome::Failed },
        duration_us: 1,
        failure: (!passes).then_some(Failure { kind, message, frames: Vec::new() }),
    }
}

impl Script for Calc {
    fn run(&mut self, _: &RunCommand, layer: &Layer) -> Finished {
        let adds = self.adds(layer);
        let lines = vec![(rel("calc.py"), vec![Line1(1), Line1(2)])];
        Finished { tests: vec![test(adds)], lines, ..finished(i32::from(!adds), "") }
    }

    fn baseline(&mut self, _: &Probe, layer: &Layer) -> Baseline {
        let adds = self.adds(layer);
        Baseline { tests: vec![test(adds)], passed: adds, ..Baseline::default() }
    }

    fn verdict(&mut self, _: &Probe, _: &Layer, candidate: &Layer) -> Verdict {
        match self.adds(candidate) {
            true => Verdict::Passed,
            false => Verdict::Failed {
                test: "test_calc.py::test_add".to_owned(),
                failure: "AssertionError".to_owned(),
                message: "assert -1 == 3".to_owned(),
            },
        }
    }
}

pub(super) fn fix(file: &str) -> Intent {
    Intent::Fix(Fix { file: rel(file), lines: None, test: None, test_dir: None, message: None })
}

/// Reads events until one is wanted; all of them with that one at the end.
pub(super) fn until(events: &Receiver<Event>, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut seen = Vec::new();
    loop {
        let event = events.recv_timeout(PATIENCE).expect("an event within the deadline");
        let last = wanted(&event);
        seen.push(event);
        if last {
            return seen;
        }
    }
}

pub(super) fn outcome(events: &Receiver<Event>) -> Outcome {
    match until(events, |it| matches!(it, Event::Ended { .. })).pop() {
        Some(Event::Ended { outcome, .. }) => outcome,
        other => unreachable!("{other:?}"),
    }
}

/// How a run ended, in words.
pub(super) fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Proved => "proved".to_owned(),
        Outcome::Unproved { missing } => format!("unproved: {}", missing.join("; ")),
        Outcome::Tested(tally) => tally.sentence(),
        Outcome::Exhausted { reason } => format!("exhausted: {reason}"),
        Outcome::Refused(refused) => format!("refused: {}", refused.message),
        Outcome::Cancelled => "cancelled".to_owned(),
        Outcome::Failed { reason } => format!("failed: {reason}"),
    }
}

/// Runs one test of this binary again, in a process of its own, with these variables. What it does there is up to it.
pub(super) fn again(test: &str, variables: &BTreeMap<&str, String>, before: &[&str]) -> Output {
    let exe = std::env::current_exe().unwrap();
    let mut command = match before.split_first() {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(exe);
            command
        }
        None => Command::new(exe),
    };
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).envs(variables).output().unwrap()
}
