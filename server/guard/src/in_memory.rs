//! A ledger in memory: the twin of the one on disk, which checks the contract at every call.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ledger::{Chain, Entry, Kind, LedgerSink, Line, SinkError, Timestamp};

/// Keeps lines in memory, and refuses what a right caller never does: a [`Kind::Did`] that names no permit,
/// or names one a second time, or a second first line.
#[derive(Debug, Clone)]
pub struct InMemoryLedger {
    chain: Chain,
    lines: Vec<Line>,
    open_permits: BTreeSet<u64>,
    room_for: usize,
}

impl InMemoryLedger {
    /// A ledger for the workspace `in-memory`, with its first line. Its clock starts at 1970 and ticks by a second
    /// each line.
    pub fn new() -> Self {
        Self::with_room_for(usize::MAX)
    }

    /// One that takes so many lines after the first and then is unavailable.
    pub fn with_room_for(lines: usize) -> Self {
        let (chain, first) = Chain::start("in-memory", Timestamp::from_unix_ms(0));
        Self { chain, lines: vec![first], open_permits: BTreeSet::new(), room_for: lines }
    }

    /// Every line, the first included.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Every line as it would stand in the file, each with its line end.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| line.render() + "\n").collect()
    }

    /// Permits whose act has no outcome on the ledger yet.
    pub fn open_permits(&self) -> impl Iterator<Item = u64> {
        self.open_permits.iter().copied()
    }

    fn check(&mut self, line: &Line) -> Result<(), SinkError> {
        let last = self.lines.last().map(Line::head);
        let follows =
            last.is_some_and(|last| line.prev == last.hash && line.seq == last.seq.saturating_add(1));
        if !follows || !line.is_sealed() {
            return Err(SinkError::Broken(format!("line {} does not follow the one before", line.seq)));
        }
        match line.kind {
            Kind::Permitted => {
                self.open_permits.insert(line.seq);
                Ok(())
            }
            Kind::Did => {
                let permit = line.body.get("permit").and_then(Value::as_u64);
                match permit.filter(|permit| self.open_permits.remove(permit)) {
                    Some(_) => Ok(()),
                    None => Err(SinkError::Broken(format!("line {} names no permit that is open", line.seq))),
                }
            }
            Kind::Genesis => Err(SinkError::Broken("a ledger has one first line".to_owned())),
            Kind::Asked
            | Kind::Questioned
            | Kind::Refused
            | Kind::Decided
            | Kind::Checkpoint
            | Kind::Ended => Ok(()),
        }
    }
}

impl Default for InMemoryLedger {
    fn default() -> Self {
        Self::new()
    }
}

impl LedgerSink for InMemoryLedger {
    fn append(&mut self, entry: Entry) -> Result<u64, SinkError> {
        if self.lines.len() > self.room_for {
            return Err(SinkError::Unavailable("no room left".to_owned()));
        }
        let mut chain = self.chain.clone();
        let ticks = u64::try_from(self.lines.len()).unwrap_or(u64::MAX);
        let line = chain.append(entry, Timestamp::from_unix_ms(ticks.saturating_mul(1000)));
        self.check(&line)?;
        self.chain = chain;
        let seq = line.seq;
        self.lines.push(line);
        Ok(seq)
    }
}
