//! Offers that are decided hunk by hunk by a client that shows them itself.

use std::sync::Arc;

use bodkin_host::{ChangeState, ChangeView, CheckpointId, Event, Offer, Outcome, Part, RunId};
use bodkin_text::RelPath;
use serde_json::{Value, json};

use super::{Desk, FILE, ended, full_capabilities, offer, texts};

const BEFORE: &str = "a\nb\nc\nd\ne\n";
const AFTER: &str = "A\nb\nc\nd\nE\n";
const FILES: &[(&str, &str, &str)] = &[("a.py", BEFORE, AFTER), ("b.py", "x\n", "X\n")];

/// A run that offers three hunks in two files to a client that reviews; and the names of the hunks.
fn reviewing(missing: &[&str]) -> (Desk, Offer, Vec<String>) {
    let mut capabilities = full_capabilities();
    capabilities["experimental"] = json!({"bodkin": {"events": true, "review": true}});
    let mut desk = Desk::with(json!({"capabilities": capabilities, "rootUri": "file:///w"}));
    desk.open(BEFORE);
    desk.engine.disk("b.py", "x\n");
    desk.fix(0).unwrap();
    let offer = offer(FILES, missing);
    desk.engine.will_offer(1, &offer);
    desk.sent();
    desk.event(Event::Offered { run: RunId(1), offer: Arc::new(offer.clone()) });
    let all = offer.patch.hunks(|path| offer.before(path)).unwrap();
    let ids: Vec<String> = all.iter().map(|it| it.hunk.id.to_string()).collect();
    assert_eq!(ids.len(), 3);
    desk.engine.calls();
    (desk, offer, ids)
}

fn decide(desk: &mut Desk, choice: &str, more: Value) -> Result<Value, (i64, String)> {
    let mut params = json!({"runId": "r1", "choice": choice, "path": null, "hunks": null});
    for (name, value) in more.as_object().into_iter().flatten() {
        params[name] = value.clone();
    }
    desk.request_and_work("bodkin/decide", params)
}

/// `open: u a r`, the hunks in order.
fn line(review: &Value) -> String {
    let files = review["files"].as_array().unwrap();
    let hunks = files.iter().flat_map(|it| it["hunks"].as_array().unwrap());
    let states: Vec<&str> = hunks.map(|it| &it["state"].as_str().unwrap()[..1]).collect();
    format!("{}: {}", review["state"].as_str().unwrap(), states.join(" "))
}

/// What the client was told of decisions and changes since.
fn news(desk: &mut Desk) -> Vec<String> {
    let sent = desk.sent();
    let news = sent.iter().filter(|it| it["method"] == "bodkin/event").map(|it| &it["params"]["news"]);
    news.map(|it| match it["kind"].as_str().unwrap() {
        "reviewed" => line(&it["review"]),
        "applied" => format!("applied {} {}", it["checkpoint"].as_str().unwrap(), it["files"][0]["uri"]),
        other => other.to_owned(),
    })
    .collect()
}

/// What the proof of a part came to.
fn proved(offer: &Offer, hunks: &[&String], missing: &[&str]) -> Event {
    let hunks: Vec<_> = hunks.iter().map(|it| it.as_str().into()).collect();
    let (patch, files) = offer.only(&hunks).unwrap();
    let mut part = Offer { patch, files, ..offer.clone() };
    part.proof.missing = missing.iter().map(|&it| it.to_owned()).collect();
    Event::Part { run: RunId(1), part: Arc::new(Part { hunks, offer: part }) }
}

#[test]
fn an_offer_waits_for_the_review_and_nothing_is_applied() {
    let (mut desk, ..) = reviewing(&[]);
    let sent = desk.sent();
    assert!(!texts(&sent).contains(&"workspace/applyEdit".to_owned()), "{sent:?}");
    let kinds: Vec<&Value> =
        sent.iter().map(|it| &it["params"]["news"]["kind"]).filter(|it| !it.is_null()).collect();
    assert_eq!(kinds, ["offered", "reviewed"]);
    let runs = desk.request("bodkin/runs", Value::Null).unwrap();
    let run = &runs["runs"][0];
    assert_eq!((line(&run["review"]).as_str(), &run["uri"]), ("open: u u u", &json!(FILE)));
    assert_eq!(run["review"]["files"][1]["uri"], "file:///w/b.py");
    assert_eq!(desk.engine.calls(), Vec::<String>::new());
}

