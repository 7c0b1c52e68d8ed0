//! Files that change on disk: seen by the client where it offers that, else by the engine.

use serde_json::{Value, json};

use super::{Desk, full_capabilities};
use crate::outgoing::OurId;

/// A client that watches; and what it was asked to register.
fn watching() -> (Desk, Value) {
    let mut capabilities = full_capabilities();
    capabilities["workspace"]["didChangeWatchedFiles"] = json!({"dynamicRegistration": true});
    let mut desk = Desk::silent();
    desk.request("initialize", json!({"capabilities": capabilities, "rootUri": "file:///w"})).unwrap();
    desk.notify("initialized", json!({}));
    let register = desk.sent_one("client/registerCapability");
    (desk, register)
}

fn changed(desk: &mut Desk, uris: &[&str]) {
    let changes: Vec<Value> = uris.iter().map(|uri| json!({"uri": uri, "type": 2})).collect();
    desk.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    desk.work();
}

#[test]
fn a_client_that_watches_does_it_alone() {
    let (mut desk, register) = watching();
    let registration = &register["params"]["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(registration["registerOptions"]["watchers"][0]["globPattern"], "**/*");
    changed(&mut desk, &["file:///w/early.py"]);
    assert_eq!(
        desk.engine.calls(),
        ["open /w, watched by the client", "files_changed /real/w/early.py"],
        "what changes while the folder is being opened is not lost"
    );
    desk.reply(&register, Value::Null);
    assert_eq!(desk.engine.calls(), ["rescan"], "nobody watched until now");
    changed(&mut desk, &["file:///w/a.py", "file:///w/b/c.py", "file:///elsewhere/d.py", "untitled:x"]);
    assert_eq!(desk.engine.calls(), ["files_changed /real/w/a.py /real/w/b/c.py"]);
}

#[test]
fn a_client_that_would_not_watch_leaves_it_to_the_engine() {
    let (mut desk, register) = watching();
    desk.work();
    desk.engine.calls();
    let id = OurId(register["id"].as_i64().unwrap());
    desk.server.answered(id, Err(tower_lsp::jsonrpc::Error::method_not_found()));
    desk.work();
    assert_eq!(desk.engine.calls(), ["watch_disk"]);
    changed(&mut desk, &["file:///w/a.py"]);
    assert_eq!(desk.engine.calls(), Vec::<String>::new(), "no file is read twice");
}

#[test]
fn a_client_that_can_not_watch_is_not_asked_to() {
    let mut desk = Desk::new();
    assert!(desk.sent().iter().all(|it| it["method"] != "client/registerCapability"));
    changed(&mut desk, &["file:///w/a.py"]);
    assert_eq!(desk.engine.calls(), Vec::<String>::new());
}

#[test]
fn the_folder_of_a_lone_file_is_watched_by_its_engine() {
    let (mut desk, _) = watching();
    desk.work();
    desk.engine.calls();
    let fix = json!({"command": "bodkin.fix", "arguments": [{"uri": "file:///else/b.py"}]});
    desk.request_and_work("workspace/executeCommand", fix).unwrap();
    assert_eq!(desk.engine.calls(), ["open /else", "start fix b.py"]);
}
