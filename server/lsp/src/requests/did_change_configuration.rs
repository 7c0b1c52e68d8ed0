//! `workspace/didChangeConfiguration`: the user's settings changed.

use tower_lsp::ls_types::DidChangeConfigurationParams;

use crate::configuration;
use crate::server::Server;

/// Takes in what came along, and asks for what holds in each folder where the client can be asked.
pub(crate) fn tell(server: &mut Server, params: &DidChangeConfigurationParams) {
    let problems = server.preferences.read(&params.settings);
    configuration::complain(server, problems);
    configuration::apply(server);
    configuration::ask_all(server);
}
