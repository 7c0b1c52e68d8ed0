//! One text, and what is wrong with it: worked out from a frozen snapshot, beside the loop.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bodkin_host::code::{File, Problem, ProblemKind, Snapshot, TestId, TestReport, listed, quick, secrets};
use bodkin_text::{ByteRange, Encoding, Line0, LineIndex, RelPath};
use serde_json::json;
use tower_lsp::ls_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Position, Range,
    Uri,
};

use super::{LONGEST, MOST_PROBLEMS, SECRET, SOURCE, SYNTAX, TEST_FAILED};
use crate::features::Reports;
use crate::outcomes::has_failed;
use crate::positions;
use crate::server::Server;
use crate::testing;

/// At as many problems a fix that mends the text is looked for.
const PLACES_TRIED: usize = 4;

/// One text that is to be looked at, with all that is needed for it.
pub(crate) struct Look {
    text: Arc<str>,
    pub(super) version: Option<i32>,
    file: Option<(Snapshot, RelPath)>,
    failed: Vec<(TestReport, Option<Uri>)>,
    reports: Reports,
    encoding: Encoding,
    related: bool,
}

impl Look {
    /// `None` where there is nothing to look at: the text is not known, or nothing is wrong with a file that is not
    /// open.
    pub(crate) fn at(server: &Server, path: &Path) -> Option<Self> {
        let document = server.documents.get(path);
        if document.is_some_and(|it| it.suspect.is_some() || it.text.len() > LONGEST) {
            return None;
        }
        let home = match document {
            Some(document) => document.home.clone(),
            None => server.folders.home(path),
        };
        let snapshot = home.as_ref().and_then(|(folder, _)| Some(server.folders.engine(*folder)?.snapshot()));
        let file = snapshot.zip(home.as_ref()).map(|(snapshot, (_, rel))| (snapshot, rel.clone()));
        let failed: Vec<(TestReport, Option<Uri>)> = home
            .iter()
            .flat_map(|(folder, rel)| server.outcomes.of(*folder, rel).map(move |it| (*folder, it)))
            .filter(|(_, it)| has_failed(it.state))
            .map(|(folder, it)| {
                let cause = it.cause.as_ref().and_then(|(rel, _)| testing::uri_of(server, folder, rel));
                (it.clone(), cause)
            })
            .collect();
        let text = match document {
            Some(document) => document.text.clone(),
            None if failed.is_empty() => return None,
            None => file.as_ref().and_then(|(snapshot, rel)| snapshot.file(rel)).map(File::text)?,
        };
        let preferences = home.as_ref().map_or(&server.preferences, |home| server.preferences_of(home.0));
        let mut reports = preferences.features.diagnostics;
        if document.is_none() {
            (reports.syntax, reports.secrets) = (false, false);
        }
        Some(Self {
            text,
            version: document.map(|it| it.version),
            file,
            failed,
            reports,
            encoding: server.client.encoding,
            related: server.client.related_information,
        })
    }

    /// Everything that is wrong with it, in order of position.
    pub(crate) fn found(&self) -> Vec<Diagnostic> {
        let lines = LineIndex::new(&self.text);
        let mut found = Vec::new();
        if self.reports.syntax {
            found.extend(self.syntax(&lines));
        }
        if self.reports.tests {
            found.extend(self.tests(&lines));
        }
        if self.reports.secrets {
            found.extend(self.secrets(&lines));
        }
        found.sort_by_key(|it| (it.range.start.line, it.range.start.character));
        found
    }

    fn syntax(&self, lines: &LineIndex) -> Vec<Diagnostic> {
        let file = self.file.as_ref().and_then(|(snapshot, rel)| snapshot.file(rel));
        let problems = file.filter(|it| *it.text() == *self.text).map(File::problems).unwrap_or_default();
        if let Some(fix) = self.certain(file, lines, &problems) {
            let range = visible(&self.text, lines, fix.place());
            let message = format!("Syntax: {}.", fix.problem());
            return vec![self.diagnostic(lines, range, DiagnosticSeverity::ERROR, SYNTAX, &message)];
        }
        let shown = problems.into_iter().filter(|it| match it.kind {
            ProblemKind::Unexpected | ProblemKind::Missing => true,
            ProblemKind::GivenUp => false,
        });
        shown
            .take(MOST_PROBLEMS)
            .map(|it| {
                let range = visible(&self.text, lines, it.range);
                self.diagnostic(
                    lines,
                    range,
                    DiagnosticSeverity::ERROR,
                    SYNTAX,
                    &format!("Syntax: {}.", it.message),
                )
            })
            .collect()
    }

