//! The user types while Bodkin works.

use bodkin_tests::lsp::{Answer, Editor};
use serde_json::json;

use crate::{RIGHT, WRONG, till};

#[test]
fn a_line_inserted_above_moves_the_edit_along() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    editor.wait_for_plan(&run);
    editor.type_over(&uri, "def total", "# mine\n\ndef total");
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), format!("# mine\n\n{RIGHT}"));
}

#[test]
fn a_change_of_the_same_line_withholds_the_edit_and_says_so() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    editor.wait_for_plan(&run);
    editor.type_over(&uri, "a - b", "a * b");
    editor.wait_for_text("not applied");
    assert!(!editor.has_seen("workspace/applyEdit"));
    assert_eq!(editor.text(&uri), WRONG.replace("a - b", "a * b"));
}

#[test]
fn the_same_change_made_by_hand_leaves_nothing_to_do() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    editor.wait_for_plan(&run);
    editor.type_over(&uri, "-", "+");
    editor.progress_end(&run);
    assert!(!editor.has_seen("workspace/applyEdit"));
    assert_eq!(editor.text(&uri), RIGHT);
}

#[test]
fn an_edit_that_is_told_late_together_with_typing_stands_and_can_be_taken_back() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.on_edit = Answer::Late;
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    editor.wait_for_method("workspace/applyEdit");
    editor.type_over(&uri, "def total", "# mine\ndef total");
    editor.tell_all(&uri);
    editor.wait_for_end(&run);
    editor.on_edit = Answer::Properly;
    let answer = editor.request("workspace/executeCommand", json!({"command": "bodkin.undo"}));
    assert_eq!(answer.get("error"), None, "{answer}");
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), format!("# mine\n{WRONG}"));
}
