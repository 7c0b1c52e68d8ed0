//! From `initialize` to the end; folders; settings.

use bodkin_host::Outcome;
use serde_json::{Value, json};

use super::{Desk, FILE, ended, full_capabilities, texts};

#[test]
fn initialize_is_answered_before_any_folder_is_opened() {
    let mut desk = Desk::silent();
    let answer = desk.request("initialize", json!({"capabilities": {}, "rootUri": "file:///w"})).unwrap();
    assert_eq!(desk.engine.calls(), Vec::<String>::new());
    desk.work();
    assert_eq!(desk.engine.calls(), ["open /w"]);
    let capabilities = &answer["capabilities"];
    assert_eq!(capabilities["positionEncoding"], "utf-16");
    assert_eq!(capabilities["textDocumentSync"]["change"], 2);
    assert_eq!(
        capabilities["codeActionProvider"]["codeActionKinds"],
        json!(["quickfix.bodkin", "refactor.rewrite.bodkin", "source.bodkin"])
    );
    assert_eq!(
        capabilities["executeCommandProvider"]["commands"],
        json!([
            "bodkin.fix",
            "bodkin.fixTest",
            "bodkin.test",
            "bodkin.cancel",
            "bodkin.accept",
            "bodkin.decline",
            "bodkin.undo"
        ])
    );
    assert_eq!(
        capabilities["workspace"]["workspaceFolders"],
        json!({"supported": true, "changeNotifications": true})
    );
}

#[test]
fn folders_are_taken_from_whichever_of_the_three_ways_the_client_uses() {
    let roots = |params: Value| {
        let mut desk = Desk::silent();
        desk.request("initialize", params).unwrap();
        desk.work();
        desk.engine.calls()
    };
    let folders = json!([{"uri": "file:///a%20b", "name": "a"}, {"uri": "file:///c/", "name": "c"}]);
    assert_eq!(
        roots(json!({"capabilities": {}, "workspaceFolders": folders, "rootUri": "file:///a"})),
        ["open /a b", "open /c"]
    );
    assert_eq!(
        roots(json!({"capabilities": {}, "workspaceFolders": [], "rootUri": "file:///r"})),
        ["open /r"]
    );
    assert_eq!(
        roots(json!({"capabilities": {}, "workspaceFolders": null, "rootUri": null, "rootPath": "/p"})),
        ["open /p"]
    );
    assert_eq!(roots(json!({"capabilities": {}, "rootUri": null})), Vec::<String>::new());
}

#[test]
fn a_document_changes_hands_when_folders_come_and_go() {
    let mut desk = Desk::new();
    let folders = |desk: &mut Desk, added: Value, removed: Value| {
        desk.notify(
            "workspace/didChangeWorkspaceFolders",
            json!({"event": {"added": added, "removed": removed}}),
        );
        desk.work();
    };
    desk.notify(
        "textDocument/didOpen",
        json!({"textDocument": {
            "uri": "file:///w/in/a.py", "languageId": "python", "version": 1, "text": "x",
        }}),
    );
    folders(&mut desk, json!([{"uri": "file:///w/in", "name": "in"}]), json!([]));
    assert_eq!(
        desk.engine.calls(),
        ["open_buffer in/a.py v1", "close_buffer in/a.py", "open /w/in", "open_buffer a.py v1"]
    );
    folders(&mut desk, json!([]), json!([{"uri": "file:///w/in", "name": "in"}]));
    assert_eq!(desk.engine.calls(), ["open_buffer in/a.py v1"]);
}

#[test]
fn a_folder_that_goes_takes_its_runs_along() {
    let mut desk = Desk::new();
    desk.open("x = 1\n");
    desk.fix(0).unwrap();
    let create = desk.sent_one("window/workDoneProgress/create");
    desk.reply(&create, Value::Null);
    desk.engine.calls();
    desk.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({"event": {
            "added": [], "removed": [{"uri": "file:///w", "name": "w"}],
        }}),
    );
    assert_eq!(desk.engine.calls(), ["cancel r1"]);
    assert_eq!(texts(&desk.sent()), ["begin: -", "end: Cancelled: the folder was closed."]);
}

