//! The daemon's record: one hash-chained line before each act, on the disk before the act is done.
//!
//! One process writes one file, held by a lock. Lines that wait at the same time share one sync.
//! invariant: record-before-act
#![expect(clippy::disallowed_methods, reason = "the ledger is a file")]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bodkin_guard::ledger::{Chain, Tail, Timestamp, verify_bytes};
use bodkin_guard::{Entry, Kind, SinkError};
use rustix::fs::{FlockOperation, flock};
use serde_json::Value;

use crate::clock;

/// The ledger's file.
#[derive(Debug)]
pub(crate) struct Ledger {
    end: Mutex<Chain>,
    synced: Mutex<u64>,
    file: File,
}

impl Ledger {
    /// Opens or begins `ledger.jsonl` in the folder. A torn last line is cut off; any other break is told.
    pub(crate) fn open(folder: &Path) -> Result<Self, SinkError> {
        let path = folder.join("ledger.jsonl");
        let unavailable =
            |error: std::io::Error| SinkError::Unavailable(format!("{}: {error}", path.display()));
        fs::create_dir_all(folder).map_err(unavailable)?;
        let mut file =
            OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(unavailable)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            SinkError::Unavailable(format!(
                "another daemon writes {}; give it another --state",
                path.display()
            ))
        })?;
        let bytes = fs::read(&path).map_err(unavailable)?;
        let chain = if bytes.is_empty() {
            let (chain, line) = Chain::start("sandboxd", now());
            file.write_all(format!("{}\n", line.render()).as_bytes()).map_err(unavailable)?;
            chain
        } else {
            let report = verify_bytes(&bytes, None);
            match report.tail {
                Tail::Whole => {}
                Tail::Unended => file.write_all(b"\n").map_err(unavailable)?,
                Tail::Torn { keep_bytes } => file.set_len(keep_bytes).map_err(unavailable)?,
            }
            let broken =
                || SinkError::Broken(format!("{}: move it away once you have looked at it", path.display()));
            Chain::resume(report.resume().ok_or_else(broken)?)
        };
        file.sync_data().map_err(unavailable)?;
        Ok(Self { end: Mutex::new(chain), synced: Mutex::new(0), file })
    }

    /// Records that something is about to be done; when this returns, the line survives a power cut.
    pub(crate) fn permitted(&self, body: Value) -> Result<u64, SinkError> {
        let seq = self.append(Kind::Permitted, body)?;
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        if *synced < seq {
            let reached = self.end.lock().unwrap_or_else(PoisonError::into_inner).head().seq;
            self.file.sync_data().map_err(|error| SinkError::Unavailable(error.to_string()))?;
            *synced = reached;
        }
        Ok(seq)
    }

    /// Records what came of something; may be lost in a power cut.
    pub(crate) fn note(&self, kind: Kind, body: Value) {
        // What was done is done; the next line that must stand tells whether the ledger still can be written.
        let _ = self.append(kind, body);
    }

    fn append(&self, kind: Kind, body: Value) -> Result<u64, SinkError> {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = end.clone();
        let line = next.append(Entry::new(None, kind, body), now());
        let mut to = &self.file;
        let length = self.file.metadata().map_err(|error| SinkError::Unavailable(error.to_string()))?.len();
        if let Err(error) = to.write_all(format!("{}\n", line.render()).as_bytes()) {
            // Half a line (a full disk) would break the chain for the next one.
            let _ = self.file.set_len(length);
            return Err(SinkError::Unavailable(error.to_string()));
        }
        *end = next;
        Ok(line.seq)
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix_ms(clock::unix_ms())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_stand_before_the_act_and_go_on_after_a_torn_one() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        let first = ledger.permitted(json!({"do": "create"})).unwrap();
        assert!(Ledger::open(folder.path()).unwrap_err().to_string().contains("another daemon"));
        drop(ledger);
        let torn = folder.path().join("ledger.jsonl");
        let whole = fs::read(&torn).unwrap();
        fs::write(&torn, [whole.as_slice(), b"{\"seq\":2,"].concat()).unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!(ledger.permitted(json!({"do": "kill"})).unwrap(), first + 1);
        assert!(verify_bytes(&fs::read(&torn).unwrap(), None).is_intact());
    }

    #[test]
    fn a_ledger_that_was_changed_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        Ledger::open(folder.path()).unwrap().permitted(json!({"do": "create"})).unwrap();
        let file = folder.path().join("ledger.jsonl");
        let text = fs::read_to_string(&file).unwrap().replace("create", "invent");
        fs::write(&file, text).unwrap();
        assert!(matches!(Ledger::open(folder.path()), Err(SinkError::Broken(_))));
    }
}
