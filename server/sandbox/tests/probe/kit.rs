//! A workspace in a temporary folder, a prober over it, and what candidates came to.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests make their own files, ask for the interpreter of this machine, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use bodkin_guard::action::{CommandLine, Limits, Network, Probe, Purpose, RunCommand, Runner};
use bodkin_guard::in_memory::InMemoryLedger;
use bodkin_guard::report::{Baseline, Finished, Probed, Verdict, batch_hash};
use bodkin_guard::{Asker, Grants, Guard, Permit, Request, Rules, RunId};
use bodkin_sandbox::{
    Cancel, Force, LocalOptions, LocalSandbox, ProbeNews, Prober, RunJob, Sandbox, SandboxError,
};
use bodkin_text::{Layer, RelPath};

/// The interpreter that the tests use, as the sandbox must be told of it.
pub(crate) struct Python {
    path_env: OsString,
    env: BTreeMap<String, OsString>,
}

/// `BODKIN_TEST_PYTHON` or `python3`, if it has the module; else says that the test is skipped, and why.
pub(crate) fn python_with(module: &str) -> Option<Python> {
    let name = std::env::var("BODKIN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = format!("import sys, {module}; print(sys.prefix); print(sys.base_prefix)");
    let output = Command::new(&name).args(["-c", &script]).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        eprintln!("skipped: `{name}` with {module} is not installed");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let (prefix, base) = text.trim().split_once('\n').unwrap();
    let mut env = BTreeMap::new();
    if prefix != base {
        env.insert("VIRTUAL_ENV".to_owned(), prefix.into());
    }
    Some(Python { path_env: format!("{prefix}/bin:{base}/bin:/usr/local/bin:/usr/bin:/bin").into(), env })
}

/// Whether a program is on the PATH; else says that the test is skipped, and why.
pub(crate) fn program_is_there(name: &str) -> bool {
    let is_there = Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("skipped: `{name}` is not installed");
    }
    is_there
}

/// What came of a batch.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) baselines: Vec<Baseline>,
    pub(crate) probed: BTreeMap<u32, Probed>,
}

impl Outcome {
    pub(crate) fn baseline(&self) -> &Baseline {
        self.baselines.last().unwrap()
    }

    pub(crate) fn verdict(&self, index: u32) -> &Verdict {
        &self.probed.get(&index).unwrap_or_else(|| panic!("candidate {index} has no verdict")).verdict
    }

    /// Each verdict in a word or two.
    pub(crate) fn words(&self) -> Vec<String> {
        self.probed.values().map(|probed| word(&probed.verdict)).collect()
    }
}

/// `passed`, `failed AssertionError`, `timed out`, `broken`, `crashed`.
pub(crate) fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "passed".to_owned(),
        Verdict::Failed { failure, .. } => format!("failed {failure}"),
        Verdict::TimedOut => "timed out".to_owned(),
        Verdict::Broken(_) => "broken".to_owned(),
        Verdict::Crashed(_) => "crashed".to_owned(),
    }
}

pub(crate) struct Scene {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) sandbox: LocalSandbox,
    prober: Box<dyn Prober>,
    pub(crate) limits: Limits,
}

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::new(text).unwrap()
}

impl Scene {
    pub(crate) fn new(python: Option<&Python>, files: &[(&str, &str)]) -> Self {
        Self::within(None, python, files)
    }

