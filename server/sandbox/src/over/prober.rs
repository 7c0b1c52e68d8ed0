//! Tries candidates in one session that is kept: each is put in place, the tests run, and the files are as before.
//!
//! What a candidate leaves behind beside its own files may be met by the next; a verdict here is a hint, and the
//! proof runs alone in a fresh session. A session that dies is made anew, and the candidate that it died of counts
//! as crashed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bodkin_guard::Permit;
use bodkin_guard::action::{CommandLine, Limits, Probe, Purpose, RunCommand, Runner};
use bodkin_guard::report::{Baseline, Exit, Probed, Stop, TestOutcome, TestResult, Verdict};
use bodkin_text::{ContentHash, Layer, RelPath};

use super::job::Place;
use crate::contract::check_candidates;
use crate::launch::{Launch, StderrMode};
use crate::observe::Observer;
use crate::output::Kept;
use crate::session::Backend;
use crate::text;
use crate::{Cancel, ProbeNews, Prober, SandboxError};

/// A candidate may take at least so long, milliseconds.
const FLOOR_MS: u64 = 2_000;

/// The exit codes of a shell for a program that can not be started.
const NOT_STARTED: [i32; 2] = [126, 127];

/// A session that is kept lives so long, milliseconds.
const LIFE_MS: u64 = 60 * 60 * 1000;

/// Tries candidates in the sessions of a backend.
pub(super) struct SessionProber {
    backend: Arc<dyn Backend>,
    root: PathBuf,
    /// Why nothing may be tried.
    refusal: Option<String>,
    kept: Option<Held>,
}

/// A session that has seen the tests as they are.
struct Held {
    place: Place,
    made_for: MadeFor,
    baseline: Baseline,
    wall_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct MadeFor {
    layer: ContentHash,
    runner: Runner,
    env: BTreeMap<String, String>,
}

/// One run of the tests.
struct Ran {
    exit: Exit,
    output: String,
    wall_us: u64,
    tests: Vec<TestResult>,
}

impl SessionProber {
    pub(super) fn new(backend: Arc<dyn Backend>, root: &Path, refusal: Option<String>) -> Self {
        Self { backend, root: root.to_owned(), refusal, kept: None }
    }

