//! `workspace/didChangeWorkspaceFolders`: folders come and go.

use tower_lsp::ls_types::DidChangeWorkspaceFoldersParams;

use crate::configuration;
use crate::requests::initialize::file_path;
use crate::server::Server;

/// Lets the removed ones go, with their runs, and opens the added ones.
pub(crate) fn tell(server: &mut Server, params: &DidChangeWorkspaceFoldersParams) {
    for root in params.event.removed.iter().filter_map(|it| file_path(&it.uri)) {
        server.remove_folder(&root);
    }
    for root in params.event.added.iter().filter_map(|it| file_path(&it.uri)) {
        if let Some(folder) = server.add_folder(root) {
            configuration::ask(server, &[Some(folder)]);
        }
    }
}