#[test]
fn a_user_who_wants_no_review_gets_the_edit_at_once() {
    let mut capabilities = full_capabilities();
    capabilities["workspace"]["workspaceEdit"]["changeAnnotationSupport"] = json!({});
    capabilities["experimental"] = json!({"bodkin": {"events": true, "review": true}});
    let mut desk = Desk::with(json!({
        "capabilities": capabilities, "rootUri": "file:///w",
        "initializationOptions": {"bodkin": {"review": "apply"}},
    }));
    desk.open(BEFORE);
    desk.fix(0).unwrap();
    let offer = offer(FILES, &[]);
    desk.engine.will_offer(1, &offer);
    desk.engine.disk("b.py", "x\n");
    desk.event(Event::Offered { run: RunId(1), offer: Arc::new(offer) });
    let request = desk.sent_one("workspace/applyEdit");
    assert_eq!(request["params"]["edit"]["changeAnnotations"], Value::Null, "nor a question instead");
}

#[test]
fn when_every_hunk_is_accepted_the_whole_is_put_in_place_and_told() {
    let (mut desk, _, ids) = reviewing(&[]);
    desk.sent();
    let one = decide(&mut desk, "accept", json!({"hunks": [ids[0]]})).unwrap();
    assert_eq!(line(&one), "open: a u u");
    let file = decide(&mut desk, "accept", json!({"path": "a.py"})).unwrap();
    assert_eq!(line(&file), "open: a a u");
    let all = decide(&mut desk, "accept", json!({})).unwrap();
    assert_eq!(line(&all), "applying: a a a");
    assert_eq!(desk.engine.calls(), ["accept r1"]);
    let sent = desk.sent();
    let request = sent.iter().find(|it| it["method"] == "workspace/applyEdit").unwrap().clone();
    assert_eq!(request["params"]["edit"]["changeAnnotations"], Value::Null, "it was asked already");
    desk.engine.disk("b.py", "X\n");
    desk.change(2, [0, 0, 5, 0], AFTER);
    desk.reply(&request, json!({"applied": true}));
    assert_eq!(news(&mut desk), ["applied: a a a", "applied c2 \"file:///w/a.py\""]);
    assert_eq!(decide(&mut desk, "reject", json!({})).unwrap_err().0, -32801, "it is decided");
}

#[test]
fn when_every_hunk_is_rejected_the_offer_is_turned_down() {
    let (mut desk, ..) = reviewing(&[]);
    let none = decide(&mut desk, "reject", json!({})).unwrap();
    assert_eq!(line(&none), "declined: r r r");
    assert_eq!(desk.engine.calls(), ["decline r1"]);
    assert_eq!(decide(&mut desk, "accept", json!({})).unwrap_err().0, -32801);
}

#[test]
fn a_part_is_proved_again_and_only_it_is_sent() {
    let (mut desk, offer, ids) = reviewing(&[]);
    decide(&mut desk, "reject", json!({"hunks": [ids[1]]})).unwrap();
    let part = decide(&mut desk, "accept", json!({})).unwrap();
    assert_eq!(line(&part), "proving: a r a");
    assert_eq!(desk.engine.calls(), ["prove_part r1 2"], "nothing is applied before it is proved");
    desk.sent();
    desk.event(proved(&offer, &[&ids[0], &ids[2]], &[]));
    assert_eq!(desk.engine.calls(), ["accept_part r1 2 Refused"]);
    let sent = desk.sent();
    let edit = sent.iter().find(|it| it["method"] == "workspace/applyEdit").unwrap().to_string();
    assert!(edit.contains("\"A\"") && edit.contains("\"X\"") && !edit.contains("\"E\""), "{edit}");
}

#[test]
fn a_part_that_is_not_proved_is_put_in_place_only_when_it_is_wanted_all_the_same() {
    let (mut desk, offer, ids) = reviewing(&[]);
    let part = decide(&mut desk, "accept", json!({"hunks": [ids[0]], "finish": true})).unwrap();
    assert_eq!(line(&part), "proving: a r r");
    desk.engine.calls();
    desk.sent();
    desk.event(proved(&offer, &[&ids[0]], &["the tests fail"]));
    assert_eq!(news(&mut desk), ["unproved: a r r"]);
    let again = decide(&mut desk, "accept", json!({})).unwrap();
    assert_eq!((line(&again).as_str(), &again["missing"]), ("unproved: a r r", &json!(["the tests fail"])));
    assert_eq!(desk.engine.calls(), Vec::<String>::new(), "what is known is not proved twice");
    let anyway = decide(&mut desk, "accept", json!({"anyway": true})).unwrap();
    assert_eq!(line(&anyway), "applying: a r r");
    assert_eq!(desk.engine.calls(), ["accept_part r1 1 Wanted"]);
}

