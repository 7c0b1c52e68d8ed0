//! Points that can be returned to: what a change replaced, kept until it is taken back.
//!
//! A checkpoint is written before its change, and remembers the ledger line that permitted it.
#![expect(clippy::disallowed_methods, reason = "checkpoints are files of the state folder")]

use std::fmt;
use std::fs;
use std::io;
use std::str::FromStr;

use bodkin_guard::RunId;
use bodkin_text::{ContentHash, RelPath};
use serde::{Deserialize, Serialize};

use crate::blobs;
use crate::content::Content;
use crate::state::{StateDir, write_durably};

/// Names a checkpoint; written `c7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckpointId(pub u64);

impl fmt::Display for CheckpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

impl FromStr for CheckpointId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('c').unwrap_or(text);
        digits
            .parse()
            .map(Self)
            .map_err(|_| format!("`{text}` names no checkpoint; they are written like `c7`"))
    }
}

/// Whether its change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// About to be made.
    Pending,
    /// It stands, unless somebody changed it since.
    Applied,
    /// It was never put in place, or only for a moment.
    RolledBack,
    /// It was taken back.
    Undone,
}

/// What one change replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    pub(crate) id: CheckpointId,
    pub(crate) run: RunId,
    /// The ledger line that permitted the change.
    pub(crate) permit: u64,
    pub(crate) title: String,
    pub(crate) state: State,
    pub(crate) files: Vec<Replaced>,
}

/// One file before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Replaced {
    pub(crate) path: RelPath,
    pub(crate) before: Option<ContentHash>,
    pub(crate) after: Option<ContentHash>,
}

/// What a file holds before and after a change.
#[derive(Debug)]
pub(crate) struct Contents<'t> {
    pub(crate) path: &'t RelPath,
    pub(crate) before: Option<&'t Content>,
    pub(crate) after: Option<&'t Content>,
}

/// Keeps both contents of each file; the first half of a checkpoint, before anything is permitted.
pub(crate) fn keep(state: &StateDir, files: &[Contents<'_>]) -> io::Result<Vec<Replaced>> {
    let put = |content: Option<&Content>| content.map(|content| blobs::put(state, content)).transpose();
    files
        .iter()
        .map(|file| {
            Ok(Replaced { path: file.path.clone(), before: put(file.before)?, after: put(file.after)? })
        })
        .collect()
}

/// Makes a pending checkpoint durable.
pub(crate) fn create(
    state: &StateDir,
    run: RunId,
    permit: u64,
    title: String,
    files: Vec<Replaced>,
) -> io::Result<Checkpoint> {
    let _lock = state.lock("checkpoints.lock")?;
    let last = all(state)?.last().map_or(0, |it| it.id.0);
    let checkpoint =
        Checkpoint { id: CheckpointId(last + 1), run, permit, title, state: State::Pending, files };
    save(state, &checkpoint)?;
    Ok(checkpoint)
}

/// Changes the state of a checkpoint.
pub(crate) fn mark(state: &StateDir, id: CheckpointId, to: State) -> io::Result<()> {
    let _lock = state.lock("checkpoints.lock")?;
    let mut checkpoint = load(state, &file_name(id))?;
    checkpoint.state = to;
    save(state, &checkpoint)
}

/// Every checkpoint, oldest first.
pub(crate) fn all(state: &StateDir) -> io::Result<Vec<Checkpoint>> {
    let mut found: Vec<Checkpoint> =
        state.list("checkpoints")?.iter().filter_map(|name| load(state, name).ok()).collect();
    found.sort_by_key(|it| it.id);
    Ok(found)
}

fn load(state: &StateDir, name: &str) -> io::Result<Checkpoint> {
    let bytes = fs::read(state.at(&format!("checkpoints/{name}")))?;
    serde_json::from_slice(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn save(state: &StateDir, checkpoint: &Checkpoint) -> io::Result<()> {
    let bytes = serde_json::to_vec_pretty(checkpoint).map_err(io::Error::other)?;
    write_durably(&state.at(&format!("checkpoints/{}", file_name(checkpoint.id))), &bytes)
}

fn file_name(id: CheckpointId) -> String {
    format!("{:08}.json", id.0)
}
