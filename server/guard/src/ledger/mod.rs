//! The append-only, hash-chained record of what was asked, decided, permitted and done.
//!
//! Pure: makes lines and reads them back. Where they are kept is behind [`LedgerSink`].

mod chain;
mod entry;
mod sink;
mod time;
mod verify;

pub use chain::{Chain, FORMAT, Head, Line};
pub use entry::{Did, Entry, Kind};
pub use sink::{LedgerSink, SinkError};
pub use time::Timestamp;
pub use verify::{Break, Report, Tail, What, verify, verify_against, verify_bytes};
