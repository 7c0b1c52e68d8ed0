//! `textDocument/codeLens`: above each test, how to run it, and how to fix it unless it is known to pass.
//!
//! Static: looks at the document's own text and at what is known of earlier runs.

use bodkin_host::code::{Listed, ListedKind, TestState};
use bodkin_protocol::methods::{FIX_TEST, TEST};
use bodkin_protocol::testing::{FixTestArguments, TestArguments};
use tower_lsp::ls_types::{CodeLens, CodeLensParams, Command};

use crate::documents::Document;
use crate::positions;
use crate::requests::initialize::file_path;
use crate::server::Server;
use crate::testing;

/// The lenses of a document; none where no runner would look into it for tests.
pub(crate) fn answer(server: &Server, params: &CodeLensParams) -> Vec<CodeLens> {
    let document = file_path(&params.text_document.uri).and_then(|path| server.documents.get(&path));
    let Some(document) = document.filter(|it| server.preferences_at(it).features.code_lens) else {
        return Vec::new();
    };
    let listed = testing::of_document(server, document);
    listed
        .iter()
        .filter(|it| it.kind != ListedKind::File)
        .flat_map(|it| lenses(server, document, it))
        .collect()
}

fn lenses(server: &Server, document: &Document, test: &Listed) -> Vec<CodeLens> {
    let range = positions::range(&document.index, test.selection, server.client.encoding);
    let lens = |title: &str, command: &str, argument: serde_json::Result<serde_json::Value>| CodeLens {
        range,
        command: argument.ok().map(|it| Command::new(title.to_owned(), command.to_owned(), Some(vec![it]))),
        data: None,
    };
    let run = serde_json::to_value(TestArguments {
        uri: document.uri.to_string(),
        tests: Some(vec![test.id.to_string()]),
        version: Some(document.version),
    });
    let mut lenses = vec![lens("▷ Run in the sandbox", TEST, run)];
    let state =
        document.home.as_ref().and_then(|(folder, rel)| server.outcomes.state(*folder, rel, &test.id));
    if test.kind == ListedKind::Test && state != Some(TestState::Passed) {
        let fix = FixTestArguments { uri: document.uri.to_string(), test: test.id.to_string() };
        lenses.push(lens("Fix", FIX_TEST, serde_json::to_value(fix)));
    }
    lenses
}
