//! A line is selected, a proved edit comes back.

use bodkin_tests::lsp::{Editor, Project};
use serde_json::{Value, json};

use crate::{RIGHT, TESTS, WRONG, till};

#[test]
fn a_selected_line_is_fixed_with_a_plan_that_is_seen_and_the_disk_is_left_alone() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    assert_eq!(editor.actions(&uri, 1, 1)[0]["title"], "Bodkin: Fix this line");
    let run = editor.fix_line(&uri, 1);
    let said = editor.progress(&run);
    assert_eq!((&said[0]["kind"], &said[0]["cancellable"]), (&json!("begin"), &json!(true)));
    assert!(
        said.iter().any(|it| it["kind"] == "report" && it["message"].as_str().unwrap().contains('/')),
        "{said:?}"
    );
    assert!(said.last().unwrap()["message"].as_str().unwrap().starts_with("Proved: `"), "{said:?}");
    let edit = editor.wait_for_method("workspace/applyEdit");
    let file = &edit["params"]["edit"]["documentChanges"][0];
    assert_eq!((&file["textDocument"]["uri"], &file["textDocument"]["version"]), (&json!(uri), &json!(1)));
    assert_eq!(
        file["edits"],
        json!([{
            "range": {"start": {"line": 1, "character": 13}, "end": {"line": 1, "character": 14}}, "newText": "+",
        }])
    );
    assert_eq!(editor.text(&uri), RIGHT);
    assert_eq!(project.read("till.py"), WRONG, "the editor writes, not the server");
    assert_eq!(editor.quit(), 0);
}

#[test]
fn what_is_fixed_is_what_is_on_the_screen() {
    let project = Project::new(&[("till.py", RIGHT), ("test_till.py", TESTS)]);
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", RIGHT);
    editor.type_over(&uri, "a + b", "a * b");
    let run = editor.fix_line(&uri, 1);
    editor.progress(&run);
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), RIGHT);
}

#[test]
fn characters_of_every_width_before_and_in_the_line_do_not_shift_the_edit() {
    let odd = |operator: &str| {
        format!(
            "# 👩\u{200d}👩 ü\u{2028}x\r\ndef total(a, b):\r\n    s = '😀漢'; return a {operator} b  # é😀\r\n"
        )
    };
    let project = Project::new(&[("till.py", &odd("-")), ("test_till.py", TESTS)]);
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", &odd("-"));
    let run = editor.fix_line(&uri, 2);
    editor.progress(&run);
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), odd("+"));
}

#[test]
fn an_editor_that_can_do_nothing_special_gets_its_edit_all_the_same() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start_with(&project, json!({}));
    editor.open(&uri, "python", WRONG);
    let action = editor.actions(&uri, 1, 1).remove(0);
    editor.command("bodkin.fix", action["arguments"][0].clone());
    let edit = editor.wait_for_method("workspace/applyEdit");
    assert!(edit["params"]["edit"]["changes"].is_object(), "{edit}");
    assert_eq!(editor.text(&uri), RIGHT);
    assert!(!editor.has_seen("window/workDoneProgress/create") && !editor.has_seen("bodkin/plan"));
}

#[test]
fn an_edit_is_taken_back_around_what_was_typed_since() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    editor.wait_for_method("workspace/applyEdit");
    editor.wait_for_end(&run);
    editor.type_over(&uri, "def total", "# mine\ndef total");
    let answer = editor.request("workspace/executeCommand", json!({"command": "bodkin.undo"}));
    assert_eq!(answer.get("error"), None, "{answer}");
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), format!("# mine\n{WRONG}"));
}

#[test]
fn a_client_that_follows_events_gets_plan_offer_and_end_and_can_ask_for_the_present_state() {
    let project = till();
    let uri = project.uri("till.py");
    let mut capabilities = bodkin_tests::lsp::full_capabilities();
    capabilities["experimental"] = json!({"bodkin": {"events": true}});
    let mut editor = Editor::start_with(&project, capabilities);
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    let plan = editor.wait_for_method("bodkin/plan");
    assert_eq!(plan["params"]["runId"], run);
    assert!(!plan["params"]["entries"].as_array().unwrap().is_empty());
    let offered = editor.wait_for("the offer", |it| it["params"]["news"]["kind"] == "offered");
    let offer = &offered["params"]["news"]["offer"];
    assert_eq!(offer["proof"]["missing"], json!([]));
    assert!(offer["files"][0]["diff"].as_str().unwrap().contains("+    return a + b"), "{offer}");
    let ended = editor.wait_for("the end", |it| it["params"]["news"]["kind"] == "ended");
    assert_eq!(ended["params"]["news"]["summary"]["outcome"], "proved");
    let runs = editor.request("bodkin/runs", Value::Null);
    assert_eq!(runs["result"]["runs"][0]["summary"]["runId"], run);
    assert_eq!(runs["result"]["runs"][0]["plan"]["runId"], run);
}

#[test]
fn a_workspace_without_tests_says_so_and_what_to_do() {
    let project = Project::new(&[("till.py", WRONG)]);
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    let shown = editor.wait_for_method("window/showMessage");
    assert_eq!(shown["params"]["type"], 1, "{shown}");
    assert_eq!(editor.progress(&run).last().unwrap()["kind"], "end");
    assert!(!editor.has_seen("workspace/applyEdit"));
}
