//! A client that stops reading for long: what is kept for it is bounded by what it asked for, and nothing is lost.
//!
//! Counted in messages, not in seconds; `cargo xtask bench unread` lets the seconds pass.

use bodkin_tests::lsp::{Editor, plug_in_capabilities};
use serde_json::{Value, json};

use crate::{RIGHT, WRONG, till};

/// Far more answers than the pipe and the buffers at both its ends hold.
const QUESTIONS: usize = 8_000;
/// What is kept of an unread answer may be three times as long as it; the run, and the messages that are being worked
/// on, may take this much beside. Kept as values they took twice that.
const BESIDE_KIB: usize = 24 * 1024;
/// How many messages may wait before what can be left out is left out; a few are under way meanwhile.
const BEHIND: usize = 64 + 8;

fn ask_much(editor: &mut Editor, uri: &str) -> Vec<i64> {
    let range = json!({"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}});
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
    (0..QUESTIONS).map(|_| editor.ask("textDocument/codeAction", params.clone())).collect()
}

#[test]
fn a_client_that_does_not_read_costs_what_its_answers_are_long_and_finds_each_of_them_when_it_reads_on() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start_with(&project, plug_in_capabilities());
    editor.open(&uri, "python", WRONG);
    let answer = editor.actions(&uri, 1, 1);
    let least_kib = editor.memory_kib();
    editor.stop_reading();
    let asked = ask_much(&mut editor, &uri);
    let lines = json!({"uri": uri, "lines": {"first": 1, "last": 1}});
    let fix = editor.ask("workspace/executeCommand", json!({"command": "bodkin.fix", "arguments": [lines]}));
    // The run comes after all the questions: when its proof stands on the disk, all of them were answered, unread.
    editor.wait_until("the run's proof", || project.ledger().contains(r#""purpose":"proof""#));
    let most_kib = editor.memory_kib();
    let unread_kib = QUESTIONS * length(&answer) / 1024;
    assert!(
        most_kib <= least_kib + 3 * unread_kib + BESIDE_KIB,
        "{most_kib} KiB with {unread_kib} KiB unread, {least_kib} before"
    );
    editor.read_on();
    for id in asked {
        assert!(editor.answer_to(id)["result"].is_array());
    }
    let run = editor.answer_to(fix)["result"]["runId"].clone();
    editor.wait_for("the offer", |it| it["params"]["news"]["kind"] == "offered");
    let told = editor.seen().iter().filter(|it| it["method"] == "bodkin/plan").count();
    assert!(told <= BEHIND, "{told} plans were kept for a client that does not read");
    let runs = editor.request("bodkin/runs", Value::Null);
    assert_eq!(runs["result"]["runs"][0]["summary"]["runId"], run);
    assert_eq!(editor.quit(), 0);
}

#[test]
fn what_is_typed_while_nothing_is_read_is_what_is_fixed() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    editor.stop_reading();
    let asked = ask_much(&mut editor, &uri);
    editor.type_over(&uri, "def", "# typed meanwhile\ndef");
    editor.read_on();
    for id in asked {
        assert!(editor.answer_to(id)["result"].is_array());
    }
    editor.fix_line(&uri, 2);
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.text(&uri), format!("# typed meanwhile\n{RIGHT}"));
    assert_eq!(editor.quit(), 0);
}

fn length(actions: &[Value]) -> usize {
    json!({"jsonrpc": "2.0", "id": QUESTIONS, "result": actions}).to_string().len()
}
