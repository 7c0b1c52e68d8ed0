//! `textDocument/didChange`: the user typed.

use std::path::Path;

use bodkin_host::BufferChange;
use bodkin_text::ByteRange;
use tower_lsp::ls_types::{DidChangeTextDocumentParams, MessageType};

use crate::documents::Followed;
use crate::requests::initialize::file_path;
use crate::server::Server;
use crate::{apply, diagnostics, testing};

/// Follows the change. A document that can not be followed is suspect from here on, and that is logged once.
pub(crate) fn tell(server: &mut Server, params: DidChangeTextDocumentParams) {
    let Some(path) = file_path(&params.text_document.uri) else { return };
    let encoding = server.client.encoding;
    let Some(document) = server.documents.get_mut(&path) else {
        let text = format!("Bodkin: {} changed without having been opened", path.display());
        return server.out.log(MessageType::WARNING, text);
    };
    let old = document.text.clone();
    let followed = document.change(params.text_document.version, params.content_changes, encoding);
    hand_on(server, &path, followed);
    testing::follow(server, &path, &old);
    diagnostics::touch(server, &path);
    apply::document_changed(server, &path);
}

/// A change came that could not even be read: the text is not known any more.
pub(crate) fn unreadable(server: &mut Server, path: &Path, reason: String) {
    let Some(document) = server.documents.get_mut(path) else { return };
    if document.suspect.is_none() {
        let lost = document.lose(reason);
        hand_on(server, path, lost);
    }
}

/// Tells the engine what became of the document.
fn hand_on(server: &mut Server, path: &Path, followed: Followed) {
    let Some(document) = server.documents.get_mut(path) else { return };
    let home = document.home.clone();
    let engine = home.and_then(|(folder, rel)| Some((server.folders.engine(folder)?, rel)));
    let version = document.version;
    match (followed, engine) {
        (Followed::Changes(changes), Some((engine, rel))) => {
            if let Err(error) = engine.change_buffer(&rel, version, changes) {
                let Followed::Lost(reason) = document.lose(error.message) else { return };
                server.out.log(MessageType::WARNING, lost(path, &reason));
            }
        }
        (Followed::Whole, Some((engine, rel))) => engine.open_buffer(rel, version, document.text.to_string()),
        (Followed::Lost(reason), engine) => {
            server.out.log(MessageType::WARNING, lost(path, &reason));
            if let Some((engine, rel)) = engine {
                // A range that no text has: the engine loses the document as well, and says so here if it matters.
                let nowhere = BufferChange { range: Some(ByteRange::at(usize::MAX)), text: String::new() };
                drop(engine.change_buffer(&rel, version, vec![nowhere]));
            }
        }
        (Followed::Changes(_) | Followed::Whole | Followed::Still, _) => {}
    }
}

fn lost(path: &Path, reason: &str) -> String {
    format!(
        "Bodkin has lost track of {}: {reason}. Nothing is edited there until it is closed and opened again.",
        path.display()
    )
}
