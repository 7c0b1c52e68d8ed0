//! `workspace/didChangeWatchedFiles`: the client saw files change on disk.

use std::path::PathBuf;

use tower_lsp::ls_types::DidChangeWatchedFilesParams;

use crate::requests::initialize::file_path;
use crate::server::Server;
use crate::watching;

/// Has the folders that the client watches read what changed.
pub(crate) fn tell(server: &mut Server, params: &DidChangeWatchedFilesParams) {
    let paths: Vec<PathBuf> = params.changes.iter().filter_map(|it| file_path(&it.uri)).collect();
    watching::changed(server, paths);
}
