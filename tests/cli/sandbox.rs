//! `bodkin sandbox`: a command on the present workspace, what it would change, and the sandboxes that live.

use std::io::{Read, Write};
use std::net::TcpListener;

use bodkin_tests::{Scene, needs};
use expect_test::expect;
use rustix::process::Signal;

fn scene() -> Scene {
    Scene::new(
        "
=== notes.txt
one
two
=== gone.txt
here
",
    )
}

#[test]
fn a_host_that_was_not_agreed_is_not_reached_and_is_named() {
    needs!(Python);
    let site = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, scene) = (site.local_addr().unwrap().port(), scene());
    std::thread::spawn(move || {
        for mut stream in site.incoming().flatten() {
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nwelcome\n");
        }
    });
    let fetch = format!(
        "import os, urllib.request; os.environ['no_proxy'] = ''
print(urllib.request.urlopen('http://localhost:{port}/').read().decode())"
    );
    let call =
        |net: &str| scene.bodkin(&["sandbox", "run", "--net", net, "--", "python3", "-c", &fetch]).run();
    let agreed = call(&format!("localhost:{port}"));
    assert!(agreed.stdout.contains("welcome"), "{}", agreed.shown());
    let refused = call("example.org");
    assert!(!refused.stdout.contains("welcome"), "{}", refused.shown());
    let sentence = format!("network: localhost:{port} was not reached: name it with --net");
    assert!(refused.stderr.contains(&sentence), "{}", refused.shown());
    let nonsense = call("not a host");
    assert_eq!(nonsense.code, Some(3), "{}", nonsense.shown());
    assert!(scene.ledger().iter().any(|line| line.contains(r#""network":{"hosts":["example.org"]}"#)));
}

#[test]
fn a_living_sandbox_is_listed_and_ended_by_its_name() {
    let scene = scene();
    let mut running = scene.bodkin(&["sandbox", "run", "--", "sh", "-c", "echo up; exec sleep 1000"]).start();
    running.hear_output("up");
    let maker = running.id().as_raw_nonzero().get();
    // Other tests have sandboxes as well: this one is known by its maker.
    let id = {
        let listed = scene.bodkin(&["sandbox", "list", "--json"]).run().envelope("sandbox-list");
        let all = listed["payload"]["sandboxes"].as_array().unwrap().clone();
        let own = all.iter().find(|it| it["makerPid"] == maker).unwrap();
        own["id"].as_str().unwrap().to_owned()
    };
    let killed = scene.bodkin(&["sandbox", "kill", &id]).run();
    assert_eq!((killed.code, killed.stdout.as_str()), (Some(0), "ended 1 sandbox\n"));
    let said = running.end();
    assert_eq!(said.code, Some(128 + 9), "{}", said.shown());
    let again = scene.bodkin(&["sandbox", "kill", &id]).run();
    assert_eq!(again.code, Some(2), "{}", again.shown());
    assert!(again.stderr.contains(&format!("there is no sandbox `{id}`")), "{}", again.shown());
}

#[test]
fn a_command_that_is_stopped_leaves_nothing_running() {
    let scene = scene();
    let mut running = scene.bodkin(&["sandbox", "run", "--", "sh", "-c", "echo up; exec sleep 1000"]).start();
    running.hear_output("up");
    running.signal(Signal::INT);
    let said = running.end();
    assert_eq!(said.code, Some(130), "{}", said.shown());
    assert_eq!(bodkin_tests::processes::that_know(&scene.root()), Vec::<String>::new());
    assert_eq!(scene.bodkin(&["ledger", "verify"]).run().code, Some(0));
}

#[test]
fn a_command_is_run_and_nothing_of_it_stands_until_it_is_kept() {
    let scene = scene();
    let before = scene.tree();
    let line = "echo said; echo three >> notes.txt; echo n > new.txt; rm gone.txt; exit 3";
    let said = scene.bodkin(&["sandbox", "run", "--", "sh", "-c", line]).run();
    assert!(scene.tree() == before, "{}", said.shown());
    expect![[r#"
        --- stderr
        diff --git a/gone.txt b/gone.txt
        deleted file mode 100644
        --- a/gone.txt
        +++ /dev/null
        @@ -1 +0,0 @@
        -here
        diff --git a/new.txt b/new.txt
        new file mode 100644
        --- /dev/null
        +++ b/new.txt
        @@ -0,0 +1 @@
        +n
        --- a/notes.txt
        +++ b/notes.txt
        @@ -1,2 +1,3 @@
         one
         two
        +three
          removed  gone.txt
          added    new.txt
          changed  notes.txt
        your files are as they were; --keep puts 3 changes in place
        ran … in the local sandbox (isolated)
        --- stdout
        said
        --- exit 3
    "#]]
    .assert_eq(&without_time(&said.shown()));
    let kept = scene.bodkin(&["sandbox", "run", "--keep", "--", "sh", "-c", line]).run();
    expect![[r#"
        --- stderr
          removed  gone.txt
          added    new.txt
          changed  notes.txt
        kept 3 files as c1; take it back with `bodkin undo`
        ran … in the local sandbox (isolated)
        --- stdout
        said
        --- exit 3
    "#]]
    .assert_eq(&without_time(&kept.shown()));
    assert_eq!(
        (scene.text("notes.txt").as_str(), scene.text("new.txt").as_str()),
        ("one\ntwo\nthree\n", "n\n")
    );
    assert!(!scene.path("gone.txt").exists());
    assert_eq!(scene.bodkin(&["undo"]).run().code, Some(0));
    assert!(scene.tree() == before);
}

#[test]
fn what_would_run_outside_later_is_held_back_until_it_is_named() {
    let scene = scene();
    let line = "mkdir .vscode; echo '{}' > .vscode/tasks.json; echo n > new.txt";
    let said = scene.bodkin(&["sandbox", "run", "--keep", "--", "sh", "-c", line]).run();
    assert!(scene.path("new.txt").exists() && !scene.path(".vscode/tasks.json").exists(), "{}", said.shown());
    assert!(said.stderr.contains("--also .vscode/tasks.json keeps it"), "{}", said.shown());
    let named = scene
        .bodkin(&["sandbox", "run", "--keep", "--also", ".vscode/tasks.json", "--", "sh", "-c", line])
        .run();
    assert!(scene.path(".vscode/tasks.json").exists(), "{}", named.shown());
}

#[test]
fn a_program_gets_the_end_and_the_changes_as_one_envelope() {
    let scene = scene();
    let said = scene
        .bodkin(&["sandbox", "run", "--json", "--", "sh", "-c", "echo said; echo three >> notes.txt; exit 3"])
        .run();
    assert_eq!(said.code, Some(3), "{}", said.shown());
    let envelope = said.envelope("sandbox-run");
    let payload = &envelope["payload"];
    assert_eq!(payload["output"], "said\n", "{envelope:#}");
    assert_eq!((&payload["exitCode"], &payload["isolation"]["backend"]), (&3.into(), &"local".into()));
    assert_eq!(payload["changes"][0]["path"], "notes.txt");
    assert_eq!(payload["changes"][0]["verdict"], "free");
    assert!(payload["changes"][0]["diff"].as_str().unwrap().contains("+three"), "{envelope:#}");
}

/// What is said, without how long it took.
fn without_time(said: &str) -> String {
    let line = |line: &str| match line.split_once("ran ").and_then(|(_, rest)| rest.split_once(" in the ")) {
        Some((_, rest)) => format!("ran … in the {rest}\n"),
        None => format!("{line}\n"),
    };
    said.lines().map(line).collect()
}
