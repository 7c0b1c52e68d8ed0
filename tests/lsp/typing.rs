//! The user types while Bodkin works.

use bodkin_tests::lsp::Editor;

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
