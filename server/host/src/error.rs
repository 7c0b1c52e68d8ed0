//! What a caller of the host is told when something can not be done.

use std::fmt;
use std::io;
use std::path::Path;

use bodkin_guard::Refusal;
use bodkin_protocol::FailureKind;

/// What happened, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostError {
    /// What the caller can do about it.
    pub kind: FailureKind,
    /// What happened, naming the thing.
    pub message: String,
    /// The next step.
    pub hint: String,
}

impl HostError {
    /// The request itself is wrong.
    pub fn bad(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FailureKind::BadRequest, message: message.into(), hint: hint.into() }
    }

    /// The world has moved on since the request was made.
    pub fn stale(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FailureKind::Stale, message: message.into(), hint: hint.into() }
    }

    /// Something that is needed is not there now.
    pub fn unavailable(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FailureKind::Unavailable, message: message.into(), hint: hint.into() }
    }

    /// A rule forbids it.
    pub fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, message: message.into(), hint: hint.into() }
    }

    /// Reading or writing `path` failed; nothing was changed by it.
    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        let kind = error.kind();
        let hint = if matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            "Make room on that disk, then run this again; nothing was changed."
        } else if kind == io::ErrorKind::ReadOnlyFilesystem {
            "That file system is read-only; nothing was changed."
        } else if kind == io::ErrorKind::PermissionDenied {
            "Check the permissions of that path; nothing was changed."
        } else {
            "Check that path, then run this again; nothing was changed."
        };
        Self::unavailable(format!("{doing} `{}` failed: {}", path.display(), cause(error)), hint)
    }
}

/// What the system said, without what libraries put around it, such as the random name of a temporary file.
fn cause(error: &io::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

impl From<Refusal> for HostError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NeedsConsent { question, grant } => {
                Self::refused(question, format!("Consent is needed to {grant}."))
            }
            Refusal::Denied { reason, hint } => Self::refused(reason, hint),
            Refusal::LedgerUnavailable(error) => Self::unavailable(
                format!("nothing is done that can not be recorded: {error}"),
                "`bodkin ledger verify` tells what is wrong with the ledger.",
            ),
        }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.message, self.hint)
    }
}

impl std::error::Error for HostError {}
