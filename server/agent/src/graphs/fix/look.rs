//! The tests as they are: by the runner that probes will use, and by the exact command in a fresh sandbox.

use bodkin_guard::action::Runner;
use bodkin_guard::report::{Baseline, Finished};

use super::aim::Aim;
use super::search::Hunt;
use super::{Turn, failed, symptoms, trouble};
use crate::outcome::{Outcome, Refused, Why};
use crate::plan::StepState;
use crate::run::ActFailure;

impl Turn<'_> {
    /// The tests as they are, by the runner that probes will use.
    pub(super) fn looked(&mut self, result: Result<Baseline, ActFailure>) -> Result<(), Outcome> {
        let baseline = match result {
            Ok(baseline) => baseline,
            Err(ActFailure::Broken(problem)) => Baseline { problem: Some(problem), ..Baseline::default() },
            Err(failure) => return Err(failed(failure)),
        };
        if matches!(self.work.aim, Aim::Test(_)) && baseline.problem.is_none() {
            return self.looked_at_test(baseline);
        }
        if baseline.passed || baseline.problem.is_some() {
            self.work.looked = Some(baseline);
            return Ok(());
        }
        self.hurry(&baseline);
        self.begin_hunt(&baseline)
    }

    /// The exact command, in a fresh sandbox, without any change.
    pub(super) fn measured(&mut self, result: Result<Finished, ActFailure>) -> Result<(), Outcome> {
        let before = result.map_err(failed)?;
        if self.was_hurried_too_much(&before) {
            self.work.hangs = None;
            self.work.measure(self.acts);
            return Ok(());
        }
        let command = &self.work.chosen.command;
        let refused = if before.succeeded() {
            Some(trouble::passes_already(&before, command))
        } else {
            trouble::not_there(&before, command)
        };
        self.work.before = Some(before);
        refused.map_or(Ok(()), |refused| Err(Outcome::Refused(refused)))
    }

    /// Decides how to go on where a look found nothing failing, could not look, or was not needed.
    pub(super) fn reconcile(&mut self) -> Result<(), Outcome> {
        if self.work.looking.is_some() {
            return Ok(());
        }
        let Some(before) = self.work.before.clone() else { return Ok(()) };
        if matches!(self.work.aim, Aim::Test(_)) {
            return self.reconcile_test();
        }
        if self.work.narrowed {
            // The failure is in a test that does not name the file: look at all of them.
            self.work.narrowed = false;
            self.work.runner = self.work.chosen.runner.clone();
            if !matches!(self.work.runner, Runner::Command { .. }) {
                self.work.looked = None;
                self.work.look(self.acts);
                return Ok(());
            }
        }
        let command = self.work.chosen.command.clone();
        let problem = self.work.looked.take().and_then(|it| it.problem);
        let refused = trouble::of(&before, &command)
            .or_else(|| problem.and_then(|it| trouble::of_problem(&it, &before, &command)));
        if let Some(refused) = refused {
            return Err(Outcome::Refused(refused));
        }
        // The warm runner sees no failure that the command shows, or can not load the tests: run the command for each.
        self.work.runner = Runner::Command { command, cwd: self.work.chosen.cwd.clone() };
        self.begin_hunt(&Baseline { tests: before.tests, passed: false, problem: None, lines: before.lines })
    }

    pub(super) fn begin_hunt(&mut self, baseline: &Baseline) -> Result<(), Outcome> {
        if let Some(refused) = trouble::network(baseline) {
            return Err(Outcome::Refused(refused));
        }
        let symptoms = symptoms::of(baseline);
        self.work.failing = symptoms::failing(baseline);
        self.plan.note("localise", symptoms::summary(baseline));
        self.plan.end("localise", StepState::Done, self.now_ms);
        self.plan.begin("propose", self.now_ms);
        let places = self.work.aim.places(&self.work.start, &self.work.chosen, baseline);
        if places.is_empty() {
            // Without a place the search would look where the failures point: into the tests.
            let message = "no file of the workspace was seen that the failing test runs".to_owned();
            let hint = "Select the lines that you suspect, and fix these.".to_owned();
            return Err(Outcome::Refused(Refused { why: Why::BadRequest, message, hint }));
        }
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
        Ok(())
    }
}
