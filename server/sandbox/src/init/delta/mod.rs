//! What the command changed: told by looking at what it wrote, against what it was given.
//!
//! Runs when nothing inside is alive or everything is held still, without privileges, by descriptors that were
//! opened before the command existed. Follows no link, opens nothing but regular files, and stops at bounds. Unsaved
//! buffers and candidates, which were laid over the workspace, count as given.
//! invariant: only-deltas-cross

mod files;
mod gone;
mod walk;

use std::collections::BTreeMap;
use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use bodkin_text::ContentHash;
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::local::pieces::{self, Told};

/// What was written, and what to compare it with.
#[derive(Debug)]
pub(super) struct Delta {
    written: OwnedFd,
    /// `None`: nothing was given.
    given: Option<OwnedFd>,
    how: How,
    laid: BTreeMap<PathBuf, Option<ContentHash>>,
}

/// How what was written tells of what was given.
#[derive(Debug, Clone, Copy)]
enum How {
    /// As an overlay's upper layer.
    Layer,
    /// As a copy of it, finished at this time.
    Copy(Timespec),
}

impl Delta {
    /// The upper layer of an overlay over `given`, or what was written where nothing was given.
    pub(super) fn of_layer(written: OwnedFd, given: Option<OwnedFd>) -> Self {
        Self { written, given, how: How::Layer, laid: BTreeMap::new() }
    }

    /// A copy of `given` that has just been finished.
    pub(super) fn of_copy(written: OwnedFd, given: OwnedFd) -> Self {
        let now = clock_gettime(ClockId::RealtimeCoarse);
        Self { written, given: Some(given), how: How::Copy(now), laid: BTreeMap::new() }
    }

    /// Remembers what was laid over what was given.
    pub(super) fn with_layer(mut self, files: &[(String, bool)], texts: &[Vec<u8>]) -> Self {
        let mut texts = texts.iter();
        self.laid = files
            .iter()
            .map(|(path, has_text)| {
                let text = if *has_text { texts.next() } else { None };
                (PathBuf::from(path), text.map(ContentHash::of))
            })
            .collect();
        self
    }

    /// What must stay open for this to work: the folders that are looked at.
    pub(super) fn folders(&self) -> impl Iterator<Item = &OwnedFd> {
        [Some(&self.written), self.given.as_ref()].into_iter().flatten()
    }

    /// Tells all differences.
    fn send(&self, to: &mut UnixStream) -> io::Result<()> {
        walk::Walk::of(self, to)?.all()
    }

    /// Tells all differences, and if that fails says so.
    pub(super) fn send_or_say(&self, to: &mut UnixStream) -> io::Result<()> {
        self.send(to).or_else(|error| {
            let sentence = format!("What was changed could not be looked at whole: {error}.");
            pieces::send(to, &Told::LeftOut(sentence))
        })
    }

    /// The same, and hangs up.
    pub(super) fn send_all(&self, to: OwnedFd) -> io::Result<()> {
        let mut to = UnixStream::from(to);
        let sent = self.send_or_say(&mut to);
        let _ = to.shutdown(Shutdown::Both);
        sent
    }

    fn laid(&self, path: &Path) -> Option<&Option<ContentHash>> {
        self.laid.get(path)
    }
}
