//! `bodkin sandbox`: a command on the present workspace, what it would change, and the sandboxes that live.

use std::io::{Read, Write};
use std::net::TcpListener;

use bodkin_tests::{Scene, needs};
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
