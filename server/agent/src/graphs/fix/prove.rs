//! From a candidate that passes the probes to an offer: proved, or kept back until nothing else is.

use bodkin_guard::action::Purpose;
use bodkin_guard::report::Finished;
use bodkin_text::{FileEdit, Patch};

use super::search::{Hunt, Plausible};
use super::{Made, Offered, Turn, failed};
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
            old: &self.work.text(&edit.path),
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
    fn keep_back(&mut self, made: Made, missing: &[Missing]) {
        if missing.iter().any(Missing::is_of_the_check) {
            return self.offer(made);
        }
        let said: Vec<String> = missing.iter().map(ToString::to_string).collect();
        self.plan.note("prove", format!("{}: not proved, {}", made.offer.summary, said.join("; ")));
        self.plan.end("prove", StepState::Failed, self.now_ms);
        let known = self.work.fallback.as_ref().map_or(usize::MAX, |it| it.offer.proof.missing.len());
        if missing.len() < known {
            self.work.fallback = Some(made);
        }
    }

    fn made(
        &self,
        plausible: &Plausible,
        before: &Finished,
        after: &Finished,
        findings: Findings,
        missing: &[Missing],
    ) -> Result<Made, Outcome> {
        let edit = &plausible.candidate.edits;
        let old = self.work.text(&edit.path);
        let text = edit.edits.apply(&old).map_err(|error| Outcome::Failed {
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
        let before = old.to_string();
        let offer = Box::new(Offer {
            // Lines that stay as they are between two that change are in no hunk.
            patch: Patch::one(FileEdit::between(edit.path.clone(), &before, &text)),
            files: vec![OfferedFile { path: edit.path.clone(), before, after: text }],
            summary: plausible.candidate.why.clone(),
            proposer: format!("repair/{}", plausible.candidate.operator),
            cautions: plausible.cautions(),
            alternatives: self.work.hunt.as_ref().map_or(0, Hunt::plausible),
            proof,
        });
        Ok(Made { offer, smells: plausible.smells() })
    }

    /// Shows an offer, and stops all that is still being tried.
    pub(super) fn offer(&mut self, made: Made) {
        let Made { mut offer, smells } = made;
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
        self.work.offered = Some(Offered { offer: offer.clone(), smells, since: self.now_ms });
        self.acts.add(|_| Act::Offer(offer));
    }

    /// The user's word ends the run, unless only a part is wanted: that is proved first.
    pub(super) fn decided(&mut self, decision: Decision) -> Result<(), Outcome> {
        match decision {
            Decision::Applied => self.close("applied", None),
            Decision::AppliedPart(hunks) => {
                let missing = self.missing_of_part(&hunks);
                self.close("applied in part", Some(missing))
            }
            Decision::Part(hunks) => {
                self.prove_part(hunks);
                Ok(())
            }
            Decision::Declined => self.close("not applied", None),
        }
    }

    /// Nobody decided for long: left for later.
    pub(super) fn left_undecided(&mut self) -> Result<(), Outcome> {
        self.close("left undecided", None)
    }

    /// Ends the run by what the offer lacks, or the part of it that was put in place.
    fn close(&mut self, detail: &str, of_part: Option<Vec<String>>) -> Result<(), Outcome> {
        let Some(Offered { offer, .. }) = &self.work.offered else { return Ok(()) };
        self.plan.note("offer", format!("{} ({detail})", offer.summary));
        self.plan.end("offer", StepState::Done, self.now_ms);
        let missing = of_part.unwrap_or_else(|| offer.proof.missing.clone());
        Err(if missing.is_empty() { Outcome::Proved } else { Outcome::Unproved { missing } })
    }
}
