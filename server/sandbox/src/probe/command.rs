//! Any test command: one fresh sandbox for each candidate; its exit code is the verdict.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bodkin_guard::action::{CommandLine, Limits};
use bodkin_guard::report::{Baseline, Exit, Probed, Stop, Verdict};
use bodkin_text::{ContentHash, Layer, RelPath};

use super::batch::Batch;
use crate::launch::{Launch, StderrMode};
use crate::local::LocalSandbox;
use crate::output::Kept;
use crate::{ProbeNews, SandboxError};

/// A candidate may take at least so long, milliseconds.
const FLOOR_MS: u64 = 2_000;

/// The exit codes of a shell and of the launcher for a program that can not be started.
const NOT_STARTED: [i32; 2] = [126, 127];

/// The command that is run.
pub(super) struct Line<'a> {
    pub(super) command: &'a CommandLine,
    pub(super) cwd: Option<&'a RelPath>,
}

/// How the command went without a candidate.
#[derive(Debug, Clone)]
pub(super) struct Known {
    layer: ContentHash,
    command: CommandLine,
    cwd: Option<RelPath>,
    env: BTreeMap<String, String>,
    wall_ms: u64,
    baseline: Baseline,
}

/// Tries a batch; `known` is kept for the next one.
pub(super) fn probe(
    sandbox: &LocalSandbox,
    known: &mut Option<Known>,
    batch: &Batch<'_>,
    line: &Line<'_>,
    news: &mut dyn FnMut(ProbeNews),
) -> Result<(), SandboxError> {
    let job = Job { sandbox, batch, line };
    let is_known = known.as_ref().is_some_and(|known| job.is_of(known));
    if !is_known {
        *known = job.look()?;
        if let Some(known) = known {
            news(ProbeNews::Baseline(known.baseline.clone()));
        }
    }
    match known {
        Some(known) if known.baseline.problem.is_none() => job.try_all(known.wall_ms, news),
        Some(_) | None => Ok(()),
    }
}

struct Job<'a> {
    sandbox: &'a LocalSandbox,
    batch: &'a Batch<'a>,
    line: &'a Line<'a>,
}

/// One run of the command.
struct Ran {
    exit: Exit,
    output: String,
    wall_us: u64,
}

impl Job<'_> {
    fn is_of(&self, known: &Known) -> bool {
        known.layer == self.batch.action.layer
            && known.command == *self.line.command
            && known.cwd.as_ref() == self.line.cwd
            && known.env == self.batch.action.env
    }

    /// Runs it as it is. `None` when cancelled.
    fn look(&self) -> Result<Option<Known>, SandboxError> {
        let ran = self.run(self.batch.layer.clone(), self.batch.action.limits.wall_ms)?;
        let problem = match &ran.exit {
            Exit::Stopped(Stop::Cancelled) => return Ok(None),
            Exit::Code(code) if NOT_STARTED.contains(code) => {
                Some(format!("the test command could not be started: {}", last_line(&ran.output)))
            }
            Exit::Code(_)
            | Exit::Signal(_)
            | Exit::Stopped(Stop::WallTime | Stop::CpuTime | Stop::Output | Stop::Memory) => None,
        };
        let wall_ms = ran.wall_us / 1000;
        let root = self.batch.root.to_string_lossy();
        Ok(Some(Known {
            layer: self.batch.action.layer,
            command: self.line.command.clone(),
            cwd: self.line.cwd.cloned(),
            env: self.batch.action.env.clone(),
            wall_ms: if ran.exit == Exit::Stopped(Stop::WallTime) { FLOOR_MS } else { wall_ms },
            baseline: Baseline {
                tests: crate::observe::tests_of(&ran.output, &root),
                passed: ran.exit == Exit::Code(0),
                problem,
                lines: Vec::new(),
            },
        }))
    }

    /// Tries each candidate, several at once, until time is up or the switch is thrown.
    fn try_all(&self, before_ms: u64, news: &mut dyn FnMut(ProbeNews)) -> Result<(), SandboxError> {
        let wall_ms = before_ms.saturating_mul(3).max(FLOOR_MS).min(self.batch.action.limits.wall_ms);
        let next = AtomicUsize::new(0);
        let trouble: Mutex<Option<SandboxError>> = Mutex::new(None);
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..self.batch.jobs {
                let (send, next, trouble) = (send.clone(), &next, &trouble);
                scope.spawn(move || {
                    while let Some((at, candidate)) = self.next(next) {
                        match self.run(self.batch.layer.with(candidate), wall_ms) {
                            Ok(Ran { exit: Exit::Stopped(Stop::Cancelled), .. }) => return,
                            Ok(ran) => {
                                if send.send(probed(at, &ran)).is_err() {
                                    return;
                                }
                            }
                            Err(error) => {
                                *trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                                next.store(usize::MAX, Ordering::Relaxed);
                                return;
                            }
                        }
                    }
                });
            }
            drop(send);
            for probed in receive {
                news(ProbeNews::Probed(probed));
            }
        });
        trouble.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    #[expect(clippy::disallowed_methods, reason = "the sandbox keeps the deadline")]
    fn next(&self, next: &AtomicUsize) -> Option<(usize, &Layer)> {
        if self.batch.cancel.is_cancelled() || Instant::now() >= self.batch.deadline {
            return None;
        }
        // Stays at the end once it is there: a wrap would begin again.
        let at = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |at| at.checked_add(1)).ok()?;
        self.batch.candidates.get(at).map(|candidate| (at, candidate))
    }

    fn run(&self, layer: Layer, wall_ms: u64) -> Result<Ran, SandboxError> {
        let mut launch = Launch::new(self.batch.root, self.line.command.argv());
        launch.layer = layer;
        launch.cwd = self.line.cwd.cloned();
        launch.env = self.batch.action.env.clone();
        launch.limits = Limits { wall_ms, ..self.batch.action.limits };
        launch.stderr = StderrMode::Merged;
        let mut kept = Kept::default();
        let deadline = self.batch.deadline + Duration::from_millis(FLOOR_MS);
        let running = self.sandbox.launch_unless(launch, self.batch.cancel)?;
        let ended = running.wait(Some(deadline), self.batch.cancel, &mut |_, bytes| kept.push(bytes));
        Ok(Ran { exit: ended.exit, output: kept.into_text(), wall_us: ended.wall_us })
    }
}

fn probed(at: usize, ran: &Ran) -> Probed {
    let failed = |failure: &str, message: String| Verdict::Failed {
        test: crate::observe::first_failing(&ran.output).unwrap_or_else(|| "the test command".to_owned()),
        failure: failure.to_owned(),
        message,
    };
    let verdict = match &ran.exit {
        Exit::Code(0) => Verdict::Passed,
        Exit::Code(code) => failed(&format!("exit code {code}"), last_line(&ran.output)),
        Exit::Signal(signal) => Verdict::Crashed(format!("the command was ended by signal {signal}")),
        Exit::Stopped(Stop::WallTime | Stop::CpuTime | Stop::Cancelled) => Verdict::TimedOut,
        Exit::Stopped(Stop::Output) => failed("Output", "it printed more than it may".to_owned()),
        Exit::Stopped(Stop::Memory) => failed("Memory", "it took more memory than it may".to_owned()),
    };
    Probed { index: u32::try_from(at).unwrap_or(u32::MAX), verdict, mended: 0, ran: 1, cpu_us: ran.wall_us }
}

/// The last line of an output that says something.
fn last_line(output: &str) -> String {
    crate::text::cut(output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default(), 300)
}
