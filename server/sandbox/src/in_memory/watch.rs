//! A watch on files in memory.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::session::lock;
use crate::session::{FileEvent, Watch};

/// Events that a watch keeps at most.
const KEPT_EVENTS: usize = 1000;

/// A watch from the side of the files.
pub(super) struct Watched {
    pub(super) folder: PathBuf,
    pub(super) recursive: bool,
    pub(super) events: Mutex<VecDeque<FileEvent>>,
    pub(super) changed: Condvar,
}

impl Watched {
    /// Takes what concerns it.
    pub(super) fn tell(&self, events: &[FileEvent]) {
        let mut kept = lock(&self.events);
        for event in events.iter().filter(|event| self.concerns(event)) {
            if kept.len() < KEPT_EVENTS {
                kept.push_back(event.clone());
            } else if kept.back() != Some(&FileEvent::Lost) {
                kept.push_back(FileEvent::Lost);
            }
        }
        drop(kept);
        self.changed.notify_all();
    }

    fn concerns(&self, event: &FileEvent) -> bool {
        match event {
            FileEvent::Created(path)
            | FileEvent::Written(path)
            | FileEvent::Removed(path)
            | FileEvent::Renamed(path)
            | FileEvent::ModeChanged(path) => {
                path.parent() == Some(&*self.folder) || (self.recursive && path.starts_with(&self.folder))
            }
            FileEvent::Lost => true,
        }
    }
}

/// A watch from the side of who listens.
pub(super) struct Watching(pub(super) Arc<Watched>);

impl Watch for Watching {
    #[expect(clippy::disallowed_methods, reason = "a wait with a deadline")]
    fn next(&mut self, wait: Duration) -> Option<FileEvent> {
        let deadline = Instant::now() + wait;
        let mut events = lock(&self.0.events);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if !events.is_empty() || left.is_zero() {
                return events.pop_front();
            }
            events = self.0.changed.wait_timeout(events, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