    /// Behind weaker walls than the machine offers.
    pub(crate) fn within(force: Option<Force>, python: Option<&Python>, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "scratch", "ws"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        for (path, text) in files {
            let path = folder.path().join("ws").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let usual = || "/usr/local/bin:/usr/bin:/bin".into();
        let options = LocalOptions {
            helper: env!("CARGO_BIN_EXE_bodkin-sandbox-init").into(),
            scratch: folder.path().join("scratch"),
            path_env: python.map_or_else(usual, |python| python.path_env.clone()),
            home: Some(folder.path().join("home")),
            env: python.map(|python| python.env.clone()).unwrap_or_default(),
            force,
            ..LocalOptions::default()
        };
        let sandbox = LocalSandbox::new(options);
        let prober = sandbox.prober(&folder.path().join("ws"), None);
        Self { folder, sandbox, prober, limits: Limits { wall_ms: 60_000, ..Limits::default() } }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("ws")
    }

    /// A file of the workspace as it stands on disk.
    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root().join(file)).unwrap()
    }

    /// Runs a line of shell over a layer, observed.
    pub(crate) fn run(&self, line: &str, layer: &Layer, purpose: Purpose) -> Finished {
        self.command(line, layer, purpose, true)
    }

    /// The same as nobody watches.
    pub(crate) fn run_unobserved(&self, line: &str) -> Finished {
        self.command(line, &Layer::empty(), Purpose::Proof, false)
    }

    fn command(&self, line: &str, layer: &Layer, purpose: Purpose, observe: bool) -> Finished {
        let action = RunCommand {
            purpose,
            command: CommandLine::Shell(line.to_owned()),
            cwd: None,
            env: BTreeMap::new(),
            network: Network::Off,
            limits: self.limits,
            layer: layer.hash(),
            observe,
        };
        let walls = self.sandbox.isolation();
        let permit = Guard::new(Rules { allow_reduced: true })
            .review_run(action, &walls, &request(), &mut InMemoryLedger::new())
            .unwrap_or_else(|refusal| panic!("{refusal}"));
        let (cancel, mut nobody) = (Cancel::new(), |_: &[u8]| {});
        let job = RunJob { root: &self.root(), layer, cancel: &cancel, on_output: &mut nobody, send: None };
        self.sandbox.run(permit, job).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Tries candidates with pytest; each changes one file.
    pub(crate) fn pytest(&mut self, args: &[&str], candidates: &[(&str, &str)]) -> Outcome {
        self.probe(pytest(args), &Layer::empty(), &layers(candidates))
    }

    pub(crate) fn probe(&mut self, runner: Runner, layer: &Layer, candidates: &[Layer]) -> Outcome {
        let mut baselines = Vec::new();
        let mut probed = BTreeMap::new();
        let result = self.try_probe(runner, layer, candidates, &Cancel::new(), &mut |news| match news {
            ProbeNews::Baseline(baseline) => baselines.push(baseline),
            ProbeNews::Probed(one) => {
                assert!(probed.insert(one.index, one).is_none(), "a candidate has one verdict");
            }
        });
        result.unwrap_or_else(|error| panic!("{error}"));
        Outcome { baselines, probed }
    }

    pub(crate) fn try_probe(
        &mut self,
        runner: Runner,
        layer: &Layer,
        candidates: &[Layer],
        cancel: &Cancel,
        news: &mut dyn FnMut(ProbeNews),
    ) -> Result<(), SandboxError> {
        let permit = self.permit(runner, layer, candidates);
        self.prober.probe(permit, layer, candidates, cancel, news)
    }

    pub(crate) fn permit(&self, runner: Runner, layer: &Layer, candidates: &[Layer]) -> Permit<Probe> {
        let action = Probe {
            runner,
            env: BTreeMap::new(),
            network: Network::Off,
            limits: self.limits,
            layer: layer.hash(),
            candidates: candidates.len().try_into().unwrap(),
            batch: batch_hash(candidates.iter().map(Layer::hash)),
        };
        let walls = self.sandbox.isolation();
        Guard::new(Rules { allow_reduced: true })
            .review_probe(action, &walls, &request(), &mut InMemoryLedger::new())
            .unwrap_or_else(|refusal| panic!("{refusal}"))
    }
}

fn request() -> Request {
    Request { run: RunId(1), asker: Asker::Headless, grants: Grants::none() }
}

pub(crate) fn pytest(args: &[&str]) -> Runner {
    Runner::Pytest { python: "python3".to_owned(), args: strings(args), cwd: None }
}

pub(crate) fn unittest(args: &[&str]) -> Runner {
    Runner::Unittest { python: "python3".to_owned(), args: strings(args), cwd: None }
}

pub(crate) fn shell(line: &str) -> Runner {
    Runner::Command { command: CommandLine::Shell(line.to_owned()), cwd: None }
}

fn strings(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

/// Candidates that change one file each.
pub(crate) fn layers(candidates: &[(&str, &str)]) -> Vec<Layer> {
    candidates.iter().map(|(file, text)| layer(&[(file, text)])).collect()
}

pub(crate) fn layer(files: &[(&str, &str)]) -> Layer {
    let mut layer = Layer::empty();
    for (file, text) in files {
        layer.put(path(file), *text);
    }
    layer
}
