//! A run as a fold: news in, acts out.
//!
//! `step` never calls out, never reads a clock and never waits: what happened, and when, comes in as news.
//! invariants: run-is-a-fold, every-loop-has-a-budget, a-run-always-ends

use std::collections::BTreeMap;
use std::sync::Arc;

use bodkin_guard::action::{CommandLine, Limits, Purpose, Runner};
use bodkin_guard::report::{Baseline, Finished, Isolation, Probed};
use bodkin_text::{HunkId, Layer, RelPath};
use bodkin_workspace::Snapshot;

use crate::graphs::fix::FixGraph;
use crate::graphs::test::TestGraph;
use crate::intent::Intent;
use crate::outcome::{Offer, Outcome, Part, Refused};
use crate::plan::{Plan, StepState};
use crate::testing::TestReport;

/// One intent being worked on.
#[derive(Debug)]
pub struct Run {
    intent: Intent,
    plan: Plan,
    graph: Graph,
    outcome: Option<Outcome>,
    next_act: u32,
}

/// What is being done; one a kind of intent.
#[derive(Debug)]
enum Graph {
    Fix(FixGraph),
    Test(TestGraph),
    /// It could not be begun.
    Ended,
}

impl Graph {
    fn under_way(&self) -> Vec<ActId> {
        match self {
            Self::Fix(graph) => graph.under_way(),
            Self::Test(graph) => graph.under_way(),
            Self::Ended => Vec::new(),
        }
    }

    fn step(&mut self, news: News, now_ms: u64, plan: &mut Plan, acts: &mut Acts) -> Option<Outcome> {
        match self {
            Self::Fix(graph) => graph.step(news, now_ms, plan, acts),
            Self::Test(graph) => graph.step(news, now_ms, plan, acts),
            Self::Ended => None,
        }
    }
}

/// What a run begins with; frozen.
#[derive(Debug, Clone)]
pub struct Start {
    /// The workspace as it is on the screen and on disk.
    pub snapshot: Snapshot,
    /// Every file that the walk found, with or without a known language; ordered.
    pub listing: Arc<Vec<RelPath>>,
    /// What stands at the path that the intent names.
    pub target: Target,
    /// What the user set.
    pub settings: Settings,
    /// What the sandbox says of itself.
    pub isolation: Isolation,
}

/// What stands at a path; found out by whoever reads the disk, judged here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A text that the snapshot holds.
    Text,
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// A file with NUL bytes.
    Binary,
    /// A file that is not UTF-8; the offset of the first wrong byte.
    NotUtf8(u64),
    /// A file above the limit; its size in bytes.
    TooLarge(u64),
    /// A file that may not be read.
    Unreadable,
    /// A link that leads out of the workspace.
    Outside,
}

/// Settings that a run obeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The test command to use where none is given with the intent.
    pub test_command: Option<String>,
    /// Wall time for one run of the test command, milliseconds.
    pub test_wall_ms: u64,
    /// Wall time for the whole run, milliseconds.
    pub run_wall_ms: u64,
    /// How many candidates may be tried.
    pub max_candidates: u32,
    /// Seed of the search.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            test_command: None,
            test_wall_ms: 60_000,
            run_wall_ms: 300_000,
            max_candidates: 20_000,
            seed: 0,
        }
    }
}

/// Names one act of a run; its news carries the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActId(pub u32);

/// What the run wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Run the selected tests as they are; answered by [`News::Looked`].
    Look {
        /// Names the answer.
        id: ActId,
        /// How the tests are run.
        runner: Runner,
        /// Variables to set.
        env: BTreeMap<String, String>,
        /// Unsaved buffers.
        layer: Layer,
        /// What it may use up.
        limits: Limits,
    },
    /// Try candidates; answered by [`News::Probed`] for each, then [`News::BatchDone`].
    Probe {
        /// Names the answer.
        id: ActId,
        /// How the tests are run.
        runner: Runner,
        /// Variables to set.
        env: BTreeMap<String, String>,
        /// Unsaved buffers.
        layer: Layer,
        /// Each candidate's files.
        candidates: Vec<Layer>,
        /// What it may use up.
        limits: Limits,
    },
    /// Run a command in a fresh sandbox; answered by [`News::Ran`].
    Command {
        /// Names the answer.
        id: ActId,
        /// Why.
        purpose: Purpose,
        /// What is run, word for word.
        command: CommandLine,
        /// The folder it runs in.
        cwd: Option<RelPath>,
        /// Variables to set.
        env: BTreeMap<String, String>,
        /// Unsaved buffers, and the candidate where one is proved.
        layer: Layer,
        /// What it may use up.
        limits: Limits,
    },
    /// Show an offer and wait for [`News::Decided`].
    Offer(Box<Offer>),
    /// Show what the proof of a part of the offer came to; the whole still waits for [`News::Decided`].
    OfferPart(Box<Part>),
    /// Tell how tests stand; nothing comes back.
    Tests(Vec<TestReport>),
    /// Stop what is under way for this act.
    Stop(ActId),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The tests as they are.
    Looked(ActId, Result<Baseline, ActFailure>),
    /// One candidate of a batch.
    Probed(ActId, Probed),
    /// The whole batch has been tried, or could not be.
    BatchDone(ActId, Result<(), ActFailure>),
    /// A command has ended, or could not be run.
    Ran(ActId, Result<Finished, ActFailure>),
    /// The user decided about the offer.
    Decided(Decision),
    /// The user cancelled.
    Cancelled,
    /// Nothing else happened for a while; budgets are looked at.
    Tick,
}

