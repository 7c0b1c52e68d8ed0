//! When "Bodkin: Fix this line" is offered, and for which lines.

use serde_json::{Value, json};

use super::{Desk, FILE, full_capabilities, range_of};

fn ask(desk: &mut Desk, range: [u32; 4], context: Value) -> Vec<Value> {
    let mut full = json!({"diagnostics": []});
    full.as_object_mut().unwrap().extend(context.as_object().unwrap().clone());
    let params = json!({"textDocument": {"uri": FILE}, "range": range_of(range), "context": full});
    serde_json::from_value(desk.request("textDocument/codeAction", params).unwrap()).unwrap()
}

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.open("def f(a):\n    return a < 1\n");
    desk
}

#[test]
fn a_cursor_offers_to_fix_its_line_and_a_selection_to_fix_its_lines() {
    let mut desk = desk();
    let one = ask(&mut desk, [1, 4, 1, 4], json!({}));
    assert_eq!(
        one,
        [json!({
            "title": "Bodkin: Fix this line",
            "kind": "quickfix.bodkin",
            "command": {"title": "Bodkin: Fix this line", "command": "bodkin.fix", "arguments": [
                {"uri": FILE, "lines": {"first": 1, "last": 1}, "version": 1, "test": null, "message": null},
            ]},
        })]
    );
    for two_lines in [[0, 0, 1, 16], [0, 0, 2, 0], [0, 3, 1, 2], [0, 0, 1, 2_147_483_647], [1, 16, 0, 0]] {
        let two = ask(&mut desk, two_lines, json!({}));
        assert_eq!(two[0]["title"], "Bodkin: Fix these lines", "{two_lines:?}");
        assert_eq!(
            two[0]["command"]["arguments"][0]["lines"],
            json!({"first": 0, "last": 1}),
            "{two_lines:?}"
        );
    }
}

#[test]
fn the_action_is_never_preferred() {
    assert_eq!(ask(&mut desk(), [1, 0, 1, 0], json!({}))[0].get("isPreferred"), None);
}

#[test]
fn the_clients_filter_is_honoured() {
    let kinds = |only: Value| {
        let actions = ask(&mut desk(), [1, 0, 1, 0], json!({ "only": only }));
        actions.iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(json!(["quickfix"])), ["quickfix.bodkin"]);
    assert_eq!(kinds(json!(["quickfix.bodkin"])), ["quickfix.bodkin"]);
    assert_eq!(kinds(json!([""])), ["quickfix.bodkin"]);
    assert_eq!(kinds(json!(["refactor"])), ["refactor.rewrite.bodkin"]);
    assert_eq!(kinds(json!(["refactor.rewrite"])), ["refactor.rewrite.bodkin"]);
    for only in [json!(["source"]), json!(["source.fixAll"]), json!(["refactor.extract"]), json!(["quick"])] {
        assert_eq!(kinds(only.clone()), Vec::<String>::new(), "{only}");
    }
}

#[test]
fn nothing_is_offered_on_save_but_the_light_bulb_is_served() {
    let mut desk = desk();
    assert_eq!(
        ask(&mut desk, [1, 0, 1, 0], json!({"triggerKind": 2, "only": ["quickfix"]})),
        Vec::<Value>::new()
    );
    assert_eq!(ask(&mut desk, [1, 0, 1, 0], json!({"triggerKind": 2})).len(), 1);
}

#[test]
fn nothing_is_offered_where_nothing_can_be_done() {
    let mut desk = desk();
    assert_eq!(ask(&mut desk, [99, 0, 99, 0], json!({})), Vec::<Value>::new(), "a line past the end");
    desk.notify(
        "textDocument/didOpen",
        json!({"textDocument": {
            "uri": FILE, "languageId": "cobol", "version": 1, "text": "x\n",
        }}),
    );
    assert_eq!(ask(&mut desk, [0, 0, 0, 0], json!({})), Vec::<Value>::new(), "a language that is not known");
    desk.notify("textDocument/didClose", json!({"textDocument": {"uri": FILE}}));
    assert_eq!(ask(&mut desk, [0, 0, 0, 0], json!({})), Vec::<Value>::new(), "a document that is not open");
}

#[test]
fn nothing_is_offered_in_a_document_that_can_not_be_followed() {
    let mut desk = desk();
    desk.change(2, [50, 0, 50, 0], "x");
    assert_eq!(ask(&mut desk, [1, 0, 1, 0], json!({})), Vec::<Value>::new());
}

#[test]
fn a_client_without_code_actions_gets_the_bare_command() {
    let mut desk = Desk::with(json!({"capabilities": {}, "rootUri": "file:///w"}));
    desk.open("x = 1\n");
    assert_eq!(ask(&mut desk, [0, 0, 0, 0], json!({}))[0]["command"], "bodkin.fix");
}

#[test]
fn it_is_answered_while_a_folder_is_being_opened() {
    let mut desk = Desk::silent();
    desk.request("initialize", json!({"capabilities": full_capabilities(), "rootUri": "file:///w"})).unwrap();
    desk.open("x = 1\n");
    assert_eq!(ask(&mut desk, [0, 0, 0, 0], json!({})).len(), 1);
    assert_eq!(desk.engine.calls(), Vec::<String>::new(), "nothing was opened yet");
}
