//! Other systems than Linux: what `notify` tells. Written for macOS and Windows and not run there.
//!
//! What was written just before a question may be told just after it; who needs to be sure pushes the path.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Dirty;
use crate::ignores::GitFolders;
use crate::path::FilePath;

type Told = Arc<(Mutex<Vec<notify::Result<Event>>>, Condvar)>;

/// The watch on a workspace: one for the whole tree.
pub(super) struct Watch {
    root: PathBuf,
    told: Told,
    _watcher: RecommendedWatcher,
}

/// Waits for changes, or for who wakes it.
pub(super) struct Waiter {
    told: Told,
}

impl Watch {
    pub(super) fn start(root: &Path) -> Result<Self, String> {
        let told: Told = Arc::default();
        let to = Arc::clone(&told);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            to.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
            to.1.notify_all();
        });
        let mut watcher = watcher.map_err(|error| error.to_string())?;
        watcher.watch(root, RecursiveMode::Recursive).map_err(|error| error.to_string())?;
        Ok(Self { root: root.to_owned(), told, _watcher: watcher })
    }

    pub(super) fn waiter(&self) -> Result<Waiter, String> {
        Ok(Waiter { told: Arc::clone(&self.told) })
    }

    pub(super) fn add(&mut self, _: Option<&FilePath>) -> Result<(), String> {
        Ok(())
    }

    pub(super) fn add_git(&mut self, _: &GitFolders) {}

    /// A folder is always read anew when it is told of: its own events do not say what happened in it.
    pub(super) fn has(&self, _: &FilePath) -> bool {
        false
    }

    pub(super) fn forget(&mut self, _: &FilePath) {}

    pub(super) fn retain(&mut self, _: impl Fn(&FilePath) -> bool) {}

    pub(super) fn drain(&mut self, dirty: &mut Dirty) {
        let told = std::mem::take(&mut *self.told.0.lock().unwrap_or_else(PoisonError::into_inner));
        for event in told {
            let Ok(event) = event else {
                dirty.all = true;
                continue;
            };
            dirty.all |= event.need_rescan();
            for path in event.paths.iter().filter(|_| !event.kind.is_access()) {
                match FilePath::below(&self.root, path) {
                    Some(path) if path.as_bytes() == b".git/index" => dirty.index = true,
                    Some(path) if path.as_bytes() == b".git/info/exclude" => dirty.all = true,
                    Some(path) => dirty.note(path),
                    None => {}
                }
            }
        }
    }
}

impl Waiter {
    pub(super) fn wait(&self, at_most: Duration) -> bool {
        let told = self.told.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.is_empty() {
            return true;
        }
        match self.told.1.wait_timeout(told, at_most) {
            Ok((_, over)) => !over.timed_out(),
            Err(_) => true,
        }
    }

    pub(super) fn wake(&self) {
        self.told.1.notify_all();
    }
}
