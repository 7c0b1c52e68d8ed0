//! The test graph: find the tests → run them in the sandbox → tell how they went.
//!
//! One command for all tests that are run by the same runner in the same folder, one after the other. A command that
//! can not be told which tests to run is run whole.
//! invariants: every-loop-has-a-budget, a-run-always-ends

mod find;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use bodkin_guard::action::{Limits, Purpose};
use bodkin_guard::report::Finished;
use bodkin_text::RelPath;

use super::fix::trouble;
use crate::intent::Test;
use crate::outcome::{Outcome, Refused};
use crate::plan::{Plan, StepState};
use crate::run::{Act, ActFailure, ActId, Acts, News, Start};
use crate::testing::{self, Listed, ListedKind, Tally, TestId, TestReport, TestState};

pub(super) use find::find;

use find::Batch;

/// Tests being run.
#[derive(Debug)]
pub struct TestGraph(Box<Work>);

#[derive(Debug)]
struct Work {
    start: Start,
    /// What is still to be run, the next one last.
    batches: Vec<Batch>,
    running: Option<(ActId, Batch)>,
    tally: Tally,
    refused: Option<Refused>,
}

/// A file with the tests that it writes down, and which of them are wanted.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) path: RelPath,
    text: Arc<str>,
    pub(super) listed: Vec<Listed>,
    /// Files, groups or tests, as they were asked for.
    asked: Vec<TestId>,
}

const STEPS: &[(&str, &str)] = &[("understand", "Find the tests"), ("run", "Run them in the sandbox")];

impl TestGraph {
    /// The steps of running tests.
    pub(crate) fn plan() -> Plan {
        Plan::of(STEPS)
    }

    /// Finds the tests and how they are run, and asks for the first command.
    pub(crate) fn start(
        test: &Test,
        start: Start,
        plan: &mut Plan,
        acts: &mut Acts,
    ) -> Result<Self, Refused> {
        plan.begin("understand", 0);
        let mut batches = find::batches(test, &start)?;
        plan.note("understand", find::said(&batches, &start.isolation));
        plan.end("understand", StepState::Done, 0);
        plan.begin("run", 0);
        let queued = batches
            .iter()
            .flat_map(Batch::tests)
            .map(|(id, path)| TestReport::waiting(id, path, TestState::Queued));
        acts.tell(queued.collect());
        batches.reverse();
        let mut work = Work { start, batches, running: None, tally: Tally::default(), refused: None };
        work.run_next(plan, acts);
        Ok(Self(Box::new(work)))
    }

    /// Takes in one news; the outcome when the run ends with it.
    pub(crate) fn step(
        &mut self,
        news: News,
        now_ms: u64,
        plan: &mut Plan,
        acts: &mut Acts,
    ) -> Option<Outcome> {
        let work = &mut self.0;
        match news {
            News::Ran(id, result) if work.running.as_ref().is_some_and(|it| it.0 == id) => {
                let (_, batch) = work.running.take()?;
                if let Err(outcome) = work.ran(&batch, result, plan, acts) {
                    return Some(outcome);
                }
            }
            // Late news, and news of acts that this graph never asks for.
            News::Ran(..)
            | News::Looked(..)
            | News::Probed(..)
            | News::BatchDone(..)
            | News::Decided(_)
            | News::Cancelled
            | News::Tick => {}
        }
        let wall_ms = work.start.settings.run_wall_ms;
        if now_ms > wall_ms && !(work.running.is_none() && work.batches.is_empty()) {
            work.leave(acts);
            let reason = format!("the run's {} s are used up: {}", wall_ms / 1000, work.tally.sentence());
            return Some(Outcome::Exhausted { reason });
        }
        if work.running.is_none() {
            work.run_next(plan, acts);
        }
        if work.running.is_some() { None } else { Some(work.end(now_ms, plan)) }
    }

    /// The acts that have been asked for and not answered.
    pub(crate) fn under_way(&self) -> Vec<ActId> {
        self.0.running.iter().map(|it| it.0).collect()
    }

