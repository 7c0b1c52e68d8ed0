//! Where lines of the ledger go.
//!
//! invariant: record-before-act

use thiserror::Error;

use super::Entry;

/// Keeps the ledger's lines: a file under a lock, or memory ([`crate::in_memory::InMemoryLedger`]).
///
/// Contract: each call adds one line whose place is one more than the last line's, whoever wrote that one;
/// the time is the sink's; when [`super::Kind::is_decision`] holds, the line survives a power cut
/// once the call returns.
pub trait LedgerSink {
    /// Adds a line; returns its place.
    fn append(&mut self, entry: Entry) -> Result<u64, SinkError>;
}

/// Why a line was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SinkError {
    /// It can not be written now: disk full, folder read-only, lock not to be had. May work later.
    #[error("the ledger can not be written: {0}")]
    Unavailable(String),
    /// What stands there is no unbroken ledger; nothing is added until the user has looked at it.
    #[error("the ledger is broken: {0}")]
    Broken(String),
}
