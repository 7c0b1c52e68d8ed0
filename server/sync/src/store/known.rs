//! States that were here, by their root: who asks for one of them uploads nothing.
#![expect(clippy::disallowed_methods, reason = "the store is the receiver's disk")]

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use bodkin_text::ContentHash;

use crate::entry::Entry;
use crate::manifest::Manifest;

/// How many states are remembered. They share what they have in common.
const REMEMBERED: usize = 128;

/// How many files they may have together, counted as if nothing were shared, before the oldest ones go.
const FILES: u64 = 2_000_000;

/// So many are remembered whatever their size.
const LEAST: usize = 4;

/// How many states of removed replicas are kept on the disk.
const KEPT: usize = 32;

/// The states of a store.
pub(super) struct Known {
    folder: PathBuf,
    states: Mutex<VecDeque<(ContentHash, Manifest)>>,
    /// States whose contents are on their way, by replica.
    pending: Mutex<HashMap<PathBuf, Manifest>>,
    missed: AtomicBool,
}

impl Known {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, states: Mutex::default(), pending: Mutex::default(), missed: AtomicBool::new(false) }
    }

    /// The state of that root.
    pub(super) fn state(&self, root: &ContentHash) -> Option<Manifest> {
        let empty = Manifest::empty();
        if empty.root() == *root {
            return Some(empty);
        }
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let found = states.iter().rev().find(|(known, _)| known == root).map(|(_, state)| state.clone());
        drop(states);
        found.or_else(|| {
            let bytes = std::fs::read(self.folder.join(root.to_string())).ok()?;
            Manifest::from_bytes(&bytes).ok().filter(|it| it.root() == *root)
        })
    }

    /// Remembers a state.
    pub(super) fn remember(&self, state: &Manifest) {
        let root = state.root();
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.retain(|(known, _)| *known != root);
        states.push_back((root, state.clone()));
        let mut files: u64 = states.iter().map(|(_, state)| state.sums().files).sum();
        while states.len() > REMEMBERED || (files > FILES && states.len() > LEAST) {
            let Some((_, oldest)) = states.pop_front() else { return };
            files -= oldest.sums().files;
        }
    }

    /// Keeps a state beyond the process; the oldest ones go.
    pub(super) fn keep(&self, state: &Manifest) {
        self.remember(state);
        let path = self.folder.join(state.root().to_string());
        let _ = std::fs::write(path, state.to_bytes());
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        let age = |it: std::fs::DirEntry| Some((it.metadata().ok()?.modified().ok()?, it.path()));
        let mut kept: Vec<_> = entries.flatten().filter_map(age).collect();
        kept.sort();
        for (_, path) in kept.iter().rev().skip(KEPT) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Marks the contents of a state as awaited by a replica, or of none.
    pub(super) fn await_for(&self, replica: &std::path::Path, state: Option<Manifest>) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        match state {
            Some(state) => pending.insert(replica.to_owned(), state),
            None => pending.remove(replica),
        };
    }

    /// Every content that a replica awaits.
    pub(super) fn pending(&self) -> HashSet<ContentHash> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = |entry: &Entry| match entry {
            Entry::File { hash, .. } => Some(*hash),
            Entry::Link { .. } => None,
        };
        pending.values().flat_map(|it| it.leaves()).filter_map(|(_, leaf)| hash(&leaf.entry)).collect()
    }

    /// Whether nobody asked this before.
    pub(super) fn first_miss(&self) -> bool {
        !self.missed.swap(true, Ordering::Relaxed)
    }
}
