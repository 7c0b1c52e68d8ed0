//! Edits on their way through the editor.

use serde_json::{Value, json};

use super::{Desk, FILE, full_capabilities, offered, range_of, texts};

const TEXT: &str = "def f(a):\n    return a < 1\n";

fn desk_with(capabilities: Value) -> Desk {
    let mut desk = Desk::with(json!({"capabilities": capabilities, "rootUri": "file:///w"}));
    desk.open(TEXT);
    desk.engine.will_replace("a.py", "a < 1", "a <= 1");
    desk.fix(1).unwrap();
    desk.sent();
    desk.engine.calls();
    desk
}

/// A run whose proved change is with the editor.
fn asked() -> (Desk, Value) {
    let mut desk = desk_with(full_capabilities());
    desk.event(offered(1, &[]));
    let request = desk.sent_one("workspace/applyEdit");
    assert_eq!(desk.engine.calls(), ["accept r1"]);
    (desk, request)
}

#[test]
fn a_proved_change_is_sent_as_a_minimal_edit_of_the_version_on_the_screen() {
    let (_, request) = asked();
    assert_eq!(
        request["params"],
        json!({
            "label": "Bodkin: `<` becomes `<=`",
            "edit": {"documentChanges": [{
                "textDocument": {"uri": FILE, "version": 1},
                "edits": [{"range": range_of([1, 11, 1, 16]), "newText": "a <= 1"}],
            }]},
        })
    );
}

#[test]
fn a_client_that_knows_no_versions_gets_plain_changes() {
    let mut desk = desk_with(json!({}));
    desk.event(offered(1, &[]));
    let edit = desk.sent_one("workspace/applyEdit")["params"]["edit"].take();
    assert_eq!(edit, json!({"changes": {FILE: [{"range": range_of([1, 11, 1, 16]), "newText": "a <= 1"}]}}));
}

#[test]
fn the_user_is_asked_by_the_editor_where_it_can_unless_it_is_set_otherwise() {
    let mut capabilities = full_capabilities();
    capabilities["workspace"]["workspaceEdit"]["changeAnnotationSupport"] = json!({});
    let mut desk = desk_with(capabilities.clone());
    desk.event(offered(1, &[]));
    let edit = desk.sent_one("workspace/applyEdit")["params"]["edit"].take();
    assert_eq!(edit["documentChanges"][0]["edits"][0]["annotationId"], "bodkin");
    assert_eq!(edit["changeAnnotations"]["bodkin"]["needsConfirmation"], true);

    let mut desk = desk_with(capabilities);
    desk.notify("workspace/didChangeConfiguration", json!({"settings": {"bodkin": {"confirm": "never"}}}));
    desk.event(offered(1, &[]));
    assert_eq!(desk.sent_one("workspace/applyEdit")["params"]["edit"].get("changeAnnotations"), None);
}

#[test]
fn it_is_in_place_when_the_text_says_so_whichever_comes_first() {
    let (mut text_first, request) = asked();
    text_first.change(2, [1, 11, 1, 16], "a <= 1");
    text_first.work();
    assert_eq!(text_first.engine.calls(), ["applied true: true"]);
    text_first.reply(&request, json!({"applied": true}));
    assert_eq!(texts(&text_first.sent()), Vec::<String>::new());

    let (mut word_first, request) = asked();
    word_first.reply(&request, json!({"applied": true}));
    assert_eq!(word_first.engine.calls(), Vec::<String>::new(), "the word is not taken for it");
    word_first.change(2, [1, 11, 1, 16], "a <= 1");
    word_first.work();
    assert_eq!(word_first.engine.calls(), ["applied true: true"]);
}

#[test]
fn a_client_that_says_applied_without_applying_is_not_believed() {
    let (mut desk, request) = asked();
    desk.reply(&request, json!({"applied": true}));
    desk.server.diagnostics.forget();
    assert_eq!(desk.server.next_due_ms(), Some(2_000));
    desk.at(2_000);
    assert_eq!(desk.engine.calls(), ["applied false: false", "accept r1"]);
    let second = desk.sent_one("workspace/applyEdit");
    desk.reply(&second, json!({"applied": true}));
    desk.at(4_000);
    let third = desk.sent_one("workspace/applyEdit");
    desk.reply(&third, json!({"applied": true}));
    desk.at(6_000);
    assert_eq!(
        texts(&desk.sent()),
        [
            "window/showMessage: Bodkin, `<` becomes `<=`: not applied; the text kept changing while it was put in place",
        ]
    );
    assert_eq!(desk.engine.calls().last().unwrap(), "decline r1");
}