#[test]
fn a_decision_may_be_changed_until_the_edit_is_on_its_way() {
    let (mut desk, offer, ids) = reviewing(&[]);
    decide(&mut desk, "accept", json!({"hunks": [ids[0]], "finish": true})).unwrap();
    let other = decide(&mut desk, "accept", json!({"hunks": [ids[1]]})).unwrap();
    assert_eq!(line(&other), "proving: a a r");
    assert_eq!(desk.engine.calls(), ["prove_part r1 1", "prove_part r1 2"]);
    desk.event(proved(&offer, &[&ids[0]], &[]));
    assert_eq!(desk.engine.calls(), Vec::<String>::new(), "the part before is not asked for any more");
    let whole = decide(&mut desk, "accept", json!({"hunks": [ids[2]]})).unwrap();
    assert_eq!(line(&whole), "applying: a a a");
    assert_eq!(decide(&mut desk, "reject", json!({})).unwrap_err().0, -32801, "it is with the editor");
}

#[test]
fn an_unproved_offer_is_not_put_in_place_by_accepting_its_hunks_alone() {
    let (mut desk, ..) = reviewing(&["No line was executed."]);
    assert!(desk.sent().iter().all(|it| it["method"] != "window/showMessageRequest"), "the client shows it");
    let review = decide(&mut desk, "accept", json!({})).unwrap();
    assert_eq!(
        (line(&review).as_str(), &review["missing"]),
        ("unproved: a a a", &json!(["No line was executed."]))
    );
    assert_eq!(desk.engine.calls(), Vec::<String>::new());
    decide(&mut desk, "accept", json!({"anyway": true})).unwrap();
    assert_eq!(desk.engine.calls(), ["accept r1"]);
}

#[test]
fn a_part_of_a_run_that_has_ended_is_not_proved_any_more() {
    let (mut desk, _, ids) = reviewing(&[]);
    desk.event(ended(1, Outcome::Proved));
    desk.engine.end_runs();
    let review = decide(&mut desk, "accept", json!({"hunks": [ids[0]], "finish": true})).unwrap();
    assert_eq!(line(&review), "unproved: a r r");
    assert!(review["missing"][0].as_str().unwrap().contains("ended"), "{review}");
}

#[test]
fn what_is_not_there_can_not_be_decided_and_changes_nothing() {
    let (mut desk, ..) = reviewing(&[]);
    for more in [
        json!({"hunks": ["beef"]}),
        json!({"path": "c.py"}),
        json!({"runId": "r9"}),
        json!({"runId": "nine"}),
    ] {
        assert_eq!(decide(&mut desk, "accept", more.clone()).unwrap_err().0, -32602, "{more}");
    }
    let review = &desk.request("bodkin/runs", Value::Null).unwrap()["runs"][0]["review"];
    assert_eq!(line(review), "open: u u u");
}

#[test]
fn the_texts_of_an_offer_can_be_compared_whatever_is_on_the_screen() {
    let (mut desk, _, ids) = reviewing(&[]);
    desk.change(2, [0, 0, 0, 0], "typed ");
    decide(&mut desk, "reject", json!({"hunks": [ids[0]]})).unwrap();
    let mut text = |path: &str, side: &str| {
        let answer = desk.request("bodkin/content", json!({"runId": "r1", "path": path, "side": side}));
        answer.map(|it| it["text"].as_str().unwrap().to_owned())
    };
    assert_eq!(text("a.py", "before").unwrap(), BEFORE);
    assert_eq!(text("a.py", "after").unwrap(), AFTER);
    assert_eq!(text("a.py", "accepted").unwrap(), "a\nb\nc\nd\nE\n");
    assert_eq!(text("c.py", "before").unwrap_err().0, -32602);
}

#[test]
fn a_change_that_is_withheld_may_be_decided_again() {
    let (mut desk, ..) = reviewing(&[]);
    desk.sent();
    decide(&mut desk, "accept", json!({})).unwrap();
    let request = desk.sent_one("workspace/applyEdit");
    desk.reply(&request, json!({"applied": false, "failureReason": "read-only"}));
    assert_eq!(news(&mut desk), ["message", "withheld: a a a"]);
    assert!(!desk.engine.calls().contains(&"decline r1".to_owned()), "the offer still stands");
    assert_eq!(line(&decide(&mut desk, "accept", json!({})).unwrap()), "applying: a a a");
}

