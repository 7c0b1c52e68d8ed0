//! The search under way: what is tried next, and when it ends.
//!
//! invariant: every-loop-has-a-budget

use bodkin_guard::action::{Limits, Runner};
use bodkin_guard::report::Probed;
use bodkin_text::Layer;

use super::aim::Aim;
use super::search::Hunt;
use super::{MAX_PROOFS, REST_OF_BATCH_MS, Turn, failed};
use crate::outcome::Outcome;
use crate::run::{Act, ActFailure};

impl Turn<'_> {
    /// Proves what is ready, else tries more, else proves what is left, else gives up.
    pub(super) fn hunt_on(&mut self) -> Result<(), Outcome> {
        if self.work.proofs >= MAX_PROOFS {
            return self.give_up("the best candidates did not hold");
        }
        let measured = self.work.before.is_some();
        let work = &mut *self.work;
        let Some(hunt) = work.hunt.as_mut() else { return Ok(()) };
        if !hunt.is_ready() {
            if work.fallback.is_some() && hunt.is_tired() {
                return self.give_up("no other was found near");
            }
            let candidates = hunt.draw(&work.start.snapshot, &work.start.settings);
            if !candidates.is_empty() {
                self.probe(candidates);
                return Ok(());
            }
        }
        if !measured {
            return Ok(()); // What a proof is compared with is still to come.
        }
        match self.work.hunt.as_mut().and_then(Hunt::take_best) {
            Some(best) => {
                self.prove(best);
                Ok(())
            }
            None => self.give_up(&self.all_tried()),
        }
    }

    fn all_tried(&self) -> String {
        let most = self.work.start.settings.max_candidates;
        match self.work.hunt.as_ref().map_or(0, Hunt::tried) {
            0 => "nothing could be tried at this place".to_owned(),
            tried if tried >= most => format!("the budget of {most} candidates is used up"),
            _ => "all that the operators propose here was tried".to_owned(),
        }
    }

    fn probe(&mut self, candidates: Vec<Layer>) {
        self.plan.begin("probe", self.now_ms);
        let work = &mut *self.work;
        let (runner, env) = (work.runner.clone(), work.chosen.env.clone());
        let layer = work.unsaved.clone();
        let left = work.start.settings.run_wall_ms.saturating_sub(self.now_ms).max(1_000);
        let limits = Limits { wall_ms: left, ..work.limits() };
        work.probing = Some(self.acts.add(|id| Act::Probe { id, runner, env, layer, candidates, limits }));
    }

    pub(super) fn probed(&mut self, probed: &Probed) {
        let Some(hunt) = self.work.hunt.as_mut() else { return };
        hunt.learn(probed);
        self.plan.note("probe", hunt.progress());
        if hunt.is_ready() {
            self.work.ready_since.get_or_insert(self.now_ms);
        }
    }

    /// Candidates that hang must not keep one that passes from its proof; they are tried again if it fails.
    pub(super) fn stop_a_slow_batch(&mut self) {
        let slow = self.work.ready_since.is_some_and(|since| self.now_ms > since + REST_OF_BATCH_MS);
        if slow
            && self.work.before.is_some()
            && let Some(id) = self.work.probing.take()
        {
            self.work.ready_since = None;
            self.acts.add(|_| Act::Stop(id));
        }
    }

    pub(super) fn batch_done(&mut self, result: Result<(), ActFailure>) -> Result<(), Outcome> {
        self.work.ready_since = None;
        let is_warm = !matches!(self.work.runner, Runner::Command { .. });
        let untouched = self.work.hunt.as_ref().is_some_and(Hunt::is_untouched);
        match result {
            Ok(()) if !untouched => Ok(()),
            // The warm runner broke down: what it did not try is tried by the plain command.
            Ok(()) | Err(ActFailure::Broken(_)) if is_warm => {
                self.fall_back();
                Ok(())
            }
            Ok(()) => self.give_up("the test command could not be run on any candidate of a batch"),
            Err(failure) => Err(failed(failure)),
        }
    }

    fn fall_back(&mut self) {
        let (command, cwd) = (self.work.chosen.command.clone(), self.work.chosen.cwd.clone());
        self.work.runner = Runner::Command { command, cwd };
        let runner = &self.work.runner;
        let left = self.work.hunt.as_mut().map(|hunt| hunt.again(runner)).unwrap_or_default();
        if !left.is_empty() {
            self.probe(left);
        }
    }

    /// Ends the search: with the best that was not proved, or with nothing.
    pub(super) fn give_up(&mut self, why: &str) -> Result<(), Outcome> {
        match self.work.fallback.take() {
            Some(offer) => {
                self.plan.note("prove", format!("not proved: {why}"));
                self.offer(offer);
                Ok(())
            }
            None => Err(self.exhausted(why)),
        }
    }

    fn exhausted(&self, why: &str) -> Outcome {
        let work = &*self.work;
        let tried = work.hunt.as_ref().map_or(0, Hunt::tried);
        let mut reason = format!("no change was proved: {why}; {tried} candidates were tried.");
        if let Some(first) = work.rejections.first() {
            let count = work.rejections.len();
            reason.push_str(&format!(
                " {count} passed the probes and failed the proof, first because {first}."
            ));
        }
        let next = match &work.aim {
            Aim::Lines(fix, _) if fix.lines.is_some() => {
                " Select the line that you suspect more, or the whole function; or give more time."
            }
            Aim::Lines(..) | Aim::Test(_) => " Name the line that you suspect, or give more time.",
        };
        reason.push_str(next);
        Outcome::Exhausted { reason }
    }
}
