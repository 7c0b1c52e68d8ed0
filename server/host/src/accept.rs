//! Putting an offer in place, and taking it back: rebased over what was typed meanwhile, or refused.
//!
//! A checkpoint is kept before anything is written. A real conflict changes nothing.
#![expect(clippy::disallowed_methods, reason = "the present text is read from the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bodkin_agent::{Decision, News, Offer, Outcome};
use bodkin_guard::action::{FileWrite, Through, WriteFiles, WriteReason};
use bodkin_guard::ledger::{Did, Entry, Kind};
use bodkin_guard::{Grant, Grants, Permit, Request, RunId};
use bodkin_text::merge::{Merge, three_way};
use bodkin_text::{ContentHash, Edits, RelPath};
use serde_json::json;

use crate::apply::{self, NewText};
use crate::blobs;
use crate::checkpoint::{self, Checkpoint, CheckpointId, State, Texts};
use crate::error::HostError;
use crate::facade::{Host, Inner};

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
}

/// A change that the editor is to make.
#[derive(Debug, Clone)]
pub struct EditorApply {
    /// By which it can be taken back.
    pub checkpoint: CheckpointId,
    /// What it is, in a line.
    pub title: String,
    /// The files and their edits.
    pub files: Vec<EditorFile>,
    /// Whether something else had changed them meanwhile.
    pub rebased: bool,
}

/// One file that the editor is to change.
#[derive(Debug, Clone)]
pub struct EditorFile {
    /// The file.
    pub path: RelPath,
    /// Version of the open buffer that the edits speak of; `None` when it is not open.
    pub version: Option<i32>,
    /// Minimal edits of `before`.
    pub edits: Edits,
    /// The text that the edits speak of.
    pub before: Arc<str>,
    /// What must stand there afterwards.
    pub after_hash: ContentHash,
}

/// A change on its way to an editor.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    run: RunId,
    permit: u64,
    becomes: State,
    expected: Vec<(RelPath, ContentHash)>,
}

/// A change on its way through an editor, by its checkpoint.
pub(crate) type SentEdits = BTreeMap<CheckpointId, Sent>;

/// One file's text now and as it is to be.
struct Step {
    path: RelPath,
    before: Option<Arc<str>>,
    after: Option<String>,
    version: Option<i32>,
    rebased: bool,
}

/// A change that is wanted: from which text to which, over whatever stands there now.
struct Wanted {
    run: RunId,
    title: String,
    reason: WriteReason,
    files: Vec<(RelPath, Option<String>, Option<String>)>,
}

impl Host {
    /// Puts a run's offer in place on disk: all files or none.
    pub fn accept_to_disk(&self, run: RunId) -> Result<Applied, HostError> {
        let wanted = offered(self.inner(), run)?;
        let applied = to_disk(self.inner(), &wanted, None)?;
        self.inner().send(run, News::Decided(Decision::Applied));
        Ok(applied)
    }

    /// The edits by which the editor puts a run's offer in place. Call [`Host::editor_applied`] with its answer.
    pub fn accept_to_editor(&self, run: RunId) -> Result<EditorApply, HostError> {
        let wanted = offered(self.inner(), run)?;
        to_editor(self.inner(), &wanted, None)
    }

    /// Takes a change back on disk; the last that stands when none is named.
    pub fn undo_on_disk(&self, which: Option<CheckpointId>) -> Result<Applied, HostError> {
        let checkpoint = standing(self.inner(), which)?;
        let wanted = taken_back(self.inner(), &checkpoint)?;
        to_disk(self.inner(), &wanted, Some(checkpoint.id))
    }

    /// The edits by which the editor takes a change back. Call [`Host::editor_applied`] with its answer.
    pub fn undo_in_editor(&self, which: Option<CheckpointId>) -> Result<EditorApply, HostError> {
        let checkpoint = standing(self.inner(), which)?;
        let wanted = taken_back(self.inner(), &checkpoint)?;
        to_editor(self.inner(), &wanted, Some(checkpoint.id))
    }

    /// Takes in the editor's answer; true once every file holds what was expected.
    ///
    /// `applied: true` alone is not believed: while the texts differ the answer is false, and it can be asked again
    /// after the next change of the buffer.
    pub fn editor_applied(&self, checkpoint: CheckpointId, applied: bool) -> bool {
        let inner = self.inner();
        let Some(sent) = inner.sent().get(&checkpoint).cloned() else { return false };
        let stands = sent.expected.iter().all(|(path, hash)| inner.present_hash(path) == Some(*hash));
        if applied && !stands {
            return false;
        }
        inner.sent().remove(&checkpoint);
        let summary = if stands { "the editor made the edit" } else { "the editor did not make the edit" };
        let did =
            Did { permit: sent.permit, done: stands, summary: summary.to_owned(), figures: BTreeMap::new() };
        let _ = inner.record(sent.run, did);
        if stands {
            let _ = checkpoint::mark(&inner.state, checkpoint, sent.becomes);
            inner.send(sent.run, News::Decided(Decision::Applied));
        } else if sent.becomes == State::Applied {
            let _ = checkpoint::mark(&inner.state, checkpoint, State::RolledBack);
        }
        stands
    }
}

