//! A folder that is what a sender says it is.
//!
//! It goes from one whole state to the next, each of them checked by its root before the disk is touched; a process
//! that is killed on the way completes the step when it comes back. A folder that somebody mounted is pinned and never
//! changes: the next state stands in another folder, made of hard links, and two of them take turns.
//! invariant: a pinned folder does not change

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bodkin_text::ContentHash;

use super::blobs::Touch;
use super::hands::{Hands, lacking, remove_tree};
use super::journal::Journal;
use super::{Store, StoreError, make_dir, names, open_dir};
use crate::manifest::Manifest;
use crate::wire::{Answer, Frame, Lacking, Step};

/// One replica of a workspace.
pub struct Replica {
    store: Arc<Store>,
    folder: PathBuf,
    inner: Mutex<Inner>,
    /// Beside the rest, as the store asks while a frame is taken.
    removed: AtomicBool,
}

struct Inner {
    journal: Journal,
    now: Generation,
    /// Folders of earlier states: pinned ones, and at most one that waits for its turn.
    others: Vec<Generation>,
    /// The disk may not be what the manifest says: a step failed, and so did its way back.
    torn: bool,
    /// What was found otherwise than it was left, and was not told yet.
    drifted: u64,
}

struct Generation {
    number: u32,
    manifest: Manifest,
    pins: u32,
}

/// Keeps a replica's folder as it is while something runs over it.
pub struct Pin {
    replica: Arc<Replica>,
    generation: u32,
    folder: PathBuf,
    manifest: Manifest,
}

impl Replica {
    pub(super) fn open(store: Arc<Store>, folder: PathBuf) -> Result<Self, StoreError> {
        make_dir(&folder)?;
        let (mut journal, told) = Journal::open(&folder)?;
        let mut now = Generation { number: told.generation, manifest: told.manifest, pins: 0 };
        for name in names(&folder).iter().filter(|it| it.starts_with("gen-")) {
            if *name != dir_name(now.number) {
                let _ = remove_tree(&open_dir(&folder)?, name.as_bytes());
            }
        }
        let before = match told.last {
            Some((number, before)) if number == now.number => before,
            Some(_) => {
                // The step made another folder, which may be half made.
                let _ = remove_tree(&open_dir(&folder)?, dir_name(now.number).as_bytes());
                Manifest::empty()
            }
            None => now.manifest.clone(),
        };
        let path = folder.join(dir_name(now.number));
        if !path.is_dir() {
            make_dir(&path)?;
        }
        let again = Hands::new(open_dir(&path)?, &store.blobs, Touch::Keep).bring(&before, &now.manifest);
        if again.is_err() {
            let _ = remove_tree(&open_dir(&folder)?, dir_name(now.number).as_bytes());
            make_dir(&path)?;
            journal.reset();
            now.manifest = Manifest::empty();
        }
        store.known.remember(&now.manifest);
        let torn = store.doubted;
        let inner = Inner { journal, now, others: Vec::new(), torn, drifted: 0 };
        Ok(Self { store, folder, inner: Mutex::new(inner), removed: AtomicBool::new(false) })
    }

    /// The root of what it is now.
    pub fn root(&self) -> ContentHash {
        self.lock().now.manifest.root()
    }

    /// What it is now.
    pub fn manifest(&self) -> Manifest {
        self.lock().now.manifest.clone()
    }

    /// Takes a frame of a stranger. Whatever it is, what stood stands unless the answer is [`Answer::Applied`].
    pub fn receive(&self, bytes: &[u8]) -> Answer {
        match Frame::decode(bytes) {
            Ok(frame) => self.take(&frame),
            Err(error) => Answer::Refused(error.to_string()),
        }
    }

    /// Takes a frame.
    pub fn take(&self, frame: &Frame) -> Answer {
        let answer = {
            let _no_trim = self.store.gate.read().unwrap_or_else(PoisonError::into_inner);
            self.lock().take(self, frame)
        };
        if self.store.blobs.is_trim_due(self.store.limits.cache_bytes) {
            self.store.trim();
        }
        match answer {
            Ok(answer) => answer,
            Err(error @ StoreError::Full { .. }) => Answer::Full(error.to_string()),
            Err(error) => Answer::Refused(error.to_string()),
        }
    }

    /// Keeps the present folder as it is until the pin is dropped; frames go on being taken meanwhile.
    pub fn pin(self: &Arc<Self>) -> Pin {
        let mut inner = self.lock();
        inner.now.pins += 1;
        Pin {
            replica: Arc::clone(self),
            generation: inner.now.number,
            folder: self.folder.join(dir_name(inner.now.number)),
            manifest: inner.now.manifest.clone(),
        }
    }

