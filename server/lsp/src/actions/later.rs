//! What can not be had yet, for clients that ask for it by name and can show why not.

use super::{Asked, Does, Offer};

/// Why.
const NEEDS_A_MODEL: &str = "Needs a model; none is set up.";

/// What would change the selection.
pub(super) fn refactorings(asked: &Asked<'_>) -> Vec<Offer> {
    if !asked.holds_code() {
        return Vec::new();
    }
    vec![offer("Bodkin: Refactor"), offer("Bodkin: Document")]
}

/// What would be about the file.
pub(super) fn of_source(asked: &Asked<'_>) -> Vec<Offer> {
    if !asked.holds_code() {
        return Vec::new();
    }
    vec![offer("Bodkin: Explain"), offer("Bodkin: Write tests")]
}

fn offer(title: &str) -> Offer {
    Offer { title: title.to_owned(), does: Does::Nothing(NEEDS_A_MODEL), diagnostics: Vec::new() }
}
