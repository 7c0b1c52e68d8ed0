//! Putting an offer in place: rebased over what was typed meanwhile, or refused.
//!
//! A checkpoint is kept before anything is written. A real conflict changes nothing.

use std::sync::Arc;

use bodkin_agent::{Decision, News, Offer, Outcome};
use bodkin_guard::RunId;
use bodkin_guard::action::{Through, WriteReason};
use bodkin_guard::ledger::Did;
use bodkin_text::RelPath;

use crate::apply::{self, Marks, NewContent};
use crate::change::{self, Wanted};
use crate::checkpoint::{self, CheckpointId, State};
use crate::editor::{self, EditorApply};
use crate::error::HostError;
use crate::facade::Host;
use crate::inner::Inner;
use crate::tree;

/// A change that stands on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// By which it can be taken back.
    pub checkpoint: CheckpointId,
    /// What it is, in a line.
    pub title: String,
    /// The files that were written.
    pub files: Vec<RelPath>,
    /// Whether something else had changed them meanwhile.
    pub rebased: bool,
    /// For an undo: later changes that were found to be taken back by hand, and count as undone from now on.
    pub by_hand: Vec<CheckpointId>,
}

impl Host {
    /// Puts a run's offer in place on disk: all files or none.
    pub fn accept_to_disk(&self, run: RunId) -> Result<Applied, HostError> {
        let wanted = offered(self.inner(), run)?;
        let applied = to_disk(self.inner(), &wanted, None)?.ok_or_else(change::stands_already)?;
        self.inner().runs.send(run, News::Decided(Decision::Applied));
        Ok(applied)
    }

    /// The edits by which the editor puts a run's offer in place. Call [`Host::editor_applied`] with its answer.
    pub fn accept_to_editor(&self, run: RunId) -> Result<EditorApply, HostError> {
        let wanted = offered(self.inner(), run)?;
        editor::hand_over(self.inner(), &wanted, None)?.ok_or_else(change::stands_already)
    }
}

/// What a run offers, if it can still be put in place.
pub(crate) fn offer_of(host: &Inner, run: RunId) -> Result<Arc<Offer>, HostError> {
    let view = host
        .runs
        .get(run)
        .ok_or_else(|| HostError::bad(format!("there is no run {run}"), "Start it again."))?;
    let none =
        || HostError::bad(format!("run {run} offers nothing"), "Wait for its outcome, or start it again.");
    let offer: Arc<Offer> = view.offer.ok_or_else(none)?;
    if matches!(view.outcome, Some(Outcome::Cancelled)) {
        return Err(HostError::bad(format!("run {run} was cancelled"), "Start it again."));
    }
    Ok(offer)
}

fn offered(host: &Inner, run: RunId) -> Result<Wanted, HostError> {
    let offer = offer_of(host, run)?;
    let files = offer
        .files
        .iter()
        .map(|file| (file.path.clone(), Some(file.before.clone().into()), Some(file.after.clone().into())))
        .collect();
    Ok(Wanted { run, title: offer.summary.clone(), reason: WriteReason::Accepted, files, named: Vec::new() })
}

/// Writes a change to the disk: all files or none; `None` where they hold it already.
pub(crate) fn to_disk(
    host: &Inner,
    wanted: &Wanted,
    undoes: Option<CheckpointId>,
) -> Result<Option<Applied>, HostError> {
    let steps = change::rebase(wanted, |path| Ok((change::read(host.root(), path)?, None)))?;
    if steps.is_empty() {
        return Ok(None);
    }
    let (permit, checkpoint) = change::prepare(host, wanted, &steps, Through::Disk, undoes)?;
    let seq = permit.seq();
    let contents: Vec<NewContent> = steps
        .iter()
        .map(|step| NewContent { path: step.path.clone(), content: step.after.clone() })
        .collect();
    let (done, failed) = match undoes {
        None => (State::Applied, State::RolledBack),
        Some(_) => (State::Undone, State::Applied),
    };
    let marks = Marks { run: wanted.run, checkpoint, done, failed };
    let written = apply::write_all(host.root(), &host.state, permit, &contents, marks);
    let summary = written
        .as_ref()
        .map_or_else(|error| error.message.clone(), |_| format!("wrote {} file(s)", steps.len()));
    let did = Did { permit: seq, done: written.is_ok(), summary, figures: Default::default() };
    // What can not be written down about a change must not hide that it stands; recovery knows it by its journal.
    let recorded = host.record(wanted.run, &did);
    let marked = checkpoint::mark(&host.state, checkpoint, if written.is_ok() { done } else { failed });
    let written = written?;
    if recorded.is_ok() && marked.is_ok() {
        written.settle();
    }
    for step in &steps {
        host.model.refresh(&step.path, &tree::look(host.root(), &step.path));
    }
    Ok(Some(Applied {
        checkpoint,
        title: wanted.title.clone(),
        rebased: steps.iter().any(|step| step.rebased),
        files: steps.into_iter().map(|step| step.path).collect(),
        by_hand: Vec::new(),
    }))
}
