//! What is wrong with a document: broken syntax, failed tests, secrets about to be saved.
//!
//! Worked out beside the loop once the user stops typing, for one version of the text; what comes too late is dropped.
//! Clients that pull get the answer when they ask; the others are told. Files that are not open are only spoken of
//! where a test in them failed. No diagnostic shows a secret.

mod look;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bodkin_text::RelPath;
use serde_json::json;
use tower_lsp::ls_types::{Diagnostic, Uri};

use crate::folders::FolderId;
use crate::server::Server;

pub(crate) use look::Look;

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
    if server.client.pulls_diagnostics {
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
