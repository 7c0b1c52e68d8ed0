//! The one mutable workspace of a host, kept in step with the disk and the screen.
//!
//! invariant: one-writer (everything that changes the model goes through here, under one lock)

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bodkin_agent::run::Target;
use bodkin_text::RelPath;
use bodkin_workspace::{Snapshot, Workspace};
use notify::RecommendedWatcher;

use crate::tree::{self, Found, Walked};
use crate::watch;

/// The files of one folder, as they are on the screen and on disk.
pub(crate) struct Model {
    root: PathBuf,
    workspace: Mutex<Workspace>,
    /// Every file that the walk found, ordered; `None` until the first walk is done.
    listing: Mutex<Option<Arc<Vec<RelPath>>>>,
    /// Told after every look at the disk.
    changed: Condvar,
    watcher: Mutex<Option<RecommendedWatcher>>,
}

impl Model {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            workspace: Mutex::new(Workspace::new()),
            listing: Mutex::new(None),
            changed: Condvar::new(),
            watcher: Mutex::new(None),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn workspace(&self) -> MutexGuard<'_, Workspace> {
        lock(&self.workspace)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.workspace().snapshot()
    }

    /// The text on the screen, else on disk; `None` where there is none.
    pub(crate) fn present(&self, path: &RelPath) -> Option<Arc<str>> {
        let snapshot = self.snapshot();
        match snapshot.file(path) {
            Some(file) if file.is_open() => Some(file.text()),
            Some(_) | None => tree::look(&self.root, path).text,
        }
    }

    /// The listing, once the first walk is done; `None` when that takes longer than `patience`.
    pub(crate) fn listing_within(&self, patience: Duration) -> Option<Arc<Vec<RelPath>>> {
        let listing = lock(&self.listing);
        let waited = self.changed.wait_timeout_while(listing, patience, |it| it.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// The first look at the whole tree. The watch begins before a folder is read, so that nothing is missed
    /// between the two; what it sees meanwhile waits until the walk is taken in.
    pub(crate) fn first_walk(self: &Arc<Self>, follow: bool) {
        let events = if follow { watch::begin(&mut lock(&self.watcher)) } else { None };
        let walked = std::panic::catch_unwind(|| tree::walk(&self.root, |folder| self.watch(folder)));
        // A run that waits must not wait for ever, whatever the walk came to.
        self.take(walked.unwrap_or_default());
        if let Some(events) = events {
            watch::follow(Arc::downgrade(self), events);
        }
    }

    /// Begins to follow the disk after all, on the thread that asks.
    pub(crate) fn follow_disk(self: Arc<Self>) {
        let Some(events) = watch::begin(&mut lock(&self.watcher)) else { return };
        self.rescan();
        let model = Arc::downgrade(&self);
        drop(self); // the watch must not keep the model alive
        watch::follow(model, events);
    }

    /// Looks at the whole tree again, because changes were missed.
    pub(crate) fn rescan(&self) {
        self.take(tree::walk(&self.root, |folder| self.watch(folder)));
    }

    fn watch(&self, folder: &Path) {
        if let Some(watcher) = lock(&self.watcher).as_mut() {
            watch::add(watcher, folder);
        }
    }

    fn take(&self, walked: Walked) {
        {
            let mut workspace = self.workspace();
            let there: BTreeSet<&RelPath> = walked.texts.iter().map(|it| &it.0).collect();
            let gone: Vec<RelPath> = workspace
                .snapshot()
                .files()
                .map(|(path, _)| path)
                .filter(|path| !there.contains(path))
                .cloned()
                .collect();
            for path in gone {
                workspace.remove_disk(&path);
            }
            for (path, text) in walked.texts {
                workspace.set_disk(path, text);
            }
        }
        *lock(&self.listing) = Some(Arc::new(walked.listing));
        self.changed.notify_all();
    }

    /// Takes in what the disk holds at paths that changed, and below them: what is gone or ignored goes.
    pub(crate) fn disk_changed(&self, changed: &BTreeSet<PathBuf>) {
        if changed.iter().any(|path| tree::is_ignore_file(path)) {
            return self.rescan();
        }
        let walked = tree::walk_only(&self.root, changed, |folder| self.watch(folder));
        let changed: BTreeSet<RelPath> =
            changed.iter().filter_map(|path| tree::relative(&self.root, path)).collect();
        self.take_part(&changed, walked);
    }

    fn take_part(&self, changed: &BTreeSet<RelPath>, walked: Walked) {
        let names: BTreeSet<&str> = changed.iter().map(RelPath::as_str).collect();
        // The path itself, or a folder that it lies in.
        let concerned = |path: &RelPath| {
            let path = path.as_str();
            let mut folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
            names.contains(path) || folders.any(|folder| names.contains(folder))
        };
        {
            let mut workspace = self.workspace();
            let there: BTreeSet<&RelPath> = walked.texts.iter().map(|it| &it.0).collect();
            let gone: Vec<RelPath> = workspace
                .snapshot()
                .files()
                .map(|(path, _)| path)
                .filter(|path| concerned(path) && !there.contains(path))
                .cloned()
                .collect();
            for path in gone {
                workspace.remove_disk(&path);
            }
            for (path, text) in walked.texts {
                workspace.set_disk(path, text);
            }
        }
        self.list(concerned, walked.listing);
        self.changed.notify_all();
    }

    /// Puts what was found in place of what the listing had of the paths concerned.
    fn list(&self, concerned: impl Fn(&RelPath) -> bool, found: Vec<RelPath>) {
        let mut listing = lock(&self.listing);
        let Some(listing) = listing.as_mut() else { return };
        let there: BTreeSet<RelPath> = found.into_iter().collect();
        let same = listing.iter().filter(|path| concerned(path)).eq(there.iter());
        if !same {
            let kept = listing.iter().filter(|path| !concerned(path)).cloned();
            let mut all: Vec<RelPath> = kept.chain(there).collect();
            all.sort();
            *listing = Arc::new(all);
        }
    }

    /// Waits until the model is as it should be; false when it is not within `patience`.
    #[cfg(test)]
    pub(crate) fn becomes(&self, patience: Duration, holds: impl Fn(&Snapshot, &[RelPath]) -> bool) -> bool {
        let listing = lock(&self.listing);
        let not_yet = |listing: &mut Option<Arc<Vec<RelPath>>>| {
            !holds(&self.snapshot(), listing.as_ref().map_or(&[], |it| it.as_slice()))
        };
        !self.changed.wait_timeout_while(listing, patience, not_yet).unwrap().1.timed_out()
    }

    /// Makes the model hold what was found on disk; a buffer stays on top of it. Says what a run may work on.
    pub(crate) fn refresh(&self, path: &RelPath, found: &Found) -> Target {
        let mut workspace = self.workspace();
        match &found.text {
            Some(text) => workspace.set_disk(path.clone(), text.clone()),
            None => workspace.remove_disk(path),
        }
        let on_screen = workspace.snapshot().file(path).is_some_and(bodkin_workspace::File::is_open);
        if on_screen { Target::Text } else { found.target }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
