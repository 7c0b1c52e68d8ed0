//! Tests as this crate sees them: where they are written, how they went, who is told.

use std::path::Path;

use bodkin_host::code::{File, Listed, Snapshot, TestReport, TestState, is_collected, is_named, listed};
use bodkin_protocol::{News, testing as wire};
use bodkin_text::{Encoding, LineIndex, RelPath};
use tower_lsp::ls_types::{Range, Uri};

use crate::documents::Document;
use crate::folders::{FolderId, RunKey};
use crate::runs;
use crate::server::Server;
use crate::{diagnostics, positions};

/// How long changes of results are gathered before lenses are asked for anew, milliseconds.
const GATHER_MS: u64 = 100;

/// The longest text whose tests are looked for while the client waits, bytes.
const LONGEST: usize = 1 << 20;

/// Takes in how tests of a run stand: kept, shown in the documents, told to a client that follows events.
pub(crate) fn told(server: &mut Server, key: RunKey, reports: &[TestReport]) {
    if reports.is_empty() {
        return;
    }
    let changed = server.outcomes.take(key.folder, reports);
    if !changed.is_empty() {
        server.lenses_due_ms.get_or_insert(server.now_ms + GATHER_MS);
        diagnostics::tests_changed(server, key.folder, &changed);
    }
    let results = reports.iter().filter_map(|it| result(server, key.folder, it)).collect();
    runs::tell(server, key, |_| Some(News::Tests { results }));
}

/// A proved change stands: the tests that it mends pass now.
pub(crate) fn mended(server: &mut Server, key: RunKey) {
    let reports = of_proof(server, key, TestState::Passed, "");
    told(server, key, &reports);
}

/// A proved change was taken back: nothing is known of the tests that it had mended.
pub(crate) fn unmended(server: &mut Server, key: RunKey) {
    let reports = of_proof(server, key, TestState::Skipped, "The change that mended it was taken back.");
    told(server, key, &reports);
}

/// The tests that have run before and that the proof of a run's offer names as mended.
fn of_proof(server: &Server, key: RunKey, state: TestState, message: &str) -> Vec<TestReport> {
    let (Some(offer), Some(engine)) = (server.runs.offer(key), server.folders.engine(key.folder)) else {
        return Vec::new();
    };
    if offer.proof.mended.is_empty() {
        return Vec::new();
    }
    let snapshot = engine.snapshot();
    let is_meant = |report: &&TestReport| {
        let facts = snapshot.file(&report.file).and_then(File::facts);
        let listed = facts.map(|facts| listed(&report.file, &facts)).unwrap_or_default();
        is_named(&report.file, &listed, &report.id, &offer.proof.mended)
    };
    let now = |it: &TestReport| {
        let waiting = TestReport::waiting(it.id.clone(), it.file.clone(), state);
        TestReport { message: message.to_owned(), ..waiting }
    };
    server.outcomes.in_folder(key.folder).filter(is_meant).map(now).collect()
}

/// Asks the client to ask for lenses, once what has changed is gathered.
pub(crate) fn flush(server: &mut Server) {
    if server.lenses_due_ms.is_some_and(|due| due <= server.now_ms) {
        server.lenses_due_ms = None;
        if server.client.lens_refresh {
            // Its answer says nothing, and is passed over.
            server.out.request("workspace/codeLens/refresh", serde_json::Value::Null);
        }
    }
}

/// A document's text changed: what is known of its tests moves along.
pub(crate) fn follow(server: &mut Server, path: &Path, old: &str) {
    let Some(document) = server.documents.get(path) else { return };
    if let Some((folder, rel)) = &document.home {
        server.outcomes.follow(*folder, rel, old, &document.text);
    }
}

/// The tests that an open document writes down, in a snapshot of its folder; none where no runner would look.
pub(crate) fn of_document(server: &Server, document: &Document) -> Vec<Listed> {
    let Some((folder, rel)) = document.home.as_ref().filter(|_| document.text.len() <= LONGEST) else {
        return Vec::new();
    };
    let Some(engine) = server.folders.engine(*folder) else { return Vec::new() };
    let snapshot = engine.snapshot();
    let Some(file) = snapshot.file(rel).filter(|it| it.suspect().is_none() && is_collected(it)) else {
        return Vec::new();
    };
    file.facts().map(|facts| listed(rel, &facts)).unwrap_or_default()
}

/// The tests of files, for the client.
pub(crate) fn items(
    snapshot: &Snapshot,
    encoding: Encoding,
    is_wanted: impl Fn(&RelPath) -> bool,
    uri: impl Fn(&RelPath) -> Option<String>,
) -> Vec<wire::TestItem> {
    let files = snapshot.files().filter(|(path, file)| is_wanted(path) && is_collected(file));
    files
        .flat_map(|(path, file)| uri(path).map(|uri| of_file(file, &uri, encoding)).unwrap_or_default())
        .collect()
}

fn of_file(file: &File, uri: &str, encoding: Encoding) -> Vec<wire::TestItem> {
    let Some(facts) = file.facts() else { return Vec::new() };
    let lines = LineIndex::new(&file.text());
    let item = |it: Listed| wire::TestItem {
        id: it.id.to_string(),
        label: it.label,
        uri: uri.to_owned(),
        range: text_range(positions::range(&lines, it.range, encoding)),
        parent: it.parent.map(|it| it.to_string()),
        kind: match it.kind {
            bodkin_host::code::ListedKind::File => wire::TestItemKind::File,
            bodkin_host::code::ListedKind::Group => wire::TestItemKind::Group,
            bodkin_host::code::ListedKind::Test => wire::TestItemKind::Test,
        },
    };
    listed(file.path(), &facts).into_iter().map(item).collect()
}

fn text_range(range: Range) -> wire::TextRange {
    let place =
        |it: tower_lsp::ls_types::Position| wire::TextPosition { line: it.line, character: it.character };
    wire::TextRange { start: place(range.start), end: place(range.end) }
}

/// How a test stands, for the client.
fn result(server: &Server, folder: FolderId, report: &TestReport) -> Option<wire::TestResult> {
    Some(wire::TestResult {
        id: report.id.to_string(),
        uri: uri_of(server, folder, &report.file)?.to_string(),
        state: match report.state {
            TestState::Queued => wire::TestState::Queued,
            TestState::Running => wire::TestState::Running,
            TestState::Passed => wire::TestState::Passed,
            TestState::Failed => wire::TestState::Failed,
            TestState::Skipped => wire::TestState::Skipped,
            TestState::TimedOut => wire::TestState::TimedOut,
        },
        message: Some(report.message.clone()).filter(|it| !it.is_empty()),
        line: crate::outcomes::line_of(report),
        duration_ms: report.duration_ms,
    })
}

/// The editor's name of a file: its own where it has it open.
pub(crate) fn uri_of(server: &Server, folder: FolderId, rel: &RelPath) -> Option<Uri> {
    if let Some((_, document)) = server.documents.of_home(folder, rel) {
        return Some(document.uri.clone());
    }
    Uri::from_file_path(server.folders.get(folder)?.path_of(rel))
}