fn offered(host: &Inner, run: RunId) -> Result<Wanted, HostError> {
    let view =
        host.view(run).ok_or_else(|| HostError::bad(format!("there is no run {run}"), "Start it again."))?;
    let none =
        || HostError::bad(format!("run {run} offers nothing"), "Wait for its outcome, or start it again.");
    let offer: Arc<Offer> = view.offer.ok_or_else(none)?;
    if matches!(view.outcome, Some(Outcome::Cancelled)) {
        return Err(HostError::bad(format!("run {run} was cancelled"), "Start it again."));
    }
    let files = offer
        .files
        .iter()
        .map(|file| (file.path.clone(), Some(file.before.clone()), Some(file.after.clone())))
        .collect();
    Ok(Wanted { run, title: offer.summary.clone(), reason: WriteReason::Accepted, files })
}

fn standing(host: &Inner, which: Option<CheckpointId>) -> Result<Checkpoint, HostError> {
    let all = checkpoint::all(&host.state)
        .map_err(|error| HostError::io("reading", &host.state.at("checkpoints"), &error))?;
    match which {
        None => all.into_iter().rev().find(|it| it.state == State::Applied).ok_or_else(|| {
            HostError::bad(
                "there is nothing to take back",
                "Changes that Bodkin applied in this workspace can be taken back.",
            )
        }),
        Some(id) => match all.into_iter().find(|it| it.id == id) {
            Some(found) if found.state == State::Applied => Ok(found),
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
    let text = |hash: Option<ContentHash>| hash.map(|hash| blobs::get(&host.state, hash)).transpose();
    let gone = |error: io::Error| {
        HostError::io("reading what was kept for an undo in", &host.state.at("blobs"), &error)
    };
    let files = checkpoint
        .files
        .iter()
        .map(|file| {
            Ok((file.path.clone(), text(file.after).map_err(gone)?, text(file.before).map_err(gone)?))
        })
        .collect::<Result<_, HostError>>()?;
    Ok(Wanted {
        run: checkpoint.run,
        title: format!("undo: {}", checkpoint.title),
        reason: WriteReason::Undo,
        files,
    })
}

fn to_disk(host: &Inner, wanted: &Wanted, undoes: Option<CheckpointId>) -> Result<Applied, HostError> {
    let steps = rebase(wanted, |path| Ok((read(host.root(), path)?, None)))?;
    let (permit, checkpoint) = prepare(host, wanted, &steps, Through::Disk, undoes)?;
    let seq = permit.seq();
    let texts: Vec<NewText> =
        steps.iter().map(|step| NewText { path: step.path.clone(), text: step.after.clone() }).collect();
    let result = apply::write_all(host.root(), &host.state, permit, &texts);
    let summary = result
        .as_ref()
        .map_or_else(|error| error.message.clone(), |()| format!("wrote {} file(s)", steps.len()));
    let did = Did { permit: seq, done: result.is_ok(), summary, figures: BTreeMap::new() };
    let recorded = host.record(wanted.run, did);
    let state = match (&result, undoes) {
        (Ok(()), None) => State::Applied,
        (Ok(()), Some(_)) => State::Undone,
        (Err(_), None) => State::RolledBack,
        (Err(_), Some(_)) => State::Applied,
    };
    let marked = checkpoint::mark(&host.state, checkpoint, state);
    result?;
    // The change stands; what could not be written down about it must not hide that.
    let _ = (recorded, marked);
    for step in &steps {
        host.refresh(&step.path, &crate::tree::inspect(&host.root().join(step.path.as_str())));
    }
    Ok(Applied {
        checkpoint,
        title: wanted.title.clone(),
        rebased: steps.iter().any(|step| step.rebased),
        files: steps.into_iter().map(|step| step.path).collect(),
    })
}

fn to_editor(host: &Inner, wanted: &Wanted, undoes: Option<CheckpointId>) -> Result<EditorApply, HostError> {
    let snapshot = host.snapshot();
    let steps = rebase(wanted, |path| match snapshot.file(path) {
        Some(file) if file.suspect().is_some() => Err(HostError::stale(
            format!("the editor and Bodkin may disagree about `{path}`; no edit is made"),
            "Close and re-open the file, then run it again.",
        )),
        Some(file) if file.is_open() => Ok((Some(file.text()), file.version())),
        Some(_) | None => Ok((read(host.root(), path)?, None)),
    })?;
    let (permit, checkpoint) = prepare(host, wanted, &steps, Through::Editor, undoes)?;
    let expected = steps
        .iter()
        .map(|step| (step.path.clone(), ContentHash::of(step.after.as_deref().unwrap_or_default())))
        .collect();
    let becomes = if undoes.is_some() { State::Undone } else { State::Applied };
    let sent = Sent { run: wanted.run, permit: permit.seq(), becomes, expected };
    // The editor is the performer: the permit is used up by handing it the edits.
    let _ = permit.into_action();
    host.sent().insert(checkpoint, sent);
    let rebased = steps.iter().any(|step| step.rebased);
    let files = steps
        .into_iter()
        .map(|step| {
            let before = step.before.unwrap_or_default();
            let after = step.after.unwrap_or_default();
            let edits = Edits::between(&before, &after);
            EditorFile {
                path: step.path,
                version: step.version,
                edits,
                before,
                after_hash: ContentHash::of(after),
            }
        })
        .collect();
    Ok(EditorApply { checkpoint, title: wanted.title.clone(), files, rebased })
}

/// Each file's text now, and with the wanted change in it.
fn rebase(
    wanted: &Wanted,
    present: impl Fn(&RelPath) -> Result<(Option<Arc<str>>, Option<i32>), HostError>,
) -> Result<Vec<Step>, HostError> {
    let mut steps = Vec::new();
    for (path, from, to) in &wanted.files {
        let (before, version) = present(path)?;
        let same = before.as_deref() == from.as_deref();
        let after = match (same, &before, from, to) {
            (true, ..) => to.clone(),
            (false, Some(now), Some(from), Some(to)) => match three_way(from, now, to) {
                Merge::Merged(text) => Some(text),
                Merge::Conflicts(conflicts) => {
                    return Err(conflict(path, conflicts.first().map(|it| it.lines.start.0 + 1)));
                }
            },
            (false, ..) => return Err(conflict(path, None)),
        };
        if after.as_deref() != before.as_deref() {
            steps.push(Step { path: path.clone(), before, after, version, rebased: !same });
        }
    }
    if steps.is_empty() {
        return Err(HostError::bad(
            "the text is already as the change would make it",
            "Nothing is left to do.",
        ));
    }
    Ok(steps)
}

fn conflict(path: &RelPath, line: Option<u32>) -> HostError {
    let place = line.map_or_else(|| format!("`{path}`"), |line| format!("`{path}` near line {line}"));
    HostError::stale(
        format!("{place} was changed in the same place meanwhile; nothing was changed"),
        "Run the fix again on the present text, or take your own change back first.",
    )
}

/// Keeps the old texts, asks the guard, and writes the checkpoint: everything that must stand before the change.
fn prepare(
    host: &Inner,
    wanted: &Wanted,
    steps: &[Step],
    through: Through,
    undoes: Option<CheckpointId>,
) -> Result<(Permit<WriteFiles>, CheckpointId), HostError> {
    let kept = |error: io::Error| HostError::io("keeping the old text in", &host.state.at("blobs"), &error);
    let texts: Vec<Texts<'_>> = steps
        .iter()
        .map(|step| Texts { path: &step.path, before: step.before.as_deref(), after: step.after.as_deref() })
        .collect();
    let replaced = checkpoint::keep(&host.state, &texts).map_err(kept)?;
    let files = replaced
        .iter()
        .map(|it| FileWrite { path: it.path.clone(), before: it.before, after: it.after })
        .collect();
    let action = WriteFiles { reason: wanted.reason, through, files };
    let grants = Grants::none().with(Grant::Apply { patch: action.identity() });
    let word = match wanted.reason {
        WriteReason::Accepted => "accepted",
        WriteReason::Undo => "taken back",
        WriteReason::Recovery => "recovered",
    };
    host.note(Entry::new(
        Some(wanted.run),
        Kind::Decided,
        json!({"decision": word, "change": wanted.title}),
    ))?;
    let request = Request { run: wanted.run, asker: host.asker(), grants };
    let permit = host.with_ledger(|guard, ledger| guard.review_write(action, &request, ledger))?;
    let id = match undoes {
        Some(id) => id,
        None => {
            checkpoint::create(&host.state, wanted.run, permit.seq(), wanted.title.clone(), replaced)
                .map_err(kept)?
                .id
        }
    };
    Ok((permit, id))
}

/// The text on disk now; `None` where there is no file.
fn read(root: &Path, path: &RelPath) -> Result<Option<Arc<str>>, HostError> {
    let target = apply::resolve(root, path)?;
    match fs::read_to_string(&target) {
        Ok(text) => Ok(Some(text.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(HostError::io("reading", &target, &error)),
    }
}