    /// The run ends before its tests have: nobody waits for them any more.
    pub(crate) fn leave(&mut self, acts: &mut Acts) {
        self.0.leave(acts);
    }
}

impl Work {
    fn run_next(&mut self, plan: &mut Plan, acts: &mut Acts) {
        let Some(batch) = self.batches.pop() else { return };
        plan.note("run", format!("`{}`", trouble::show(&batch.command)));
        let running = batch.tests().into_iter();
        acts.tell(running.map(|(id, path)| TestReport::waiting(id, path, TestState::Running)).collect());
        let Batch { command, cwd, env, .. } = batch.clone();
        let layer = self.start.snapshot.unsaved();
        let limits = Limits { wall_ms: self.start.settings.test_wall_ms, ..Limits::default() };
        let purpose = Purpose::Asked;
        let id = acts.add(|id| Act::Command { id, purpose, command, cwd, env, layer, limits });
        self.running = Some((id, batch));
    }

    fn ran(
        &mut self,
        batch: &Batch,
        result: Result<Finished, ActFailure>,
        plan: &mut Plan,
        acts: &mut Acts,
    ) -> Result<(), Outcome> {
        let finished = match result {
            Ok(finished) => finished,
            Err(failure) => {
                self.tell_skipped(batch, acts);
                self.leave(acts);
                return Err(super::fix::failed(failure));
            }
        };
        let refused = trouble::not_there(&finished, &batch.command)
            .or_else(|| trouble::of(&finished, &batch.command))
            .filter(|_| finished.tests.is_empty() && !finished.succeeded());
        if let Some(refused) = refused {
            let said = refused.message.clone();
            self.tell_failed(batch, &said, acts);
            self.refused.get_or_insert(refused);
            return Ok(());
        }
        let wanted: Option<BTreeSet<TestId>> = (!batch.is_whole).then(|| batch.wanted());
        let files: Vec<_> =
            batch.parts.iter().map(|it| (&it.path, &*it.text, it.listed.as_slice())).collect();
        let reports = testing::reports(&files, wanted.as_ref(), &finished);
        let is_test = |it: &&TestReport| {
            let parts = batch.parts.iter().flat_map(|part| &part.listed);
            parts.clone().any(|listed| listed.id == it.id && listed.kind == ListedKind::Test)
                || it.state == TestState::Failed
        };
        reports.iter().filter(is_test).for_each(|it| self.tally.count(it.state));
        plan.note("run", self.tally.sentence());
        acts.tell(reports);
        Ok(())
    }

    fn tell_failed(&mut self, batch: &Batch, said: &str, acts: &mut Acts) {
        let failed = batch.tests().into_iter().map(|(id, path)| {
            let report = TestReport::waiting(id, path, TestState::Failed);
            TestReport { message: said.to_owned(), ..report }
        });
        acts.tell(failed.collect());
    }

    fn tell_skipped(&self, batch: &Batch, acts: &mut Acts) {
        let left = batch.tests().into_iter();
        acts.tell(left.map(|(id, path)| TestReport::waiting(id, path, TestState::Skipped)).collect());
    }

    fn leave(&mut self, acts: &mut Acts) {
        let running = self.running.take().map(|it| it.1);
        for batch in running.iter().chain(&self.batches) {
            self.tell_skipped(batch, acts);
        }
        self.batches.clear();
    }

    /// Nothing is left to be run. What could not be run at all is the outcome where nothing else was.
    fn end(&mut self, now_ms: u64, plan: &mut Plan) -> Outcome {
        if self.tally == Tally::default()
            && let Some(refused) = self.refused.take()
        {
            return Outcome::Refused(refused);
        }
        let state = if self.tally.failed > 0 { StepState::Failed } else { StepState::Done };
        plan.note("run", self.tally.sentence());
        plan.end("run", state, now_ms);
        Outcome::Tested(self.tally)
    }
}
