//! What is wrong with a document: broken syntax, failed tests, secrets about to be saved.
//!
//! Worked out beside the loop once the user stops typing, for one version of the text; what comes too late is dropped.
//! Clients that pull get the answer when they ask; the others are told. Files that are not open are only spoken of
//! where a test in them failed. No diagnostic shows a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_host::code::{File, ProblemKind, Snapshot, TestId, TestReport, listed, secrets};
use bodkin_text::{ByteRange, Encoding, Line0, LineIndex, RelPath};
use serde_json::json;
use tower_lsp::ls_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Uri,
};

use crate::features::Reports;
use crate::folders::FolderId;
use crate::outcomes::has_failed;
use crate::positions;
use crate::server::Server;
use crate::testing;

/// Who says so.
pub(crate) const SOURCE: &str = "bodkin";
/// Code of a failed test.
pub(crate) const TEST_FAILED: &str = "test-failed";
/// Code of broken syntax.
pub(crate) const SYNTAX: &str = "syntax";
/// Code of a secret.
const SECRET: &str = "secret";

/// How long the user must have stopped typing, milliseconds.
const QUIET_MS: u64 = 250;
/// At most this many syntax errors are told of one document: the first ones say most.
const MOST_PROBLEMS: usize = 20;
/// Longer texts are not looked at, bytes.
const LONGEST: usize = 2 << 20;

/// What is to be looked at, and what was told.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    due_ms: BTreeMap<PathBuf, u64>,
    /// Files of which something stands on the screen.
    told: BTreeSet<PathBuf>,
    /// When clients that pull are to be told to ask again.
    refresh_ms: Option<u64>,
}

impl Schedule {
    /// Nothing is to be looked at any more.
    #[cfg(test)]
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// When something is due.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        self.due_ms.values().copied().chain(self.refresh_ms).min()
    }
}

/// A document was opened, changed or closed, or something else about it did.
pub(crate) fn touch(server: &mut Server, path: &Path) {
    // A document that the client asks about itself is told of only while it is not open.
    if server.client.pulls_diagnostics && server.documents.get(path).is_some() {
        if server.diagnostics.told.remove(path) {
            publish(server, path, None, &[]);
        }
        return;
    }
    server.diagnostics.due_ms.insert(path.to_owned(), server.now_ms + QUIET_MS);
}

/// How tests of a file went has changed.
pub(crate) fn tests_changed(server: &mut Server, folder: FolderId, files: &[RelPath]) {
    for rel in files {
        let open = server.documents.of_home(folder, rel).map(|(path, _)| path.clone());
        let closed = || server.folders.get(folder).map(|it| it.path_of(rel));
        if let Some(path) = open.or_else(closed) {
            touch(server, &path);
        }
    }
    ask_again(server);
}

/// Every open document is to be looked at again: settings changed, or a folder was opened.
pub(crate) fn touch_all(server: &mut Server) {
    let open: Vec<PathBuf> = server.documents.iter().map(|(path, _)| path.clone()).collect();
    open.iter().for_each(|path| touch(server, path));
    ask_again(server);
}

fn ask_again(server: &mut Server) {
    if server.client.diagnostic_refresh {
        server.diagnostics.refresh_ms.get_or_insert(server.now_ms + QUIET_MS);
    }
}

/// Looks at what is due.
pub(crate) fn flush(server: &mut Server) {
    let now = server.now_ms;
    if server.diagnostics.refresh_ms.is_some_and(|due| due <= now) {
        server.diagnostics.refresh_ms = None;
        server.out.request("workspace/diagnostic/refresh", serde_json::Value::Null);
    }
    let due: Vec<PathBuf> =
        server.diagnostics.due_ms.iter().filter(|(_, due)| **due <= now).map(|it| it.0.clone()).collect();
    for path in due {
        server.diagnostics.due_ms.remove(&path);
        let Some(look) = Look::at(server, &path) else {
            publish(server, &path, None, &[]);
            continue;
        };
        let queue = server.queue.clone();
        server.background.beside(Box::new(move || {
            let found = look.found();
            queue.post("diagnostics", move |server| {
                let now = server.documents.get(&path).map(|it| it.version);
                if now == look.version {
                    publish(server, &path, now, &found);
                }
            });
        }));
    }
}

/// Tells what there is of a file; says nothing twice of one that has nothing.
fn publish(server: &mut Server, path: &Path, version: Option<i32>, found: &[Diagnostic]) {
    let known = server.documents.get(path).map(|it| it.uri.clone());
    let Some(uri) = known.or_else(|| Uri::from_file_path(path)) else { return };
    let stood = server.diagnostics.told.contains(path);
    if found.is_empty() {
        server.diagnostics.told.remove(path);
    } else {
        server.diagnostics.told.insert(path.to_owned());
    }
    // A version of an open document is told even where nothing is wrong: a client may wait for it.
    if stood || !found.is_empty() {
        let mut params = json!({ "uri": uri, "diagnostics": found });
        if let (Some(params), Some(version)) = (params.as_object_mut(), version) {
            params.insert("version".to_owned(), version.into());
        }
        server.out.notify("textDocument/publishDiagnostics", params);
    }
}

/// One text that is to be looked at, with all that is needed for it.
pub(crate) struct Look {
    text: Arc<str>,
    version: Option<i32>,
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
        let place = tower_lsp::ls_types::Position::new(line.0, 0);
        let location = Location { uri: uri.clone(), range: tower_lsp::ls_types::Range::new(place, place) };
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
