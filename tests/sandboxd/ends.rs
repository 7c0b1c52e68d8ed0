//! However the daemon ends, nothing of its sandboxes is left.

use std::time::Duration;

use bodkin_tests::processes;
use rustix::process::Signal;
use serde_json::json;

use crate::daemon::Daemon;

/// Longest that the kernel may take to end what belongs to a dead daemon.
const LIMIT: Duration = Duration::from_secs(30);

/// A daemon with three sandboxes in which something runs that does not end by itself, and has left its session.
fn busy() -> Daemon {
    let daemon = Daemon::start();
    for _ in 0..3 {
        let id = daemon.create();
        let done = daemon
            .exec(&id, "setsid sleep 100000 >/dev/null 2>&1 & sleep 100000 >/dev/null 2>&1 & echo begun");
        assert_eq!(done["stdout"], "begun\n");
    }
    daemon
}

#[test]
fn a_daemon_that_is_asked_to_end_ends_its_sandboxes_first() {
    let mut daemon = busy();
    let running = daemon.running.take().unwrap();
    let family = processes::family(running.id(), 9);
    running.signal(Signal::TERM);
    let said = running.end();
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(family.iter().all(|it| it.ends_within(LIMIT)), "a process is left");
}

#[test]
fn a_daemon_that_is_killed_leaves_nothing_running_and_the_next_one_serves() {
    let mut daemon = busy();
    let running = daemon.running.take().unwrap();
    let family = processes::family(running.id(), 9);
    running.signal(Signal::KILL);
    assert_eq!(running.end().signal, Some(9));
    assert!(family.iter().all(|it| it.ends_within(LIMIT)), "a process is left");

    daemon.start_again();
    let id = daemon.create();
    assert_eq!(daemon.exec(&id, "echo back")["stdout"], "back\n");
    assert_eq!(daemon.ask("GET", "/v2/sandboxes", &json!({})).body.as_array().unwrap().len(), 1);
}

#[test]
fn a_sandbox_that_is_killed_leaves_nothing_running() {
    let daemon = Daemon::start();
    let id = daemon.create();
    daemon.exec(&id, "setsid sleep 100000 >/dev/null 2>&1 & echo begun");
    let family = processes::family(daemon.running.as_ref().unwrap().id(), 3);
    assert_eq!(daemon.ask("DELETE", &format!("/sandboxes/{id}"), &json!({})).status, 204);
    assert!(family.len() >= 3);
    let left = family.iter().filter(|it| !it.ends_within(Duration::ZERO)).count();
    // What helps the next sandbox to start may stay, the sandbox's own processes may not.
    assert!(left <= 1, "{left} of {} processes are left", family.len());
}