    /// The one small fix with which the text is whole, if there is one near a problem: it says best what is wrong,
    /// where the parser only says where it gave up, which may be long before.
    fn certain(
        &self,
        file: Option<&File>,
        lines: &LineIndex,
        problems: &[Problem],
    ) -> Option<quick::QuickFix> {
        let syntax = file?.syntax()?;
        let broken = problems.iter().filter(|it| it.kind != ProblemKind::GivenUp);
        let places: BTreeSet<_> = broken.map(|it| lines.line(it.range.start)).take(PLACES_TRIED).collect();
        places.into_iter().find_map(|line| {
            let fixes = quick::fixes(&syntax, lines.line_range(line)?);
            let mut fixes = fixes.into_iter().filter(|it| it.mends_syntax);
            let only = fixes.next()?;
            fixes.next().is_none().then_some(only)
        })
    }

    fn tests(&self, lines: &LineIndex) -> Vec<Diagnostic> {
        let file = self.file.as_ref().and_then(|(snapshot, rel)| snapshot.file(rel));
        let Some(facts) = file.and_then(File::facts) else { return Vec::new() };
        let rel = self.file.as_ref().map(|it| &it.1);
        let written: BTreeSet<TestId> =
            rel.map(|rel| listed(rel, &facts)).unwrap_or_default().into_iter().map(|it| it.id).collect();
        let still = self.failed.iter().filter(|(report, _)| written.contains(&report.id));
        still
            .map(|(report, cause)| {
                let line = report.line.unwrap_or(Line0(0));
                let range = code_of_line(&self.text, lines, line);
                let message = if report.message.is_empty() { "The test failed." } else { &report.message };
                let severity = DiagnosticSeverity::ERROR;
                let mut diagnostic = self.diagnostic(lines, range, severity, TEST_FAILED, message);
                diagnostic.data = Some(json!({ "test": report.id.as_str() }));
                diagnostic.related_information = self.related_to(report, cause.as_ref());
                diagnostic
            })
            .collect()
    }

    fn related_to(
        &self,
        report: &TestReport,
        uri: Option<&Uri>,
    ) -> Option<Vec<DiagnosticRelatedInformation>> {
        let ((_, line), uri) = (report.cause.as_ref()?, uri?);
        let place = Position::new(line.0, 0);
        let location = Location { uri: uri.clone(), range: Range::new(place, place) };
        let message = "It failed here, called from the test.".to_owned();
        self.related.then(|| vec![DiagnosticRelatedInformation { location, message }])
    }

    fn secrets(&self, lines: &LineIndex) -> Vec<Diagnostic> {
        let found = secrets::find(&self.text);
        let one = |it: secrets::Found| {
            let message = format!(
                "This looks like a secret ({}) that would be saved with the file. Read it from a variable of the environment, or from a store of secrets.",
                it.what
            );
            let range = ByteRange::new(it.range.start, it.range.end);
            self.diagnostic(lines, range, DiagnosticSeverity::WARNING, SECRET, &message)
        };
        found.into_iter().map(one).collect()
    }

    fn diagnostic(
        &self,
        lines: &LineIndex,
        range: ByteRange,
        severity: DiagnosticSeverity,
        code: &str,
        message: &str,
    ) -> Diagnostic {
        Diagnostic {
            range: positions::range(lines, range, self.encoding),
            severity: Some(severity),
            code: Some(NumberOrString::String(code.to_owned())),
            source: Some(SOURCE.to_owned()),
            message: message.to_owned(),
            ..Diagnostic::default()
        }
    }
}

/// A range that can be seen: its first line, or, where it is empty, what stands before it on its line.
fn visible(text: &str, lines: &LineIndex, range: ByteRange) -> ByteRange {
    let line = lines.line_range(lines.line(range.start)).unwrap_or(range);
    let end = range.end.min(line.end).max(range.start);
    if end > range.start {
        return ByteRange::new(range.start, end);
    }
    let before = text.get(line.start..range.start).unwrap_or_default().trim_end();
    let last = before.chars().next_back().map_or(0, char::len_utf8);
    let at = line.start + before.len();
    ByteRange::new(at - last, at)
}

/// A line without the blanks around it.
fn code_of_line(text: &str, lines: &LineIndex, line: Line0) -> ByteRange {
    let Some(range) = lines.line_range(line) else { return ByteRange::at(text.len()) };
    let code = range.of(text).unwrap_or_default();
    let start = range.start + (code.len() - code.trim_start().len());
    ByteRange::new(start, (range.start + code.trim_end().len()).max(start))
}
