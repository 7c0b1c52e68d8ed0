//! The life of a session: listed, found again, frozen, ended; and an engine that is not there.

use std::path::Path;
use std::sync::Arc;

use bodkin_container::{ContainerBackend, ContainerOptions, Engine};
use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::{Exit, IsolationLevel};
use bodkin_sandbox::session::{Backend, ProcessOrder, SessionOrder};
use bodkin_sandbox::{Cancel, SandboxError};
use bodkin_tests::podman::{IMAGE, Podman};

use super::{Living, heard, options, order};

#[test]
fn a_session_is_listed_and_found_again_by_its_id() {
    let Some(living) = Living::empty("again") else { return };
    living.said("echo kept > /tmp/kept");
    let other = ContainerBackend::new(options(Podman::get("again").unwrap(), "again"));
    let [about] = &other.list().unwrap()[..] else { panic!("one session") };
    assert_eq!((about.id.as_str(), about.frozen), (living.session.id(), false));
    assert_eq!(about.metadata, order().metadata);
    assert_eq!(about.ends_unix_ms, Some(about.started_unix_ms + order().limits.wall_ms));
    let again = other.connect(&about.id).unwrap();
    let mut read = Vec::new();
    again.read(Path::new("/tmp/kept"), &mut read).unwrap();
    assert_eq!(read, b"kept\n");
    assert!(matches!(again.changes(), Err(SandboxError::Unavailable { .. })));
    assert!(matches!(other.connect("no-such"), Err(SandboxError::Unavailable { .. })));
}

#[test]
fn a_frozen_session_stands_still() {
    let Some(living) = Living::empty("frozen") else { return };
    let session = &living.session;
    session.start(ProcessOrder::new(["/bin/sh", "-c", "while :; do echo x >> /tmp/count; done"])).unwrap();
    session.freeze().unwrap();
    session.freeze().unwrap();
    assert!(living.backend.list().unwrap()[0].frozen);
    let before = session.usage().unwrap().cpu_ms;
    assert_eq!(session.usage().unwrap().cpu_ms, before);
    session.thaw().unwrap();
    session.thaw().unwrap();
    assert!(living.said("wc -c < /tmp/count").parse::<u64>().is_ok());
    let usage = session.usage().unwrap();
    assert!(usage.memory_bytes > 0 && usage.processes > 1 && usage.disk_bytes > 0, "{usage:?}");
}

#[test]
fn a_killed_run_leaves_no_process_when_a_session_is_destroyed_its_processes_end() {
    let Some(living) = Living::empty("destroyed") else { return };
    let process = living.session.start(ProcessOrder::new(["sleep", "1000"])).unwrap();
    assert!(living.session.is_alive());
    living.session.destroy().unwrap();
    living.session.destroy().unwrap();
    assert!(matches!(heard(&*process).0, Exit::Signal(9)));
    assert!(!living.session.is_alive());
    assert!(living.session.start(ProcessOrder::new(["true"])).is_err());
}

#[test]
fn a_session_ends_by_itself_when_its_time_is_over() {
    let order = SessionOrder { limits: Limits { wall_ms: 1000, ..order().limits }, ..order() };
    let Some(living) = Living::new("over", order) else { return };
    let process = living.session.start(ProcessOrder::new(["sleep", "1000"])).unwrap();
    assert!(matches!(heard(&*process).0, Exit::Signal(9) | Exit::Code(_)));
    assert!(!living.session.is_alive());
}

#[test]
fn many_sessions_live_at_once_apart() {
    let Some(first) = Living::empty("many") else { return };
    let others: Vec<_> = std::thread::scope(|scope| {
        let make = || scope.spawn(|| first.backend.create(order(), &Cancel::new()).unwrap());
        [make(), make(), make()].into_iter().map(|it| it.join().unwrap()).collect()
    });
    first.said("echo 1 > /tmp/mine");
    for other in &others {
        assert_eq!(other.stat(Path::new("/tmp/mine")).unwrap(), None);
        other.destroy().unwrap();
    }
    assert!(first.session.is_alive());
}

#[test]
fn what_can_not_be_had_is_said_with_the_next_step() {
    let absent = ContainerBackend::new(ContainerOptions::new(Engine::Unix("/nowhere/d.sock".into()), IMAGE));
    let error = absent.create(order(), &Cancel::new()).err().unwrap().to_string();
    assert!(error.contains("unix:///nowhere/d.sock") && error.contains("podman system service"), "{error}");
    assert_eq!(absent.isolation().level, IsolationLevel::Reduced);
    let Some(engine) = Podman::get("absent image") else { return };
    let no_image =
        ContainerOptions { image: "localhost/no-such:1".into(), ..options(engine, "absent-image") };
    let error = ContainerBackend::new(no_image).create(order(), &Cancel::new()).err().unwrap().to_string();
    assert!(error.contains("localhost/no-such:1") && error.contains("podman pull"), "{error}");
    let hosts = SessionOrder { network: Network::Hosts(["pypi.org".to_owned()].into()), ..order() };
    let backend = Arc::new(ContainerBackend::new(options(engine, "hosts")));
    assert!(matches!(backend.create(hosts, &Cancel::new()), Err(SandboxError::Unavailable { .. })));
    let cancel = Cancel::new();
    cancel.cancel();
    assert!(backend.create(order(), &cancel).is_err());
    assert!(backend.list().unwrap().is_empty());
}
