//! A watch where the other side can not tell of changes by itself: it looks again and again.
//!
//! Events come with a delay of [`PolledWatch::DELAY`] and the time of a look. A file that is written twice between
//! two looks is told of once; one that comes and goes between two looks is not told of.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::shell::Shell;
use super::survey::{Look, survey};
use crate::SandboxError;
use crate::session::{EntryKind, FileEvent, Watch};

/// A watch on a folder by looking at it.
pub struct PolledWatch {
    shell: Arc<dyn Shell + Send + Sync>,
    folder: PathBuf,
    depth: u32,
    before: Look,
    events: VecDeque<FileEvent>,
    next_look: Instant,
}

impl PolledWatch {
    /// The time between two looks.
    pub const DELAY: Duration = Duration::from_millis(250);

    /// Watches from now on.
    #[expect(clippy::disallowed_methods, reason = "the looks keep their distance")]
    pub fn new(
        shell: Arc<dyn Shell + Send + Sync>,
        folder: &Path,
        recursive: bool,
    ) -> Result<Self, SandboxError> {
        let depth = if recursive { 100 } else { 1 };
        let before = survey(&*shell, folder, depth)?;
        let next_look = Instant::now() + Self::DELAY;
        Ok(Self { shell, folder: folder.to_owned(), depth, before, events: VecDeque::new(), next_look })
    }

    fn look(&mut self) -> bool {
        let Ok(now) = survey(&*self.shell, &self.folder, self.depth) else { return false };
        self.events.extend(differences(&self.folder, &self.before, &now));
        self.before = now;
        true
    }
}

impl Watch for PolledWatch {
    #[expect(clippy::disallowed_methods, reason = "the looks keep their distance, and the wait its deadline")]
    fn next(&mut self, wait: Duration) -> Option<FileEvent> {
        let until = Instant::now() + wait;
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let now = Instant::now();
            if now < self.next_look.min(until) {
                std::thread::sleep(self.next_look.min(until) - now);
            }
            if Instant::now() >= self.next_look {
                let is_there = self.look();
                self.next_look = Instant::now() + Self::DELAY;
                if !is_there {
                    return None;
                }
            } else {
                return None;
            }
        }
    }
}

/// What happened between two looks.
fn differences(folder: &Path, before: &Look, now: &Look) -> Vec<FileEvent> {
    let mut events = Vec::new();
    for path in before.keys().filter(|path| !now.contains_key(*path)) {
        events.push(FileEvent::Removed(folder.join(path)));
    }
    for (path, seen) in now {
        let whole = folder.join(path);
        match before.get(path) {
            None => events.push(FileEvent::Created(whole)),
            Some(old) if seen.kind == EntryKind::Folder && old.kind == EntryKind::Folder => {
                if old.mode != seen.mode {
                    events.push(FileEvent::ModeChanged(whole));
                }
            }
            Some(old) if old == seen => {}
            Some(old) if old.inode != seen.inode => events.push(FileEvent::Created(whole)),
            Some(old) if old.mode != seen.mode => events.push(FileEvent::ModeChanged(whole)),
            Some(_) => events.push(FileEvent::Written(whole)),
        }
    }
    events
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests lay files in a temporary folder")]

    use super::super::survey::tests::Here;
    use super::*;

    #[test]
    fn a_watch_tells_what_came_what_was_written_and_what_went() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new, gone] = ["old", "new", "gone"].map(|name| folder.path().join(name));
        std::fs::write(&old, "a").unwrap();
        std::fs::write(&gone, "").unwrap();
        let mut watch = PolledWatch::new(Arc::new(Here), folder.path(), true).unwrap();
        std::fs::write(&old, "longer").unwrap();
        std::fs::write(&new, "").unwrap();
        std::fs::remove_file(&gone).unwrap();
        let soon = Duration::from_secs(20);
        let told: Vec<_> = (0..3).map(|_| watch.next(soon).unwrap()).collect();
        assert_eq!(told, [FileEvent::Removed(gone), FileEvent::Created(new), FileEvent::Written(old)]);
        assert_eq!(watch.next(Duration::ZERO), None);
    }
}
