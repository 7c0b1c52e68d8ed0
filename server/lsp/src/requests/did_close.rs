//! `textDocument/didClose`: a document left the screen; from now on the disk counts.

use tower_lsp::ls_types::DidCloseTextDocumentParams;

use crate::diagnostics;
use crate::requests::initialize::file_path;
use crate::server::Server;

/// Forgets the document.
pub(crate) fn tell(server: &mut Server, params: &DidCloseTextDocumentParams) {
    let Some(path) = file_path(&params.text_document.uri) else { return };
    let Some(document) = server.documents.close(&path) else { return };
    if let Some((folder, rel)) = &document.home
        && let Some(engine) = server.folders.engine(*folder)
    {
        engine.close_buffer(rel);
    }
    diagnostics::touch(server, &path);
}
