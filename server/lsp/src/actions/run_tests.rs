//! "Bodkin: Run tests in the sandbox": the test around the cursor, else all tests of the file.

use bodkin_host::code::ListedKind;
use bodkin_protocol::methods::TEST;
use bodkin_protocol::testing::TestArguments;

use super::{Asked, Does, Offer, command};
use crate::testing;

const TITLE: &str = "Bodkin: Run tests in the sandbox";

/// Offered in files that a runner would look into for tests.
pub(super) fn offers(asked: &Asked<'_>) -> Vec<Offer> {
    let written = testing::of_document(asked.server, asked.document);
    if written.is_empty() {
        return Vec::new();
    }
    let (first, last) = asked.lines;
    let index = &asked.document.index;
    let around = written
        .iter()
        .filter(|it| it.kind != ListedKind::File)
        .rfind(|it| index.line(it.range.start) <= first && last <= index.line(it.range.end));
    let argument = TestArguments {
        uri: asked.document.uri.to_string(),
        tests: around.map(|it| vec![it.id.to_string()]),
        version: Some(asked.document.version),
    };
    let offer = |it| Offer { title: TITLE.to_owned(), does: Does::Command(it), diagnostics: Vec::new() };
    command(TITLE, TEST, &argument).map(offer).into_iter().collect()
}
