//! The scripted outside: answers every act of a run, and writes down what was asked.

use std::collections::VecDeque;
use std::sync::Arc;

use bodkin_guard::action::{CommandLine, Purpose, Runner};
use bodkin_guard::report::{Baseline, Finished, Isolation, IsolationLevel, Probed, Verdict};
use bodkin_text::{Layer, Line0, RelPath};
use bodkin_workspace::Workspace;

use super::answers::{exit, failing, lines, tests};
use crate::graphs::fix::trouble::show;
use crate::run::{Act, ActFailure, Decision, News, Run, Settings, Start, Target};
use crate::{Fix, Intent, Outcome, StepState};

pub(super) const CALC: &str = "
=== calc.py
def add(a, b):
    return a - b
=== test_calc.py
from calc import add
def test_add():
    assert add(1, 2) == 3
";

/// What a run begins with.
pub(super) struct Scene {
    pub(super) fix: Fix,
    pub(super) start: Start,
}

/// Files begin at `=== path`; the target is `path`, with a one-based line or none.
pub(super) fn scene(files: &str, target: &str) -> Scene {
    let mut texts: Vec<(RelPath, String)> = Vec::new();
    for line in files.trim_start().split_inclusive('\n') {
        match line.strip_prefix("=== ") {
            Some(path) => texts.push((RelPath::new(path.trim()).unwrap(), String::new())),
            None => texts.last_mut().unwrap().1.push_str(line),
        }
    }
    texts.sort();
    let mut workspace = Workspace::new();
    for (path, text) in &texts {
        workspace.set_disk(path.clone(), Arc::from(text.as_str()));
    }
    let (file, line) = target.split_once(':').map_or((target, None), |(file, line)| (file, Some(line)));
    let line = line.map(|line| Line0(line.parse::<u32>().unwrap() - 1));
    let file = RelPath::new(file).unwrap();
    let target = if workspace.snapshot().file(&file).is_some() { Target::Text } else { Target::Missing };
    Scene {
        fix: Fix { file, lines: line.map(|line| (line, line)), test: None, test_dir: None, message: None },
        start: Start {
            snapshot: workspace.snapshot(),
            listing: Arc::new(texts.into_iter().map(|it| it.0).collect()),
            target,
            settings: Settings::default(),
            isolation: walls(),
        },
    }
}

pub(super) fn walls() -> Isolation {
    Isolation { backend: "scripted".to_owned(), level: IsolationLevel::Full, missing: Vec::new() }
}

/// Answers by a question.
type Answer<Q, A> = Box<dyn Fn(&Q) -> A>;

/// What the outside answers.
pub(super) struct World {
    /// The tests as they are, by the runner that looks.
    pub(super) look: Answer<Runner, Result<Baseline, ActFailure>>,
    /// The command without a change.
    pub(super) before: Result<Finished, ActFailure>,
    /// One candidate, by its text.
    pub(super) probe: Answer<str, Verdict>,
    /// How a batch ends, by the runner that tried it; a failure comes before any candidate.
    pub(super) batch: Answer<Runner, Result<(), ActFailure>>,
    /// Whether a runner ends its batches without a word of any candidate.
    pub(super) is_silent: Answer<Runner, bool>,
    /// The command with a candidate, by its text.
    pub(super) after: Answer<str, Result<Finished, ActFailure>>,
    /// What the user says to an offer; `None`: nothing.
    pub(super) decision: Option<Decision>,
    /// Whether the newest act is answered first.
    pub(super) newest_first: bool,
    /// Milliseconds from one news to the next.
    pub(super) pace_ms: u64,
}

impl World {
    /// `add` subtracts, one test shows it, and the candidate that adds mends it.
    pub(super) fn usual() -> Self {
        let passes = |text: &str| text.contains("return a + b");
        Self {
            look: Box::new(|_| Ok(failing(&["test_calc.py::test_add"]))),
            before: Ok(tests(exit(1), "-test_calc.py::test_add")),
            probe: Box::new(move |text| verdict(passes(text))),
            batch: Box::new(|_| Ok(())),
            is_silent: Box::new(|_| false),
            after: Box::new(move |text| {
                Ok(match passes(text) {
                    true => lines(tests(exit(0), "+test_calc.py::test_add"), "calc.py", &[1, 2]),
                    false => tests(exit(1), "-test_calc.py::test_add"),
                })
            }),
            decision: Some(Decision::Applied),
            newest_first: false,
            pace_ms: 10,
        }
    }
}

pub(super) fn verdict(passes: bool) -> Verdict {
    let failed = || Verdict::Failed {
        test: "t".to_owned(),
        failure: "AssertionError".to_owned(),
        message: "assert 0 == 3".to_owned(),
    };
    if passes { Verdict::Passed } else { failed() }
}

/// What came of a run.
pub(super) struct Played {
    /// What it asked for, a line each, and how it ended.
    pub(super) transcript: String,
    pub(super) outcome: Option<Outcome>,
    pub(super) tried: u32,
    /// Every news with its time, for a replay.
    pub(super) news: Vec<(News, u64)>,
    /// Every act in order.
    pub(super) acts: Vec<Act>,
}

/// Plays a run to its end, or until the outside says nothing more.
pub(super) fn play(scene: Scene, world: &World) -> Played {
    let file = scene.fix.file.clone();
    play_intent(Intent::Fix(scene.fix), file, scene.start, world)
}

