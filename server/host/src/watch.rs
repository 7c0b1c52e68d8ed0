//! Keeps the model in step with the disk: one watch a folder that the walk entered, none on ignored ones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::facade::Inner;

/// How long changes are gathered before they are read: an editor's save is several events.
const SETTLE: Duration = Duration::from_millis(15);

/// Begins to watch; the watcher ends with the host.
pub(crate) fn start(host: Weak<Inner>, folders: &[PathBuf]) -> Option<RecommendedWatcher> {
    let (sender, receiver) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let _ = sender.send(event);
    })
    .ok()?;
    for folder in folders {
        // A folder without a watch is seen again at the next start; the limit of watches is the system's.
        let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
    }
    std::thread::Builder::new().name("watch".to_owned()).spawn(move || follow(&host, &receiver)).ok()?;
    Some(watcher)
}

fn follow(host: &Weak<Inner>, events: &Receiver<notify::Result<Event>>) {
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
        let Some(host) = host.upgrade() else { return };
        if lost {
            host.rescan();
        } else {
            host.disk_changed(changed.iter().map(PathBuf::as_path));
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

/// Watches one more folder.
pub(crate) fn add(watcher: &mut RecommendedWatcher, folder: &Path) {
    let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
}
