//! Which runs somebody works on: a file for each, locked as long as the run goes on.
//!
//! The system lets go of the lock when a process dies, so that a run that was cut off is told from one of another
//! window. Marks are made and looked at under one lock, so that a new one is never taken for a dead one.
#![expect(clippy::disallowed_methods, reason = "marks are files of the state folder")]

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;

use bodkin_guard::RunId;
use bodkin_guard::ledger::{Entry, Kind};
use serde_json::json;

use crate::ledger::{self, FileLedger};
use crate::state::StateDir;

/// How the ledger says that a run was cut off.
pub(crate) const CUT_OFF: &str = "cut off";

const FOLDER: &str = "runs";
const LOCK: &str = "runs.lock";

/// Held while a run goes on.
#[derive(Debug)]
pub(crate) struct Mark {
    path: PathBuf,
    _file: File,
}

impl Drop for Mark {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Marks a run as one that goes on.
pub(crate) fn mark(state: &StateDir, run: RunId) -> io::Result<Mark> {
    let _lock = state.lock(LOCK)?;
    let path = state.at(&format!("{FOLDER}/{}", run.0));
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
    file.lock()?;
    Ok(Mark { path, _file: file })
}

/// Ends, on the ledger, the runs of processes that have died.
pub(crate) fn end_the_dead(state: &StateDir, ledger: &mut FileLedger) {
    let names = state.list(FOLDER).unwrap_or_default();
    if names.is_empty() {
        return;
    }
    let Ok(_lock) = state.lock(LOCK) else { return };
    // What was done to a ledger must be seen by whoever checks it: nothing is written behind it here.
    let is_whole = |it: ledger::LedgerCheck| it.report.is_some_and(|report| report.breaks.is_empty());
    if !ledger::check_dir(state).is_ok_and(is_whole) {
        return;
    }
    for name in names {
        let path = state.at(&format!("{FOLDER}/{name}"));
        let Ok(file) = OpenOptions::new().write(true).open(&path) else { continue };
        let Ok(run) = name.parse().map(RunId) else { continue };
        if file.try_lock().is_err() {
            continue; // somebody works on it
        }
        // Its process may have died between its last line and the end of its mark.
        let has_ended = ledger::lines(state)
            .is_ok_and(|lines| lines.iter().any(|line| line.run == Some(run) && line.kind == Kind::Ended));
        let cut_off = Entry::new(Some(run), Kind::Ended, json!({"outcome": CUT_OFF, "candidates": 0}));
        if has_ended || ledger.note(cut_off).is_ok() {
            let _ = fs::remove_file(&path);
        }
    }
}
