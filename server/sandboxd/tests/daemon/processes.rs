//! Processes: streams of what they say, input, signals, ends.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::kit::{Guest, KEY, Kit, Request, start};

fn said(messages: &[Value], stream: &str) -> String {
    let pieces = messages.iter().filter_map(|it| it["event"]["data"][stream].as_str());
    let bytes: Vec<u8> = pieces.flat_map(|it| STANDARD.decode(it).unwrap()).collect();
    String::from_utf8(bytes).unwrap()
}

/// Reads a stream that is open until `until` stands in it.
fn read_until(stream: &mut impl Read, until: &str) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 1024];
    while !String::from_utf8_lossy(&bytes).contains(until) {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "ended before `{until}`: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&piece[..count]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Starts a command and leaves it running; gives its number and its stream.
fn background(guest: &Guest<'_>, body: &Value) -> (u64, std::net::TcpStream) {
    let mut stream = guest.kit.open(&guest.signed(Request::enveloped("/process.Process/Start", body)));
    let text = read_until(&mut stream, "\"pid\":");
    let rest = text.split("\"pid\":").nth(1).unwrap();
    (rest.split('}').next().unwrap().parse().unwrap(), stream)
}

#[test]
fn a_stream_begins_with_the_number_and_ends_with_the_exit() {
    let kit = Kit::new();
    let guest = kit.create();
    let (messages, error) = guest.run("echo out; warn err; exit 7");
    assert_eq!(error, None);
    assert!(messages[0]["event"]["start"]["pid"].is_number(), "{messages:?}");
    assert_eq!((said(&messages, "stdout").as_str(), said(&messages, "stderr").as_str()), ("out\n", "err\n"));
    let end = &messages.last().unwrap()["event"]["end"];
    assert_eq!(
        *end,
        json!({"exitCode": 7, "exited": true, "status": "exit status 7", "error": "exit status 7"})
    );
    let (messages, _) = guest.run("echo");
    assert_eq!(messages.last().unwrap()["event"]["end"], json!({"exited": true, "status": "exit status 0"}));
}

#[test]
fn variables_of_the_call_reach_the_command() {
    let kit = Kit::new();
    let guest = kit.create();
    let mut body = start("env WORD");
    body["process"]["envs"] = json!({"WORD": "here"});
    assert_eq!(said(&guest.stream("/process.Process/Start", body).0, "stdout"), "here");
}

#[test]
fn input_reaches_a_command_until_it_is_closed() {
    let kit = Kit::new();
    let guest = kit.create();
    let (pid, mut stream) =
        background(&guest, &json!({"process": {"cmd": "sh", "args": ["cat"]}, "stdin": true}));
    let process = json!({"pid": pid});
    let call = |method: &str, body: Value| guest.call(&format!("/process.Process/{method}"), body).json();
    assert_eq!(
        call("SendInput", json!({"process": process, "input": {"stdin": STANDARD.encode("hello")}})),
        json!({})
    );
    assert!(read_until(&mut stream, &STANDARD.encode("hello")).contains("stdout"));
    let mut input = bodkin_e2b::connect::message(&json!({"start": {"process": process}}));
    input.extend(bodkin_e2b::connect::message(
        &json!({"data": {"input": {"stdin": STANDARD.encode("world")}}}),
    ));
    let request = Request::new("POST", "/process.Process/StreamInput")
        .header("Content-Type", "application/connect+json");
    assert_eq!(guest.send(request.body(&input)).status, 200);
    assert!(read_until(&mut stream, &STANDARD.encode("world")).contains("stdout"));
    let listed = call("List", json!({}));
    assert_eq!(
        (&listed["processes"][0]["pid"], &listed["processes"][0]["config"]["cmd"]),
        (&json!(pid), &json!("sh"))
    );
    assert_eq!(
        call("SendInput", json!({"process": process, "input": {"pty": "aGk="}}))["code"],
        "invalid_argument"
    );
    assert_eq!(call("CloseStdin", json!({"process": process})), json!({}));
    read_until(&mut stream, "exit status 0");
    assert_eq!(call("List", json!({})), json!({}));
}

#[test]
fn a_command_that_is_killed_says_so_and_one_that_is_not_there_is_not_found() {
    let kit = Kit::new();
    let guest = kit.create();
    let (pid, mut stream) = background(&guest, &start("sleep"));
    let kill = || {
        guest
            .call("/process.Process/SendSignal", json!({"process": {"pid": pid}, "signal": "SIGNAL_SIGKILL"}))
    };
    assert_eq!(kill().json(), json!({}));
    assert!(read_until(&mut stream, "signal: killed").contains("\"exitCode\":-1"));
    assert_eq!(kill().json()["code"], "not_found");
}

#[test]
fn a_command_outlives_its_stream_and_can_be_listened_to_again() {
    let kit = Kit::new();
    let guest = kit.create();
    let mut body = json!({"process": {"cmd": "sh", "args": ["cat"]}, "stdin": true, "tag": "mine"});
    let (pid, stream) = background(&guest, &body);
    drop(stream);
    body = json!({"process": {"tag": "mine"}});
    let mut again = guest.kit.open(&guest.signed(Request::enveloped("/process.Process/Connect", &body)));
    read_until(&mut again, &format!("{{\"start\":{{\"pid\":{pid}}}}}"));
    guest.call("/process.Process/CloseStdin", json!({"process": {"pid": pid}}));
    read_until(&mut again, "exit status 0");
}

#[test]
fn a_call_that_is_over_its_time_kills_the_command() {
    let kit = Kit::new();
    let guest = kit.create();
    let request =
        Request::enveloped("/process.Process/Start", &start("sleep")).header("Connect-Timeout-Ms", "50");
    let (_, error) = crate::kit::envelopes(&guest.send(request).body);
    assert_eq!(error.unwrap()["code"], "deadline_exceeded");
    // The client is told a moment before the command is dead.
    let is_gone = || guest.call("/process.Process/List", json!({})).json() == json!({});
    assert!((0..1000).any(|_| is_gone()), "the command goes on");
}

#[test]
fn a_sandbox_that_is_killed_ends_its_streams_with_that_reason() {
    let kit = Kit::new();
    let guest = kit.create();
    let (_, mut stream) = background(&guest, &start("sleep"));
    kit.send(&Request::new("DELETE", &format!("/sandboxes/{}", guest.id)).key(KEY));
    assert!(read_until(&mut stream, "was not found").contains("unavailable"));
}

#[test]
fn a_terminal_has_a_size_that_can_change() {
    let kit = Kit::new();
    let guest = kit.create();
    let body = json!({"process": {"cmd": "sh", "args": ["size; cat; size"]}, "pty": {"size": {"cols": 10, "rows": 20}}});
    let (pid, mut stream) = background(&guest, &body);
    let resize = json!({"process": {"pid": pid}, "pty": {"size": {"cols": 30, "rows": 40}}});
    assert_eq!(guest.call("/process.Process/Update", resize).json(), json!({}));
    guest.call("/process.Process/SendSignal", json!({"process": {"pid": pid}, "signal": "SIGNAL_SIGKILL"}));
    read_until(&mut stream, "\"end\"");
}

#[test]
fn a_wrong_request_is_answered_in_the_form_of_a_stream() {
    let kit = Kit::new();
    let guest = kit.create();
    let (messages, error) = guest.stream("/process.Process/Start", json!({}));
    assert_eq!((messages.len(), &error.unwrap()["code"]), (0, &json!("invalid_argument")));
    let (_, error) = guest.stream("/process.Process/Connect", json!({"process": {"pid": 4_000_000}}));
    assert_eq!(error.unwrap()["code"], "not_found");
    let no_envelope = Request::post("/process.Process/Start", start("echo"));
    let (_, error) = crate::kit::envelopes(&guest.send(no_envelope).body);
    assert_eq!(error.unwrap()["code"], "invalid_argument");
}
