//! The parts of the extension that only compute, on values, without an editor.

use std::path::Path;

use crate::{Server, drive};

#[test]
fn hunks_rows_words_and_evidence_are_computed_as_they_are_shown() {
    let Some((went_well, said)) = drive(Path::new("units.mjs"), Server::Real) else { return };
    assert!(went_well, "{said}");
    assert!(said.contains("# fail 0") && !said.contains("# pass 0"), "{said}");
}
