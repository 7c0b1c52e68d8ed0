//! `textDocument/didOpen`: a document is on the screen.

use tower_lsp::ls_types::DidOpenTextDocumentParams;

use crate::requests::initialize::file_path;
use crate::server::Server;
use crate::{apply, diagnostics};

/// Takes the document in; what is not a file is passed over.
pub(crate) fn tell(server: &mut Server, params: DidOpenTextDocumentParams) {
    let Some(path) = file_path(&params.text_document.uri) else { return };
    let home = server.folders.home(&path);
    let document = server.documents.open(path.clone(), params.text_document, home);
    if let Some((folder, rel)) = &document.home
        && let Some(engine) = server.folders.engine(*folder)
    {
        engine.open_buffer(rel.clone(), document.version, document.text.to_string());
    }
    diagnostics::touch(server, &path);
    apply::document_changed(server, &path);
}
