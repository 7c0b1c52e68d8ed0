//! What Bodkin says to the outside: public wire types, their schemas and their documentation.
//!
//! Field names are camelCase, names of states snake_case. Lines that people read count from one, positions of
//! editors from zero, offsets are UTF-8 bytes; each field says which. A reader ignores what it does not know.
//! invariants: no-inner-type-is-serialised-directly, the-schema-is-snapshot-tested

pub mod commands;
pub mod document;
pub mod envelope;
pub mod events;
pub mod failure;
pub mod generate;
pub mod history;
pub mod methods;
pub mod offer;
pub mod payloads;
pub mod plan;
pub mod review;
pub mod schema;
pub mod settings;
pub mod status;
pub mod sync;
pub mod testing;
pub mod translate;
pub mod trial;

pub use envelope::{Envelope, Meta};
pub use events::{Event, News};
pub use failure::{Failure, FailureKind, Retry};
pub use offer::{Offer, Proof};
pub use payloads::{DoctorPayload, FixPayload, LedgerPayload, UndoPayload};
pub use plan::{Outcome, Plan, PlanEntry, RunSummary, StepState};
pub use trial::TrialPayload;
