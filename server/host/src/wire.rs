//! The host's own words as wire types.

use bodkin_agent::{Offer, is_test_file};
use bodkin_protocol::{LedgerPayload, translate};

use crate::ledger::LedgerCheck;

/// A patch with its evidence.
pub fn offer(offer: &Offer) -> bodkin_protocol::Offer {
    translate::offer(offer, is_test_file)
}

/// What a check of the ledger found.
pub fn ledger(found: &LedgerCheck) -> LedgerPayload {
    match &found.report {
        Some(report) => translate::ledger(&found.path.display().to_string(), report),
        None => translate::no_ledger(),
    }
}