#[test]
fn without_versions_an_edit_that_may_be_in_place_is_not_sent_again() {
    let mut desk = desk_with(json!({}));
    desk.event(offered(1, &[]));
    let request = desk.sent_one("workspace/applyEdit");
    desk.reply(&request, json!({"applied": true}));
    desk.at(2_000);
    assert_eq!(
        texts(&desk.sent()),
        [
            "window/showMessage: Bodkin, `<` becomes `<=`: not applied; the editor said that it applied it, but its text is another",
        ]
    );
}

#[test]
fn typing_on_while_it_is_applied_does_not_count_against_it() {
    let (mut desk, request) = asked();
    desk.reply(&request, json!({"applied": true}));
    desk.notify(
        "textDocument/didChange",
        json!({
            "textDocument": {"uri": FILE, "version": 3},
            "contentChanges": [
                {"range": range_of([1, 11, 1, 16]), "text": "a <= 1"},
                {"range": range_of([0, 0, 0, 0]), "text": "# mine\n"},
            ],
        }),
    );
    desk.work();
    assert_eq!(desk.engine.calls(), ["applied true: true"]);
    assert_eq!(texts(&desk.sent()), Vec::<String>::new());
}

#[test]
fn an_edit_that_came_too_late_is_made_anew_for_the_new_text() {
    let (mut desk, request) = asked();
    desk.change(2, [0, 0, 0, 0], "# mine\n");
    desk.reply(&request, json!({"applied": false, "failureReason": "versions differ"}));
    assert_eq!(desk.engine.calls(), ["applied false: false", "accept r1"]);
    let again = desk.sent_one("workspace/applyEdit");
    let edit = &again["params"]["edit"]["documentChanges"][0];
    assert_eq!(
        (&edit["textDocument"]["version"], &edit["edits"][0]["range"]),
        (&json!(2), &range_of([2, 11, 2, 16]))
    );
}

#[test]
fn an_edit_that_conflicts_with_what_was_typed_is_withheld_and_said() {
    let (mut desk, request) = asked();
    desk.change(2, [1, 11, 1, 16], "a > 1");
    desk.reply(&request, json!({"applied": false}));
    assert_eq!(
        texts(&desk.sent()),
        [
            "window/showMessage: Bodkin, `<` becomes `<=`: not applied; `a.py` has changed in the same place. Run it again.",
        ]
    );
    assert_eq!(desk.engine.calls(), ["applied false: false", "accept r1", "decline r1"]);
}

#[test]
fn an_edit_is_never_sent_for_another_text_than_the_one_on_the_screen() {
    let mut desk = desk_with(full_capabilities());
    // The engine makes the edit; before the server's turn comes the user has typed.
    crate::runs::event(&mut desk.server, crate::folders::FolderId(0), offered(1, &[]));
    let made: Vec<_> = std::mem::take(&mut *desk.background.work.lock().unwrap());
    made.into_iter().for_each(|it| it());
    desk.server.documents.get_mut(std::path::Path::new("/w/a.py")).unwrap().version = 9;
    desk.work();
    assert!(desk.sent().iter().all(|it| it["method"] != "workspace/applyEdit"));
    assert!(desk.engine.calls().contains(&"applied false: false".to_owned()));
}

#[test]
fn a_user_who_says_no_in_the_editor_is_not_asked_again() {
    let (mut desk, request) = asked();
    desk.reply(&request, json!({"applied": false}));
    assert_eq!(desk.engine.calls(), ["applied false: false", "decline r1"]);
    assert_eq!(texts(&desk.sent()), ["window/logMessage: Bodkin: the change was not wanted."]);
}

#[test]
fn an_editor_that_can_not_apply_says_why_to_the_user() {
    let (mut desk, request) = asked();
    desk.reply(&request, json!({"applied": false, "failureReason": "the buffer is read-only"}));
    assert_eq!(
        texts(&desk.sent()),
        [
            "window/showMessage: Bodkin, `<` becomes `<=`: not applied; the editor did not apply it: the buffer is read-only",
        ]
    );
}

