//! Changes that were handed to an editor by a process that died before the answer: settled by what stands on disk.
//!
//! Whoever waits for an editor's answer holds a lock that dies with it; only what is free is settled.
#![expect(clippy::disallowed_methods, reason = "the locks, and what the editor saved, are on the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bodkin_guard::Guard;
use bodkin_guard::ledger::{Did, LedgerSink};
use bodkin_text::merge::{Merge, three_way};

use crate::blobs;
use crate::change;
use crate::checkpoint::{self, Checkpoint, CheckpointId, Replaced, State};
use crate::state::{Lock, StateDir};

/// Waits for an editor's answer, and says so to other processes.
#[derive(Debug)]
pub(crate) struct Waiting {
    file: PathBuf,
    _lock: Lock,
}

impl Waiting {
    /// `None` where it can not be written down: then nobody settles the change but this process.
    pub(crate) fn begin(state: &StateDir, checkpoint: CheckpointId) -> Option<Self> {
        let name = format!("editing/{checkpoint}");
        let lock = state.try_lock(&name).ok()??;
        Some(Self { file: state.at(&name), _lock: lock })
    }

    /// The answer has come.
    pub(crate) fn end(&self) {
        let _ = fs::remove_file(&self.file);
    }
}

/// Whether `now` holds the change: making it once more would change nothing.
pub(crate) fn stands(before: &str, after: &str, now: &str) -> bool {
    let made_again = || three_way(before, after, now);
    now == after || (now != before && made_again() == Merge::Merged(now.to_owned()))
}

/// Settles what nobody waits for any more; says what became of each.
pub(crate) fn settle(
    state: &StateDir,
    root: &Path,
    guard: &Guard,
    ledger: &mut dyn LedgerSink,
) -> Vec<String> {
    let names = state.list("editing").unwrap_or_default();
    if names.is_empty() {
        return Vec::new();
    }
    let all = checkpoint::all(state).unwrap_or_default();
    let mut said = Vec::new();
    for name in names {
        let file = format!("editing/{name}");
        let Ok(Some(_lock)) = state.try_lock(&file) else { continue };
        let pending = all.iter().find(|it| it.id.to_string() == name && it.state == State::Pending);
        said.extend(pending.map(|checkpoint| one(state, root, guard, ledger, checkpoint)));
        let _ = fs::remove_file(state.at(&file));
    }
    said
}

fn one(
    state: &StateDir,
    root: &Path,
    guard: &Guard,
    ledger: &mut dyn LedgerSink,
    checkpoint: &Checkpoint,
) -> String {
    let is_there = checkpoint.files.iter().all(|file| saved(state, root, file));
    let (to, what) = match is_there {
        true => (State::Applied, "stands and counts as applied"),
        false => (State::RolledBack, "was not saved and counts as not made"),
    };
    let summary = format!("nobody waited for the editor's answer any more; the change {what}");
    let did = Did { permit: checkpoint.permit, done: is_there, summary, figures: BTreeMap::new() };
    let recorded = guard.record_outcome(checkpoint.run, &did, ledger).err().map(|it| it.to_string());
    let marked = checkpoint::mark(state, checkpoint.id, to).err().map(|it| it.to_string());
    let sentence = format!("the change {} ({}), left to an editor, {what}", checkpoint.id, checkpoint.title);
    [sentence].into_iter().chain(recorded).chain(marked).collect::<Vec<_>>().join("; ")
}

/// Whether the file on disk holds its part of the change.
fn saved(state: &StateDir, root: &Path, file: &Replaced) -> bool {
    let content = |hash: Option<_>| hash.and_then(|hash| blobs::get(state, hash).ok());
    match (content(file.before), content(file.after), change::read(root, &file.path)) {
        (Some(before), Some(after), Ok(Some(now))) => match (before.text(), after.text(), now.text()) {
            (Some(before), Some(after), Some(now)) => stands(before, after, now),
            _ => after == now,
        },
        (_, None, Ok(None)) => file.after.is_none(),
        (None, Some(after), Ok(Some(now))) => file.before.is_none() && after == now,
        _ => false,
    }
}
