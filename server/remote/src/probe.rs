//! Candidates, tried one after the other by their test command; each in a sandbox of its own.
//!
//! No warm runner: what differs between two candidates is one small frame, and the command starts in the same round
//! trip. A verdict is the command's exit code.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bodkin_guard::Permit;
use bodkin_guard::action::{Limits, Probe, Runner};
use bodkin_guard::report::{Baseline, Exit, Probed, Stop, Verdict, batch_hash};
use bodkin_sandbox::{Cancel, Kept, ProbeNews, Prober, SandboxError, check_layer, tests_of};
use bodkin_text::{ContentHash, Layer, RelPath};

use crate::run::{Order, RemoteSandbox, argv};

/// A candidate may take at least so long, milliseconds.
const FLOOR_MS: u64 = 10_000;
/// The exit codes of a shell and of the launcher for a program that can not be started.
const NOT_STARTED: [i32; 2] = [126, 127];

pub(crate) struct RemoteProber {
    sandbox: RemoteSandbox,
    root: PathBuf,
    /// The files and the runner that the baseline was told for, and how long it took.
    known: Option<(ContentHash, Runner, u64)>,
}

impl RemoteProber {
    pub(crate) fn new(sandbox: RemoteSandbox, root: &Path) -> Self {
        Self { sandbox, root: root.to_owned(), known: None }
    }

    fn one(
        &self,
        probe: &Probe,
        layer: &Layer,
        wall_ms: u64,
        cancel: &Cancel,
    ) -> Result<(Exit, String, u64), SandboxError> {
        let (argv, cwd) = command(&probe.runner);
        let order = Order {
            root: &self.root,
            layer,
            argv,
            cwd: cwd.map(|it| it.as_str().to_owned()),
            env: probe.env.clone(),
            network: probe.network.clone(),
            limits: Limits { wall_ms, ..probe.limits },
            wants_changes: false,
            cancel,
        };
        let mut kept = Kept::default();
        let ran = self.sandbox.perform(&order, &mut |bytes| kept.push(bytes))?;
        Ok((ran.exit, kept.into_text(), ran.wall_us))
    }

    /// Tells how the tests are without a candidate; `None` when cancelled or when they can not be run.
    fn look(
        &mut self,
        probe: &Probe,
        layer: &Layer,
        cancel: &Cancel,
        news: &mut dyn FnMut(ProbeNews),
    ) -> Result<Option<u64>, SandboxError> {
        if let Some((hash, runner, wall_ms)) = &self.known
            && *hash == probe.layer
            && *runner == probe.runner
        {
            return Ok(Some(*wall_ms));
        }
        let (exit, output, wall_us) = self.one(probe, layer, probe.limits.wall_ms, cancel)?;
        let problem = match &exit {
            Exit::Stopped(Stop::Cancelled) => return Ok(None),
            Exit::Code(code) if NOT_STARTED.contains(code) => {
                Some(format!("the test command could not be started: {}", last_line(&output)))
            }
            Exit::Code(_) | Exit::Signal(_) | Exit::Stopped(_) => None,
        };
        let is_ready = problem.is_none();
        news(ProbeNews::Baseline(Baseline {
            tests: tests_of(&output, &self.root.to_string_lossy()),
            passed: exit == Exit::Code(0),
            problem,
            lines: Vec::new(),
        }));
        if !is_ready {
            return Ok(None);
        }
        let wall_ms = wall_us / 1000;
        self.known = Some((probe.layer, probe.runner.clone(), wall_ms));
        Ok(Some(wall_ms))
    }
}

impl Prober for RemoteProber {
    #[expect(clippy::disallowed_methods, reason = "a batch has a deadline")]
    fn probe(
        &mut self,
        permit: Permit<Probe>,
        layer: &Layer,
        candidates: &[Layer],
        cancel: &Cancel,
        news: &mut dyn FnMut(ProbeNews),
    ) -> Result<(), SandboxError> {
        let action = permit.action();
        check_layer(action.layer, layer)?;
        if usize::try_from(action.candidates) != Ok(candidates.len())
            || action.batch != batch_hash(candidates.iter().map(Layer::hash))
        {
            return Err(SandboxError::Stale("the permit was given for other candidates".to_owned()));
        }
        self.sandbox.check_leave()?;
        let probe = permit.into_action();
        let deadline = Instant::now() + Duration::from_millis(probe.limits.wall_ms);
        let Some(before_ms) = self.look(&probe, layer, cancel, news)? else { return Ok(()) };
        let wall_ms = before_ms.saturating_mul(3).max(FLOOR_MS).min(probe.limits.wall_ms);
        for (index, candidate) in (0..).zip(candidates) {
            if cancel.is_cancelled() || Instant::now() >= deadline {
                return Ok(());
            }
            let (exit, output, wall_us) = self.one(&probe, &layer.with(candidate), wall_ms, cancel)?;
            let Some(verdict) = verdict(&exit, &output) else { return Ok(()) };
            news(ProbeNews::Probed(Probed { index, verdict, mended: 0, ran: 1, cpu_us: wall_us }));
        }
        Ok(())
    }
}

/// The command of a runner, and its folder.
fn command(runner: &Runner) -> (Vec<String>, Option<&RelPath>) {
    let module = |python: &String, name: &str, args: &[String]| {
        [python.as_str(), "-m", name].into_iter().map(str::to_owned).chain(args.iter().cloned()).collect()
    };
    match runner {
        Runner::Pytest { python, args, cwd } => (module(python, "pytest", args), cwd.as_ref()),
        Runner::Unittest { python, args, cwd } => (module(python, "unittest", args), cwd.as_ref()),
        Runner::Command { command, cwd } => (argv(command), cwd.as_ref()),
    }
}

/// What an exit says of a candidate; `None`: it was cancelled.
fn verdict(exit: &Exit, output: &str) -> Option<Verdict> {
    let failed = |failure: &str, message: String| Verdict::Failed {
        test: "the test command".to_owned(),
        failure: failure.to_owned(),
        message,
    };
    Some(match exit {
        Exit::Code(0) => Verdict::Passed,
        Exit::Code(code) => failed(&format!("exit code {code}"), last_line(output)),
        Exit::Signal(signal) => Verdict::Crashed(format!("the command was ended by signal {signal}")),
        Exit::Stopped(Stop::Cancelled) => return None,
        Exit::Stopped(Stop::WallTime | Stop::CpuTime) => Verdict::TimedOut,
        Exit::Stopped(Stop::Output) => failed("Output", "it printed more than it may".to_owned()),
        Exit::Stopped(Stop::Memory) => failed("Memory", "it took more memory than it may".to_owned()),
    })
}

/// The last line of an output that says something.
fn last_line(output: &str) -> String {
    let line = output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.chars().take(300).collect()
}