#[test]
fn the_commands_decide_as_well() {
    let (mut desk, offer, ids) = reviewing(&[]);
    let command = |desk: &mut Desk, name: &str, argument: Value| {
        desk.request_and_work("workspace/executeCommand", json!({"command": name, "arguments": [argument]}))
    };
    command(&mut desk, "bodkin.accept", json!({"runId": "r1", "hunks": [ids[2]]})).unwrap();
    assert_eq!(desk.engine.calls(), ["prove_part r1 1"]);
    desk.event(proved(&offer, &[&ids[2]], &["it fails"]));
    command(&mut desk, "bodkin.decline", json!({"runId": "r1"})).unwrap();
    assert_eq!(desk.engine.calls(), ["decline r1"]);
}

#[test]
fn a_run_that_is_cancelled_takes_its_review_along() {
    let (mut desk, ..) = reviewing(&[]);
    desk.event(ended(1, Outcome::Cancelled));
    assert_eq!(decide(&mut desk, "accept", json!({})).unwrap_err().0, -32801);
}

#[test]
fn a_change_is_taken_back_by_its_name_and_told() {
    let (mut desk, ..) = reviewing(&[]);
    desk.engine.will_replace("a.py", "c", "C");
    desk.sent();
    let undo = |desk: &mut Desk, argument: Value| {
        let params = json!({"command": "bodkin.undo", "arguments": [argument]});
        desk.request_and_work("workspace/executeCommand", params)
    };
    assert_eq!(undo(&mut desk, json!({"checkpoint": "c7"})), Ok(Value::Null));
    assert_eq!(desk.engine.calls(), ["undo c7"]);
    let request = desk.sent_one("workspace/applyEdit");
    desk.change(2, [2, 0, 2, 1], "C");
    desk.reply(&request, json!({"applied": true}));
    assert_eq!(news(&mut desk), ["declined: u u u", "undone"]);
    desk.change(3, [2, 0, 2, 1], "c");
    assert_eq!(undo(&mut desk, json!({"folder": "file:///w"})), Ok(Value::Null));
    assert_eq!(undo(&mut desk, json!({"checkpoint": "c7@9"})).unwrap_err().0, -32801);
    assert_eq!(undo(&mut desk, json!({"checkpoint": "seven"})).unwrap_err().0, -32602);
    assert_eq!(undo(&mut desk, json!({"folder": "file:///elsewhere"})).unwrap_err().0, -32602);
}

#[test]
fn changes_and_ledger_are_read_beside_the_servers_turns() {
    let (mut desk, ..) = reviewing(&[]);
    desk.engine.has_changed(ChangeView {
        checkpoint: CheckpointId(3),
        run: RunId(8),
        title: "swap".to_owned(),
        files: vec![RelPath::new("a.py").unwrap()],
        state: ChangeState::RolledBack,
    });
    let changes = desk.request_and_work("bodkin/changes", json!({"folder": null})).unwrap();
    assert_eq!(
        changes["changes"],
        json!([{
            "checkpoint": "c3", "runId": "r8", "title": "swap", "state": "rolled_back",
            "files": [{"path": "a.py", "uri": FILE}],
        }])
    );
    let ledger = json!({"folder": "file:///w", "before": 7, "limit": 20});
    let ledger = desk.request_and_work("bodkin/ledger", ledger).unwrap();
    assert_eq!(desk.engine.calls(), ["ledger_page Some(7) 20"]);
    assert_eq!((&ledger["intact"], &ledger["entries"][0]["summary"]), (&json!(true), &json!("fix a.py")));
    assert_eq!(ledger["entries"][0]["runId"], "r1");
    let unknown = json!({"folder": "file:///elsewhere", "before": null, "limit": 1});
    assert_eq!(desk.request_and_work("bodkin/ledger", unknown).unwrap_err().0, -32602);
}

#[test]
fn a_run_that_waits_for_a_decision_is_not_busy() {
    let (mut desk, offer, ids) = reviewing(&[]);
    let health = |desk: &mut Desk| {
        let status = desk.request("bodkin/status", Value::Null).unwrap();
        format!("{}: {}", status["health"].as_str().unwrap(), status["message"].as_str().unwrap())
    };
    assert_eq!(health(&mut desk), "ok: 1 change waits for your decision.");
    decide(&mut desk, "accept", json!({"hunks": [ids[0]], "finish": true})).unwrap();
    assert_eq!(health(&mut desk), "busy: 1 run is under way.", "while the part is proved");
    desk.event(proved(&offer, &[&ids[0]], &["A test fails."]));
    assert_eq!(health(&mut desk), "ok: 1 change waits for your decision.");
    desk.event(ended(1, Outcome::Cancelled));
    assert_eq!(health(&mut desk), "ok: Ready.");
}
