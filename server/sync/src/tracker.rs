//! Follows a workspace, so that after the first look nothing is looked at but what changed.
//!
//! On Linux the system's queue of changes is emptied at the moment of the question: what was written before
//! [`Tracker::settle`] is called is in its answer, with no delay and no thread. Where changes can not be told (too many
//! folders, a network mount), every question looks at the times of all files, and [`Tracker::status`] says so.
//! invariant: what is answered is what a scan from nothing would find

#[cfg(target_os = "linux")]
mod inotify;
#[cfg(not(target_os = "linux"))]
mod notified;
mod settle;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bodkin_text::{Layer, RelPath};

use crate::ignores::Ignores;
use crate::manifest::Manifest;
use crate::path::FilePath;
use crate::rules::Rules;
use crate::scan::{Eye, Scanned, Told};
use crate::state::State;

#[cfg(target_os = "linux")]
use inotify::{Waiter, Watch};
#[cfg(not(target_os = "linux"))]
use notified::{Waiter, Watch};

/// How long a file that is being written is waited for, at most: its end is told when it is closed.
const SETTLE: Duration = Duration::from_millis(5);

/// A workspace that is followed. Any number of threads may ask.
pub struct Tracker {
    inner: Mutex<Inner>,
    waiter: Option<Waiter>,
}

/// How changes are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// They are told by the system.
    Watching,
    /// Every question looks at all files; the reason in words.
    Scanning(String),
}

struct Inner {
    eye: Eye,
    manifest: Manifest,
    told: Arc<Told>,
    layer: Layer,
    watch: Result<Watch, String>,
    dirty: Dirty,
    /// Other texts are laid over the files since the last answer.
    news: bool,
    saved: Option<PathBuf>,
}

/// What is to be looked at again.
#[derive(Debug, Default)]
struct Dirty {
    paths: BTreeSet<FilePath>,
    /// Folders that are to be read anew with all below.
    folders: BTreeSet<FilePath>,
    /// Files that were written and not closed yet.
    open: BTreeSet<FilePath>,
    /// Git's index was written.
    index: bool,
    /// Everything: changes were lost, or what is ignored changed everywhere.
    all: bool,
}

impl Dirty {
    fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.folders.is_empty() && !self.index && !self.all
    }

    /// Notes a change of what stands at a path.
    fn note(&mut self, path: FilePath) {
        if path.name() == b".gitignore" {
            match path.parent() {
                Some(folder) => drop(self.folders.insert(folder)),
                None => self.all = true,
            }
        }
        self.paths.insert(path);
    }
}

impl Tracker {
    /// Looks at the workspace in `root` once, and follows it from then on. With `saved`, what was known is read from
    /// that file and kept there: then only files whose times changed are read.
    pub fn start(root: &Path, rules: Rules, saved: Option<PathBuf>) -> io::Result<Self> {
        let root = std::fs::canonicalize(root)?;
        let watch = Watch::start(&root);
        Self::with(watch, root, rules, saved)
    }

    fn with(
        watch: Result<Watch, String>,
        root: PathBuf,
        rules: Rules,
        saved: Option<PathBuf>,
    ) -> io::Result<Self> {
        let known = saved.as_deref().and_then(read_saved).unwrap_or_default();
        let waiter = watch.as_ref().ok().and_then(|it| it.waiter().ok());
        let eye = Eye { root, rules, ignores: Arc::new(Ignores::default()) };
        let mut inner = Inner {
            eye,
            manifest: known,
            told: Arc::default(),
            layer: Layer::empty(),
            watch,
            dirty: Dirty { all: true, ..Dirty::default() },
            news: false,
            saved,
        };
        inner.settle()?;
        Ok(Self { inner: Mutex::new(inner), waiter })
    }

    /// The workspace as it is now, unsaved texts laid over it.
    pub fn settle(&self) -> io::Result<Scanned> {
        let mut inner = self.lock();
        inner.settle()?;
        Ok(inner.scanned())
    }

