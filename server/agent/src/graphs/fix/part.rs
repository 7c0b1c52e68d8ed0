//! A part of an offer, proved again: hunks that pass together may not pass alone.
//!
//! The offer itself stands meanwhile, and whatever comes of the part the run goes on.
//! invariant: only-the-gate-says-proved

use std::sync::Arc;

use bodkin_guard::action::Purpose;
use bodkin_guard::report::Finished;
use bodkin_text::{FileEdit, HunkId, Layer, Patch};

use super::{Offered, Turn};
use crate::outcome::{Offer, OfferedFile, Part, Proof};
use crate::plan::StepState;
use crate::proof::{self, Evidence, Findings, Judgement};
use crate::run::{Act, ActFailure, ActId};

const STEP: &str = "prove_part";

/// A part that is being proved.
#[derive(Debug)]
pub(super) struct Proving {
    pub(super) id: ActId,
    hunks: Vec<HunkId>,
    patch: Patch,
    files: Vec<OfferedFile>,
}

impl Turn<'_> {
    /// Runs the whole command on these hunks of the offer, in a fresh sandbox; an earlier part is not waited for.
    pub(super) fn prove_part(&mut self, hunks: Vec<HunkId>) {
        let Some(Offered { offer, .. }) = &self.work.offered else { return };
        if let Some(earlier) = self.work.part.take() {
            self.acts.add(|_| Act::Stop(earlier.id));
        }
        let (patch, files) = match offer.only(&hunks) {
            Ok(part) => part,
            Err(error) => return self.tell_part(hunks, Patch::default(), Vec::new(), Err(error.to_string())),
        };
        self.plan.add_before("offer", STEP, "Prove the accepted part");
        self.plan.begin(STEP, self.now_ms);
        self.plan.note(STEP, amount(hunks.len()));
        let mut layer = Layer::empty();
        for file in &files {
            layer.put(file.path.clone(), Arc::<str>::from(file.after.as_str()));
        }
        let id = self.work.command(Purpose::Proof, self.work.unsaved.with(&layer), self.acts);
        self.work.part = Some(Proving { id, hunks, patch, files });
    }

    /// Judges what came of it.
    pub(super) fn part_ran(&mut self, part: Proving, result: Result<Finished, ActFailure>) {
        let Proving { hunks, patch, files, .. } = part;
        let judged = match (result, &self.work.before, &self.work.offered) {
            (Ok(after), Some(before), Some(offered)) => {
                judged(before, &after, &self.work.failing, &offered.smells, &patch, &files)
                    .map(|it| (after, it))
            }
            (Err(failure), ..) => Err(said(failure)),
            (Ok(_), ..) => Err("there is nothing that it could be compared with".to_owned()),
        };
        self.tell_part(hunks, patch, files, judged);
    }

    fn tell_part(
        &mut self,
        hunks: Vec<HunkId>,
        patch: Patch,
        files: Vec<OfferedFile>,
        judged: Result<(Finished, Verdict), String>,
    ) {
        let Some(Offered { offer, .. }) = &self.work.offered else { return };
        let mut proof = Proof {
            elapsed_ms: self.now_ms,
            mended: Vec::new(),
            executed: Vec::new(),
            ..offer.proof.clone()
        };
        match judged {
            Ok((after, verdict)) => {
                proof.after = proof::summarise(&after);
                proof.isolation = after.isolation.clone();
                proof.still_failing = verdict.still_failing;
                (proof.mended, proof.executed) = (verdict.mended, verdict.executed);
                proof.missing = verdict.missing;
            }
            Err(reason) => proof.missing = vec![reason],
        }
        let state = if proof.is_complete() { StepState::Done } else { StepState::Failed };
        self.plan.note(
            STEP,
            match proof.missing.first() {
                None => format!("{}: proved", amount(hunks.len())),
                Some(missing) => missing.clone(),
            },
        );
        self.plan.end(STEP, state, self.now_ms);
        let offer = Offer { patch, files, proof, ..(**offer).clone() };
        let part = Box::new(Part { hunks, offer });
        self.work.proved_part = Some(part.clone());
        self.acts.add(|_| Act::OfferPart(part));
    }

    /// What the run comes to when these hunks were put in place.
    pub(super) fn missing_of_part(&self, hunks: &[HunkId]) -> Vec<String> {
        match &self.work.proved_part {
            Some(part) if part.hunks == hunks => part.offer.proof.missing.clone(),
            Some(_) | None => vec!["the part that was put in place was not proved".to_owned()],
        }
    }
}

/// What the gate said of all files of a part.
struct Verdict {
    mended: Vec<String>,
    still_failing: Vec<String>,
    executed: Vec<(bodkin_text::RelPath, Vec<bodkin_text::Line1>)>,
    missing: Vec<String>,
}

fn judged(
    before: &Finished,
    after: &Finished,
    failing: &[String],
    smells: &[String],
    patch: &Patch,
    files: &[OfferedFile],
) -> Result<Verdict, String> {
    let mut all =
        Verdict { mended: Vec::new(), still_failing: Vec::new(), executed: Vec::new(), missing: Vec::new() };
    for (FileEdit { path, edits, .. }, file) in patch.files.iter().zip(files) {
        let is_test = crate::is_test_file(path);
        let judgement = proof::judge(&Evidence {
            before,
            after,
            failing,
            file: path,
            old: &file.before,
            edits,
            is_test,
            smells,
        });
        let (findings, missing) = match judgement {
            Judgement::Proved(findings) => (findings, Vec::new()),
            Judgement::Unproved(findings, missing) => (findings, missing),
            Judgement::Rejected(reason) => return Err(reason),
        };
        let Findings { mended, still_failing, executed } = findings;
        all.executed.push((path.clone(), executed));
        (all.mended, all.still_failing) = (mended, still_failing);
        for sentence in missing.iter().map(ToString::to_string) {
            if !all.missing.contains(&sentence) {
                all.missing.push(sentence);
            }
        }
    }
    Ok(all)
}

fn amount(hunks: usize) -> String {
    if hunks == 1 { "1 hunk".to_owned() } else { format!("{hunks} hunks") }
}

fn said(failure: ActFailure) -> String {
    match failure {
        ActFailure::Refused(message) | ActFailure::Unavailable(message) | ActFailure::Broken(message) => {
            message
        }
    }
}
