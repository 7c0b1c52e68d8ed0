//! "Bodkin: Fix this line": a change of the selected lines that makes the tests pass.

use bodkin_protocol::methods::{FIX, FixArguments, SelectedLines};

use super::{Asked, Does, Offer, command};

/// Offered where the lines hold code that can be read, and not in tests, where no change would prove anything.
pub(super) fn offers(asked: &Asked<'_>) -> Vec<Offer> {
    if asked.is_test() || !asked.holds_code() {
        return Vec::new();
    }
    let (first, last) = asked.lines;
    let title = if first == last { "Bodkin: Fix this line" } else { "Bodkin: Fix these lines" };
    let argument = FixArguments {
        uri: asked.document.uri.to_string(),
        lines: Some(SelectedLines { first: first.0, last: last.0 }),
        version: Some(asked.document.version),
        test: None,
        message: None,
    };
    let command = command(title, FIX, &argument);
    let offer = |it| Offer { title: title.to_owned(), does: Does::Command(it), diagnostics: Vec::new() };
    command.map(offer).into_iter().collect()
}
