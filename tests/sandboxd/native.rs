//! A workspace that stays in the daemon and follows its original, and commands over it in real sandboxes.

use bodkin_e2b::native::{Piece, Pieces, RunRequest, run_path, sync_path};
use bodkin_sync::wire::{Back, BackVerdict, BackWhat};
use bodkin_sync::{Rules, Sender, scan, sync};
use bodkin_tests::Scene;
use serde_json::json;

use crate::daemon::{Daemon, Door};
use crate::wire::post;

/// Brings the replica to the state of the scene's workspace; gives its root.
fn sent(door: &Door, sender: &mut Sender, scene: &Scene) -> String {
    let scanned = scan(&scene.root(), &Rules::default(), None).unwrap();
    let posted =
        |frame: &[u8]| post(door.address, &sync_path("w"), &door.key, frame).map(|(_, answer)| answer);
    sync(sender, &scanned.state, posted).unwrap().root.to_string()
}

fn run(door: &Door, request: &RunRequest) -> Vec<Piece> {
    let (status, body) = post(door.address, &run_path("w"), &door.key, &request.encode(None)).unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let mut pieces = Pieces::default();
    pieces.push(&body);
    std::iter::from_fn(|| pieces.take().unwrap()).collect()
}

fn shell(line: &str, root: String) -> RunRequest {
    let argv = ["/bin/sh", "-c", line].map(str::to_owned).into();
    RunRequest { argv, root, changes: true, ..RunRequest::default() }
}

fn stdout(pieces: &[Piece]) -> String {
    let bytes = pieces
        .iter()
        .filter_map(|it| if let Piece::Stdout(bytes) = it { Some(bytes.as_slice()) } else { None });
    String::from_utf8(bytes.collect::<Vec<_>>().concat()).unwrap()
}

#[test]
fn a_command_sees_the_workspace_as_it_was_sent_and_what_it_changed_comes_back() {
    let daemon = Daemon::start();
    let workspace = Scene::new("=== a.txt\nfirst\n=== src/b.txt\nkept\n");
    let mut sender = Sender::new();
    let root = sent(&daemon.door, &mut sender, &workspace);
    let line = "cat a.txt src/b.txt; pwd; echo changed > a.txt; rm src/b.txt; echo new > c.txt; exit 3";
    let pieces = run(&daemon.door, &shell(line, root.clone()));
    assert_eq!(stdout(&pieces), "first\nkept\n/home/user/workspace\n", "{pieces:?}");
    let Some(Piece::End(end)) = pieces.last() else { panic!("{pieces:?}") };
    assert_eq!(
        (&end.exit, &end.isolation["backend"]),
        (&json!({"kind": "code", "value": 3}), &json!("local"))
    );
    let back = pieces
        .iter()
        .find_map(|it| if let Piece::Changes(bytes) = it { Back::decode(bytes).ok() } else { None });
    let changes = back.unwrap().changes;
    let names: Vec<String> = changes.iter().map(|it| it.path.to_path().display().to_string()).collect();
    assert_eq!(names, ["a.txt", "c.txt", "src/b.txt"]);
    assert!(matches!(&changes[0].what, BackWhat::File { content: Some(bytes), .. } if bytes == b"changed\n"));
    assert!(matches!(changes[2].what, BackWhat::Gone) && changes[2].verdict == BackVerdict::Taken);

    // The replica itself is as it was sent, and follows the next change.
    assert_eq!(stdout(&run(&daemon.door, &shell("cat a.txt", root))), "first\n");
    workspace.write("a.txt", "second\n");
    let next = sent(&daemon.door, &mut sender, &workspace);
    assert_eq!(stdout(&run(&daemon.door, &shell("cat a.txt", next))), "second\n");
}

#[test]
fn a_sandbox_over_a_replica_keeps_the_state_that_it_was_made_from() {
    let daemon = Daemon::start();
    let workspace = Scene::new("=== a.txt\nfirst\n");
    let mut sender = Sender::new();
    sent(&daemon.door, &mut sender, &workspace);
    let new = json!({"templateID": "base", "timeout": 600, "metadata": {"bodkin.workspace": "w"}});
    let made = daemon.ask("POST", "/v2/sandboxes", &new);
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["sandboxID"].as_str().unwrap();
    workspace.write("a.txt", "second\n");
    sent(&daemon.door, &mut sender, &workspace);
    assert_eq!(daemon.exec(id, "cat /home/user/workspace/a.txt")["stdout"], "first\n");
}