#[test]
fn a_client_that_never_answers_holds_nothing_up() {
    let (mut desk, _) = asked();
    desk.at(1_000_000);
    assert_eq!(desk.fix(1), Ok(json!({"runId": "r3"})));
    desk.change(2, [1, 11, 1, 16], "a <= 1");
    desk.work();
    assert!(desk.engine.calls().contains(&"applied true: true".to_owned()), "its text is answer enough");
}

#[test]
fn files_that_are_not_open_are_edited_through_the_editor_as_well() {
    let mut desk = desk_with(full_capabilities());
    desk.engine.disk("b c.py", "x = 1\n");
    desk.engine.will_replace("b c.py", "1", "2");
    desk.event(offered(1, &[]));
    let request = desk.sent_one("workspace/applyEdit");
    let second = &request["params"]["edit"]["documentChanges"][1]["textDocument"];
    assert_eq!(second, &json!({"uri": "file:///w/b%20c.py", "version": null}));
    desk.engine.disk("b c.py", "x = 2\n");
    desk.change(2, [1, 11, 1, 16], "a <= 1");
    desk.reply(&request, json!({"applied": true}));
    assert_eq!(desk.engine.calls(), ["accept r1", "applied true: true"]);
}

#[test]
fn a_file_that_the_editor_opens_for_the_edit_may_be_told_after_its_answer() {
    let asked = || {
        let mut desk = desk_with(full_capabilities());
        desk.engine.disk("b.py", "x = 1\n");
        desk.engine.will_replace("b.py", "1", "2");
        desk.event(offered(1, &[]));
        let request = desk.sent_one("workspace/applyEdit");
        desk.change(2, [1, 11, 1, 16], "a <= 1");
        desk.reply(&request, json!({"applied": true}));
        assert_eq!(desk.engine.calls(), ["accept r1", "applied true: false"], "not yet");
        assert_eq!(texts(&desk.sent()), Vec::<String>::new(), "and not withheld for that");
        desk
    };
    let mut told = asked();
    let opened = json!({"uri": "file:///w/b.py", "languageId": "python", "version": 1, "text": "x = 2\n"});
    told.notify("textDocument/didOpen", json!({"textDocument": opened}));
    told.work();
    assert_eq!(told.engine.calls(), ["open_buffer b.py v1", "applied true: true"]);
    let mut never = asked();
    never.at(2_000);
    assert!(texts(&never.sent())[0].contains("its text is another"));
    let mut saved = asked();
    saved.engine.disk("b.py", "x = 2\n");
    saved.at(2_000);
    assert_eq!(saved.engine.calls(), ["applied true: true"], "the disk has it by now");
}

#[test]
fn undo_means_the_last_change_of_this_window_before_any_other() {
    let (mut desk, request) = asked();
    desk.change(2, [1, 11, 1, 16], "a <= 1");
    desk.reply(&request, json!({"applied": true}));
    desk.engine.calls();
    desk.change(3, [1, 11, 1, 17], "a < 1");
    let undo = json!({"command": "bodkin.undo"});
    desk.request_and_work("workspace/executeCommand", undo).unwrap();
    assert_eq!(desk.engine.calls(), ["undo c2"], "not whatever another window did since");
}

#[test]
fn undo_sends_the_edit_back_without_asking_and_tells_what_stands_in_its_way() {
    let mut desk = desk_with(full_capabilities());
    let undo = |desk: &mut Desk| {
        desk.request_and_work("workspace/executeCommand", json!({"command": "bodkin.undo"}))
    };
    assert_eq!(undo(&mut desk), Ok(Value::Null));
    assert_eq!(desk.sent_one("workspace/applyEdit")["params"]["label"], "Bodkin: undo: `<` becomes `<=`");
    desk.change(2, [1, 11, 1, 16], "a > 1");
    let (code, message) = undo(&mut desk).unwrap_err();
    assert_eq!((code, message.as_str()), (-32801, "`a.py` has changed in the same place. Run it again."));
}

#[test]
fn a_suspect_document_is_not_edited() {
    let mut desk = desk_with(full_capabilities());
    desk.change(2, [70, 0, 70, 0], "x");
    desk.event(offered(1, &[]));
    assert!(desk.sent().iter().all(|it| it["method"] != "workspace/applyEdit"));
}
