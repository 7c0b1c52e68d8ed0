//! A workspace that follows its original, and runs over it.

use bodkin_e2b::native::{Piece, Pieces, RunRequest, run_path, sync_path};
use bodkin_sync::wire::{Answer, Back, Frame};
use bodkin_sync::{Rules, Sender, scan, sync};
use serde_json::json;

use crate::kit::{Answer as Http, KEY, Kit, OTHER_KEY, Request};

fn post(kit: &Kit, path: &str, key: &str, body: &[u8]) -> Http {
    kit.send(&Request::new("POST", path).key(key).body(body))
}

/// Sends a folder with one file to the replica `w` of the key; gives its root.
fn sent(kit: &Kit, key: &str, content: &str) -> String {
    let workspace = tempfile::tempdir().unwrap();
    std::fs::write(workspace.path().join("a.txt"), content).unwrap();
    let scanned = scan(workspace.path(), &Rules::default(), None).unwrap();
    let post = |frame: &[u8]| Ok::<_, String>(post(kit, &sync_path("w"), key, frame).body);
    let report = sync(&mut Sender::new(), &scanned.state, post).unwrap();
    report.root.to_string()
}

fn run(kit: &Kit, key: &str, request: &RunRequest) -> Http {
    post(kit, &run_path("w"), key, &request.encode(None))
}

fn pieces(answer: &Http) -> Vec<Piece> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut reader = Pieces::default();
    reader.push(&answer.body);
    std::iter::from_fn(|| reader.take().unwrap()).collect()
}

fn words(line: &str, root: String) -> RunRequest {
    RunRequest { argv: vec!["sh".into(), line.into()], root, ..RunRequest::default() }
}

#[test]
fn a_command_runs_over_the_state_that_was_sent_and_tells_what_it_changed() {
    let kit = Kit::new();
    let root = sent(&kit, KEY, "content");
    let mut request = words("echo out; warn err; touch /home/user/workspace/new; exit 3", root);
    request.changes = true;
    let pieces = pieces(&run(&kit, KEY, &request));
    assert_eq!(pieces[..2], [Piece::Stdout(b"out\n".to_vec()), Piece::Stderr(b"err\n".to_vec())]);
    let Piece::Changes(changes) = &pieces[2] else { panic!("{pieces:?}") };
    let back = Back::decode(changes).unwrap();
    assert_eq!(back.changes[0].path.to_path(), std::path::Path::new("new"));
    let Piece::End(end) = &pieces[3] else { panic!("{pieces:?}") };
    assert_eq!((&end.exit, end.output_bytes), (&json!({"kind": "code", "value": 3}), 8));
    assert_eq!(end.isolation["backend"], "in_memory");
    assert_eq!(kit.send(&Request::new("GET", "/v2/sandboxes").key(KEY)).json(), json!([]));
}

#[test]
fn nothing_runs_over_another_state_than_the_one_that_was_named() {
    let kit = Kit::new();
    sent(&kit, KEY, "content");
    let answer = run(&kit, KEY, &words("echo", "00".repeat(32)));
    assert_eq!(answer.status, 409);
    assert!(matches!(Answer::decode(&answer.body).unwrap(), Answer::NeedState { .. }));
}

#[test]
fn what_one_key_sent_is_not_there_for_another() {
    let kit = Kit::new();
    let root = sent(&kit, KEY, "content");
    assert_eq!(run(&kit, OTHER_KEY, &words("echo", root)).status, 409);
    assert_eq!(kit.send(&Request::new("POST", &sync_path("w"))).status, 401);
}

#[test]
fn a_frame_that_is_none_changes_nothing() {
    let kit = Kit::new();
    let root = sent(&kit, KEY, "content");
    let refused = post(&kit, &sync_path("w"), KEY, b"no frame");
    assert_eq!(refused.status, 422);
    assert!(matches!(Answer::decode(&refused.body).unwrap(), Answer::Refused(_)));
    assert_eq!(post(&kit, &sync_path("no%20name"), KEY, b"").status, 400);
    assert_eq!(post(&kit, &run_path("w"), KEY, b"\xff\xff").status, 400);
    assert_eq!(run(&kit, KEY, &words("echo", root)).status, 200);
}

#[test]
fn a_frame_that_comes_with_the_command_is_applied_first() {
    let kit = Kit::new();
    let first = sent(&kit, KEY, "first");
    sent(&kit, KEY, "second");
    let request = words("echo hi", first.clone());
    assert_eq!(run(&kit, KEY, &request).status, 409);
    let frame = Frame::become_state(first.parse().unwrap()).encode().unwrap();
    let answer = post(&kit, &run_path("w"), KEY, &request.encode(Some(&frame)));
    assert_eq!(pieces(&answer)[0], Piece::Stdout(b"hi\n".to_vec()));
}

#[test]
fn a_sandbox_can_be_made_over_a_replica() {
    let kit = Kit::new();
    sent(&kit, KEY, "content");
    let new = json!({"templateID": "base", "metadata": {"bodkin.workspace": "w"}});
    let made = kit.send(&Request::post("/v2/sandboxes", new).key(KEY));
    assert_eq!(made.status, 201, "{}", made.text());
    let replicas = kit.state.path().join("state/replicas");
    let found = std::fs::read_dir(replicas).unwrap().count();
    assert_eq!(found, 1);
}

#[test]
fn a_command_that_is_over_its_limits_is_stopped() {
    let kit = Kit::new();
    let root = sent(&kit, KEY, "content");
    let mut request = words("sleep", root);
    request.limits = Some(bodkin_e2b::native::RunLimits {
        wall_ms: 50,
        memory_bytes: 1 << 30,
        processes: 8,
        output_bytes: 1 << 20,
        disk_bytes: 1 << 20,
        cpu_ms: None,
        file_bytes: None,
    });
    let last = pieces(&run(&kit, KEY, &request)).pop().unwrap();
    let Piece::End(end) = last else { panic!("{last:?}") };
    assert_eq!(end.exit, json!({"kind": "stopped", "value": "wall_time"}));
}
