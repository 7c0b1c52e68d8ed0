//! What the user sees of a run.

use bodkin_agent::{Refused, Why};
use bodkin_host::Outcome;
use serde_json::{Value, json};

use super::{Desk, ended, full_capabilities, offered, plan_event, texts};

fn running() -> Desk {
    let mut desk = Desk::new();
    desk.open("def f(a):\n    return a < 1\n");
    desk.fix(1).unwrap();
    let create = desk.sent_one("window/workDoneProgress/create");
    assert_eq!(create["params"], json!({"token": "bodkin/r1"}));
    desk.reply(&create, Value::Null);
    assert_eq!(texts(&desk.sent()), ["begin: -"]);
    desk
}

#[test]
fn the_plan_is_told_as_progress_that_can_be_cancelled() {
    let mut desk = running();
    desk.event(plan_event(1, 128));
    let report = desk.sent_one("$/progress");
    assert_eq!(
        report["params"],
        json!({"token": "bodkin/r1", "value": {
            "kind": "report", "cancellable": true, "message": "2/2 Probe: 128 tried", "percentage": 50,
        }})
    );
    desk.engine.calls();
    desk.notify("window/workDoneProgress/cancel", json!({"token": "bodkin/r1"}));
    assert_eq!(desk.engine.calls(), ["cancel r1"]);
    desk.notify("window/workDoneProgress/cancel", json!({"token": "somebody/else"}));
    desk.notify("window/workDoneProgress/cancel", json!({"token": 7}));
    assert_eq!(desk.engine.calls(), Vec::<String>::new());
    desk.event(ended(1, Outcome::Cancelled));
    assert_eq!(texts(&desk.sent()), ["end: Cancelled."]);
}

#[test]
fn reports_come_at_most_every_50_ms_and_the_last_one_is_not_lost() {
    let mut desk = running();
    desk.server.diagnostics.forget();
    desk.event(plan_event(1, 1));
    assert_eq!(texts(&desk.sent()), ["report: 2/2 Probe: 1 tried"]);
    for tried in 2..=9 {
        desk.event(plan_event(1, tried));
    }
    desk.at(49);
    assert_eq!((texts(&desk.sent()), desk.server.next_due_ms()), (Vec::new(), Some(50)));
    desk.at(50);
    assert_eq!(texts(&desk.sent()), ["report: 2/2 Probe: 9 tried"]);
    assert_eq!(desk.server.next_due_ms(), None, "an idle server has nothing to wake up for");
}

#[test]
fn a_client_that_never_creates_the_token_holds_nothing_up() {
    let mut desk = Desk::new();
    desk.open("x = 1\n");
    desk.fix(0).unwrap();
    desk.event(plan_event(1, 3));
    desk.event(ended(1, Outcome::Exhausted { reason: "3 candidates were tried.".to_owned() }));
    assert_eq!(
        texts(&desk.sent()),
        [
            "window/workDoneProgress/create",
            "window/showMessage: Bodkin, fix a.py:1: 3 candidates were tried.",
        ]
    );
    assert_eq!(desk.fix(0), Ok(json!({"runId": "r2"})));
}

#[test]
fn a_client_without_progress_is_sent_none() {
    let mut desk = Desk::with(json!({"capabilities": {}, "rootUri": "file:///w"}));
    desk.open("x = 1\n");
    desk.fix(0).unwrap();
    desk.event(plan_event(1, 3));
    desk.event(ended(1, Outcome::Cancelled));
    assert_eq!(texts(&desk.sent()), Vec::<String>::new());
}

#[test]
fn every_way_to_end_ends_the_progress_and_says_why() {
    let refused = Refused {
        why: Why::Unavailable,
        message: "No tests were found".to_owned(),
        hint: "Set bodkin.testCommand.".to_owned(),
    };
    for (outcome, said) in [
        (
            Outcome::Refused(refused),
            vec![
                "end: No tests were found. Set bodkin.testCommand.",
                "window/showMessage: Bodkin, fix a.py:2: No tests were found. Set bodkin.testCommand.",
            ],
        ),
        (
            Outcome::Failed { reason: "the sandbox died".to_owned() },
            vec![
                "end: Failed: the sandbox died",
                "window/showMessage: Bodkin, fix a.py:2: Failed: the sandbox died",
            ],
        ),
        (
            Outcome::Unproved { missing: vec!["The lines were not executed.".to_owned()] },
            vec![
                "end: Not proved: The lines were not executed.",
                "window/showMessage: Bodkin, fix a.py:2: Not proved: The lines were not executed.",
            ],
        ),
        (Outcome::Cancelled, vec!["end: Cancelled."]),
        (Outcome::Proved, vec!["end: Proved."]),
    ] {
        let mut desk = running();
        desk.event(ended(1, outcome));
        assert_eq!(texts(&desk.sent()), said);
    }
}

#[test]
fn an_unproved_change_is_never_applied_by_itself() {
    let mut desk = running();
    desk.engine.calls();
    desk.event(offered(1, &["The changed lines were not executed."]));
    let sent = desk.sent();
    assert_eq!(
        texts(&sent),
        [
            "end: Not proved: The changed lines were not executed.",
            "window/showMessageRequest: fix a.py:2: Not proved: The changed lines were not executed. The change was not applied.",
        ]
    );
    assert_eq!(desk.engine.calls(), Vec::<String>::new());
    desk.reply(&sent[1], Value::Null);
    assert_eq!(desk.engine.calls(), ["decline r1"]);
}

#[test]
fn an_unproved_change_is_applied_when_the_user_says_so() {
    let mut desk = running();
    desk.engine.will_replace("a.py", "<", "<=");
    desk.event(offered(1, &["The changed lines were not executed."]));
    let question = desk.sent_one("window/showMessageRequest");
    desk.reply(&question, json!({"title": "Apply anyway"}));
    assert_eq!(texts(&desk.sent()), ["workspace/applyEdit"]);
}

#[test]
fn the_structured_plan_goes_only_to_clients_that_ask_for_it() {
    let mut desk = running();
    desk.event(plan_event(1, 1));
    assert!(desk.sent().iter().all(|it| it["method"] != "bodkin/plan"));
    let mut asking = Desk::with(json!({
        "capabilities": full_capabilities(), "rootUri": "file:///w",
        "initializationOptions": {"bodkin": {"events": true}},
    }));
    asking.open("x = 1\n");
    asking.fix(0).unwrap();
    asking.event(plan_event(1, 1));
    let plan = asking.sent_one("bodkin/plan");
    assert_eq!((&plan["params"]["runId"], &plan["params"]["seq"]), (&json!("r1"), &json!(5)));
    let entries = plan["params"]["entries"].as_array().unwrap();
    assert_eq!(
        entries.iter().map(|it| it["state"].as_str().unwrap()).collect::<Vec<_>>(),
        ["done", "in_progress"]
    );
}

#[test]
fn a_client_that_does_not_read_gets_fewer_reports_and_the_end() {
    let mut desk = running();
    for _ in 0..80 {
        desk.server.out.log(tower_lsp::ls_types::MessageType::INFO, "x");
    }
    desk.event(plan_event(1, 1));
    desk.at(50);
    desk.event(ended(1, Outcome::Cancelled));
    let told = texts(&desk.sent());
    assert_eq!(told.iter().filter(|it| !it.starts_with("window/")).collect::<Vec<_>>(), ["end: Cancelled."]);
}
