//! What commands answer, and what they begin.

use bodkin_host::{CheckpointId, Outcome, Plan, RunId, RunView};
use serde_json::{Value, json};

use super::{Desk, FILE, full_capabilities};

fn command(desk: &mut Desk, command: &str, argument: Value) -> Result<Value, (i64, String)> {
    desk.request_and_work("workspace/executeCommand", json!({"command": command, "arguments": [argument]}))
}

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.open("def f(a):\n    return a < 1\n");
    desk.engine.calls();
    desk
}

#[test]
fn a_fix_is_begun_on_the_selected_lines_and_answers_with_its_name() {
    let mut desk = desk();
    assert_eq!(desk.fix(1), Ok(json!({"runId": "r1"})));
    assert_eq!(desk.engine.calls(), ["start fix a.py:2"]);
    let whole = command(&mut desk, "bodkin.fix", json!({"uri": FILE, "test": "make check"}));
    assert_eq!(whole, Ok(json!({"runId": "r2"})));
    assert_eq!(desk.engine.calls(), ["start fix a.py"]);
}

#[test]
fn an_impossible_range_an_old_version_and_an_unknown_name_are_refused_with_what_to_do() {
    let mut desk = desk();
    for (argument, expected) in [
        (
            json!({"uri": FILE, "lines": {"first": 7, "last": 9}}),
            (-32602, "Line 10 is past the end of `/w/a.py`. It has 3 lines."),
        ),
        (
            json!({"uri": FILE, "lines": {"first": 0, "last": 0}, "version": 0}),
            (-32801, "`/w/a.py` has changed since the action was offered. Select the lines again."),
        ),
        (
            json!({"uri": FILE, "lines": {"first": 1, "last": 0}}),
            (-32602, "The lines 2 to 1 run backwards. Name the first line first."),
        ),
        (
            json!({"uri": "untitled:Untitled-1"}),
            (-32602, "`untitled:Untitled-1` is not a file. Save it to a file first."),
        ),
    ] {
        let answer = command(&mut desk, "bodkin.fix", argument).unwrap_err();
        assert_eq!((answer.0, answer.1.as_str()), expected);
    }
    assert_eq!(command(&mut desk, "bodkin.fix", json!(7)).unwrap_err().0, -32602);
    assert_eq!(command(&mut desk, "bodkin.dance", json!({})).unwrap_err().0, -32602);
    assert_eq!(desk.engine.calls(), Vec::<String>::new(), "nothing was begun");
}

#[test]
fn a_fix_in_a_document_that_can_not_be_followed_is_refused() {
    let mut desk = desk();
    desk.change(2, [50, 0, 50, 0], "x");
    assert_eq!(desk.fix(0).unwrap_err().0, -32801);
}

#[test]
fn a_fix_waits_for_its_folder_to_be_opened_and_nothing_else_does() {
    let mut desk = Desk::silent();
    desk.request("initialize", json!({"capabilities": full_capabilities(), "rootUri": "file:///w"})).unwrap();
    desk.open("x = 1\n");
    assert_eq!(
        desk.request_and_work(
            "workspace/executeCommand",
            json!({
                "command": "bodkin.fix", "arguments": [{"uri": FILE}],
            })
        ),
        Ok(json!({"runId": "r1"}))
    );
    assert_eq!(desk.engine.calls(), ["open /w", "open_buffer a.py v1", "start fix a.py"]);
}

#[test]
fn a_folder_that_can_not_be_opened_says_why_and_is_tried_again() {
    let mut desk = Desk::silent();
    desk.engine.refuse_to_open(true);
    desk.request("initialize", json!({"capabilities": full_capabilities(), "rootUri": "file:///w"})).unwrap();
    desk.work();
    desk.open("x = 1\n");
    let (code, message) = command(&mut desk, "bodkin.fix", json!({"uri": FILE})).unwrap_err();
    assert_eq!((code, message.as_str()), (-32802, "The state folder can not be written. Free some space."));
    desk.engine.refuse_to_open(false);
    assert_eq!(command(&mut desk, "bodkin.fix", json!({"uri": FILE})), Ok(json!({"runId": "r1"})));
}