/// Why an act could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActFailure {
    /// The guard refused it; what consent would change that.
    Refused(String),
    /// The sandbox or a tool is not there; the next step.
    Unavailable(String),
    /// It broke.
    Broken(String),
}

/// What the user decided about an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It was put in place.
    Applied,
    /// Only these hunks are wanted: they are to be proved without the others.
    Part(Vec<HunkId>),
    /// These hunks of it were put in place.
    AppliedPart(Vec<HunkId>),
    /// Not wanted, or left for later.
    Declined,
}

impl Run {
    /// Begins a run; what it wants done first is in the answer.
    pub fn start(intent: Intent, start: Start) -> (Self, Vec<Act>) {
        let mut run_acts = Acts::default();
        let (mut plan, begun);
        match &intent {
            Intent::Fix(fix) => {
                plan = FixGraph::plan();
                begun = FixGraph::start(fix, start, &mut plan, &mut run_acts).map(Graph::Fix);
            }
            Intent::FixTest(fix) => {
                plan = FixGraph::plan();
                begun = FixGraph::start_test(fix, start, &mut plan, &mut run_acts).map(Graph::Fix);
            }
            Intent::Test(test) => {
                plan = TestGraph::plan();
                begun = TestGraph::start(test, start, &mut plan, &mut run_acts).map(Graph::Test);
            }
        }
        let (graph, outcome) = match begun {
            Ok(graph) => (graph, None),
            Err(refused) => (Graph::Ended, Some(Outcome::Refused(refused))),
        };
        let mut run = Self { intent, plan, graph, outcome: None, next_act: run_acts.next };
        if let Some(outcome) = outcome {
            run.finish(outcome, 0);
            return (run, Vec::new());
        }
        (run, run_acts.list)
    }

    /// Takes in what happened `elapsed_ms` after the start; says what is wanted next.
    ///
    /// After the run has ended every news is taken in silence.
    pub fn step(&mut self, news: News, elapsed_ms: u64) -> Vec<Act> {
        if self.outcome.is_some() {
            return Vec::new();
        }
        if news == News::Cancelled {
            let mut acts = Acts { list: Vec::new(), next: self.next_act };
            acts.list.extend(self.graph.under_way().into_iter().map(Act::Stop));
            if let Graph::Test(graph) = &mut self.graph {
                graph.leave(&mut acts);
            }
            self.finish(Outcome::Cancelled, elapsed_ms);
            return acts.list;
        }
        let mut acts = Acts { list: Vec::new(), next: self.next_act };
        let outcome = self.graph.step(news, elapsed_ms, &mut self.plan, &mut acts);
        self.next_act = acts.next;
        if let Some(outcome) = outcome {
            acts.list.extend(self.graph.under_way().into_iter().map(Act::Stop));
            self.finish(outcome, elapsed_ms);
        }
        acts.list
    }

    /// The graph of a fix, for tests that put something into it.
    #[cfg(test)]
    pub(crate) fn fix_graph(&mut self) -> Option<&mut FixGraph> {
        match &mut self.graph {
            Graph::Fix(graph) => Some(graph),
            Graph::Test(_) | Graph::Ended => None,
        }
    }

    /// What the user wants.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// The steps as they are now.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How many candidates have been tried.
    pub fn tried(&self) -> u32 {
        match &self.graph {
            Graph::Fix(graph) => graph.tried(),
            Graph::Test(_) | Graph::Ended => 0,
        }
    }

    /// How it ended; `None` while it goes on.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    fn finish(&mut self, outcome: Outcome, elapsed_ms: u64) {
        let state = match &outcome {
            Outcome::Proved | Outcome::Unproved { .. } | Outcome::Tested(_) => StepState::Done,
            Outcome::Exhausted { .. } | Outcome::Refused(_) | Outcome::Failed { .. } => StepState::Failed,
            Outcome::Cancelled => StepState::Skipped,
        };
        if let (Outcome::Refused(Refused { message, .. }), Some(step)) =
            (&outcome, self.plan.current().map(|it| it.id))
        {
            self.plan.note(step, message.clone());
        }
        self.plan.close(state, elapsed_ms);
        self.outcome = Some(outcome);
    }
}

/// The acts that a step asks for, each with a name of its own.
#[derive(Debug, Default)]
pub(crate) struct Acts {
    list: Vec<Act>,
    next: u32,
}

impl Acts {
    /// Tells how tests stand, if there is anything to tell.
    pub(crate) fn tell(&mut self, tests: Vec<TestReport>) {
        if !tests.is_empty() {
            self.list.push(Act::Tests(tests));
        }
    }

    /// Adds an act under a fresh name.
    pub(crate) fn add(&mut self, make: impl FnOnce(ActId) -> Act) -> ActId {
        let id = ActId(self.next);
        self.next += 1;
        self.list.push(make(id));
        id
    }
}
