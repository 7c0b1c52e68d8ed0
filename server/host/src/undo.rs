//! Taking a change back, over whatever was edited since; a real conflict changes nothing.
//!
//! A change that the user has taken back by hand is marked as undone and said, and never stands in the way of an
//! older one.

use std::io;

use bodkin_guard::action::WriteReason;
use bodkin_guard::ledger::{Entry, Kind};
use bodkin_text::ContentHash;
use serde_json::json;

use crate::accept::{self, Applied};
use crate::blobs;
use crate::change::Wanted;
use crate::checkpoint::{self, Checkpoint, CheckpointId, State};
use crate::editor::{self, EditorApply};
use crate::error::HostError;
use crate::facade::Host;
use crate::inner::Inner;

impl Host {
    /// Takes a change back on disk; the last that stands when none is named.
    pub fn undo_on_disk(&self, which: Option<CheckpointId>) -> Result<Applied, HostError> {
        let host = self.inner();
        let (applied, by_hand) =
            last_that_stands(host, which, |wanted, id| accept::to_disk(host, wanted, Some(id)))?;
        Ok(Applied { by_hand, ..applied })
    }

    /// The edits by which the editor takes a change back. Call [`Host::editor_applied`] with its answer.
    pub fn undo_in_editor(&self, which: Option<CheckpointId>) -> Result<EditorApply, HostError> {
        let host = self.inner();
        let (made, by_hand) =
            last_that_stands(host, which, |wanted, id| editor::hand_over(host, wanted, Some(id)))?;
        let title = match by_hand.as_slice() {
            [] => made.title,
            some => format!("{} ({})", made.title, said(some)),
        };
        Ok(EditorApply { title, ..made })
    }
}

/// Tries changes from the last until one is taken back; `attempt` gives `None` where there is nothing to do.
/// With it, those that were taken back by hand.
fn last_that_stands<T>(
    host: &Inner,
    which: Option<CheckpointId>,
    attempt: impl Fn(&Wanted, CheckpointId) -> Result<Option<T>, HostError>,
) -> Result<(T, Vec<CheckpointId>), HostError> {
    let mut by_hand = Vec::new();
    for checkpoint in standing(host, which)? {
        if let Some(made) = attempt(&taken_back(host, &checkpoint)?, checkpoint.id)? {
            return Ok((made, by_hand));
        }
        settle(host, &checkpoint)?;
        by_hand.push(checkpoint.id);
    }
    Err(match by_hand.as_slice() {
        [] => HostError::bad(
            "there is nothing to take back",
            "Changes that Bodkin applied in this workspace can be taken back.",
        ),
        some => HostError::bad(
            format!("there is nothing left to take back: {}", said(some)),
            "Nothing is left to do.",
        ),
    })
}

/// `c1 was taken back by hand already`.
fn said(by_hand: &[CheckpointId]) -> String {
    let names: Vec<String> = by_hand.iter().map(ToString::to_string).collect();
    let were = if names.len() == 1 { "was" } else { "were" };
    format!("{} {were} taken back by hand already", names.join(", "))
}

/// Writes down that the user took a change back without us.
fn settle(host: &Inner, checkpoint: &Checkpoint) -> Result<(), HostError> {
    let id = checkpoint.id;
    let body = json!({"checkpoint": id.to_string(), "state": "undone", "by": "hand"});
    host.note(Entry::new(Some(checkpoint.run), Kind::Checkpoint, body))?;
    checkpoint::mark(&host.state, id, State::Undone).map_err(|error| {
        HostError::io("marking a change as undone in", &host.state.at("checkpoints"), &error)
    })
}

/// The changes that may be taken back, the last first; the one that is named, alone.
fn standing(host: &Inner, which: Option<CheckpointId>) -> Result<Vec<Checkpoint>, HostError> {
    let all = checkpoint::all(&host.state)
        .map_err(|error| HostError::io("reading", &host.state.at("checkpoints"), &error))?;
    match which {
        None => Ok(all.into_iter().rev().filter(|it| it.state == State::Applied).collect()),
        Some(id) => match all.into_iter().find(|it| it.id == id) {
            Some(found) if found.state == State::Applied => Ok(vec![found]),
            Some(_) => Err(HostError::bad(
                format!("the change {id} does not stand any more"),
                "It was taken back, or never put in place.",
            )),
            None => Err(HostError::bad(
                format!("there is no change {id}"),
                "Leave the name away to take back the last one.",
            )),
        },
    }
}

fn taken_back(host: &Inner, checkpoint: &Checkpoint) -> Result<Wanted, HostError> {
    let content = |hash: Option<ContentHash>| hash.map(|hash| blobs::get(&host.state, hash)).transpose();
    let gone = |error: io::Error| {
        HostError::io("reading what was kept for an undo in", &host.state.at("blobs"), &error)
    };
    let files = checkpoint
        .files
        .iter()
        .map(|file| {
            Ok((file.path.clone(), content(file.after).map_err(gone)?, content(file.before).map_err(gone)?))
        })
        .collect::<Result<_, HostError>>()?;
    Ok(Wanted {
        run: checkpoint.run,
        title: format!("undo: {}", checkpoint.title),
        reason: WriteReason::Undo,
        // What the user named when it was put in place is taken back at their word as well.
        named: checkpoint.files.iter().map(|file| file.path.clone()).collect(),
        files,
    })
}