#[test]
fn a_file_outside_every_folder_is_worked_on_in_its_own() {
    let mut desk = desk();
    assert_eq!(
        command(&mut desk, "bodkin.fix", json!({"uri": "file:///else/b.py"})),
        Ok(json!({"runId": "r1@1"}))
    );
    assert_eq!(desk.engine.calls(), ["open /else", "start fix b.py"]);
    let mut alone = Desk::with(json!({"capabilities": {}, "rootUri": null, "workspaceFolders": null}));
    alone.open("x = 1\n");
    assert_eq!(command(&mut alone, "bodkin.fix", json!({"uri": FILE})), Ok(json!({"runId": "r1"})));
}

#[test]
fn a_handler_that_panics_answers_an_error_and_the_server_lives() {
    let mut desk = desk();
    desk.engine.will_panic(true);
    let (code, message) = desk.fix(1).unwrap_err();
    assert_eq!(code, -32603);
    assert!(message.contains("report"), "{message}");
    desk.engine.will_panic(false);
    assert_eq!(desk.fix(1), Ok(json!({"runId": "r1"})));
}

#[test]
fn a_run_is_cancelled_by_its_name_once() {
    let mut desk = desk();
    desk.fix(1).unwrap();
    desk.engine.calls();
    assert_eq!(command(&mut desk, "bodkin.cancel", json!({"runId": "r1"})), Ok(Value::Null));
    assert_eq!(desk.engine.calls(), ["cancel r1"]);
    desk.event(super::ended(1, Outcome::Cancelled));
    assert_eq!(command(&mut desk, "bodkin.cancel", json!({"runId": "r1"})), Ok(Value::Null));
    assert_eq!(command(&mut desk, "bodkin.cancel", json!({"runId": "r9"})), Ok(Value::Null));
    assert_eq!(desk.engine.calls(), Vec::<String>::new());
    assert_eq!(command(&mut desk, "bodkin.cancel", json!({"runId": "nine"})).unwrap_err().0, -32602);
}

#[test]
fn who_names_no_run_cancels_them_all() {
    let mut desk = desk();
    desk.fix(1).unwrap();
    desk.fix(1).unwrap();
    desk.engine.calls();
    let bare = json!({"command": "bodkin.cancel"});
    assert_eq!(desk.request("workspace/executeCommand", bare), Ok(Value::Null));
    assert_eq!(desk.engine.calls(), ["cancel r1", "cancel r2"]);
}

#[test]
fn there_is_nothing_to_decide_before_an_offer() {
    let mut desk = desk();
    desk.fix(1).unwrap();
    for name in ["bodkin.accept", "bodkin.decline"] {
        assert_eq!(command(&mut desk, name, json!({"runId": "r1"})).unwrap_err().0, -32602);
    }
}

#[test]
fn runs_of_earlier_processes_are_told_with_those_of_this_one() {
    let mut desk = Desk::silent();
    let view = |id: u64, title: &str| RunView {
        id: RunId(id),
        title: title.to_owned(),
        plan: Plan::default(),
        tried: 3,
        outcome: Some(Outcome::Proved),
        offer: None,
        part: None,
        checkpoint: Some(CheckpointId(4)),
        file: None,
        started_unix_ms: 0,
        elapsed_ms: 9,
    };
    desk.engine.had_run(view(90, "fix b.py"));
    desk.engine.had_run(view(1, "its own, as the ledger has it"));
    desk.request("initialize", json!({"capabilities": full_capabilities(), "rootUri": "file:///w"})).unwrap();
    let early = desk.request_and_work("bodkin/runs", Value::Null).unwrap();
    assert_eq!(early["runs"].as_array().unwrap().len(), 2, "who asks early is answered when it is known");
    desk.open("x = 1\n");
    desk.fix(0).unwrap();
    let runs = desk.request("bodkin/runs", Value::Null).unwrap();
    let mut titles: Vec<&str> =
        runs["runs"].as_array().unwrap().iter().map(|it| it["summary"]["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["fix a.py:1", "fix b.py"], "one that is known here is not told twice");
    let past = runs["runs"].as_array().unwrap().iter().find(|it| it["summary"]["runId"] == "r90").unwrap();
    assert_eq!((&past["checkpoint"], &past["summary"]["outcome"]), (&json!("c4"), &json!("proved")));
}

#[test]
fn the_runs_of_every_folder_are_told_with_or_without_parameters() {
    let mut desk = desk();
    desk.fix(1).unwrap();
    let runs = desk.request("bodkin/runs", Value::Null).unwrap();
    assert_eq!(
        (&runs["runs"][0]["summary"]["runId"], &runs["runs"][0]["summary"]["title"]),
        (&json!("r1"), &json!("fix a.py:2"))
    );
}
