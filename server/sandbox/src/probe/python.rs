//! Python's tests: one warm runner in one sandbox, kept over the batches of a run.
//!
//! The runner loads project and tests once and forks for each candidate; it starts anew when the files under the
//! candidates change, and when it dies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use bodkin_guard::action::{Limits, Runner};
use bodkin_guard::report::{Baseline, Probed, Verdict};
use bodkin_text::{ContentHash, RelPath};

use super::batch::Batch;
use super::conversation::{Conversation, Heard};
use super::edits::splice;
use super::messages::{Answer, Ask, Budget, Candidate};
use crate::launch::{Launch, SUPPORT_DIR, StdinMode};
use crate::local::LocalSandbox;
use crate::{ProbeNews, SandboxError};

/// How often the runner may die in one batch before the rest of it is given up.
const DEATHS: u32 = 8;

/// How long a runner may take to end a batch that is not wanted any more.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);

/// Which of the two frameworks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pytest,
    Unittest,
}

/// The tests that are run.
pub(super) struct Tests<'a> {
    pub(super) kind: Kind,
    pub(super) python: &'a str,
    pub(super) args: &'a [String],
    pub(super) cwd: Option<&'a RelPath>,
}

/// A runner that has loaded the tests.
pub(super) struct Warm {
    talk: Conversation,
    made_for: MadeFor,
    baseline: Baseline,
}

/// What a runner was started for; anything else needs another one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct MadeFor {
    root: PathBuf,
    layer: ContentHash,
    runner: Runner,
    env: BTreeMap<String, String>,
    limits: Limits,
}

impl MadeFor {
    fn of(batch: &Batch<'_>) -> Self {
        Self {
            root: batch.root.to_owned(),
            layer: batch.action.layer,
            runner: batch.action.runner.clone(),
            env: batch.action.env.clone(),
            limits: Limits { wall_ms: 0, ..batch.action.limits },
        }
    }
}

/// Tries a batch; `warm` is kept for the next one.
pub(super) fn probe(
    sandbox: &LocalSandbox,
    warm: &mut Option<Warm>,
    batch: &Batch<'_>,
    tests: &Tests<'_>,
    news: &mut dyn FnMut(ProbeNews),
) -> Result<(), SandboxError> {
    let mut job = Job { sandbox, batch, tests, left: (0..batch.candidates.len()).collect() };
    if warm.as_ref().is_some_and(|warm| warm.made_for != MadeFor::of(batch)) {
        *warm = None;
    }
    let is_first = warm.is_none();
    if is_first {
        *warm = job.load()?;
    }
    let Some(ready) = warm else { return Ok(()) };
    if is_first || batch.candidates.is_empty() {
        news(ProbeNews::Baseline(ready.baseline.clone()));
    }
    if ready.baseline.problem.is_some() {
        *warm = None;
        return Ok(());
    }
    job.try_all(warm, news)
}

/// How a part of a batch ended.
enum Part {
    /// Every candidate of it has its verdict.
    Done,
    /// The runner died.
    Died,
    /// Time is up, or the batch was cancelled.
    Over,
}

struct Job<'a> {
    sandbox: &'a LocalSandbox,
    batch: &'a Batch<'a>,
    tests: &'a Tests<'a>,
    /// Places of candidates without a verdict.
    left: BTreeSet<usize>,
}

