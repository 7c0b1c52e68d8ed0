//! What a replica is, kept so that a killed process finds it again: a state, and the steps since.
//!
//! A step is written before it is done. Whoever opens the journal does the last step again, which changes nothing
//! where it was done, and completes it where it was not.
#![expect(clippy::disallowed_methods, reason = "the store is the receiver's disk")]

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bodkin_text::ContentHash;

use super::StoreError;
use crate::manifest::{Manifest, Op};
use crate::wire::{Reader, Step, WireError, Writer};

/// The journal is folded into the state when it has grown to this or to the state's size, bytes.
const FOLD: u64 = 1 << 20;

/// The journal of one replica.
pub(super) struct Journal {
    state: PathBuf,
    state_bytes: u64,
    path: PathBuf,
    file: File,
    bytes: u64,
}

/// What a journal tells.
pub(super) struct Told {
    /// The folder in use, by number.
    pub(super) generation: u32,
    /// The state when the last step is done.
    pub(super) manifest: Manifest,
    /// The last step, which may be half done: the state before it and the folder it was done in.
    pub(super) last: Option<(u32, Manifest)>,
}

impl Journal {
    /// Opens the journal of the replica in `folder`.
    pub(super) fn open(folder: &Path) -> Result<(Self, Told), StoreError> {
        let (state, path) = (folder.join("state"), folder.join("journal"));
        let saved = std::fs::read(&state).ok().and_then(|bytes| Some((bytes.len(), parse_state(&bytes)?)));
        let (state_bytes, (generation, manifest)) = saved.unwrap_or((0, (0, Manifest::empty())));
        let steps = std::fs::read(&path).unwrap_or_default();
        let mut told = Told { generation, manifest, last: None };
        let mut rest = steps.as_slice();
        while let Some((record, after)) = next(rest) {
            rest = after;
            told.take(&record);
        }
        let bytes = (steps.len() - rest.len()) as u64;
        let failed = || StoreError::io("a replica's journal");
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(failed())?;
        // A torn end was never begun to be done.
        file.set_len(bytes).map_err(failed())?;
        Ok((Self { state, state_bytes: state_bytes as u64, path, file, bytes }, told))
    }

    /// Writes a step down.
    pub(super) fn write(&mut self, generation: u32, step: &Step) -> Result<(), StoreError> {
        let mut record = Writer::default();
        record.number(u64::from(generation));
        record.hash(&step.base);
        record.hash(&step.new);
        record.ops(&step.ops);
        let mut to = Writer::default();
        to.0.extend_from_slice(&(record.0.len() as u64).to_le_bytes());
        to.hash(&ContentHash::of(&record.0));
        to.0.extend_from_slice(&record.0);
        if let Err(error) = self.file.write_all(&to.0) {
            let _ = self.file.set_len(self.bytes);
            return Err(StoreError::io("a replica's journal")(error));
        }
        self.bytes += to.0.len() as u64;
        Ok(())
    }

    /// Folds the steps into the state where there are many.
    pub(super) fn fold(&mut self, generation: u32, manifest: &Manifest) {
        if self.bytes < FOLD.max(self.state_bytes) {
            return;
        }
        // When it fails, the journal goes on growing, and the next step tries again.
        let _ = self.fold_now(generation, manifest);
    }

    fn fold_now(&mut self, generation: u32, manifest: &Manifest) -> std::io::Result<()> {
        let mut to = Writer(generation.to_le_bytes().to_vec());
        to.0.extend_from_slice(&manifest.to_bytes());
        let temporary = self.state.with_extension("new");
        std::fs::write(&temporary, &to.0)?;
        std::fs::rename(&temporary, &self.state)?;
        self.state_bytes = to.0.len() as u64;
        self.file.set_len(0)?;
        self.bytes = 0;
        Ok(())
    }

    /// Forgets everything: the replica begins anew.
    pub(super) fn reset(&mut self) {
        let _ = std::fs::remove_file(&self.state);
        let _ = File::create(&self.path);
        (self.bytes, self.state_bytes) = (0, 0);
    }
}

struct Record {
    generation: u32,
    step: Step,
}

impl Told {
    fn take(&mut self, record: &Record) {
        let Record { generation, step } = record;
        // Steps that were folded into the state already do not fit it any more, up to one that does.
        if self.manifest.root() != step.base {
            return;
        }
        let mut after = self.manifest.clone();
        if after.apply(&step.ops).is_ok() && after.root() == step.new {
            self.last = Some((self.generation, std::mem::replace(&mut self.manifest, after)));
            self.generation = *generation;
        }
    }
}

fn parse_state(bytes: &[u8]) -> Option<(u32, Manifest)> {
    let (generation, manifest) = bytes.split_at_checked(4)?;
    let generation = u32::from_le_bytes(generation.try_into().ok()?);
    Some((generation, Manifest::from_bytes(manifest).ok()?))
}

/// The next whole record, and what follows it.
fn next(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (len, rest) = bytes.split_at_checked(8)?;
    let len = usize::try_from(u64::from_le_bytes(len.try_into().ok()?)).ok()?;
    let (hash, rest) = rest.split_at_checked(32)?;
    let (record, rest) = rest.split_at_checked(len)?;
    if ContentHash::of(record).as_bytes() != hash {
        return None;
    }
    let parsed = || -> Result<Record, WireError> {
        let mut from = Reader(record);
        let generation = u32::try_from(from.number()?).map_err(|_| WireError::Malformed("a generation"))?;
        let (base, new) = (from.hash()?, from.hash()?);
        let ops: Vec<Op> = from.ops()?;
        Ok(Record { generation, step: Step { base, new, ops } })
    };
    Some((parsed().ok()?, rest))
}