#[test]
fn settings_reach_the_engine_at_the_beginning_and_when_they_change() {
    let mut desk = Desk::with(json!({
        "capabilities": {}, "rootUri": "file:///w",
        "initializationOptions": {"bodkin": {"testCommand": "make check"}},
    }));
    assert_eq!(desk.engine.settings().agent.test_command.as_deref(), Some("make check"));
    desk.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": {"bodkin": {"testTimeoutSeconds": 5, "confirm": 1}}}),
    );
    assert_eq!(desk.engine.settings().agent.test_wall_ms, 5_000);
    assert_eq!(texts(&desk.sent()).len(), 1, "what could not be read is said");
}

#[test]
fn requests_before_initialize_and_after_shutdown_are_refused() {
    let mut desk = Desk::silent();
    assert_eq!(
        desk.request("workspace/executeCommand", json!({"command": "bodkin.undo"})).unwrap_err().0,
        -32002
    );
    desk.request("initialize", json!({"capabilities": {}})).unwrap();
    assert_eq!(desk.request("shutdown", Value::Null), Ok(Value::Null));
    assert_eq!(
        desk.request("workspace/executeCommand", json!({"command": "bodkin.undo"})).unwrap_err().0,
        -32600
    );
}

#[test]
fn shutdown_cancels_every_run_and_closing_waits_for_them_to_die_but_not_for_ever() {
    let mut desk = Desk::new();
    desk.open("x = 1\n");
    desk.fix(0).unwrap();
    desk.engine.calls();
    desk.request("shutdown", Value::Null).unwrap();
    assert_eq!(desk.engine.calls(), ["cancel r1"]);
    desk.server.close();
    assert!(!desk.server.is_closed());
    desk.event(ended(1, Outcome::Cancelled));
    assert!(desk.server.is_closed());

    let mut stuck = Desk::new();
    stuck.open("x = 1\n");
    stuck.fix(0).unwrap();
    stuck.server.close();
    stuck.server.diagnostics.forget();
    assert_eq!(stuck.server.next_due_ms(), Some(3_000));
    stuck.at(3_000);
    assert!(stuck.server.is_closed());
}

#[test]
fn documents_that_are_no_files_are_passed_over() {
    let mut desk = Desk::with(json!({"capabilities": full_capabilities(), "rootUri": "file:///w"}));
    for uri in ["untitled:Untitled-1", "vscode-notebook-cell:/w/a.ipynb#W0", "http://w/a.py"] {
        desk.notify(
            "textDocument/didOpen",
            json!({"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": "x"}}),
        );
        desk.notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "y"}]}),
        );
        desk.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }
    desk.notify("textDocument/didClose", json!({"textDocument": {"uri": FILE}}));
    assert_eq!(desk.engine.calls(), Vec::<String>::new());
}

#[test]
fn a_document_is_found_below_the_folders_real_name_as_well() {
    let mut desk = Desk::new();
    let uri = format!("file://{}/a.py", crate::scripted::REAL_ROOT);
    desk.notify(
        "textDocument/didOpen",
        json!({"textDocument": {
            "uri": uri, "languageId": "python", "version": 1, "text": "a < 1\n",
        }}),
    );
    assert_eq!(desk.engine.calls(), ["open_buffer a.py v1"]);
    desk.engine.will_replace("a.py", "<", "<=");
    let arguments = json!({"command": "bodkin.fix", "arguments": [{"uri": uri}]});
    desk.request("workspace/executeCommand", arguments).unwrap();
    desk.event(super::offered(1, &[]));
    let edit = desk.sent_one("workspace/applyEdit")["params"]["edit"].take();
    assert_eq!(edit["documentChanges"][0]["textDocument"], json!({"uri": uri, "version": 1}));
}
