//! Small fixes that are certain, with their edit inside: broken syntax, a misspelt name, a missing import.

use bodkin_host::code::quick;
use tower_lsp::ls_types::Diagnostic;

use super::{Asked, Does, Offer};
use crate::diagnostics::{SOURCE, SYNTAX};
use crate::workspace_edit::{self, Ask, FileToEdit};

/// Offered for the lines that are meant, as the engine finds them in the text.
pub(super) fn offers(asked: &Asked<'_>) -> Vec<Offer> {
    let (Some(file), Some(range)) = (asked.file(), asked.range()) else { return Vec::new() };
    let Some(syntax) = file.syntax().filter(|_| *file.text() == *asked.document.text) else {
        return Vec::new();
    };
    quick::fixes(&syntax, range).into_iter().map(|fix| offer(asked, fix)).collect()
}

fn offer(asked: &Asked<'_>, fix: quick::QuickFix) -> Offer {
    let document = asked.document;
    let file = FileToEdit {
        uri: document.uri.clone(),
        version: Some(document.version),
        before: &document.text,
        edits: &fix.edits,
    };
    let edit = workspace_edit::request(&asked.server.client, &fix.title, vec![file], Ask::No).edit;
    let mends = |it: &&Diagnostic| {
        let is_ours = it.source.as_deref() == Some(SOURCE) && it.code == Some(SYNTAX.to_owned().into());
        fix.mends_syntax && is_ours
    };
    let diagnostics = asked.diagnostics.iter().filter(mends).cloned().collect();
    Offer { title: fix.title, does: Does::Edit(Box::new(edit)), diagnostics }
}
