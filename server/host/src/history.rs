//! What was done in a workspace: its changes, and the end of its ledger. Reads the disk.

use std::path::PathBuf;

use bodkin_guard::RunId;
use bodkin_guard::ledger::{Line, Report};
use bodkin_text::RelPath;

use crate::checkpoint::{self, CheckpointId, State};
use crate::error::HostError;
use crate::facade::Host;
use crate::ledger;

/// A change that was put in place, or was about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeView {
    /// By which it can be taken back.
    pub checkpoint: CheckpointId,
    /// The run that it comes from; may be one of another process.
    pub run: RunId,
    /// What it is, in a line.
    pub title: String,
    /// The files that it changed.
    pub files: Vec<RelPath>,
    /// Whether it stands.
    pub state: State,
}

/// The end of a ledger.
#[derive(Debug)]
pub struct LedgerPage {
    /// Where it is.
    pub path: PathBuf,
    /// What a check of all of it found; `None` when nothing has been recorded yet.
    pub report: Option<Report>,
    /// The lines that were asked for, the newest first; those that can not be read are left out.
    pub lines: Vec<Line>,
}

/// The most lines that a page holds.
const PAGE: usize = 1_000;

impl Host {
    /// Every change of the workspace, the newest first.
    pub fn changes(&self) -> Result<Vec<ChangeView>, HostError> {
        let state = &self.inner().state;
        let all = checkpoint::all(state)
            .map_err(|error| HostError::io("reading", &state.at("checkpoints"), &error))?;
        let view = |it: checkpoint::Checkpoint| ChangeView {
            checkpoint: it.id,
            run: it.run,
            title: it.title,
            files: it.files.into_iter().map(|file| file.path).collect(),
            state: it.state,
        };
        Ok(all.into_iter().rev().map(view).collect())
    }

    /// The last lines of the ledger, or the last before one of them; at most a thousand. All of it is checked.
    pub fn ledger_page(&self, before: Option<u64>, limit: usize) -> Result<LedgerPage, HostError> {
        let checked = ledger::check_dir(&self.inner().state)?;
        let all = ledger::lines(&self.inner().state)
            .map_err(|error| HostError::io("reading", &checked.path, &error))?;
        let lines = all
            .into_iter()
            .rev()
            .filter(|line| before.is_none_or(|before| line.seq < before))
            .take(limit.min(PAGE))
            .collect();
        Ok(LedgerPage { path: checked.path, report: checked.report, lines })
    }
}