    /// Waits until something may have changed, at most so long; whether it may. A file that is being written is
    /// given a few milliseconds to be closed.
    pub fn wait(&self, at_most: Duration) -> bool {
        if let Some(waiter) = &self.waiter {
            let told = self.has_news() || waiter.wait(at_most);
            if told && !self.lock().gather().open.is_empty() {
                waiter.wait(SETTLE);
            }
            return told;
        }
        // Nobody tells: after the time, everything may have changed.
        std::thread::park_timeout(at_most);
        true
    }

    /// Has this file looked at again: the caller wrote it, or knows that it changed.
    pub fn push(&self, path: &FilePath) {
        self.lock().dirty.note(path.clone());
        self.wake();
    }

    /// Lays texts over the files, in place of those laid before: unsaved buffers.
    pub fn lay(&self, layer: Layer) {
        let mut inner = self.lock();
        (inner.layer, inner.news) = (layer, true);
        drop(inner);
        self.wake();
    }

    /// Lays one text over a file, or takes it away again.
    pub fn lay_one(&self, path: &RelPath, text: Option<&str>) {
        let mut inner = self.lock();
        let mut layer = Layer::empty();
        for (at, text) in inner.layer.iter().filter(|(at, _)| *at != path) {
            match text {
                Some(text) => layer.put(at.clone(), Arc::clone(text)),
                None => layer.hide(at.clone()),
            }
        }
        if let Some(text) = text {
            layer.put(path.clone(), text);
        }
        (inner.layer, inner.news) = (layer, true);
        drop(inner);
        self.wake();
    }

    /// Has everything looked at again: the machine slept, a clock jumped.
    pub fn doubt(&self) {
        self.lock().dirty.all = true;
        self.wake();
    }

    /// How changes are found now.
    pub fn status(&self) -> Status {
        match &self.lock().watch {
            Ok(_) => Status::Watching,
            Err(why) => Status::Scanning(why.clone()),
        }
    }

    /// Keeps what is known for the next start.
    pub fn save(&self) -> io::Result<()> {
        self.lock().save()
    }

    fn has_news(&self) -> bool {
        let mut inner = self.lock();
        !inner.gather().is_empty() || inner.news
    }

    fn wake(&self) {
        if let Some(waiter) = &self.waiter {
            waiter.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        // What is not kept is read again.
        let _ = self.lock().save();
    }
}

impl Inner {
    /// What the system told up to now.
    fn gather(&mut self) -> &Dirty {
        if let Ok(watch) = &mut self.watch {
            watch.drain(&mut self.dirty);
        }
        &self.dirty
    }

    fn scanned(&self) -> Scanned {
        let state = State {
            root: self.eye.root.clone(),
            manifest: self.manifest.clone(),
            layer: Arc::new(Layer::empty()),
            ignores: Arc::clone(&self.eye.ignores),
        };
        let state = if self.layer.is_empty() { state } else { state.lay(&self.layer, &self.eye.rules) };
        Scanned { state, told: Arc::clone(&self.told) }
    }

    fn save(&self) -> io::Result<()> {
        let Some(path) = &self.saved else { return Ok(()) };
        write_saved(path, &self.manifest.to_bytes())
    }
}

#[expect(clippy::disallowed_methods, reason = "what is known is kept on the disk")]
fn read_saved(path: &Path) -> Option<Manifest> {
    Manifest::from_bytes(&std::fs::read(path).ok()?).ok()
}

#[expect(clippy::disallowed_methods, reason = "what is known is kept on the disk")]
fn write_saved(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    std::fs::write(&temporary, bytes)?;
    std::fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test makes the folder that it looks at")]
    fn where_nothing_is_told_every_question_looks_and_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let why = "the workspace lies on NFS".to_owned();
        let tracker = Tracker::with(Err(why.clone()), root.clone(), Rules::default(), None).unwrap();
        assert_eq!(tracker.status(), Status::Scanning(why));
        for text in ["first", "later"] {
            std::fs::write(root.join("a"), text).unwrap();
            let scanned = tracker.settle().unwrap();
            let leaf = scanned.manifest().leaf(&FilePath::new(*b"a").unwrap()).unwrap().clone();
            let hash = bodkin_text::ContentHash::of(text);
            assert!(matches!(leaf.entry, crate::Entry::File { hash: it, .. } if it == hash));
        }
        assert!(tracker.wait(Duration::ZERO));
    }
}
