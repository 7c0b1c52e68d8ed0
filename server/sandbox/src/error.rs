//! What can go wrong before a command runs. How a command ends is never an error: see `Exit`.

use thiserror::Error;

/// Why a sandbox could not be used, named by what the caller can do about it.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// This machine, or this workspace, can not be sandboxed as it is.
    #[error("{why}; {next_step}")]
    Unavailable {
        /// What is missing or refused.
        why: String,
        /// What the user can do about it.
        next_step: String,
    },
    /// The permit was given for other files than those that came with it: ask again.
    #[error("{0}; ask for a new permit")]
    Stale(String),
    /// The system failed at it; trying again may help.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl SandboxError {
    /// An [`SandboxError::Io`] out of what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
