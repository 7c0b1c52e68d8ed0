//! Two windows on one workspace: two servers over one state folder.

use bodkin_tests::lsp::{Editor, Project, full_capabilities};
use serde_json::{Value, json};

use crate::{RIGHT, WRONG};

/// The tests of one module.
fn tests(module: &str) -> String {
    crate::TESTS.replace("till", module)
}

fn window(project: &Project) -> Editor {
    let mut capabilities = full_capabilities();
    capabilities["experimental"] = json!({"bodkin": {"events": true}});
    Editor::start_with(project, capabilities)
}

fn news(editor: &mut Editor, kind: &str) -> Value {
    editor.wait_for(kind, |it| it["params"]["news"]["kind"] == kind)["params"].clone()
}

#[test]
fn two_windows_fix_and_undo_side_by_side_and_the_ledger_stands() {
    let project = Project::new(&[
        ("one.py", WRONG),
        ("test_one.py", &tests("one")),
        ("two.py", WRONG),
        ("test_two.py", &tests("two")),
    ]);
    let (one, two) = (project.uri("one.py"), project.uri("two.py"));
    let (mut left, mut right) = (window(&project), window(&project));
    left.open(&one, "python", WRONG);
    right.open(&two, "python", WRONG);
    let test = |module: &str| format!("python3 -m unittest test_{module}");
    let fix = |editor: &mut Editor, uri: &str, module: &str| {
        let lines = json!({"first": 1, "last": 1});
        editor.ask(
            "workspace/executeCommand",
            json!({"command": "bodkin.fix", "arguments": [{"uri": uri, "lines": lines, "test": test(module)}]}),
        )
    };
    let (of_left, of_right) = (fix(&mut left, &one, "one"), fix(&mut right, &two, "two"));
    let names = (left.answer_to(of_left), right.answer_to(of_right));
    assert_ne!(names.0["result"]["runId"], names.1["result"]["runId"], "runs of one workspace differ");
    let (done, done_too) = (news(&mut left, "applied"), news(&mut right, "applied"));
    assert_eq!((left.text(&one).as_str(), right.text(&two).as_str()), (RIGHT, RIGHT));
    let (c, d) = (&done["news"]["checkpoint"], &done_too["news"]["checkpoint"]);
    assert_ne!(c, d, "changes of one workspace differ");
    let undo = |editor: &mut Editor, checkpoint: &Value| {
        let argument = json!({"checkpoint": checkpoint, "folder": null});
        editor.ask("workspace/executeCommand", json!({"command": "bodkin.undo", "arguments": [argument]}))
    };
    undo(&mut left, c);
    undo(&mut right, d);
    news(&mut left, "undone");
    news(&mut right, "undone");
    assert_eq!((left.text(&one).as_str(), right.text(&two).as_str()), (WRONG, WRONG));
    for editor in [&mut left, &mut right] {
        let changes = editor.request("bodkin/changes", json!({"folder": null}));
        let states: Vec<&Value> =
            changes["result"]["changes"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
        assert_eq!(states, ["undone", "undone"], "each sees what both did");
        let ledger = editor.request("bodkin/ledger", json!({"folder": null, "before": null, "limit": 1000}));
        assert_eq!(ledger["result"]["intact"], true, "{ledger}");
    }
    assert_eq!((left.quit(), right.quit()), (0, 0));
}
