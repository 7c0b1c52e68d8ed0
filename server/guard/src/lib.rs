//! The rules of what may be done to the outside world, and the record of what was.
//!
//! Pure: judges and records, never acts. An adapter that acts takes a [`Permit`], which only [`Guard`] makes,
//! and which exists only once the ledger has taken a line that says so.
//! invariants: no-permit-no-effect, record-before-act, default-is-ask

pub mod action;
pub mod budget;
mod grant;
mod guard;
pub mod in_memory;
pub mod ledger;
mod permit;
mod record;
pub mod report;
mod rules;
mod run;
pub mod secret;
pub mod sensitive;

pub use action::Action;
pub use grant::{Asker, Grant, Grants};
pub use guard::{Guard, Refusal, Request};
pub use ledger::{Entry, Kind, LedgerSink, SinkError};
pub use permit::Permit;
pub use rules::Rules;
pub use run::{RunId, RunIdError};