impl Job<'_> {
    fn targets(&self) -> BTreeSet<RelPath> {
        self.batch.candidates.iter().flat_map(|layer| layer.iter().map(|(path, _)| path.clone())).collect()
    }

    /// Loads the tests in a new runner. `None` when cancelled.
    fn load(&self) -> Result<Option<Warm>, SandboxError> {
        let talk = self.start()?;
        self.load_into(talk)
    }

    fn start(&self) -> Result<Conversation, SandboxError> {
        let mut launch =
            Launch::new(self.batch.root, [self.tests.python, &format!("{SUPPORT_DIR}/python_probe.py")]);
        launch.layer = self.batch.layer.clone();
        launch.cwd = self.tests.cwd.cloned();
        launch.env = self.batch.action.env.clone();
        // The weakest walls have the workspace elsewhere, and say so in the values of variables.
        let root = self.root()?.to_string_lossy().into_owned();
        launch.env.insert("BODKIN_ROOT".to_owned(), root);
        // The same order of sets and dictionaries for every candidate.
        launch.env.entry("PYTHONHASHSEED".to_owned()).or_insert_with(|| "0".to_owned());
        launch.limits = self.batch.lasting_limits();
        launch.stdin = StdinMode::Piped;
        launch.support = super::scripts::PYTHON
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Arc::from(text.as_bytes())))
            .collect();
        let io = self.sandbox.launch_unless(launch, self.batch.cancel)?.into_io();
        let no_stdin = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let talking = "talking with the test runner";
        let stdin = io.stdin.ok_or_else(no_stdin).map_err(SandboxError::io(talking))?;
        Conversation::new(stdin, io.stdout, io.stderr, Box::new(io.leash)).map_err(SandboxError::io(talking))
    }

    fn root(&self) -> Result<PathBuf, SandboxError> {
        let root = self.batch.root;
        root.canonicalize().map_err(SandboxError::io(format!("opening the workspace {}", root.display())))
    }

    fn load_into(&self, mut talk: Conversation) -> Result<Option<Warm>, SandboxError> {
        let batch = self.batch;
        let targets = self.targets();
        let wall_s = batch.action.limits.wall_ms as f64 / 1000.0;
        let ask = Ask::Load {
            kind: match self.tests.kind {
                Kind::Pytest => "pytest",
                Kind::Unittest => "unittest",
            },
            args: self.tests.args,
            targets: targets.iter().map(RelPath::as_str).collect(),
            jobs: batch.jobs,
            memory: batch.action.limits.memory_bytes / u64::from(batch.jobs.saturating_add(1)),
            traced: 20,
            load_s: (wall_s / 2.0).min(60.0),
            budget: Budget {
                cpu_s: (wall_s / 4.0).min(5.0),
                wall_s: (wall_s / 4.0).min(10.0),
                ticks: 4_000_000,
            },
        };
        let heard = match talk.send(&ask, batch.deadline, batch.cancel) {
            Heard::Message(()) => talk.receive(batch.deadline, batch.cancel),
            Heard::Closed => Heard::Closed,
            Heard::Late => Heard::Late,
            Heard::Cancelled => Heard::Cancelled,
        };
        let baseline = match heard {
            Heard::Message(Answer::Baseline(baseline)) => baseline,
            Heard::Message(Answer::Probed(_) | Answer::Done(_)) | Heard::Closed => {
                problem(ended_text(&talk.said()))
            }
            Heard::Late => problem(format!("the tests did not end within {wall_s} s")),
            Heard::Cancelled => return Ok(None),
        };
        Ok(Some(Warm { talk, made_for: MadeFor::of(batch), baseline }))
    }

    /// Gives every candidate its verdict, in a new runner after each death.
    fn try_all(
        &mut self,
        warm: &mut Option<Warm>,
        news: &mut dyn FnMut(ProbeNews),
    ) -> Result<(), SandboxError> {
        let mut deaths = 0;
        // After a death, so many candidates are tried one by one: the one that kills is among them.
        let mut careful = 0_u32;
        while !self.left.is_empty() && deaths < DEATHS {
            if warm.is_none() {
                *warm = self.load()?;
            }
            let Some(ready) = warm.as_mut().filter(|ready| ready.baseline.problem.is_none()) else { break };
            let part: Vec<usize> = if careful > 0 {
                self.left.iter().copied().take(1).collect()
            } else {
                self.left.iter().copied().collect()
            };
            match self.try_part(ready, &part, news) {
                Part::Done => careful = careful.saturating_sub(1),
                Part::Over => {
                    self.settle(warm);
                    return Ok(());
                }
                Part::Died => {
                    deaths += 1;
                    *warm = None;
                    if let (true, Some(&killer)) = (careful > 0, part.first()) {
                        self.left.remove(&killer);
                        news(ProbeNews::Probed(killed(killer)));
                    } else {
                        careful = 4 * self.batch.jobs.max(1);
                    }
                }
            }
        }
        Ok(())
    }

    fn try_part(&mut self, warm: &mut Warm, part: &[usize], news: &mut dyn FnMut(ProbeNews)) -> Part {
        let (deadline, cancel) = (self.batch.deadline, self.batch.cancel);
        match warm.talk.send(&self.ask(part), deadline, cancel) {
            Heard::Message(()) => {}
            Heard::Closed => return Part::Died,
            Heard::Late | Heard::Cancelled => return Part::Over,
        }
        loop {
            match warm.talk.receive(deadline, cancel) {
                Heard::Message(Answer::Probed(tried)) => {
                    if self.left.remove(&(tried.index as usize)) {
                        news(ProbeNews::Probed(tried.into()));
                    }
                }
                Heard::Message(Answer::Done(_)) => return Part::Done,
                Heard::Message(Answer::Baseline(_)) | Heard::Closed => return Part::Died,
                Heard::Late | Heard::Cancelled => return Part::Over,
            }
        }
    }

    fn ask(&self, part: &[usize]) -> Ask<'_> {
        let candidates = || part.iter().filter_map(|at| Some((*at, self.batch.candidates.get(*at)?)));
        let mut base = BTreeMap::new();
        for (path, text) in candidates().flat_map(|(_, layer)| layer.iter()) {
            if let Some(text) = text {
                base.entry(path.as_str()).or_insert(&**text);
            }
        }
        let candidates = candidates()
            .map(|(at, layer)| Candidate {
                index: u32::try_from(at).unwrap_or(u32::MAX),
                files: layer
                    .iter()
                    .map(|(path, text)| {
                        let edit = text.and_then(|text| Some(splice(base.get(path.as_str())?, text)));
                        (path.as_str(), edit)
                    })
                    .collect(),
            })
            .collect();
        Ask::Try { base, candidates }
    }

    /// Ends what still runs of a batch that is over, so that the runner serves again; else lets it go.
    #[expect(clippy::disallowed_methods, reason = "the wait for an unwanted batch has a deadline")]
    fn settle(&self, warm: &mut Option<Warm>) {
        let Some(ready) = warm else { return };
        let (soon, nobody) = (std::time::Instant::now() + PATIENCE, crate::Cancel::new());
        let mut heard = ready.talk.send(&Ask::Stop, soon, &nobody);
        while heard == Heard::Message(()) {
            heard = match ready.talk.receive(soon, &nobody) {
                Heard::Message(Answer::Done(_)) => return,
                Heard::Message(Answer::Probed(_) | Answer::Baseline(_)) => Heard::Message(()),
                Heard::Closed => Heard::Closed,
                Heard::Late => Heard::Late,
                Heard::Cancelled => Heard::Cancelled,
            };
        }
        *warm = None;
    }
}

fn problem(text: String) -> Baseline {
    Baseline { problem: Some(text), ..Baseline::default() }
}

fn ended_text(said: &str) -> String {
    match said {
        "" => "the test runner ended before it could answer".to_owned(),
        said => crate::text::bounded(said),
    }
}

fn killed(at: usize) -> Probed {
    Probed {
        index: u32::try_from(at).unwrap_or(u32::MAX),
        verdict: Verdict::Crashed("it ended the process that runs the tests".to_owned()),
        mended: 0,
        ran: 0,
        cpu_us: 0,
    }
}
