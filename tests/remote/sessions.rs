//! Sessions of the E2B protocol.

use std::path::Path;
use std::time::Duration;

use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::Exit;
use bodkin_remote::RemoteBackend;
use bodkin_sandbox::Cancel;
use bodkin_sandbox::session::{Backend, Base, Process, ProcessEvent, ProcessOrder, Session, SessionOrder};
use bodkin_text::Layer;

use super::Daemon;

const SOON: Duration = Duration::from_secs(60);

fn order(base: Base) -> SessionOrder {
    SessionOrder {
        base,
        env: [("GIVEN".to_owned(), "yes".to_owned())].into(),
        limits: Limits::default(),
        network: Network::Off,
        metadata: [("a".to_owned(), "b".to_owned())].into(),
    }
}

fn heard(process: &dyn Process) -> (Exit, String) {
    let mut ear = process.listen();
    let mut all = Vec::new();
    loop {
        match ear.next(SOON).expect("it ends in time") {
            ProcessEvent::Stdout(bytes) | ProcessEvent::Stderr(bytes) | ProcessEvent::Terminal(bytes) => {
                all.extend(bytes);
            }
            ProcessEvent::Ended(exit) => return (exit, String::from_utf8_lossy(&all).into_owned()),
        }
    }
}

fn sh(session: &dyn Session, line: &str) -> (Exit, String) {
    heard(&*session.start(ProcessOrder::new(["/bin/sh", "-c", line])).unwrap())
}

#[test]
fn files_and_processes_of_a_session_are_there_and_end_with_it() {
    let daemon = Daemon::start();
    let backend = RemoteBackend::new(daemon.options()).unwrap();
    let session = backend.create(order(Base::Empty), &Cancel::new()).unwrap();
    let path = Path::new("/home/user/d/a b ü");
    assert_eq!(session.write(path, &mut &b"hello"[..], Some(0o600)).unwrap().size, 5);
    let mut read = Vec::new();
    assert_eq!(session.read(path, &mut read).unwrap(), 5);
    assert_eq!(session.stat(Path::new("/home/user/none")).unwrap(), None);
    assert_eq!(session.list(Path::new("/home/user/d"), 1).unwrap().len(), 1);
    assert!(!session.make_dir(Path::new("/home/user/d")).unwrap());
    assert_eq!(sh(&*session, "echo $GIVEN; pwd; exit 7"), (Exit::Code(7), "yes\n/home/user\n".to_owned()));
    let cat = session.start(ProcessOrder { stdin: true, ..ProcessOrder::new(["cat"]) }).unwrap();
    cat.write(b"typed").unwrap();
    cat.close_stdin().unwrap();
    assert_eq!(heard(&*cat), (Exit::Code(0), "typed".to_owned()));
    let sleeper = session.start(ProcessOrder::new(["sleep", "1000"])).unwrap();
    sleeper.signal(9).unwrap();
    assert_eq!(heard(&*sleeper).0, Exit::Signal(9));
    let listed = backend.list().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].id.as_str(), listed[0].metadata.get("a").map(String::as_str)),
        (session.id(), Some("b"))
    );
    assert!(backend.connect(session.id()).unwrap().is_alive());
    session.destroy().unwrap();
    session.destroy().unwrap();
    assert!(!session.is_alive() && backend.list().unwrap().is_empty());
}

#[test]
fn only_deltas_cross_a_workspace_goes_in_and_what_changed_comes_back() {
    let daemon = Daemon::start();
    let backend = RemoteBackend::new(daemon.options()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("same"), "s").unwrap();
    std::fs::write(folder.path().join("edited"), "one").unwrap();
    std::fs::write(folder.path().join(".env"), "SECRET=1").unwrap();
    let base = Base::Workspace { folder: folder.path().to_owned(), at: None, layer: Layer::empty() };
    let session = backend.create(order(base), &Cancel::new()).unwrap();
    let (exit, text) = sh(&*session, "ls -A; echo two > edited; touch same");
    assert_eq!((exit, text.as_str()), (Exit::Code(0), "edited\nsame\n"));
    let changes = session.changes().unwrap();
    let paths: Vec<_> = changes.changes.iter().map(|it| it.path.as_path()).collect();
    assert_eq!(paths, [Path::new("edited")]);
    session.destroy().unwrap();
}