    fn hold(&self, action: &Probe, layer: &Layer, cancel: &Cancel) -> Result<Option<Held>, SandboxError> {
        let place = place(&*self.backend, &self.root, action, layer, cancel)?;
        let ran = run(&place, action, layer, action.limits.wall_ms, cancel)?;
        let problem = match &ran.exit {
            Exit::Stopped(Stop::Cancelled) => return Ok(None),
            Exit::Code(code) if NOT_STARTED.contains(code) => {
                Some(format!("the tests could not be started: {}", last_line(&ran.output)))
            }
            Exit::Code(_) | Exit::Signal(_) | Exit::Stopped(_) => None,
        };
        let wall_ms = match ran.exit {
            Exit::Stopped(_) => FLOOR_MS,
            Exit::Code(_) | Exit::Signal(_) => ran.wall_us / 1000,
        };
        let baseline =
            Baseline { passed: ran.exit == Exit::Code(0), tests: ran.tests, problem, lines: Vec::new() };
        Ok(Some(Held { place, made_for: MadeFor::of(action), baseline, wall_ms }))
    }
}

fn place(
    backend: &dyn Backend,
    root: &Path,
    action: &Probe,
    layer: &Layer,
    cancel: &Cancel,
) -> Result<Place, SandboxError> {
    let limits = Limits { wall_ms: LIFE_MS, ..action.limits };
    Place::of(backend, root, layer, &action.network, limits, cancel)
}

impl MadeFor {
    fn of(action: &Probe) -> Self {
        Self { layer: action.layer, runner: action.runner.clone(), env: action.env.clone() }
    }
}

impl Prober for SessionProber {
    #[expect(clippy::disallowed_methods, reason = "the sandbox keeps the deadline")]
    fn probe(
        &mut self,
        permit: Permit<Probe>,
        layer: &Layer,
        candidates: &[Layer],
        cancel: &Cancel,
        news: &mut dyn FnMut(ProbeNews),
    ) -> Result<(), SandboxError> {
        check_candidates(permit.action(), layer, candidates)?;
        if let Some(why) = &self.refusal {
            return Err(SandboxError::Stale(why.clone()));
        }
        let action = permit.into_action();
        let deadline = Instant::now() + Duration::from_millis(action.limits.wall_ms);
        let is_new = self.kept.as_ref().is_none_or(|held| held.made_for != MadeFor::of(&action));
        if is_new {
            self.kept = None;
            self.kept = self.hold(&action, layer, cancel)?;
        }
        let Some(held) = &self.kept else { return Ok(()) };
        if is_new || candidates.is_empty() {
            news(ProbeNews::Baseline(held.baseline.clone()));
        }
        if held.baseline.problem.is_some() {
            self.kept = None;
            return Ok(());
        }
        for (at, candidate) in candidates.iter().enumerate() {
            if cancel.is_cancelled() || Instant::now() >= deadline {
                return Ok(());
            }
            let Some(held) = self.kept.as_mut() else { return Ok(()) };
            if !held.place.is_alive() {
                held.place = place(&*self.backend, &self.root, &action, layer, cancel)?;
            }
            if let Some(probed) = try_one(held, &action, layer, candidate, at, &self.root, cancel)? {
                news(ProbeNews::Probed(probed));
            }
        }
        Ok(())
    }
}

/// Tries one candidate; `None` when it was cancelled.
fn try_one(
    held: &Held,
    action: &Probe,
    layer: &Layer,
    candidate: &Layer,
    at: usize,
    root: &Path,
    cancel: &Cancel,
) -> Result<Option<Probed>, SandboxError> {
    let wall_ms = held.wall_ms.saturating_mul(3).max(FLOOR_MS).min(action.limits.wall_ms);
    let put =
        candidate.iter().try_for_each(|(path, text)| held.place.put(path.as_str(), text.map(|it| &**it)));
    let ran = put.and_then(|()| run(&held.place, action, &layer.with(candidate), wall_ms, cancel));
    let back = candidate.iter().try_for_each(|(path, _)| {
        let before = before(path, layer, root);
        held.place.put(path.as_str(), before.as_deref())
    });
    let verdict = match ran {
        Ok(Ran { exit: Exit::Stopped(Stop::Cancelled), .. }) => return Ok(None),
        Ok(ran) => {
            // Files that could not be put back would be tried with the next candidate.
            if back.is_err() {
                held.place.end()?;
            }
            let (verdict, mended) = judged(&ran, &held.baseline);
            let count = u32::try_from(ran.tests.len()).unwrap_or(u32::MAX).max(1);
            return Ok(Some(Probed { index: index(at), verdict, mended, ran: count, cpu_us: ran.wall_us }));
        }
        Err(_) if !held.place.is_alive() => Verdict::Crashed("the sandbox died of it".to_owned()),
        Err(error) => return Err(error),
    };
    Ok(Some(Probed { index: index(at), verdict, mended: 0, ran: 0, cpu_us: 0 }))
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What stands at a path without the candidate.
#[expect(clippy::disallowed_methods, reason = "a candidate's file is put back as it stands in the workspace")]
fn before(path: &RelPath, layer: &Layer, root: &Path) -> Option<String> {
    match layer.iter().find(|(laid, _)| *laid == path) {
        Some((_, text)) => text.map(ToString::to_string),
        None => std::fs::read_to_string(root.join(path.as_str())).ok(),
    }
}

fn run(
    place: &Place,
    action: &Probe,
    layer: &Layer,
    wall_ms: u64,
    cancel: &Cancel,
) -> Result<Ran, SandboxError> {
    let (command, cwd) = plain(&action.runner);
    let watched = RunCommand {
        purpose: Purpose::Baseline,
        command: command.clone(),
        cwd: cwd.clone(),
        env: action.env.clone(),
        network: action.network.clone(),
        limits: Limits { wall_ms, ..action.limits },
        layer: layer.hash(),
        observe: true,
    };
    let observer = Observer::within(&watched, place.workdir(), layer);
    let mut launch = Launch::new(place.workdir(), command.argv());
    launch.cwd = cwd;
    launch.env = action.env.clone();
    launch.limits = watched.limits;
    launch.stderr = StderrMode::Merged;
    observer.join(&mut launch);
    let mut kept = Kept::default();
    let ended = place.run(&launch, None, cancel, &mut |bytes| kept.push(bytes))?;
    let output = kept.into_text();
    let tests = observer.read(&ended, &output).tests;
    Ok(Ran { exit: ended.exit, output, wall_us: ended.wall_us, tests })
}

/// The command that does what a warm runner would.
fn plain(runner: &Runner) -> (CommandLine, Option<RelPath>) {
    let python = |python: &str, module: &str, args: &[String]| {
        let words = [python, "-m", module].into_iter().map(str::to_owned).chain(args.iter().cloned());
        CommandLine::Argv(words.collect())
    };
    match runner {
        Runner::Pytest { python: program, args, cwd } => (python(program, "pytest", args), cwd.clone()),
        Runner::Unittest { python: program, args, cwd } => (python(program, "unittest", args), cwd.clone()),
        Runner::Command { command, cwd } => (command.clone(), cwd.clone()),
    }
}

/// How a candidate went, and how many tests it mended.
fn judged(ran: &Ran, baseline: &Baseline) -> (Verdict, u32) {
    let is_good = |test: &TestResult| test.outcome == TestOutcome::Passed;
    let passed_before = |id: &str| baseline.tests.iter().any(|test| test.id == id && is_good(test));
    let mended = ran.tests.iter().filter(|test| is_good(test) && !passed_before(&test.id)).count();
    let mended = if baseline.tests.is_empty() { 0 } else { u32::try_from(mended).unwrap_or(u32::MAX) };
    let bad = ran.tests.iter().find(|test| match test.outcome {
        TestOutcome::Failed | TestOutcome::Errored | TestOutcome::TimedOut => true,
        TestOutcome::Passed | TestOutcome::Skipped => false,
    });
    let failed = |failure: String, message: String| match bad {
        Some(test) => {
            let told = test.failure.as_ref();
            Verdict::Failed {
                test: test.id.clone(),
                failure: told.map_or(failure, |it| it.kind.clone()),
                message: text::cut(told.map_or(&message, |it| &it.message), 300),
            }
        }
        None => Verdict::Failed { test: "the test command".to_owned(), failure, message },
    };
    let verdict = match &ran.exit {
        Exit::Code(0) => Verdict::Passed,
        Exit::Code(code) => failed(format!("exit code {code}"), last_line(&ran.output)),
        Exit::Signal(signal) => Verdict::Crashed(format!("the tests were ended by signal {signal}")),
        Exit::Stopped(Stop::WallTime | Stop::CpuTime | Stop::Cancelled) => Verdict::TimedOut,
        Exit::Stopped(Stop::Output) => failed("Output".to_owned(), "it printed more than it may".to_owned()),
        Exit::Stopped(Stop::Memory) => {
            failed("Memory".to_owned(), "it took more memory than it may".to_owned())
        }
    };
    (verdict, mended)
}

/// The last line of an output that says something.
fn last_line(output: &str) -> String {
    text::cut(output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default(), 300)
}
