//! What goes wrong between an editor and its server: silence, floods, disorder, death.

use bodkin_tests::lsp::{Answer, Editor, Project, full_capabilities};
use serde_json::{Value, json};

use crate::{RIGHT, WRONG, till};

fn fixes(editor: &mut Editor, uri: &str, line: u32) {
    editor.fix_line(uri, line);
    editor.wait_for_method("workspace/applyEdit");
}

#[test]
fn a_client_that_never_answers_for_its_settings_gets_its_fix() {
    let project = till();
    let uri = project.uri("till.py");
    let mut capabilities = full_capabilities();
    capabilities["workspace"]["didChangeConfiguration"] = json!({"dynamicRegistration": true});
    let mut editor = Editor::start_with(&project, capabilities);
    editor.on_settings = Answer::Never;
    editor.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    editor.open(&uri, "python", WRONG);
    fixes(&mut editor, &uri, 1);
    assert_eq!(editor.text(&uri), RIGHT);
    assert_eq!(editor.quit(), 0);
}

#[test]
fn a_setting_that_changes_takes_effect_in_the_next_run() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    editor.settings = json!({"testCommand": "false # of the settings"});
    editor.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let asked = editor.wait_for_method("workspace/configuration");
    assert!(asked["params"]["items"].as_array().unwrap().len() >= 2, "for all, and for the folder");
    let deadline = |status: &Value| status["result"]["settings"]["testCommand"] == "false # of the settings";
    let mut status = editor.request("bodkin/status", Value::Null);
    while !deadline(&status) {
        status = editor.request("bodkin/status", Value::Null);
    }
    let run = editor.fix_line(&uri, 1);
    editor.wait_for_end(&run);
    let runs = editor.request("bodkin/runs", Value::Null);
    let plan = runs["result"]["runs"][0]["plan"]["entries"].to_string();
    assert!(plan.contains("false # of the settings"), "{plan}");
}

#[test]
fn a_thousand_changes_at_once_are_followed_in_order() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    for n in 0..1_000 {
        editor.append(&uri, &format!("# {n} 😀\n"));
    }
    let action = &editor.actions(&uri, 1, 1)[0];
    assert_eq!(action["command"]["arguments"][0]["version"], 1_001);
    fixes(&mut editor, &uri, 1);
    assert!(editor.text(&uri).starts_with(RIGHT) && editor.text(&uri).ends_with("# 999 😀\n"));
}

#[test]
fn versions_out_of_order_put_a_document_in_doubt_until_it_comes_whole() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let tell = |editor: &mut Editor, version: i32, change: Value| {
        let document = json!({"uri": uri, "version": version});
        editor
            .notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": [change]}));
    };
    let at = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
    tell(&mut editor, 9, json!({"range": at, "text": "# nine\n"}));
    tell(&mut editor, 4, json!({"range": at, "text": "# four\n"}));
    editor.wait_for_text("lost track");
    let lines = json!({"uri": uri, "lines": {"first": 1, "last": 1}});
    assert_eq!(editor.command("bodkin.fix", lines.clone())["error"]["code"], -32801);
    tell(&mut editor, 10, json!({"text": WRONG}));
    let answer = editor.command("bodkin.fix", lines);
    assert!(answer["result"]["runId"].is_string(), "{answer}");
}

#[test]
fn a_server_that_is_killed_in_a_run_begins_anew_and_no_text_is_lost() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    editor.wait_for_plan(&run);
    editor.kill();
    assert_eq!((editor.text(&uri).as_str(), project.read("till.py").as_str()), (WRONG, WRONG));
    let mut next = Editor::start(&project);
    next.open(&uri, "python", WRONG);
    fixes(&mut next, &uri, 1);
    assert_eq!(next.text(&uri), RIGHT);
    let runs = next.request("bodkin/runs", Value::Null);
    let mut list = runs["result"]["runs"].as_array().unwrap().iter().map(|it| &it["summary"]);
    let cut_off = list.find(|it| it["runId"] == json!(run)).unwrap_or_else(|| panic!("no {run}: {runs}"));
    assert!(cut_off["reason"].as_str().unwrap().contains("was ended while"), "{cut_off}");
    let ledger = next.request("bodkin/ledger", json!({"folder": null, "before": null, "limit": 100}));
    assert_eq!(ledger["result"]["intact"], true, "{ledger}");
}

#[test]
fn a_server_that_is_killed_while_an_edit_is_with_the_editor_settles_it_by_the_text_on_disk() {
    let state = |saved: Option<&str>| {
        let project = till();
        let uri = project.uri("till.py");
        let mut editor = Editor::start(&project);
        editor.on_edit = Answer::Never;
        editor.open(&uri, "python", WRONG);
        fixes(&mut editor, &uri, 1);
        editor.kill();
        if let Some(text) = saved {
            project.write("till.py", text);
        }
        let mut next = Editor::start(&project);
        next.open(&uri, "python", saved.unwrap_or(WRONG));
        // Any command waits for the folder; the state is put right before that.
        let run = next.fix_line(&uri, 1);
        next.notify("window/workDoneProgress/cancel", json!({"token": format!("bodkin/{run}")}));
        next.wait_for_end(&run);
        let changes = next.request("bodkin/changes", json!({"folder": null}));
        let all = changes["result"]["changes"].as_array().unwrap().clone();
        let oldest = all.last().unwrap();
        assert_eq!(next.text(&uri), saved.unwrap_or(WRONG), "nobody edits behind the user's back");
        oldest["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(None), "rolled_back", "the editor had not made it");
    assert_eq!(state(Some(RIGHT)), "applied", "the editor had made and saved it");
}

#[test]
fn the_text_of_a_run_is_the_editors_after_edits_of_every_kind() {
    let project = Project::new(&[("till.py", WRONG), ("test_till.py", crate::TESTS)]);
    let uri = project.uri("till.py");
    let mut capabilities = full_capabilities();
    capabilities["experimental"] = json!({"bodkin": {"events": true, "review": true}});
    let mut editor = Editor::start_with(&project, capabilities);
    editor.open(&uri, "python", WRONG);
    let pieces =
        ["é", "😀", "👩\u{200d}👩", "\u{2028}", "\u{feff}", "\r\n# ", "\n# ", "e\u{301}", "漢", "\t"];
    editor.append(&uri, "# <");
    // The same steps each time: what is typed, and how much of it is taken back, follow from a count.
    for n in 0..400_usize {
        let piece = pieces[n * 7 % pieces.len()];
        editor.append(&uri, piece);
        editor.append(&uri, &format!("[{n}]"));
        if n % 3 == 0 {
            editor.type_over(&uri, &format!("[{n}]"), pieces[n * 3 % pieces.len()]);
        }
    }
    editor.fix_line(&uri, 1);
    let offered = editor.wait_for("the offer", |it| it["params"]["news"]["kind"] == "offered");
    let run = offered["params"]["runId"].clone();
    let content = json!({"runId": run, "path": "till.py", "side": "before"});
    let text = editor.request("bodkin/content", content)["result"]["text"].clone();
    assert_eq!(text.as_str().unwrap(), editor.text(&uri));
}
