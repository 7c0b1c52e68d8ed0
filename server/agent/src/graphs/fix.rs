//! The fix graph: understand → localise → propose → probe → prove → offer.
//!
//! Decides what is looked at, tried and offered; never runs anything.

mod search;
mod symptoms;
mod trouble;
mod understand;

use std::sync::Arc;

use bodkin_guard::action::{Limits, Purpose, Runner};
use bodkin_guard::report::{Baseline, Finished, Probed};
use bodkin_text::{Layer, Patch};

use crate::discover::Chosen;
use crate::intent::Fix;
use crate::outcome::{Offer, OfferedFile, Outcome, Proof, Refused, Why};
use crate::plan::{Plan, StepState};
use crate::proof::{self, Evidence, Judgement};
use crate::run::{Act, ActFailure, ActId, Acts, Decision, News, Start};

use search::{Hunt, Plausible};

pub use understand::MAX_FILE_BYTES;

/// A fix being worked out.
#[derive(Debug)]
pub struct FixGraph(Option<Box<Work>>);

#[derive(Debug)]
struct Work {
    fix: Fix,
    start: Start,
    text: Arc<str>,
    chosen: Chosen,
    unsaved: Layer,
    /// How the candidates are probed; becomes narrower or plainer as the run learns.
    runner: Runner,
    narrowed: bool,
    looking: Option<ActId>,
    looked: Option<Baseline>,
    measuring: Option<ActId>,
    before: Option<Finished>,
    failing: Vec<String>,
    hunt: Option<Hunt>,
    probing: Option<ActId>,
    proving: Option<(ActId, Plausible)>,
    rejections: Vec<String>,
    offered: Option<Box<Offer>>,
}

const STEPS: &[(&str, &str)] = &[
    ("understand", "Understand the target"),
    ("localise", "Run the tests as they are"),
    ("propose", "Work out candidates"),
    ("probe", "Try candidates in the sandbox"),
    ("prove", "Prove the best one in a fresh sandbox"),
    ("offer", "Offer the change"),
];

/// How many plausible candidates are proved before the search goes on or gives up.
const MAX_PROOFS: usize = 6;

impl FixGraph {
    /// The steps of a fix.
    pub(crate) fn plan() -> Plan {
        Plan::of(STEPS)
    }

    /// A graph with nothing left to do.
    pub(crate) fn ended() -> Self {
        Self(None)
    }

    /// Checks what is asked and asks for the tests as they are.
    pub(crate) fn start(fix: &Fix, start: Start, plan: &mut Plan, acts: &mut Acts) -> Result<Self, Refused> {
        plan.begin("understand", 0);
        let text = understand::target(fix, &start)?;
        let chosen = understand::tests(fix, &start)?;
        plan.note("understand", chosen.reason.clone());
        plan.end("understand", StepState::Done, 0);
        plan.begin("localise", 0);
        let unsaved = start.snapshot.unsaved();
        let narrowed = chosen.narrowed.is_some();
        let runner = chosen.narrowed.as_ref().map_or_else(|| chosen.runner.clone(), |it| it.runner.clone());
        let mut work = Work {
            fix: fix.clone(),
            start,
            text,
            chosen,
            unsaved,
            runner,
            narrowed,
            looking: None,
            looked: None,
            measuring: None,
            before: None,
            failing: Vec::new(),
            hunt: None,
            probing: None,
            proving: None,
            rejections: Vec::new(),
            offered: None,
        };
        work.measure(acts);
        if narrowed || !matches!(work.runner, Runner::Command { .. }) {
            work.look(acts);
        }
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
        if now_ms > work.start.settings.run_wall_ms && work.offered.is_none() {
            let seconds = work.start.settings.run_wall_ms / 1000;
            return Some(work.exhausted(&format!("the run's {seconds} s are used up")));
        }
        let mut turn = Turn { work, now_ms, plan, acts };
        match turn.take(news) {
            Ok(()) => None,
            Err(outcome) => Some(outcome),
        }
    }

