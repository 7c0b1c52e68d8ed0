//! "Bodkin: Fix: …": a change of the lines that a diagnostic of another server complains of.

use bodkin_protocol::methods::{FIX, FixArguments, SelectedLines};
use tower_lsp::ls_types::{Diagnostic, DiagnosticSeverity};

use super::{Asked, Does, Offer, command};
use crate::diagnostics::SOURCE;
use crate::positions;

/// At most this many are offered at one place.
const MOST: usize = 3;

/// Longest message in a title, characters.
const LONGEST: usize = 60;

/// Offered for errors and warnings; what Bodkin reports itself has fixes of its own.
pub(super) fn offers(asked: &Asked<'_>) -> Vec<Offer> {
    if asked.is_test() || !asked.holds_code() {
        return Vec::new();
    }
    let grave = |it: &&Diagnostic| {
        let severity = it.severity.unwrap_or(DiagnosticSeverity::ERROR);
        severity == DiagnosticSeverity::ERROR || severity == DiagnosticSeverity::WARNING
    };
    let others = asked.diagnostics.iter().filter(|it| it.source.as_deref() != Some(SOURCE));
    others.filter(grave).take(MOST).filter_map(|it| offer(asked, it)).collect()
}

fn offer(asked: &Asked<'_>, diagnostic: &Diagnostic) -> Option<Offer> {
    let (first, last) = positions::lines(&asked.document.index, diagnostic.range)?;
    let title = format!("Bodkin: Fix: {}", brief(&diagnostic.message));
    let argument = FixArguments {
        uri: asked.document.uri.to_string(),
        lines: Some(SelectedLines { first: first.0, last: last.0 }),
        version: Some(asked.document.version),
        test: None,
        message: Some(diagnostic.message.clone()),
    };
    let does = Does::Command(command(&title, FIX, &argument)?);
    Some(Offer { title, does, diagnostics: vec![diagnostic.clone()] })
}

/// The start of the first line.
fn brief(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim();
    match line.chars().count() <= LONGEST {
        true => line.to_owned(),
        false => line.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}
