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
    for only in [json!(["source.fixAll"]), json!(["refactor.extract"]), json!(["quick"])] {
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

/// Titles and commands of what is offered.
fn titles(desk: &mut Desk, uri: &str, range: [u32; 4], context: Value) -> Vec<String> {
    let mut full = json!({"diagnostics": []});
    full.as_object_mut().unwrap().extend(context.as_object().unwrap().clone());
    let params = json!({"textDocument": {"uri": uri}, "range": range_of(range), "context": full});
    let answer = desk.request("textDocument/codeAction", params).unwrap();
    let title = |it: &Value| match it["disabled"]["reason"].as_str() {
        Some(reason) => format!("{} ({reason})", it["title"].as_str().unwrap()),
        None => it["title"].as_str().unwrap().to_owned(),
    };
    answer.as_array().unwrap().iter().map(title).collect()
}

fn open(desk: &mut Desk, uri: &str, text: &str) {
    let document = json!({"uri": uri, "languageId": "python", "version": 1, "text": text});
    desk.notify("textDocument/didOpen", json!({"textDocument": document}));
}

#[test]
fn nothing_is_offered_for_blank_lines_comments_and_broken_code() {
    let mut desk = Desk::new();
    open(&mut desk, FILE, "# a comment\n\nx = 1\ny = (\nz = 2\n\nw = 3  # why\n");
    let mut at = |line: u32| titles(&mut desk, FILE, [line, 0, line, 0], json!({}));
    let nothing = Vec::<String>::new();
    assert_eq!([at(0), at(1), at(6)], [nothing.clone(), nothing, vec!["Bodkin: Fix this line".to_owned()]]);
    assert_eq!(at(3), ["Insert missing `)`"], "what is certain is offered all the same");
    assert_eq!(titles(&mut desk, FILE, [0, 0, 2, 1], json!({})), ["Bodkin: Fix these lines"]);
}

#[test]
fn a_change_of_a_test_would_prove_nothing_and_is_not_offered() {
    let mut desk = Desk::new();
    let test = "file:///w/test_a.py";
    open(&mut desk, test, "def test_a():\n    assert 1 == 2\n");
    assert_eq!(titles(&mut desk, test, [1, 0, 1, 0], json!({})), ["Bodkin: Run tests in the sandbox"]);
}

#[test]
fn each_action_can_be_switched_off() {
    let mut desk = desk();
    let diagnostic = json!({"range": range_of([1, 0, 1, 4]), "message": "wrong\nvery", "severity": 1});
    let context = json!({"diagnostics": [diagnostic]});
    let both = ["Bodkin: Fix: wrong", "Bodkin: Fix this line"];
    assert_eq!(titles(&mut desk, FILE, [1, 0, 1, 0], context.clone()), both);
    for (name, left) in [("fixLine", both[0]), ("fixDiagnostic", both[1])] {
        let mut actions = json!({"fixLine": true, "fixDiagnostic": true});
        actions[name] = json!(false);
        desk.notify(
            "workspace/didChangeConfiguration",
            json!({"settings": {"bodkin": {"actions": actions}}}),
        );
        desk.work();
        assert_eq!(titles(&mut desk, FILE, [1, 0, 1, 0], context.clone()), [left]);
    }
}

#[test]
fn a_diagnostic_is_fixed_on_its_own_lines_with_its_message() {
    let mut desk = desk();
    let of = |message: &str, severity: u32, source: &str| json!({"range": range_of([1, 4, 1, 9]), "message": message, "severity": severity, "source": source});
    let long = "m".repeat(70);
    let diagnostics =
        [of("bad", 2, "ruff"), of("hint", 4, "ruff"), of("ours", 1, "bodkin"), of(&long, 1, "ruff")];
    let context = json!({ "diagnostics": diagnostics });
    let offers = ask(&mut desk, [0, 0, 1, 2], context);
    let seen: Vec<&str> = offers.iter().map(|it| it["title"].as_str().unwrap()).collect();
    let shortened = format!("Bodkin: Fix: {}…", "m".repeat(59));
    assert_eq!(seen, ["Bodkin: Fix: bad", shortened.as_str(), "Bodkin: Fix these lines"]);
    let argument = &offers[0]["command"]["arguments"][0];
    assert_eq!((&argument["lines"], &argument["message"]), (&json!({"first": 1, "last": 1}), &json!("bad")));
    assert_eq!(offers[0]["diagnostics"][0]["message"], "bad");
}

#[test]
fn what_needs_a_model_is_shown_as_such_to_those_who_ask_for_it_by_name() {
    let mut capabilities = full_capabilities();
    capabilities["textDocument"]["codeAction"]["disabledSupport"] = json!(true);
    let mut desk = Desk::with(json!({"capabilities": capabilities, "rootUri": "file:///w"}));
    desk.open("def f(a):\n    return a < 1\n");
    let mut of = |only: Value| titles(&mut desk, FILE, [1, 0, 1, 0], json!({ "only": only }));
    let why = "(Needs a model; none is set up.)";
    assert_eq!(
        of(json!(["refactor"])),
        ["Bodkin: Fix this line", &format!("Bodkin: Refactor {why}"), &format!("Bodkin: Document {why}")]
    );
    assert_eq!(
        of(json!(["source"])),
        [format!("Bodkin: Explain {why}"), format!("Bodkin: Write tests {why}")]
    );
    assert_eq!(of(json!([""])), ["Bodkin: Fix this line"]);
    assert_eq!(of(json!([])), ["Bodkin: Fix this line"]);
    // A client that can not show why not is shown nothing.
    let mut plain = self::desk();
    assert_eq!(titles(&mut plain, FILE, [1, 0, 1, 0], json!({"only": ["source"]})), Vec::<String>::new());
}

#[test]
fn a_selection_that_ends_behind_the_text_means_what_is_there() {
    let mut desk = desk();
    let offers = ask(&mut desk, [1, 0, 99, 3], json!({}));
    assert_eq!(offers[0]["command"]["arguments"][0]["lines"], json!({"first": 1, "last": 1}));
}

#[test]
fn small_fixes_that_are_certain_carry_their_edit() {
    let mut desk = Desk::new();
    open(&mut desk, FILE, "def f(length)\n    return length\n");
    let fix = &ask(&mut desk, [0, 3, 0, 3], json!({}))[0];
    assert_eq!((&fix["title"], &fix["kind"]), (&json!("Insert missing `:`"), &json!("quickfix.bodkin")));
    assert_eq!(
        fix["edit"]["documentChanges"],
        json!([{
            "textDocument": {"uri": FILE, "version": 1},
            "edits": [{"range": range_of([0, 13, 0, 13]), "newText": ":"}],
        }])
    );
    open(&mut desk, FILE, "def f(length):\n    return lenght + math.pi\n");
    let all = ["Change `lenght` to `length`", "Import `math`", "Bodkin: Fix this line"];
    assert_eq!(titles(&mut desk, FILE, [1, 0, 1, 0], json!({})), all);
    let off = json!({"bodkin": {"actions": {"quickFixes": false}}});
    desk.notify("workspace/didChangeConfiguration", json!({ "settings": off }));
    desk.work();
    assert_eq!(titles(&mut desk, FILE, [1, 0, 1, 0], json!({})), all[2..]);
}