    /// The acts that have been asked for and not answered.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = ActId> {
        let work = self.0.as_ref();
        let of = |pick: fn(&Work) -> Option<ActId>| work.and_then(|work| pick(work));
        [
            of(|it| it.looking),
            of(|it| it.measuring),
            of(|it| it.probing),
            of(|it| it.proving.as_ref().map(|it| it.0)),
        ]
        .into_iter()
        .flatten()
    }

    /// How many candidates have been tried.
    pub(crate) fn tried(&self) -> u32 {
        self.0.as_ref().and_then(|work| work.hunt.as_ref()).map_or(0, Hunt::tried)
    }
}

impl Work {
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
        let limits = self.limits();
        acts.add(|id| Act::Command { id, purpose, command, cwd, env, layer, limits })
    }

    fn exhausted(&self, why: &str) -> Outcome {
        let tried = self.hunt.as_ref().map_or(0, Hunt::tried);
        let mut reason = format!("no change was proved: {why}; {tried} candidates were tried");
        if let Some(first) = self.rejections.first() {
            reason.push_str(&format!(
                ". {} passed the probes and failed the proof, first because {first}",
                self.rejections.len()
            ));
        }
        Outcome::Exhausted { reason }
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
            News::Ran(id, result) if self.work.proving.as_ref().is_some_and(|it| it.0 == id) => {
                self.proved(result)
            }
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
            News::Looked(..)
            | News::Ran(..)
            | News::Probed(..)
            | News::BatchDone(..)
            | News::Cancelled
            | News::Tick => Ok(()),
        }
    }

    /// The tests as they are, by the runner that probes will use.
    fn looked(&mut self, result: Result<Baseline, ActFailure>) -> Result<(), Outcome> {
        let baseline = match result {
            Ok(baseline) => baseline,
            Err(ActFailure::Broken(problem)) => Baseline { problem: Some(problem), ..Baseline::default() },
            Err(failure) => return Err(failed(failure)),
        };
        if baseline.passed || baseline.problem.is_some() {
            self.work.looked = Some(baseline);
            return self.reconcile();
        }
        self.begin_hunt(baseline)
    }

    /// The exact command, in a fresh sandbox, without any change.
    fn measured(&mut self, result: Result<Finished, ActFailure>) -> Result<(), Outcome> {
        let before = result.map_err(failed)?;
        let found = before.clone();
        self.work.before = Some(before);
        if let Some(refused) = trouble::of(&found, &self.work.chosen.command, self.work.hunt.is_some()) {
            return Err(Outcome::Refused(refused));
        }
        if self.work.hunt.is_some() && found.succeeded() {
            return Err(Outcome::Refused(trouble::passes_already(&self.work.chosen.command, Some(&found))));
        }
        self.reconcile()?;
        self.prove_next()
    }

    /// Decides how to go on once a look found nothing failing, or could not look.
    fn reconcile(&mut self) -> Result<(), Outcome> {
        if self.work.hunt.is_some() || self.work.looking.is_some() {
            return Ok(());
        }
        let Some(before) = self.work.before.clone() else { return Ok(()) };
        if before.succeeded() {
            return Err(Outcome::Refused(trouble::passes_already(&self.work.chosen.command, Some(&before))));
        }
        let passed = self.work.looked.as_ref().is_some_and(|it| it.passed);
        if passed && self.work.narrowed {
            // The failure is in a test that does not name the file: look at all of them.
            self.work.narrowed = false;
            self.work.runner = self.work.chosen.runner.clone();
            if !matches!(self.work.runner, Runner::Command { .. }) {
                self.work.looked = None;
                self.work.look(self.acts);
                return Ok(());
            }
        }
        let problem = self.work.looked.as_ref().and_then(|it| it.problem.clone());
        if let Some(refused) =
            problem.as_deref().and_then(|it| trouble::of_problem(it, &before, &self.work.chosen.command))
        {
            return Err(Outcome::Refused(refused));
        }
        // The warm runner sees no failure that the command shows, or can not load the tests: run the command for each.
        let (command, cwd) = (self.work.chosen.command.clone(), self.work.chosen.cwd.clone());
        self.work.runner = Runner::Command { command, cwd };
        let lines = before.lines.clone();
        self.begin_hunt(Baseline { tests: before.tests, passed: false, problem: None, lines })
    }

    fn begin_hunt(&mut self, baseline: Baseline) -> Result<(), Outcome> {
        let symptoms = symptoms::of(&baseline);
        if let Some(refused) = trouble::network(&baseline) {
            return Err(Outcome::Refused(refused));
        }
        self.work.failing = symptoms::failing(&baseline);
        self.plan.note("localise", symptoms::summary(&baseline));
        self.plan.end("localise", StepState::Done, self.now_ms);
        self.plan.begin("propose", self.now_ms);
        let places = search::places(&self.work.fix, &self.work.text, &baseline);
        let settings = &self.work.start.settings;
        let hunt = Hunt::new(&self.work.start.snapshot, &places, &symptoms, settings, &self.work.runner)
            .map_err(|message| {
                let hint = "Mend that first, or select another line.".to_owned();
                Outcome::Refused(Refused { why: Why::BadRequest, message, hint })
            })?;
        self.plan.note("propose", hunt.describe());
        self.plan.end("propose", StepState::Done, self.now_ms);
        self.work.hunt = Some(hunt);
        self.plan.begin("probe", self.now_ms);
        self.next_batch()
    }

    fn next_batch(&mut self) -> Result<(), Outcome> {
        let work = &mut *self.work;
        let Some(hunt) = work.hunt.as_mut() else { return Ok(()) };
        let candidates = hunt.draw(&work.text, &work.start.settings);
        if candidates.is_empty() {
            if work.before.is_none() || work.proving.is_some() || hunt.has_plausible() {
                return Ok(()); // A proof or the measurement is still to come.
            }
            let why = if hunt.tried() == 0 {
                "nothing could be tried at this place"
            } else {
                "all that the operators propose here was tried"
            };
            return Err(work.exhausted(why));
        }
        let (runner, env) = (work.runner.clone(), work.chosen.env.clone());
        let layer = work.unsaved.clone();
        let left = work.start.settings.run_wall_ms.saturating_sub(self.now_ms).max(1_000);
        let limits = Limits { wall_ms: left, ..work.limits() };
        work.probing = Some(self.acts.add(|id| Act::Probe { id, runner, env, layer, candidates, limits }));
        Ok(())
    }

    fn probed(&mut self, probed: &Probed) {
        let Some(hunt) = self.work.hunt.as_mut() else { return };
        hunt.learn(probed);
        self.plan.note("probe", hunt.progress());
    }

    fn batch_done(&mut self, result: Result<(), ActFailure>) -> Result<(), Outcome> {
        result.map_err(failed)?;
        let ready = self.work.hunt.as_mut().is_some_and(Hunt::is_ready);
        if ready { self.prove_next() } else { self.next_batch() }
    }

    /// Proves the best plausible candidate, once what it is compared with is known.
    fn prove_next(&mut self) -> Result<(), Outcome> {
        if self.work.proving.is_some()
            || self.work.offered.is_some()
            || self.work.before.is_none()
            || self.work.probing.is_some()
        {
            return Ok(());
        }
        if self.work.rejections.len() >= MAX_PROOFS {
            return Err(self.work.exhausted("the best candidates did not hold"));
        }
        let Some(hunt) = self.work.hunt.as_mut() else { return Ok(()) };
        let Some(best) = hunt.take_best() else {
            return self.next_batch();
        };
        self.plan.begin("prove", self.now_ms);
        self.plan.note("prove", best.candidate.why.clone());
        let layer = self.work.unsaved.with(&best.layer);
        let id = self.work.command(Purpose::Proof, layer, self.acts);
        self.work.proving = Some((id, best));
        Ok(())
    }

    fn proved(&mut self, result: Result<Finished, ActFailure>) -> Result<(), Outcome> {
        let after = result.map_err(failed)?;
        let Some((_, plausible)) = self.work.proving.take() else { return Ok(()) };
        let Some(before) = self.work.before.clone() else { return Ok(()) };
        let smells = plausible.smells();
        let evidence = Evidence {
            before: &before,
            after: &after,
            failing: &self.work.failing,
            file: &plausible.candidate.edits.path,
            old: &self.work.text,
            edits: &plausible.candidate.edits.edits,
            is_test: crate::is_test_file(&plausible.candidate.edits.path),
            smells: &smells,
        };
        let (findings, missing) = match proof::judge(&evidence) {
            Judgement::Proved(findings) => (findings, Vec::new()),
            Judgement::Unproved(findings, missing) => (findings, missing),
            Judgement::Rejected(reason) => {
                self.plan.note("prove", format!("{}: {reason}", plausible.candidate.why));
                self.work.rejections.push(reason);
                return self.prove_next();
            }
        };
        let path = plausible.candidate.edits.path.clone();
        let proof = Proof {
            command: self.work.chosen.command.clone(),
            cwd: self.work.chosen.cwd.clone(),
            before: proof::summarise(&before),
            after: proof::summarise(&after),
            mended: findings.mended,
            still_failing: findings.still_failing,
            executed: vec![(path, findings.executed)],
            candidates: self.work.hunt.as_ref().map_or(0, Hunt::tried),
            elapsed_ms: self.now_ms,
            isolation: after.isolation.clone(),
            missing,
        };
        self.offer(plausible, proof)
    }

    fn offer(&mut self, plausible: Plausible, proof: Proof) -> Result<(), Outcome> {
        let state = if proof.is_complete() { StepState::Done } else { StepState::Failed };
        self.plan.end("probe", StepState::Done, self.now_ms);
        self.plan.end("prove", state, self.now_ms);
        self.plan.begin("offer", self.now_ms);
        let after = plausible.candidate.edits.edits.apply(&self.work.text).map_err(|error| {
            Outcome::Failed { reason: format!("the proved edit does not apply: {error}") }
        })?;
        let path = plausible.candidate.edits.path.clone();
        let offer = Offer {
            patch: Patch { files: vec![plausible.candidate.edits.clone()] },
            files: vec![OfferedFile { path, before: self.work.text.to_string(), after }],
            summary: plausible.candidate.why.clone(),
            proposer: format!("repair/{}", plausible.candidate.operator),
            cautions: plausible.cautions(),
            alternatives: self.work.hunt.as_ref().map_or(0, Hunt::plausible),
            proof,
        };
        self.plan.note("offer", offer.summary.clone());
        self.work.offered = Some(Box::new(offer.clone()));
        self.acts.add(|_| Act::Offer(Box::new(offer)));
        Ok(())
    }

    fn decided(&mut self, decision: Decision) -> Result<(), Outcome> {
        let Some(offer) = &self.work.offered else { return Ok(()) };
        let (state, detail) = match decision {
            Decision::Applied => (StepState::Done, "applied"),
            Decision::Declined => (StepState::Done, "not applied"),
        };
        self.plan.note("offer", format!("{} ({detail})", offer.summary));
        self.plan.end("offer", state, self.now_ms);
        Err(if offer.proof.is_complete() {
            Outcome::Proved
        } else {
            Outcome::Unproved { missing: offer.proof.missing.clone() }
        })
    }
}

/// An act that could not be done, as the run's outcome.
fn failed(failure: ActFailure) -> Outcome {
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