    /// Removes it from the disk. Its state stays known, and its contents stay while there is room. Folders that are
    /// pinned go with their pins.
    pub fn remove(&self) {
        let inner = self.lock();
        self.store.known.await_for(&self.folder, None);
        self.store.known.keep(&inner.now.manifest);
        self.removed.store(true, Ordering::Relaxed);
        if inner.now.pins == 0 && inner.others.iter().all(|it| it.pins == 0) {
            self.erase();
        }
    }

    /// Whether it was removed, and waits for its pins.
    pub(super) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Relaxed)
    }

    fn erase(&self) {
        if let (Some(parent), Some(name)) = (self.folder.parent(), self.folder.file_name())
            && let Ok(parent) = open_dir(parent)
        {
            let _ = remove_tree(&parent, name.as_encoded_bytes());
            self.store.forget(&name.to_string_lossy());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_generation(&self, number: u32) -> Result<rustix::fd::OwnedFd, StoreError> {
        open_dir(&self.folder.join(dir_name(number)))
    }
}

impl Inner {
    fn take(&mut self, replica: &Replica, frame: &Frame) -> Result<Answer, StoreError> {
        let store = &replica.store;
        if replica.is_removed() {
            return Err(StoreError::Refused("this replica was removed".to_owned()));
        }
        if frame.verify || self.torn {
            self.drifted += self.audit(replica)?;
        }
        // One that lacks what it is made of is asked for below, if it is needed.
        store.blobs.take_all(&frame.contents, store.limits.replica_bytes)?;
        let Some(step) = &frame.state else { return Ok(Answer::Kept) };
        let Some(target) = target(store, step) else {
            return Ok(Answer::NeedState { have: self.now.manifest.root() });
        };
        let sums = target.sums();
        if sums.bytes > store.limits.replica_bytes || sums.files > store.limits.replica_files {
            return Err(StoreError::Refused(format!(
                "{} files with {} bytes are beyond the {} files and {} bytes of a replica",
                sums.files, sums.bytes, store.limits.replica_files, store.limits.replica_bytes
            )));
        }
        if let Some(answer) = self.lacks(replica, &target) {
            return Ok(answer);
        }
        let changed = match self.advance(replica, target.clone()) {
            // The disk is not what it was left as.
            Err(StoreError::Disk { .. }) => {
                self.drifted += self.audit(replica)?;
                if let Some(answer) = self.lacks(replica, &target) {
                    return Ok(answer);
                }
                self.advance(replica, target)?
            }
            other => other?,
        };
        store.known.await_for(&replica.folder, None);
        let drifted = std::mem::take(&mut self.drifted);
        Ok(Answer::Applied { root: self.now.manifest.root(), changed, drifted })
    }

    /// What is asked of the sender before its state can stand.
    fn lacks(&self, replica: &Replica, target: &Manifest) -> Option<Answer> {
        let store = &replica.store;
        let lacking = lacking(&self.now.manifest, target, &store.blobs);
        if lacking.is_empty() {
            return None;
        }
        store.known.remember(target);
        store.known.await_for(&replica.folder, Some(target.clone()));
        let begun = |hash| Lacking { hash, have: store.blobs.begun(&hash) };
        Some(Answer::NeedContents(lacking.into_iter().map(begun).collect()))
    }

    /// Goes to the state: in the folder where it is free, in another where it is pinned.
    fn advance(&mut self, replica: &Replica, target: Manifest) -> Result<u64, StoreError> {
        if target == self.now.manifest {
            return Ok(0);
        }
        let step = Step {
            base: self.now.manifest.root(),
            new: target.root(),
            ops: self.now.manifest.ops_to(&target),
        };
        let changed = if self.now.pins == 0 {
            self.journal.write(self.now.number, &step)?;
            self.go(replica, &target, &step)?
        } else {
            self.turn(replica, &target, &step)?
        };
        replica.store.known.remember(&target);
        self.now.manifest = target;
        self.journal.fold(self.now.number, &self.now.manifest);
        Ok(changed)
    }

    fn go(&mut self, replica: &Replica, target: &Manifest, step: &Step) -> Result<u64, StoreError> {
        let blobs = &replica.store.blobs;
        // Where nothing stood, nothing was built from it.
        let touch = if self.now.manifest == Manifest::empty() { Touch::Keep } else { Touch::Now };
        let hands = || Ok(Hands::new(replica.open_generation(self.now.number)?, blobs, touch));
        match hands()?.bring(&self.now.manifest, target) {
            Ok(changed) => Ok(changed),
            Err(error) => {
                let back = Step { base: step.new, new: step.base, ops: target.ops_to(&self.now.manifest) };
                let returned = self.journal.write(self.now.number, &back);
                let returned = returned.and_then(|()| hands()?.bring(target, &self.now.manifest));
                self.torn = returned.is_err();
                Err(error)
            }
        }
    }

    /// The next state in a folder of its own: the one that waits, or a new one.
    fn turn(&mut self, replica: &Replica, target: &Manifest, step: &Step) -> Result<u64, StoreError> {
        let free = self.others.iter().position(|it| it.pins == 0).map(|at| self.others.swap_remove(at));
        let (next, touch) = match free {
            Some(waiting) => (waiting, Touch::Now),
            None => {
                let most = self.others.iter().map(|it| it.number).chain([self.now.number]).max();
                let number = most.unwrap_or_default().wrapping_add(1);
                let path = replica.folder.join(dir_name(number));
                let _ = remove_tree(&open_dir(&replica.folder)?, dir_name(number).as_bytes());
                make_dir(&path)?;
                (Generation { number, manifest: Manifest::empty(), pins: 0 }, Touch::Keep)
            }
        };
        let hands = Hands::new(replica.open_generation(next.number)?, &replica.store.blobs, touch);
        let done = hands.bring(&next.manifest, target);
        let done = done.and_then(|_| self.journal.write(next.number, step));
        if let Err(error) = done {
            let _ = remove_tree(&open_dir(&replica.folder)?, dir_name(next.number).as_bytes());
            return Err(error);
        }
        let changed = crate::manifest::Counts::of(&step.ops).total();
        let now = Generation { manifest: target.clone(), ..next };
        self.others.push(std::mem::replace(&mut self.now, now));
        Ok(changed)
    }

    /// Looks at every byte of the folder; what is not as it was left is known as what it is. Gives how much that is.
    fn audit(&mut self, replica: &Replica) -> Result<u64, StoreError> {
        let folder = replica.folder.join(dir_name(self.now.number));
        let found = super::audit::read(&folder).map_err(StoreError::io("a replica"))?;
        self.torn = false;
        let differences = found.differences(&self.now.manifest);
        let drifted = differences.len() as u64;
        if drifted > 0 {
            // A file that was written in place was written in the store as well.
            replica.store.blobs.check(differences.iter().filter_map(|it| it.after.as_ref()));
            let step = Step {
                base: self.now.manifest.root(),
                new: found.root(),
                ops: self.now.manifest.ops_to(&found),
            };
            replica.store.known.remember(&self.now.manifest);
            self.journal.write(self.now.number, &step)?;
            self.now.manifest = found;
        }
        Ok(drifted)
    }

    fn unpin(&mut self, replica: &Replica, number: u32) {
        if self.now.number == number {
            self.now.pins = self.now.pins.saturating_sub(1);
        }
        for other in self.others.iter_mut().filter(|it| it.number == number) {
            other.pins = other.pins.saturating_sub(1);
        }
        if replica.is_removed() {
            if self.now.pins == 0 && self.others.iter().all(|it| it.pins == 0) {
                replica.erase();
            }
            return;
        }
        let free = self.others.iter().filter(|it| it.pins == 0).count();
        let mut surplus = free.saturating_sub(1);
        self.others.retain(|it| {
            if it.pins > 0 || surplus == 0 {
                return true;
            }
            surplus -= 1;
            if let Ok(folder) = open_dir(&replica.folder) {
                let _ = remove_tree(&folder, dir_name(it.number).as_bytes());
            }
            false
        });
    }
}

impl Pin {
    /// The folder, which stays what it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The root of what it is.
    pub fn root(&self) -> ContentHash {
        self.manifest.root()
    }

    /// What it is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.replica.lock().unpin(&self.replica, self.generation);
    }
}

/// The state that a step leads to: known by its root, or made of a known one.
fn target(store: &Arc<Store>, step: &Step) -> Option<Manifest> {
    store.state(&step.new).or_else(|| {
        let mut state = store.state(&step.base)?;
        state.apply(&step.ops).ok()?;
        (state.root() == step.new).then_some(state)
    })
}

fn dir_name(generation: u32) -> String {
    format!("gen-{generation}")
}
