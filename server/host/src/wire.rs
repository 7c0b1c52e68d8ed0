//! The host's own words as wire types.

use bodkin_agent::{Offer, is_test_file};
use bodkin_protocol::history::{self, ChangeState};
use bodkin_protocol::{LedgerPayload, translate};

use crate::checkpoint::State;
use crate::history::LedgerPage;
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

/// The end of a ledger.
pub fn ledger_page(page: &LedgerPage) -> history::Ledger {
    translate::ledger_page(&page.path.display().to_string(), page.report.as_ref(), &page.lines)
}

/// Whether a change stands.
pub fn change_state(state: State) -> ChangeState {
    match state {
        State::Pending => ChangeState::Pending,
        State::Applied => ChangeState::Applied,
        State::RolledBack => ChangeState::RolledBack,
        State::Undone => ChangeState::Undone,
    }
}
