//! Tells the model what changed on disk: one watch a folder that the walk entered, none on ignored ones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::model::Model;

/// How long changes are gathered before they are read: an editor's save is several events.
const SETTLE: Duration = Duration::from_millis(15);

/// What the system tells, to be followed once the first walk is taken in.
pub(crate) type Events = Receiver<notify::Result<Event>>;

/// Makes a watcher without folders; `None` where the system has none.
pub(crate) fn begin(watcher: &mut Option<RecommendedWatcher>) -> Option<Events> {
    let (sender, events) = channel();
    let made = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let _ = sender.send(event);
    });
    *watcher = Some(made.ok()?);
    Some(events)
}

/// Watches one more folder, not what is below it.
pub(crate) fn add(watcher: &mut RecommendedWatcher, folder: &Path) {
    // A folder without a watch is seen again at the next start; the limit of watches is the system's.
    let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
}

/// Follows events on the thread that asks, until the model or its watcher is gone.
pub(crate) fn follow(model: Weak<Model>, events: Events) {
    while let Ok(first) = events.recv() {
        let mut changed = BTreeSet::new();
        let mut lost = take(first, &mut changed);
        loop {
            match events.recv_timeout(SETTLE) {
                Ok(event) => lost |= take(event, &mut changed),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let Some(model) = model.upgrade() else { return };
        if lost {
            model.rescan();
        } else if !changed.is_empty() {
            model.disk_changed(&changed);
        }
    }
}

/// Gathers the paths of an event; true when events were lost and everything must be looked at again.
fn take(event: notify::Result<Event>, changed: &mut BTreeSet<PathBuf>) -> bool {
    match event {
        Ok(event) => {
            let lost = event.need_rescan();
            let read_only = event.kind.is_access();
            if !read_only {
                changed.extend(event.paths);
            }
            lost
        }
        Err(_) => true,
    }
}
