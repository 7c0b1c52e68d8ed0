//! Parts of an offer: had proved, read, and put in place hunk by hunk.
//!
//! What is not chosen is in no text that leaves this module.

use bodkin_agent::{Decision, News, Offer};
use bodkin_guard::RunId;
use bodkin_guard::action::WriteReason;
use bodkin_text::{HunkId, PatchError, RelPath};

use crate::accept;
use crate::change::{self, Wanted};
use crate::editor::{self, EditorApply};
use crate::error::HostError;
use crate::facade::Host;

/// Whether a part must be proved before it is put in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproved {
    /// It is refused.
    Refused,
    /// The user wants it all the same.
    Wanted,
}

impl Host {
    /// Has the run prove these hunks without the others; what comes of it is an event. False when the run has ended.
    pub fn prove_part(&self, run: RunId, hunks: Vec<HunkId>) -> bool {
        self.inner().runs.update(run, |view| view.part = None);
        self.inner().runs.send(run, News::Decided(Decision::Part(hunks)))
    }

    /// The edits by which the editor puts these hunks of a run's offer in place, and nothing else of it.
    /// Call [`Host::editor_applied`] with its answer.
    pub fn accept_part_to_editor(
        &self,
        run: RunId,
        hunks: &[HunkId],
        unproved: Unproved,
    ) -> Result<EditorApply, HostError> {
        let offer = accept::offer_of(self.inner(), run)?;
        let part = self.inner().runs.get(run).and_then(|view| view.part);
        let proved = part.is_some_and(|it| it.hunks == hunks && it.offer.proof.is_complete());
        if !proved && unproved == Unproved::Refused {
            return Err(HostError::refused(
                "these hunks are not proved without the others",
                "Accept all of them, or say that the part is wanted all the same.",
            ));
        }
        let (_, files) = offer.only(hunks).map_err(unknown)?;
        let files =
            files.into_iter().map(|it| (it.path, Some(it.before.into()), Some(it.after.into()))).collect();
        let title = format!("{} (in part)", offer.summary);
        let wanted = Wanted { run, title, reason: WriteReason::Accepted, files, named: Vec::new() };
        let made = editor::hand_over(self.inner(), &wanted, None)?.ok_or_else(change::stands_already)?;
        editor::decides(self.inner(), made.checkpoint, Decision::AppliedPart(hunks.to_vec()));
        Ok(made)
    }
}

/// The text of a file of an offer with only these hunks in it; `None` where the offer has no such file.
pub fn text_with(offer: &Offer, path: &RelPath, hunks: &[HunkId]) -> Option<String> {
    let before = offer.before(path)?;
    let files = offer.only(hunks).ok()?.1;
    Some(files.into_iter().find(|it| it.path == *path).map_or_else(|| before.to_string(), |it| it.after))
}

fn unknown(error: PatchError) -> HostError {
    HostError::bad(error.to_string(), "Ask for the offer's hunks again.")
}
