//! What the server offers beside the light bulb's fix: tests, diagnostics, small fixes, symbols.

use bodkin_tests::lsp::{Editor, Project, full_capabilities};
use serde_json::{Value, json};

use crate::{RIGHT, TESTS, WRONG, till};

/// An editor that follows events.
fn following(project: &Project) -> Editor {
    let mut capabilities = full_capabilities();
    capabilities["experimental"] = json!({"bodkin": {"events": true}});
    Editor::start_with(project, capabilities)
}

/// How tests stand by the last word about each, once a run has ended.
fn states(editor: &mut Editor, run: &str) -> Vec<String> {
    let mut last: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    loop {
        let event =
            editor.wait_for("an event", |it| it["method"] == "bodkin/event" && it["params"]["runId"] == run);
        let news = &event["params"]["news"];
        for result in news["results"].as_array().into_iter().flatten() {
            let line = result["line"].as_u64().map(|it| format!(" at {it}")).unwrap_or_default();
            let state = format!("{}{line}", result["state"].as_str().unwrap());
            last.insert(result["id"].as_str().unwrap().to_owned(), state);
        }
        if news["kind"] == "ended" {
            assert_eq!(news["summary"]["outcome"], "tested", "{event}");
            return last.into_iter().map(|(id, state)| format!("{id} {state}")).collect();
        }
    }
}

#[test]
fn tests_are_found_run_and_shown_where_they_failed_and_one_is_fixed() {
    let project = till();
    let uri = project.uri("test_till.py");
    let mut editor = following(&project);
    editor.open(&uri, "python", TESTS);
    editor.open(&project.uri("till.py"), "python", WRONG);
    let found = editor.request("bodkin/tests", json!({ "uri": null }));
    let ids: Vec<&str> =
        found["result"]["tests"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "test_till.py",
            "test_till.py::Total",
            "test_till.py::Total::test_of_two",
            "test_till.py::Total::test_of_a_negative",
            "test_till.py::Total::test_of_nothing",
        ]
    );
    let begun = editor.command("bodkin.test", json!({"uri": uri, "tests": null, "version": 1}));
    let run = begun["result"]["runId"].as_str().unwrap().to_owned();
    assert_eq!(
        states(&mut editor, &run),
        [
            "test_till.py::Total::test_of_a_negative failed at 9",
            "test_till.py::Total::test_of_nothing passed",
            "test_till.py::Total::test_of_two failed at 6",
        ]
    );
    let told = editor.wait_for("two diagnostics", |it| {
        it["method"] == "textDocument/publishDiagnostics"
            && it["params"]["diagnostics"].as_array().is_some_and(|it| it.len() == 2)
    });
    assert_eq!(told["params"]["diagnostics"][0]["range"]["start"]["line"], 6);
    // From the failure to the fault, in another file.
    let actions = editor.actions(&uri, 6, 6);
    let fix = actions.iter().find(|it| it["title"] == "Bodkin: Fix failing test").unwrap();
    let begun = editor.command("bodkin.fixTest", fix["command"]["arguments"][0].clone());
    let run = begun["result"]["runId"].as_str().unwrap().to_owned();
    let edit = editor.wait_for_method("workspace/applyEdit");
    let changed = &edit["params"]["edit"]["documentChanges"][0];
    assert_eq!(changed["textDocument"]["uri"], json!(project.uri("till.py")), "{edit}");
    assert_eq!(changed["edits"][0]["newText"], "+");
    editor.wait_for_end(&run);
    // The fault is mended: nothing is reported of the tests that it made fail.
    editor.wait_for("the all-clear", |it| {
        it["method"] == "textDocument/publishDiagnostics"
            && it["params"]["uri"] == json!(uri)
            && it["params"]["diagnostics"] == json!([])
    });
    assert_eq!(editor.quit(), 0);
}

#[test]
fn one_test_is_run_alone_and_the_others_are_left_as_they_are() {
    let project = Project::new(&[("till.py", RIGHT), ("test_till.py", TESTS)]);
    let mut editor = following(&project);
    let test = "test_till.py::Total::test_of_two";
    let argument = json!({"uri": project.uri("test_till.py"), "tests": [test], "version": null});
    let begun = editor.command("bodkin.test", argument);
    let run = begun["result"]["runId"].as_str().unwrap().to_owned();
    assert_eq!(states(&mut editor, &run), [format!("{test} passed")]);
}

#[test]
fn broken_syntax_is_told_and_mended_by_the_fix_that_comes_with_it() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", "def total(a, b)\n    return a + b\n");
    let told = editor.wait_for("a syntax error", |it| {
        it["method"] == "textDocument/publishDiagnostics"
            && it["params"]["diagnostics"][0]["code"] == "syntax"
    });
    assert_eq!(told["params"]["version"], 1);
    let actions = editor.actions(&uri, 0, 0);
    let fix = actions.iter().find(|it| it["title"] == "Insert missing `:`").unwrap();
    let edit = &fix["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!((&edit["newText"], &edit["range"]["start"]["character"]), (&json!(":"), &json!(15)));
    editor.type_over(&uri, "(a, b)\n", "(a, b):\n");
    editor.wait_for("the all-clear", |it| {
        it["method"] == "textDocument/publishDiagnostics" && it["params"]["diagnostics"] == json!([])
    });
}

#[test]
fn a_secret_is_pointed_at_before_it_is_saved_and_never_printed() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    let secret = ["ghp_", "0123456789abcdefABCDEF0123456789abcd"].concat();
    editor.open(&uri, "python", &format!("{WRONG}KEY = '{secret}'\n"));
    let told = editor.wait_for_method("textDocument/publishDiagnostics");
    let found = &told["params"]["diagnostics"][0];
    assert_eq!((&found["code"], &found["severity"]), (&json!("secret"), &json!(2)));
    assert!(!told.to_string().contains("0123456789"), "{told}");
}

#[test]
fn symbols_and_definitions_are_told_where_the_user_wants_them_from_this_server() {
    let project = till();
    let options = json!({"bodkin": {"navigation": "on"}});
    let params = json!({"capabilities": full_capabilities(), "initializationOptions": options});
    let (mut editor, answer) = Editor::start_as(&project, params);
    assert_eq!(answer["result"]["capabilities"]["definitionProvider"], true, "{answer}");
    let uri = project.uri("test_till.py");
    editor.open(&uri, "python", TESTS);
    let place = json!({"textDocument": {"uri": uri}, "position": {"line": 6, "character": 26}});
    let found = editor.request("textDocument/definition", place);
    assert_eq!(found["result"][0]["uri"], json!(project.uri("till.py")), "{found}");
    let found = editor.request("workspace/symbol", json!({"query": "total"}));
    let names: Vec<&Value> = found["result"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert!(names.contains(&&json!("total")) && names.contains(&&json!("Total")), "{names:?}");
}
