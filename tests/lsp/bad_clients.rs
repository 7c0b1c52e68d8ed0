//! Clients that do not answer, lie, or speak of what is not there.

use bodkin_tests::lsp::{Answer, Editor};
use serde_json::json;

use crate::{RIGHT, WRONG, till};

#[test]
fn a_client_that_never_creates_the_progress_gets_its_edit_all_the_same() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.on_progress = Answer::Never;
    editor.open(&uri, "python", WRONG);
    editor.fix_line(&uri, 1);
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), RIGHT);
    assert!(!editor.has_seen("$/progress"), "nothing is shown under a token that was not created");
}

#[test]
fn a_client_that_never_answers_an_edit_can_go_on_working() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.on_edit = Answer::Never;
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    assert_eq!(editor.progress(&run).last().unwrap()["kind"], "end");
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), WRONG);
    editor.on_edit = Answer::Properly;
    editor.fix_line(&uri, 1);
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), RIGHT);
    assert_eq!(editor.quit(), 0);
}

#[test]
fn a_client_that_says_applied_without_applying_is_found_out() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.on_edit = Answer::Lie;
    editor.open(&uri, "python", WRONG);
    editor.fix_line(&uri, 1);
    editor.wait_for_text("not applied");
    let undo = editor.request("workspace/executeCommand", json!({"command": "bodkin.undo"}));
    assert!(undo["error"]["message"].as_str().unwrap().contains("nothing to take back"), "{undo}");
}

#[test]
fn an_old_version_an_impossible_range_and_a_file_outside_are_refused_and_nothing_is_begun() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let action = editor.actions(&uri, 1, 1).remove(0);
    editor.type_over(&uri, "def", "# mine\ndef");
    let old = editor.command("bodkin.fix", action["command"]["arguments"][0].clone());
    assert_eq!(old["error"]["code"], -32801, "{old}");
    let past = editor.command("bodkin.fix", json!({"uri": uri, "lines": {"first": 70, "last": 70}}));
    assert_eq!(past["error"]["code"], -32602, "{past}");
    let backwards = editor.command("bodkin.fix", json!({"uri": uri, "lines": {"first": 2, "last": 1}}));
    assert_eq!(backwards["error"]["code"], -32602, "{backwards}");
    let nothing = editor.command("bodkin.fix", json!({}));
    assert_eq!(nothing["error"]["code"], -32602, "{nothing}");
    assert_eq!(editor.request("bodkin/runs", json!(null))["result"]["runs"], json!([]));
}

#[test]
fn a_document_that_can_not_be_followed_is_not_edited_until_it_comes_whole() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let nowhere = json!({"start": {"line": 90, "character": 0}, "end": {"line": 91, "character": 0}});
    editor.notify(
        "textDocument/didChange",
        json!({
            "textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": nowhere, "text": "x"}],
        }),
    );
    editor.wait_for_text("lost track");
    let refused = editor.command("bodkin.fix", json!({"uri": uri, "lines": {"first": 1, "last": 1}}));
    assert_eq!(refused["error"]["code"], -32801, "{refused}");
    editor.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    editor.open(&uri, "python", WRONG);
    editor.fix_line(&uri, 1);
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), RIGHT);
}

#[test]
fn a_file_that_is_not_there_is_refused_with_its_name() {
    let project = till();
    let mut editor = Editor::start(&project);
    editor.command("bodkin.fix", json!({"uri": project.uri("gone.py")}));
    let shown = editor.wait_for_method("window/showMessage");
    assert!(shown["params"]["message"].as_str().unwrap().contains("gone.py"), "{shown}");
}
