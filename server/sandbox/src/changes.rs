//! What a sandbox wrote, as changes against the state that it was made from; each judged, as all of it is hostile.
//!
//! A change names one path below the workspace. What could do harm where it is taken is held back or refused with
//! the reason in words; only `Taken` ones may be written to the work tree without a further question.
//! Whoever gets changes from elsewhere (another machine, a container) judges them anew with [`judged`].
//! invariant: only-deltas-cross

mod judge;
mod runs_later;

use std::path::PathBuf;

pub use judge::judged;

/// All that differs, ordered by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Each difference.
    pub changes: Vec<Change>,
    /// What was not looked at and why, in sentences (more files than may come back, a folder that can not be read).
    pub left_out: Vec<String>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path below the workspace; its bytes need not be UTF-8.
    pub path: PathBuf,
    /// What stands there now.
    pub what: What,
    /// Whether it may be taken.
    pub verdict: Verdict,
}

/// A difference that nobody has judged yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Path below the workspace.
    pub path: PathBuf,
    /// What stands there now; the permissions of a file with all their bits.
    pub what: What,
    /// Permission bits of the file that stood there before, if one did.
    pub mode_before: Option<u32>,
    /// Why it could not be brought whole, in words, if it could not.
    pub trouble: Option<String>,
}

/// What stands at a changed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A regular file.
    File {
        /// Its bytes; `None` where it is refused (too large, a hole of gigabytes).
        content: Option<Vec<u8>>,
        /// Bytes.
        size: u64,
        /// Permission bits, without setuid, setgid and sticky.
        mode: u32,
    },
    /// A symbolic link: its target as text, followed by nobody.
    Link(PathBuf),
    /// A new folder.
    Folder,
    /// Nothing: it was removed.
    Gone,
    /// A FIFO, socket or device.
    Other(&'static str),
}

/// Whether a change may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is a plain change.
    Taken,
    /// It would run outside later, or touches a sensitive file: only by name.
    Held(String),
    /// It can not be taken at all.
    Refused(String),
}
