//! `workspace/didChangeConfiguration`: the user's settings changed.

use tower_lsp::ls_types::{DidChangeConfigurationParams, MessageType};

use crate::folders::Folder;
use crate::server::Server;

/// Reads the settings and hands them to every folder.
pub(crate) fn tell(server: &mut Server, params: &DidChangeConfigurationParams) {
    for problem in server.preferences.read(&params.settings) {
        server.out.show(MessageType::WARNING, format!("Bodkin settings: {problem}"));
    }
    for engine in server.folders.iter().filter_map(Folder::engine) {
        engine.set_settings(server.preferences.runs.clone());
    }
}
