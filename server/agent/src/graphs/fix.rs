//! The fix graph: understand → localise → propose → probe → prove → offer.
//!
//! Decides what is looked at, tried and offered; never runs anything. Whatever comes in, it either waits for an act
//! that is under way, asks for the next one, or ends.
//! invariants: every-loop-has-a-budget, a-run-always-ends

mod aim;
mod hangs;
mod look;
mod part;
mod probe;
mod prove;
mod search;
mod suspects;
mod symptoms;
#[cfg(test)]
mod tests;
pub(super) mod trouble;
mod understand;

use bodkin_guard::action::{Limits, Purpose, Runner};
use bodkin_guard::report::{Baseline, Finished};
use bodkin_text::{Layer, RelPath};

use crate::discover::Chosen;
use crate::intent::{Fix, FixTest};
use crate::outcome::{Offer, Outcome, Part, Refused, Why};
use crate::plan::{Plan, StepState};
use crate::run::{Act, ActFailure, ActId, Acts, News, Start};

use aim::{Aim, TestAim};
use hangs::Hangs;
use search::{Hunt, Plausible};

pub use understand::MAX_FILE_BYTES;

/// A fix being worked out.
#[derive(Debug)]
pub struct FixGraph(Option<Box<Work>>);

#[derive(Debug)]
struct Work {
    aim: Aim,
    start: Start,
    chosen: Chosen,
    unsaved: Layer,
    /// How the candidates are probed; becomes wider or plainer as the run learns.
    runner: Runner,
    narrowed: bool,
    looking: Option<ActId>,
    looked: Option<Baseline>,
    measuring: Option<ActId>,
    /// What the look knows of tests that hang, once the measurement follows it.
    hangs: Option<Hangs>,
    before: Option<Finished>,
    failing: Vec<String>,
    hunt: Option<Hunt>,
    probing: Option<ActId>,
    /// Since when a candidate of the batch under way is ready to be proved, milliseconds.
    ready_since: Option<u64>,
    proving: Option<(ActId, Plausible)>,
    proofs: usize,
    rejections: Vec<String>,
    /// The best that passes without being proved: offered when nothing else is proved.
    fallback: Option<Made>,
    offered: Option<Offered>,
    /// A part of the offer that is being proved, and the last that was.
    part: Option<part::Proving>,
    proved_part: Option<Box<Part>>,
}

/// An offer that can be shown, with the reasons to think that it fits the test instead of the task.
#[derive(Debug)]
struct Made {
    offer: Box<Offer>,
    smells: Vec<String>,
}

/// An offer that was shown.
#[derive(Debug)]
struct Offered {
    offer: Box<Offer>,
    smells: Vec<String>,
    /// Since when, milliseconds.
    since: u64,
}

const STEPS: &[(&str, &str)] = &[
    ("understand", "Understand the target"),
    ("localise", "Run the tests as they are"),
    ("propose", "Work out candidates"),
    ("probe", "Try candidates in the sandbox"),
    ("prove", "Prove the best one in a fresh sandbox"),
    ("offer", "Offer the change"),
];

/// How many plausible candidates are proved before the search gives up.
const MAX_PROOFS: usize = 6;

/// How long the rest of a batch is waited for once one of it is ready to be proved, milliseconds.
const REST_OF_BATCH_MS: u64 = 1_000;

/// How long an offer waits for a decision, milliseconds. It can still be accepted when the run has ended.
const OFFER_STANDS_MS: u64 = 60 * 60 * 1000;

impl FixGraph {
    /// The steps of a fix.
    pub(crate) fn plan() -> Plan {
        Plan::of(STEPS)
    }

    /// Checks what is asked and asks for the tests as they are.
    pub(crate) fn start(fix: &Fix, start: Start, plan: &mut Plan, acts: &mut Acts) -> Result<Self, Refused> {
        plan.begin("understand", 0);
        let text = understand::target(fix, &start)?;
        let chosen = understand::tests(&fix.file, fix.test.as_deref(), fix.test_dir.as_ref(), &start)?;
        plan.note("understand", understand::said(&chosen, &start.isolation));
        plan.end("understand", StepState::Done, 0);
        plan.begin("localise", 0);
        let mut work = Work::new(Aim::Lines(fix.clone(), text), start, chosen);
        work.measure(acts);
        if work.narrowed || !matches!(work.runner, Runner::Command { .. }) {
            work.look(acts);
        }
        Ok(Self(Some(Box::new(work))))
    }

    /// Finds the test that is to pass, and asks for it and all others as they are.
    pub(crate) fn start_test(
        fix: &FixTest,
        start: Start,
        plan: &mut Plan,
        acts: &mut Acts,
    ) -> Result<Self, Refused> {
        plan.begin("understand", 0);
        let (aim, chosen, file) = TestAim::of(fix, &start)?;
        plan.note("understand", understand::said(&chosen, &start.isolation));
        plan.end("understand", StepState::Done, 0);
        plan.begin("localise", 0);
        let mut work = Work::new(Aim::Test(aim), start, chosen);
        (work.runner, work.narrowed) = (file, false);
        work.measure(acts);
        work.look(acts);
        Ok(Self(Some(Box::new(work))))
    }

    /// Takes in one news; the outcome when the run ends with it.
    pub(crate) fn step(
        &mut self,
        news: News,
        now_ms: u64,
        plan: &mut Plan,
        acts: &mut Acts,
    ) -> Option<Outcome> {
        let work = self.0.as_mut()?;
        let mut turn = Turn { work, now_ms, plan, acts };
        turn.take(news).and_then(|()| turn.go_on()).err()
    }

