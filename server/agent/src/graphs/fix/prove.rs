//! From a candidate that passes the probes to an offer: proved, or kept back until nothing else is.

use bodkin_guard::action::Purpose;
use bodkin_guard::report::Finished;
use bodkin_text::Patch;

use super::search::{Hunt, Plausible};
use super::{Turn, failed};
use crate::outcome::{Offer, OfferedFile, Outcome, Proof};
use crate::plan::StepState;
use crate::proof::{self, Evidence, Findings, Judgement, Missing};
use crate::run::{Act, ActFailure, Decision};

impl Turn<'_> {
    /// Runs the whole command on the candidate, alone, in a fresh sandbox.
    pub(super) fn prove(&mut self, best: Plausible) {
        self.work.proofs += 1;
        self.plan.end("probe", StepState::Done, self.now_ms);
        self.plan.begin("prove", self.now_ms);
        self.plan.note("prove", best.candidate.why.clone());
        let layer = self.work.unsaved.with(&best.layer);
        let id = self.work.command(Purpose::Proof, layer, self.acts);
        self.work.proving = Some((id, best));
    }

    /// Judges what came of it.
    pub(super) fn proved(
        &mut self,
        plausible: &Plausible,
        result: Result<Finished, ActFailure>,
    ) -> Result<(), Outcome> {
        let after = result.map_err(failed)?;
        let Some(before) = &self.work.before else { return Ok(()) };
        let edit = &plausible.candidate.edits;
        let judgement = proof::judge(&Evidence {
            before,
            after: &after,
            failing: &self.work.failing,
            file: &edit.path,
            old: &self.work.text,
            edits: &edit.edits,
            is_test: crate::is_test_file(&edit.path),
            smells: &plausible.smells(),
        });
        match judgement {
            Judgement::Proved(findings) => {
                let offer = self.made(plausible, before, &after, findings, &[])?;
                self.offer(offer);
            }
            Judgement::Unproved(findings, missing) => {
                let offer = self.made(plausible, before, &after, findings, &missing)?;
                self.keep_back(offer, &missing);
            }
            Judgement::Rejected(reason) => {
                self.plan.note("prove", format!("{}: {reason}", plausible.candidate.why));
                self.plan.end("prove", StepState::Failed, self.now_ms);
                self.work.rejections.push(reason);
            }
        }
        Ok(())
    }

    /// What is not proved is offered when nothing else is; at once where nothing else could be.
    fn keep_back(&mut self, offer: Box<Offer>, missing: &[Missing]) {
        if missing.iter().any(Missing::is_of_the_check) {
            return self.offer(offer);
        }
        let said: Vec<String> = missing.iter().map(ToString::to_string).collect();
        self.plan.note("prove", format!("{}: not proved, {}", offer.summary, said.join("; ")));
        self.plan.end("prove", StepState::Failed, self.now_ms);
        let known = self.work.fallback.as_ref().map_or(usize::MAX, |it| it.proof.missing.len());
        if missing.len() < known {
            self.work.fallback = Some(offer);
        }
    }

    fn made(
        &self,
        plausible: &Plausible,
        before: &Finished,
        after: &Finished,
        findings: Findings,
        missing: &[Missing],
    ) -> Result<Box<Offer>, Outcome> {
        let edit = &plausible.candidate.edits;
        let text = edit.edits.apply(&self.work.text).map_err(|error| Outcome::Failed {
            reason: format!("the edit that passed the tests does not apply: {error}"),
        })?;
        let proof = Proof {
            command: self.work.chosen.command.clone(),
            cwd: self.work.chosen.cwd.clone(),
            before: proof::summarise(before),
            after: proof::summarise(after),
            mended: findings.mended,
            still_failing: findings.still_failing,
            executed: vec![(edit.path.clone(), findings.executed)],
            candidates: self.work.hunt.as_ref().map_or(0, Hunt::tried),
            elapsed_ms: self.now_ms,
            isolation: after.isolation.clone(),
            missing: missing.iter().map(ToString::to_string).collect(),
        };
        let before = self.work.text.to_string();
        Ok(Box::new(Offer {
            patch: Patch { files: vec![edit.clone()] },
            files: vec![OfferedFile { path: edit.path.clone(), before, after: text }],
            summary: plausible.candidate.why.clone(),
            proposer: format!("repair/{}", plausible.candidate.operator),
            cautions: plausible.cautions(),
            alternatives: self.work.hunt.as_ref().map_or(0, Hunt::plausible),
            proof,
        }))
    }

    /// Shows an offer, and stops all that is still being tried.
    pub(super) fn offer(&mut self, mut offer: Box<Offer>) {
        for id in self.work.under_way() {
            self.acts.add(|_| Act::Stop(id));
        }
        let work = &mut *self.work;
        (work.looking, work.measuring, work.probing, work.proving) = (None, None, None, None);
        offer.proof.candidates = work.hunt.as_ref().map_or(0, Hunt::tried);
        offer.alternatives = work.hunt.as_ref().map_or(0, Hunt::plausible);
        let state = if offer.proof.is_complete() { StepState::Done } else { StepState::Failed };
        self.plan.end("probe", StepState::Done, self.now_ms);
        self.plan.end("prove", state, self.now_ms);
        self.plan.begin("offer", self.now_ms);
        self.plan.note("offer", offer.summary.clone());
        self.work.offered = Some((offer.clone(), self.now_ms));
        self.acts.add(|_| Act::Offer(offer));
    }

    /// The user's word ends the run.
    pub(super) fn decided(&mut self, decision: Decision) -> Result<(), Outcome> {
        match decision {
            Decision::Applied => self.close("applied"),
            Decision::Declined => self.close("not applied"),
        }
    }

    /// Nobody decided for long: left for later.
    pub(super) fn left_undecided(&mut self) -> Result<(), Outcome> {
        self.close("left undecided")
    }

    fn close(&mut self, detail: &str) -> Result<(), Outcome> {
        let Some((offer, _)) = &self.work.offered else { return Ok(()) };
        self.plan.note("offer", format!("{} ({detail})", offer.summary));
        self.plan.end("offer", StepState::Done, self.now_ms);
        Err(if offer.proof.is_complete() {
            Outcome::Proved
        } else {
            Outcome::Unproved { missing: offer.proof.missing.clone() }
        })
    }
}
