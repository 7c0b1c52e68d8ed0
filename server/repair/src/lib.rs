//! Repair without a model: where a fault may be, what may mend it, in which order to try.
//!
//! A [`Search`] is made of one frozen snapshot, the places to look at and what was seen to fail. It hands out
//! candidates, likeliest first, and is told how they went. It never runs anything. [`quick`] holds small fixes that need
//! no test.
//! invariants: offline; search-is-seeded and resumable; candidates are edits against one revision; every search has
//! a bound

mod binding;
mod candidate;
mod expression;
mod facts;
mod identity;
mod learning;
mod material;
mod operators;
mod opposites;
mod places;
mod pricing;
mod priors;
mod proposal;
pub mod quick;
mod search;
mod shape;
mod similarity;
mod simplify;
mod site;
mod source;
mod surface;
mod symptom;
mod tree;

pub use candidate::{
    Candidate, CandidateId, Caution, Certainty, Feedback, FeedbackResult, NoSearch, Options, Place,
};
pub use operators::operators;
pub use search::Search;
pub use symptom::Symptom;