    /// The acts that have been asked for and not answered.
    pub(crate) fn under_way(&self) -> Vec<ActId> {
        self.0.as_ref().map(|work| work.under_way()).unwrap_or_default()
    }

    /// How many candidates have been tried.
    pub(crate) fn tried(&self) -> u32 {
        self.0.as_ref().and_then(|work| work.hunt.as_ref()).map_or(0, Hunt::tried)
    }
}

impl Work {
    fn new(aim: Aim, start: Start, chosen: Chosen) -> Self {
        let unsaved = start.snapshot.unsaved();
        let narrowed = chosen.narrowed.is_some();
        let runner = chosen.narrowed.as_ref().map_or_else(|| chosen.runner.clone(), |it| it.runner.clone());
        Self {
            aim,
            start,
            chosen,
            unsaved,
            runner,
            narrowed,
            looking: None,
            looked: None,
            measuring: None,
            hangs: None,
            before: None,
            failing: Vec::new(),
            hunt: None,
            probing: None,
            ready_since: None,
            proving: None,
            proofs: 0,
            rejections: Vec::new(),
            fallback: None,
            offered: None,
            part: None,
            proved_part: None,
        }
    }

    fn under_way(&self) -> Vec<ActId> {
        let proving = self.proving.as_ref().map(|it| it.0);
        let part = self.part.as_ref().map(|it| it.id);
        [self.looking, self.measuring, self.probing, proving, part].into_iter().flatten().collect()
    }

    /// A file as it was when the run began.
    fn text(&self, path: &RelPath) -> std::sync::Arc<str> {
        self.start.snapshot.file(path).map(bodkin_workspace::File::text).unwrap_or_default()
    }

    fn limits(&self) -> Limits {
        Limits { wall_ms: self.start.settings.test_wall_ms, ..Limits::default() }
    }

    fn look(&mut self, acts: &mut Acts) {
        let (runner, env) = (self.runner.clone(), self.chosen.env.clone());
        let (layer, limits) = (self.unsaved.clone(), self.limits());
        self.looking = Some(acts.add(|id| Act::Look { id, runner, env, layer, limits }));
    }

    fn measure(&mut self, acts: &mut Acts) {
        self.measuring = Some(self.command(Purpose::Baseline, self.unsaved.clone(), acts));
    }

    fn command(&self, purpose: Purpose, layer: Layer, acts: &mut Acts) -> ActId {
        let Chosen { command, cwd, env, .. } = self.chosen.clone();
        let test_ms = match purpose {
            Purpose::Baseline => self.hangs.as_ref().map(|it| it.test_ms),
            Purpose::Proof | Purpose::Asked => None,
        };
        let limits = Limits { test_ms, ..self.limits() };
        acts.add(|id| Act::Command { id, purpose, command, cwd, env, layer, limits })
    }
}

/// One step of the fold: the work, the time, and where the answers go.
struct Turn<'t> {
    work: &'t mut Work,
    now_ms: u64,
    plan: &'t mut Plan,
    acts: &'t mut Acts,
}

impl Turn<'_> {
    fn take(&mut self, news: News) -> Result<(), Outcome> {
        match news {
            News::Looked(id, result) if self.work.looking == Some(id) => {
                self.work.looking = None;
                self.looked(result)
            }
            News::Ran(id, result) if self.work.measuring == Some(id) => {
                self.work.measuring = None;
                self.measured(result)
            }
            News::Ran(id, result) if self.work.part.as_ref().is_some_and(|it| it.id == id) => {
                if let Some(part) = self.work.part.take() {
                    self.part_ran(part, result);
                }
                Ok(())
            }
            News::Ran(id, result) => match self.work.proving.take() {
                Some((proving, plausible)) if proving == id => self.proved(&plausible, result),
                other => {
                    self.work.proving = other;
                    Ok(())
                }
            },
            News::Probed(id, probed) if self.work.probing == Some(id) => {
                self.probed(&probed);
                Ok(())
            }
            News::BatchDone(id, result) if self.work.probing == Some(id) => {
                self.work.probing = None;
                self.batch_done(result)
            }
            News::Decided(decision) => self.decided(decision),
            // Late news of an act that is no longer waited for.
            News::Looked(..) | News::Probed(..) | News::BatchDone(..) | News::Cancelled | News::Tick => {
                Ok(())
            }
        }
    }

    /// Asks for what is to be done next, unless something that decides it is still under way.
    fn go_on(&mut self) -> Result<(), Outcome> {
        if let Some(Offered { since, .. }) = &self.work.offered {
            let stands = self.now_ms.saturating_sub(*since) <= OFFER_STANDS_MS;
            return if stands { Ok(()) } else { self.left_undecided() };
        }
        let wall_ms = self.work.start.settings.run_wall_ms;
        if self.now_ms > wall_ms {
            return self.give_up(&format!("the run's {} s are used up", wall_ms / 1000));
        }
        if self.work.hunt.is_none() {
            self.reconcile()?;
        }
        self.stop_a_slow_batch();
        if self.work.probing.is_some() || self.work.proving.is_some() {
            return Ok(());
        }
        self.hunt_on()
    }
}

/// An act that could not be done, as the run's outcome.
pub(super) fn failed(failure: ActFailure) -> Outcome {
    match failure {
        ActFailure::Refused(message) => Outcome::Refused(Refused {
            why: Why::Policy,
            message,
            hint: "Consent to it in the settings, or run where full isolation is offered (`bodkin doctor` tells).".to_owned(),
        }),
        ActFailure::Unavailable(message) => {
            let hint = "`bodkin doctor` tells what this machine offers and what to do.".to_owned();
            Outcome::Refused(Refused { why: Why::Unavailable, message, hint })
        }
        ActFailure::Broken(reason) => Outcome::Failed { reason },
    }
}
