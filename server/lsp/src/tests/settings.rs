//! Settings that the client is asked for, and those that it tells by itself.

use serde_json::{Value, json};

use super::{Desk, full_capabilities, texts};

/// A client that can be asked, with two folders; and what it was asked first.
fn asking() -> (Desk, Vec<Value>) {
    let mut capabilities = full_capabilities();
    capabilities["workspace"]["configuration"] = json!(true);
    capabilities["workspace"]["didChangeConfiguration"] = json!({"dynamicRegistration": true});
    let folders = json!([{"uri": "file:///w", "name": "w"}, {"uri": "file:///v", "name": "v"}]);
    let mut desk = Desk::with(json!({"capabilities": capabilities, "workspaceFolders": folders}));
    let sent = desk.sent();
    (desk, sent)
}

fn request(sent: &[Value], method: &str) -> Value {
    let all: Vec<&Value> = sent.iter().filter(|it| it["method"] == method).collect();
    assert_eq!(all.len(), 1, "{method}: {sent:?}");
    all[0].clone()
}

fn test_command(desk: &mut Desk, folder: usize) -> Value {
    let folders = desk.server.folders.iter().collect::<Vec<_>>();
    folders[folder].preferences.told()["testCommand"].clone()
}

#[test]
fn settings_are_asked_for_at_the_start_for_all_and_for_each_folder() {
    let (mut desk, sent) = asking();
    let register = request(&sent, "client/registerCapability");
    assert_eq!(register["params"]["registrations"][0]["method"], "workspace/didChangeConfiguration");
    let asked = request(&sent, "workspace/configuration");
    assert_eq!(
        asked["params"]["items"],
        json!([
            {"section": "bodkin"},
            {"scopeUri": "file:///w", "section": "bodkin"},
            {"scopeUri": "file:///v", "section": "bodkin"},
        ])
    );
    let of = |command: &str| json!({"testCommand": command, "review": "apply"});
    desk.reply(&asked, json!([{"testTimeoutSeconds": 7}, of("make"), null]));
    assert_eq!((test_command(&mut desk, 0), test_command(&mut desk, 1)), (json!("make"), Value::Null));
    for folder in desk.server.folders.iter() {
        assert_eq!(folder.preferences.runs.agent.test_wall_ms, 7_000, "what is set for all holds in each");
    }
    assert_eq!(texts(&desk.sent()), Vec::<String>::new());
}

#[test]
fn a_change_is_asked_for_again_whatever_came_with_it() {
    let (mut desk, sent) = asking();
    desk.reply(&request(&sent, "workspace/configuration"), json!([null, {"testCommand": "old"}, null]));
    desk.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let asked = desk.sent_one("workspace/configuration");
    desk.reply(&asked, json!([null, {"testCommand": "new"}, null]));
    assert_eq!(test_command(&mut desk, 0), "new");
    desk.notify("workspace/didChangeConfiguration", json!({"settings": {"bodkin": {"maxCandidates": 3}}}));
    assert_eq!(test_command(&mut desk, 0), "new", "until the answer comes the old one holds");
    let asked = desk.sent_one("workspace/configuration");
    desk.reply(&asked, json!([null, null, null]));
    assert_eq!(test_command(&mut desk, 0), Value::Null, "what is not set any more is at its default");
    assert_eq!(desk.engine.settings().agent.max_candidates, 3);
}

#[test]
fn a_folder_that_comes_is_asked_for() {
    let (mut desk, _) = asking();
    let event = json!({"added": [{"uri": "file:///u", "name": "u"}], "removed": []});
    desk.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    let asked = desk.sent_one("workspace/configuration");
    assert_eq!(asked["params"]["items"], json!([{"scopeUri": "file:///u", "section": "bodkin"}]));
    desk.reply(&asked, json!([{"testCommand": "tox"}]));
    desk.work();
    assert_eq!(test_command(&mut desk, 2), "tox");
    assert_eq!(desk.engine.settings().agent.test_command.as_deref(), Some("tox"));
}

#[test]
fn a_client_that_never_answers_keeps_the_defaults_and_nothing_waits() {
    let (mut desk, _) = asking();
    desk.open("x = 1\n");
    assert_eq!(desk.fix(0), Ok(json!({"runId": "r1"})));
    assert_eq!(test_command(&mut desk, 0), Value::Null);
}

#[test]
fn an_answer_that_is_none_and_one_for_a_folder_that_has_gone_change_nothing() {
    let (mut desk, sent) = asking();
    let asked = request(&sent, "workspace/configuration");
    let removed = json!({"added": [], "removed": [{"uri": "file:///v", "name": "v"}]});
    desk.notify("workspace/didChangeWorkspaceFolders", json!({"event": removed}));
    desk.reply(&asked, json!("what?"));
    desk.reply(&asked, json!([null, null, {"testCommand": "make"}]));
    assert_eq!(test_command(&mut desk, 0), Value::Null);
}

#[test]
fn what_is_wrong_is_told_once() {
    let (mut desk, sent) = asking();
    desk.reply(&request(&sent, "workspace/configuration"), json!([null, {"review": 1}, {"review": 1}]));
    assert_eq!(texts(&desk.sent()).len(), 1);
    desk.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let asked = desk.sent_one("workspace/configuration");
    desk.reply(&asked, json!([null, {"review": 1, "codeLens": "x"}, null]));
    let told = texts(&desk.sent());
    assert!(told.len() == 1 && told[0].contains("bodkin.codeLens"), "{told:?}");
}

#[test]
fn a_client_that_can_not_be_asked_is_not() {
    let mut desk = Desk::new();
    desk.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    assert_eq!(texts(&desk.sent()), Vec::<String>::new());
}
