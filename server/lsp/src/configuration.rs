//! Settings as the client gives them: asked for per folder where it can be asked, told by it where it can not.
//!
//! Nothing waits for its answer: until it comes, what was told before holds, and before that the defaults.

use serde_json::{Value, json};
use tower_lsp::jsonrpc;
use tower_lsp::ls_types::{MessageType, Uri};

use crate::folders::{Folder, FolderId};
use crate::server::{Awaited, Server};
use crate::{diagnostics, navigation, status};
use bodkin_protocol::settings::SECTION;

/// Has the client tell when settings change.
pub(crate) fn register(server: &mut Server) {
    if server.client.tells_settings {
        let registration = json!({
            "id": "bodkin.settings", "method": "workspace/didChangeConfiguration",
            "registerOptions": {"section": SECTION},
        });
        // A client that refuses tells changes in its own way or not at all.
        server.out.request("client/registerCapability", json!({"registrations": [registration]}));
    }
}

/// Asks for the settings for all folders, and for each.
pub(crate) fn ask_all(server: &mut Server) {
    let folders: Vec<Option<FolderId>> =
        [None].into_iter().chain(server.folders.iter().map(|it| Some(it.id))).collect();
    ask(server, &folders);
}

/// Asks for the settings of some folders; `None`: for all.
pub(crate) fn ask(server: &mut Server, folders: &[Option<FolderId>]) {
    if !server.client.configuration {
        return;
    }
    let item = |folder: &Option<FolderId>| match folder.and_then(|id| server.folders.get(id)) {
        None => Some((None, json!({"section": SECTION}))),
        Some(folder) => {
            let uri = Uri::from_file_path(&folder.root)?.to_string();
            Some((Some(folder.id), json!({"scopeUri": uri, "section": SECTION})))
        }
    };
    let (asked, items): (Vec<Option<FolderId>>, Vec<Value>) = folders.iter().filter_map(item).unzip();
    let id = server.out.request("workspace/configuration", json!({"items": items}));
    server.awaited.insert(id, Awaited::Settings(asked));
}

/// Takes in the settings that were asked for; what is missing or null stays as it is.
pub(crate) fn answered(server: &mut Server, asked: &[Option<FolderId>], answer: jsonrpc::Result<Value>) {
    let Ok(Value::Array(given)) = answer else { return };
    for (folder, section) in asked.iter().zip(given) {
        let options = json!({SECTION: section});
        match folder {
            None => {
                let problems = server.preferences.read(&options);
                complain(server, problems);
            }
            Some(id) => {
                if let Some(folder) = server.folders.get_mut(*id) {
                    folder.own_settings = options;
                }
            }
        }
    }
    apply(server);
}

/// Lays each folder's own settings over those for all, and hands them to its engine.
pub(crate) fn apply(server: &mut Server) {
    let mut problems = Vec::new();
    let mut look = Vec::new();
    for folder in server.folders.iter_mut() {
        let mut preferences = server.preferences.clone();
        problems.extend(preferences.read(&folder.own_settings));
        if preferences == folder.preferences {
            continue;
        }
        if let Some(engine) = folder.engine() {
            engine.set_settings(preferences.runs.clone());
        }
        let tests = |it: &Folder| it.preferences.runs.agent.test_command.clone();
        if tests(folder) != preferences.runs.agent.test_command {
            look.push(folder.id);
        }
        folder.preferences = preferences;
    }
    complain(server, problems);
    for folder in look {
        status::look(server, folder);
    }
    navigation::sync(server);
    diagnostics::touch_all(server);
    server.status.touch();
}

/// Tells what is wrong with the settings, each thing once.
pub(crate) fn complain(server: &mut Server, problems: Vec<String>) {
    for problem in problems {
        if server.told_problems.insert(problem.clone()) {
            server.out.show(MessageType::WARNING, format!("Bodkin settings: {problem}"));
        }
    }
}
