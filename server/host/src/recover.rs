//! Finishes or rolls back what a killed process left half done.
//!
//! Every file of a journal holds its old text or its new one, because it is replaced whole. All new: finished.
//! Some new: those go back. Neither old nor new: somebody edited it since; it is left alone and said.
#![expect(clippy::disallowed_methods, reason = "recovery reads journals and staged files from the disk")]

use std::fs;
use std::path::Path;

use bodkin_guard::action::{FileWrite, Through, WriteFiles, WriteReason};
use bodkin_guard::ledger::{Did, LedgerSink};
use bodkin_guard::{Asker, Grant, Grants, Guard, Request, RunId};

use crate::apply::{self, Journal};
use crate::blobs;
use crate::checkpoint;
use crate::state::StateDir;

/// What a roll-back did.
#[derive(Debug, Default)]
pub(crate) struct RolledBack {
    pub(crate) restored: usize,
    /// What could not be put right, in sentences.
    pub(crate) trouble: Vec<String>,
}

/// Looks for journals of processes that died; says what was done about each.
pub(crate) fn recover(state: &StateDir, guard: &Guard, ledger: &mut dyn LedgerSink) -> Vec<String> {
    let Ok(names) = state.list("journal") else { return Vec::new() };
    if names.is_empty() {
        return Vec::new();
    }
    // Whoever applies holds this lock; a journal that is seen under it belongs to nobody alive.
    let Ok(_lock) = state.lock("apply.lock") else {
        return vec!["the apply lock can not be taken; nothing was recovered".to_owned()];
    };
    let mut said = Vec::new();
    for name in names {
        let path = state.at(&format!("journal/{name}"));
        let journal: Journal = match fs::read(&path)
            .map_err(|error| error.to_string())
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
        {
            Ok(journal) => journal,
            Err(error) => {
                said.push(format!(
                    "the journal `{}` can not be read ({error}) and was left alone",
                    path.display()
                ));
                continue;
            }
        };
        said.extend(one(state, guard, ledger, &path, &journal));
    }
    said
}

fn one(
    state: &StateDir,
    guard: &Guard,
    ledger: &mut dyn LedgerSink,
    path: &Path,
    journal: &Journal,
) -> Vec<String> {
    let files: Vec<String> = journal.files.iter().map(|file| format!("`{}`", file.path)).collect();
    let files = files.join(", ");
    let finished = journal
        .files
        .iter()
        .all(|file| apply::hash_on_disk(&file.target).is_ok_and(|present| present == file.after));
    let settle = |ledger: &mut dyn LedgerSink, done: bool, summary: String| {
        let did = Did { permit: journal.permit, done, summary, figures: Default::default() };
        let to = if done { journal.marks.done } else { journal.marks.failed };
        let marked = checkpoint::mark(state, journal.marks.checkpoint, to).err().map(|it| it.to_string());
        let recorded = guard.record_outcome(journal.marks.run, &did, ledger).err().map(|it| it.to_string());
        marked.into_iter().chain(recorded).collect::<Vec<String>>()
    };
    if finished {
        apply::remove_staged(journal);
        let trouble = settle(ledger, true, "was interrupted with everything in place".to_owned());
        apply::forget(path);
        let sentence =
            format!("an interrupted apply of {files} had put everything in place; it counts as applied");
        return [sentence].into_iter().chain(trouble).collect();
    }
    let writes = journal
        .files
        .iter()
        .map(|file| FileWrite { path: file.path.clone(), before: file.after, after: file.before })
        .collect();
    let action = WriteFiles { reason: WriteReason::Recovery, through: Through::Disk, files: writes };
    let request = Request {
        run: RunId(0),
        asker: Asker::Headless,
        grants: Grants::none().with(Grant::Resume { permit: journal.permit }),
    };
    let permit = match guard.review_write(action, &request, ledger) {
        Ok(permit) => permit,
        Err(refusal) => {
            return vec![format!("an interrupted apply of {files} was not rolled back: {refusal}")];
        }
    };
    let permit = permit.seq();
    let rolled = roll_back(state, journal);
    let summary = format!("rolled back {} file(s)", rolled.restored);
    let did = Did { permit, done: rolled.trouble.is_empty(), summary, figures: Default::default() };
    let recorded = guard.record_outcome(request.run, &did, ledger);
    let trouble = settle(ledger, false, "was interrupted and rolled back".to_owned());
    let mut said = vec![format!("an interrupted apply of {files} was rolled back; the old texts stand")];
    if rolled.trouble.is_empty() {
        apply::forget(path);
    }
    said.extend(rolled.trouble);
    said.extend(trouble);
    said.extend(recorded.err().map(|error| error.to_string()));
    said
}

/// Puts the old text back wherever the new one stands. The caller holds the apply lock.
pub(crate) fn roll_back(state: &StateDir, journal: &Journal) -> RolledBack {
    let mut done = RolledBack::default();
    for file in &journal.files {
        let present = match apply::hash_on_disk(&file.target) {
            Ok(present) => present,
            Err(error) => {
                done.trouble.push(format!("`{}` can not be read ({error}).", file.path));
                continue;
            }
        };
        if present == file.before {
            continue;
        }
        if present != file.after {
            done.trouble.push(format!("`{}` was edited since and is left as it is.", file.path));
            continue;
        }
        let old = match file.before {
            Some(hash) => blobs::get(state, hash).map(Some),
            None => Ok(None),
        };
        match old.and_then(|old| apply::put_back(file, old.as_ref())) {
            Ok(()) => done.restored += 1,
            Err(error) => done.trouble.push(format!("`{}` can not be put back ({error}).", file.path)),
        }
    }
    apply::remove_staged(journal);
    done
}
