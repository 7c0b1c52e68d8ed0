//! Local sessions as a cage, and what only a session can be attacked by: its files are read and written from
//! outside while hostile processes live in it.

use std::path::Path;
use std::sync::Arc;

use bodkin_sandbox::Cancel;
use bodkin_sandbox::session::{Backend, EntryKind, ProcessOrder, Session};

use crate::battery::session::Sessions;
use crate::battery::{Ground, Kind, Visit};
use crate::local::WHOLE;

fn backend(ground: &Ground) -> Arc<dyn Backend> {
    Arc::new(WHOLE.sandbox(ground))
}

mod one_process {
    crate::battery::whole_battery!(crate::sessions::cage());
}

mod what_comes_back {
    crate::battery::hostile_changes!(crate::sessions::cage());
}

pub(crate) fn cage() -> Sessions {
    Sessions::new(Kind::Session, backend)
}

/// A session over a ground's workspace in which one shell line runs.
fn session(ground: &Ground, line: &str) -> Arc<dyn Session> {
    let visit = Visit::new(&["/bin/sh", "-c", line]);
    let session = backend(ground).create(Sessions::order(ground, &visit), &Cancel::new()).unwrap();
    session.start(ProcessOrder::new(visit.argv)).unwrap();
    session
}

/// Waits until a file stands in a session.
fn until(session: &Arc<dyn Session>, path: &Path) {
    while session.stat(path).unwrap().is_none() {
        std::thread::yield_now();
    }
}

const CANARY: &[u8] = b"canary-of-the-host";

#[test]
fn files_are_looked_up_inside_the_walls_whatever_links_stand_there() {
    let ground = Ground::new();
    let key = ground.path("home/.ssh/id_rsa");
    ground.link("key", &key);
    ground.link("home", ground.path("home"));
    ground.link("root", "/proc/1/root");
    let session = session(&ground, "touch up");
    let ws = ground.workspace();
    until(&session, &ws.join("up"));
    let paths = [
        key.clone(),
        ws.join("key"),
        ws.join("home/.ssh/id_rsa"),
        ws.join("../home/.ssh/id_rsa"),
        ws.join("root").join(key.strip_prefix("/").unwrap()),
        "/proc/1/environ".into(),
        "/proc/1/mem".into(),
        "/etc/shadow".into(),
    ];
    for path in &paths {
        let mut text = Vec::new();
        let read = session.read(path, &mut text);
        assert!(read.is_err() && text.is_empty(), "{path:?}: {read:?}");
    }
    for path in &paths {
        let written = session.write(path, &mut &b"dead"[..], None);
        assert!(written.is_err() || !path.starts_with("/proc"), "{path:?}");
    }
    let list = session.list(&ws, 1).unwrap();
    let link = list.iter().find(|it| it.path.ends_with("key")).unwrap();
    assert!(matches!(&link.kind, EntryKind::Link(to) if *to == key), "{link:?}");
    session.destroy().unwrap();
    for key in ground.keys() {
        assert_eq!(std::fs::read(key).unwrap(), CANARY);
    }
}

/// A name that is a file at one moment and a link to a key at the next.
#[test]
fn a_file_that_turns_into_a_link_while_it_is_read_tells_nothing() {
    let ground = Ground::new();
    let key = ground.text("home/.ssh/id_rsa");
    let line = format!("touch up; while :; do echo own > a; mv a name; ln -s {key} b; mv b name; done");
    let session = session(&ground, &line);
    let ws = ground.workspace();
    until(&session, &ws.join("up"));
    for _ in 0..200 {
        let mut text = Vec::new();
        let _ = session.read(&ws.join("name"), &mut text);
        assert!(!text.starts_with(CANARY));
        let _ = session.write(&ws.join("name"), &mut &b"written\n"[..], None);
    }
    session.destroy().unwrap();
    assert_eq!(std::fs::read(ground.path("home/.ssh/id_rsa")).unwrap(), CANARY);
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let ground = Ground::new();
    let session = session(&ground, "mkfifo fifo; ./attack files traps x > /dev/null; touch up; sleep 1000");
    let ws = ground.workspace();
    until(&session, &ws.join("up"));
    for path in [
        ws.join("fifo"),
        ws.join("traps/fifo"),
        ws.join("traps/socket"),
        "/dev/zero".into(),
        "/dev/random".into(),
    ] {
        assert!(session.read(&path, &mut Vec::new()).is_err(), "{path:?}");
    }
    session.destroy().unwrap();
}

/// The session's own worker is not among those that `kill -1` finds, or comes back.
#[test]
fn a_session_outlives_a_process_that_kills_and_stops_everything() {
    let ground = Ground::new();
    let host = std::fs::read_link("/proc/self/ns/pid").unwrap().display().to_string();
    let line = format!(
        "touch up; for i in 1 2 3 4 5; do ./attack processes kill-all '{host}'; ./attack processes stop-all '{host}'; done"
    );
    let session = session(&ground, &line);
    let ws = ground.workspace();
    until(&session, &ws.join("up"));
    for number in 0..20 {
        session.write(&ws.join(format!("file-{number}")), &mut &b"x"[..], None).unwrap();
    }
    assert_eq!(session.read(&ws.join("file-19"), &mut Vec::new()).unwrap(), 1);
    session.destroy().unwrap();
}

/// A disk that is full, and no process left to be had: files are refused with words, and the end still comes.
#[test]
fn a_session_that_took_everything_is_still_destroyed() {
    let ground = Ground::new();
    let mut visit = Visit::attack(&["limits", "disk", ".", "/tmp"]);
    visit.limits.disk_bytes = 8 << 20;
    visit.limits.processes = 30;
    let session = backend(&ground).create(Sessions::order(&ground, &visit), &Cancel::new()).unwrap();
    let filler = session.start(ProcessOrder::new(visit.argv)).unwrap();
    while filler.exit().is_none() {
        std::thread::yield_now();
    }
    assert!(session.write(&ground.workspace().join("more"), &mut &vec![0_u8; 16 << 20][..], None).is_err());
    session.start(ProcessOrder::new(["./attack", "limits", "forks"])).unwrap();
    session.destroy().unwrap();
    assert!(!session.is_alive());
    assert_eq!(std::fs::read_dir(ground.path("scratch")).unwrap().count(), 0);
}