/// As [`play`], for any intent; `file` is the one that candidates are expected in.
pub(super) fn play_intent(intent: Intent, file: RelPath, start: Start, world: &World) -> Played {
    let target = start.snapshot.file(&file).map(bodkin_workspace::File::text).unwrap_or_default();
    let (mut run, first) = Run::start(intent, start);
    let mut stage = Stage { world, file, target, said: Vec::new(), all: Vec::new() };
    let mut todo: VecDeque<Act> = first.into();
    let (mut news, mut now) = (Vec::new(), 0);
    while let Some(act) = if world.newest_first { todo.pop_back() } else { todo.pop_front() } {
        for told in stage.answer(act) {
            now += world.pace_ms;
            news.push((told.clone(), now));
            todo.extend(run.step(told, now));
        }
    }
    let ended = run.outcome().map_or_else(|| "= goes on".to_owned(), |it| format!("= {}", outcome(it)));
    stage.said.push(ended);
    stage.said.push(states(&run));
    stage.said.dedup();
    Played {
        transcript: stage.said.join("\n") + "\n",
        outcome: run.outcome().cloned(),
        tried: run.tried(),
        news,
        acts: stage.all,
    }
}

struct Stage<'w> {
    world: &'w World,
    file: RelPath,
    target: Arc<str>,
    said: Vec<String>,
    all: Vec<Act>,
}

impl Stage<'_> {
    fn answer(&mut self, act: Act) -> Vec<News> {
        self.said.push(self.show(&act));
        self.all.push(act.clone());
        match act {
            Act::Look { id, runner, .. } => vec![News::Looked(id, (self.world.look)(&runner))],
            Act::Command { id, purpose: Purpose::Baseline, .. } => {
                vec![News::Ran(id, self.world.before.clone())]
            }
            Act::Command { id, layer, .. } => vec![News::Ran(id, (self.world.after)(&self.text(&layer)))],
            Act::Probe { id, runner, candidates, .. } => {
                let end = (self.world.batch)(&runner);
                let told = end.is_ok() && !(self.world.is_silent)(&runner);
                let tried = if told { candidates } else { Vec::new() };
                let probed = tried.iter().enumerate().map(|(index, layer)| {
                    let verdict = (self.world.probe)(&self.text(layer));
                    let index = u32::try_from(index).unwrap();
                    News::Probed(id, Probed { index, verdict, mended: 0, ran: 1, cpu_us: 1 })
                });
                probed.chain([News::BatchDone(id, end)]).collect()
            }
            Act::Offer(_) => self.world.decision.clone().map(News::Decided).into_iter().collect(),
            Act::OfferPart(_) | Act::Tests(_) => Vec::new(),
            Act::Stop(_) => Vec::new(),
        }
    }

    fn show(&self, act: &Act) -> String {
        match act {
            Act::Look { runner, .. } => format!("look: {}", runner_line(runner)),
            Act::Command { purpose: Purpose::Baseline, command, .. } => format!("measure: {}", show(command)),
            Act::Command { command, layer, .. } => {
                format!("prove: {} | {}", show(command), self.changed(&self.text(layer)))
            }
            Act::Probe { runner, .. } => format!("probe: {}", runner_line(runner)),
            Act::Offer(offer) => {
                let after = offer.files.first().map(|it| it.after.clone()).unwrap_or_default();
                let word = if offer.proof.is_complete() { "proved" } else { "unproved" };
                format!("offer, {word}: {}", self.changed(&after))
            }
            Act::OfferPart(part) => {
                let after = part.offer.files.first().map(|it| it.after.clone()).unwrap_or_default();
                let missing = part.offer.proof.missing.join("; ");
                let word =
                    if missing.is_empty() { "proved".to_owned() } else { format!("unproved ({missing})") };
                format!("offer a part, {word}: {}", self.changed(&after))
            }
            Act::Tests(tests) => format!("tell {} tests", tests.len()),
            Act::Stop(id) => format!("stop: {}", id.0),
        }
    }

    fn text(&self, layer: &Layer) -> String {
        let text = layer.iter().find(|(path, _)| **path == self.file).and_then(|(_, text)| text.cloned());
        text.unwrap_or_else(|| self.target.clone()).to_string()
    }

    /// The lines of `text` that the target has not.
    fn changed(&self, text: &str) -> String {
        let old: Vec<&str> = self.target.lines().collect();
        let new: Vec<&str> = text.lines().filter(|line| !old.contains(line)).map(str::trim).collect();
        new.join(" / ")
    }
}

fn runner_line(runner: &Runner) -> String {
    match runner {
        Runner::Pytest { args, .. } => format!("warm pytest {}", args.join(" ")).trim_end().to_owned(),
        Runner::Unittest { args, .. } => format!("warm unittest {}", args.join(" ")).trim_end().to_owned(),
        Runner::Command { command: CommandLine::Argv(words), .. } => words.join(" "),
        Runner::Command { command: CommandLine::Shell(line), .. } => format!("sh: {line}"),
    }
}

pub(super) fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Proved => "proved".to_owned(),
        Outcome::Unproved { missing } => format!("unproved: {}", missing.join("; ")),
        Outcome::Tested(tally) => tally.sentence(),
        Outcome::Exhausted { reason } => format!("exhausted: {reason}"),
        Outcome::Refused(refused) => {
            format!("refused, {:?}: {}\n  {}", refused.why, refused.message, refused.hint)
        }
        Outcome::Cancelled => "cancelled".to_owned(),
        Outcome::Failed { reason } => format!("failed: {reason}"),
    }
}

/// The plan in a line: done, failed, -, still going.
fn states(run: &Run) -> String {
    let word = |state| match state {
        StepState::Pending => "pending",
        StepState::InProgress => "in progress",
        StepState::Done => "done",
        StepState::Failed => "failed",
        StepState::Skipped => "skipped",
    };
    let steps: Vec<String> =
        run.plan().steps.iter().map(|step| format!("{} {}", step.id, word(step.state))).collect();
    steps.join(", ")
}
