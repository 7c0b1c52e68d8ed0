//! "Bodkin: Fix failing test": where a test that failed is written.

use bodkin_host::code::TestReport;
use bodkin_protocol::methods::FIX_TEST;
use bodkin_protocol::testing::FixTestArguments;
use tower_lsp::ls_types::Diagnostic;

use super::{Asked, Does, Offer, command};
use crate::diagnostics::{SOURCE, TEST_FAILED};
use crate::outcomes::has_failed;
use crate::testing;

const TITLE: &str = "Bodkin: Fix failing test";

/// Offered on the lines of each test that failed when it ran last.
pub(super) fn offers(asked: &Asked<'_>) -> Vec<Offer> {
    let Some((folder, rel)) = asked.home() else { return Vec::new() };
    let mut failed = asked.server.outcomes.of(folder, rel).filter(|it| has_failed(it.state)).peekable();
    if failed.peek().is_none() {
        return Vec::new();
    }
    let written = testing::of_document(asked.server, asked.document);
    let (first, last) = asked.lines;
    let is_here = |report: &&TestReport| {
        let listed = written.iter().find(|it| it.id == report.id);
        let index = &asked.document.index;
        let in_test = listed.is_some_and(|it| {
            !it.id.is_file() && index.line(it.range.start) <= last && first <= index.line(it.range.end)
        });
        in_test || report.line.is_some_and(|line| (first..=last).contains(&line))
    };
    failed.filter(is_here).filter_map(|it| offer(asked, it)).collect()
}

fn offer(asked: &Asked<'_>, report: &TestReport) -> Option<Offer> {
    let argument = FixTestArguments { uri: asked.document.uri.to_string(), test: report.id.to_string() };
    let does = Does::Command(command(TITLE, FIX_TEST, &argument)?);
    let ours = |it: &&Diagnostic| {
        it.source.as_deref() == Some(SOURCE)
            && it.code == Some(TEST_FAILED.to_owned().into())
            && report.line.is_some_and(|line| line.0 == it.range.start.line)
    };
    let diagnostics = asked.diagnostics.iter().filter(ours).cloned().collect();
    Some(Offer { title: TITLE.to_owned(), does, diagnostics })
}
