//! `textDocument/didClose`: a document left the screen; from now on the disk counts.

use tower_lsp::ls_types::DidCloseTextDocumentParams;

use crate::requests::initialize::file_path;
use crate::server::Server;

/// Forgets the document.
pub(crate) fn tell(server: &mut Server, params: &DidCloseTextDocumentParams) {
    let Some(document) = file_path(&params.text_document.uri).and_then(|it| server.documents.close(&it))
    else {
        return;
    };
    if let Some((folder, rel)) = &document.home
        && let Some(engine) = server.folders.engine(*folder)
    {
        engine.close_buffer(rel);
    }
}
