//! How the server is, as a status item shows it.

use bodkin_host::Outcome;
use serde_json::{Value, json};

use super::{Desk, ended, full_capabilities};

fn listening() -> Desk {
    let mut capabilities = full_capabilities();
    capabilities["experimental"] = json!({"bodkin": {"events": true}});
    let params = json!({"capabilities": capabilities, "rootUri": "file:///w/shop"});
    let mut desk = Desk::silent();
    desk.request("initialize", params).unwrap();
    desk.notify("initialized", json!({}));
    desk
}

/// `busy: 1 run is under way.`
fn line(status: &Value) -> String {
    format!("{}: {}", status["health"].as_str().unwrap(), status["message"].as_str().unwrap())
}

/// What the client was told since, in order.
fn told(desk: &mut Desk) -> Vec<String> {
    let sent = desk.sent();
    sent.iter().filter(|it| it["method"] == "bodkin/status").map(|it| line(&it["params"])).collect()
}

#[test]
fn the_status_follows_folders_and_runs_and_is_told_when_it_changes() {
    let mut desk = listening();
    assert_eq!(told(&mut desk), ["busy: shop is being opened."]);
    desk.work();
    desk.at(100);
    assert_eq!(told(&mut desk), ["ok: Ready."]);
    desk.notify(
        "textDocument/didOpen",
        json!({"textDocument": {
            "uri": "file:///w/shop/a.py", "languageId": "python", "version": 1, "text": "x\n",
        }}),
    );
    assert_eq!(told(&mut desk), Vec::<String>::new(), "what changes nothing is not told");
    let fix = json!({"command": "bodkin.fix", "arguments": [{"uri": "file:///w/shop/a.py"}]});
    desk.request("workspace/executeCommand", fix).unwrap();
    desk.at(200);
    assert_eq!(told(&mut desk), ["busy: 1 run is under way."]);
    desk.event(ended(1, Outcome::Cancelled));
    assert_eq!(told(&mut desk), Vec::<String>::new(), "changes are gathered");
    assert_eq!(desk.server.next_due_ms(), Some(300));
    desk.at(300);
    assert_eq!(told(&mut desk), ["ok: Ready."]);
}

#[test]
fn the_status_tells_what_a_health_check_needs_and_no_secret() {
    let mut desk = listening();
    desk.server.state_folder = "/state".to_owned();
    desk.work();
    let settings = json!({"settings": {"bodkin": {"testCommand": "TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ012345 make"}}});
    desk.notify("workspace/didChangeConfiguration", settings);
    desk.work();
    let status = desk.request("bodkin/status", Value::Null).unwrap();
    assert_eq!(
        (&status["version"], &status["encoding"]),
        (&json!(env!("CARGO_PKG_VERSION")), &json!("utf-16"))
    );
    let folder = &status["folders"][0];
    assert_eq!((&folder["uri"], &folder["name"]), (&json!("file:///w/shop"), &json!("shop")));
    assert_eq!((&folder["state"], &folder["isolation"]["level"]), (&json!("open"), &json!("full")));
    assert_eq!((&status["stateFolder"], &status["running"]), (&json!("/state"), &json!(0)));
    assert_eq!(status["settings"]["review"], "hunks");
    assert!(!status.to_string().contains("ghp_0123"), "{status}");
}

#[test]
fn weak_walls_and_a_folder_that_can_not_be_opened_say_what_to_do() {
    let mut desk = listening();
    desk.engine.reduce();
    desk.work();
    let status = desk.request("bodkin/status", Value::Null).unwrap();
    assert_eq!(line(&status), "warning: The sandbox is weaker than it should be: user namespaces are off");
    assert!(status["nextStep"].as_str().unwrap().contains("allowReduced"));
    desk.notify("workspace/didChangeConfiguration", json!({"settings": {"bodkin": {"allowReduced": true}}}));
    assert_eq!(line(&desk.request("bodkin/status", Value::Null).unwrap()), "ok: Ready.");

    let mut desk = listening();
    desk.engine.refuse_to_open(true);
    desk.work();
    let status = desk.request("bodkin/status", Value::Null).unwrap();
    assert_eq!(status["health"], "error");
    assert_eq!(
        (&status["nextStep"], &status["folders"][0]["state"]),
        (&json!("Free some space."), &json!("failed"))
    );
}

#[test]
fn a_client_that_does_not_read_is_told_the_latest_when_it_does() {
    let mut desk = listening();
    for _ in 0..80 {
        desk.server.out.log(tower_lsp::ls_types::MessageType::INFO, "x");
    }
    desk.work();
    desk.at(100);
    assert_eq!(told(&mut desk), ["busy: shop is being opened."], "from before it stopped reading");
    desk.at(200);
    assert_eq!(told(&mut desk), ["ok: Ready."]);
}

#[test]
fn a_client_that_follows_no_events_is_told_nothing_and_may_ask() {
    let mut desk = Desk::new();
    desk.at(1_000);
    assert!(desk.sent().iter().all(|it| it["method"] != "bodkin/status"));
    assert_eq!(line(&desk.request("bodkin/status", Value::Null).unwrap()), "ok: Ready.");
}
