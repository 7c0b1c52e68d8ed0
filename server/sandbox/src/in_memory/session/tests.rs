//! Sessions in memory do what sessions promise.

use std::io::Cursor;
use std::time::Duration;

use bodkin_guard::action::{Limits, Network};

use super::*;
use crate::changes::Verdict;
use crate::session::{FileEvent, ProcessEvent};

fn session(program: impl Fn(&Talk) -> Exit + Send + Sync + 'static) -> (InMemoryBackend, Arc<dyn Session>) {
    let backend = InMemoryBackend::new(program);
    let order = SessionOrder {
        base: Base::Empty,
        env: BTreeMap::from([("A".to_owned(), "1".to_owned())]),
        limits: Limits::default(),
        network: Network::Off,
        metadata: BTreeMap::new(),
    };
    let session = backend.create(order, &Cancel::new()).unwrap();
    assert_eq!(session.workdir(), Path::new("/home/user"));
    (backend, session)
}

fn kind<T>(result: Result<T, SandboxError>) -> ErrorKind {
    match result {
        Err(SandboxError::Io { source, .. }) => source.kind(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it worked"),
    }
}

#[test]
fn a_process_hears_its_input_and_its_words_come_in_order() {
    let (_backend, session) = session(|talk| {
        while let Some(bytes) = talk.read() {
            talk.stdout(bytes);
        }
        talk.stderr("end");
        Exit::Code(7)
    });
    let process = session.start(ProcessOrder { stdin: true, ..ProcessOrder::new(["cat"]) }).unwrap();
    let mut listener = process.listen();
    process.write(b"hello").unwrap();
    let long = Duration::from_secs(60);
    assert_eq!(listener.next(long), Some(ProcessEvent::Stdout(b"hello".to_vec())));
    process.close_stdin().unwrap();
    assert_eq!(listener.next(long), Some(ProcessEvent::Stderr(b"end".to_vec())));
    assert_eq!(listener.next(long), Some(ProcessEvent::Ended(Exit::Code(7))));
    assert_eq!(kind(process.write(b"late")), ErrorKind::BrokenPipe);
    assert_eq!(process.order().env, BTreeMap::from([("A".to_owned(), "1".to_owned())]));
}

#[test]
fn a_signal_a_deadline_and_destruction_end_a_process() {
    let (_backend, session) = session(|talk| {
        talk.until_killed();
        Exit::Code(0)
    });
    let long = Duration::from_secs(60);
    let start = |deadline| session.start(ProcessOrder { deadline, ..ProcessOrder::new(["x"]) }).unwrap();
    let (killed, late, left) = (start(None), start(Some(Duration::from_millis(1))), start(None));
    killed.signal(15).unwrap();
    assert_eq!(killed.listen().next(long), Some(ProcessEvent::Ended(Exit::Signal(15))));
    let stopped = Exit::Stopped(bodkin_guard::report::Stop::WallTime);
    assert_eq!(late.listen().next(long), Some(ProcessEvent::Ended(stopped)));
    session.destroy().unwrap();
    assert_eq!(left.listen().next(long), Some(ProcessEvent::Ended(Exit::Signal(9))));
    assert!(!session.is_alive() && matches!(session.usage(), Err(SandboxError::Unavailable { .. })));
}

#[test]
fn files_have_the_errors_of_a_real_disk() {
    let (_backend, session) = session(|_| Exit::Code(0));
    let at = |path: &str| Path::new("/home/user").join(path);
    session.write(&at("a/b"), &mut Cursor::new("x"), None).unwrap();
    assert_eq!(kind(session.read(&at("none"), &mut Vec::new())), ErrorKind::NotFound);
    assert_eq!(kind(session.read(&at("a"), &mut Vec::new())), ErrorKind::IsADirectory);
    assert_eq!(kind(session.list(&at("a/b"), 1)), ErrorKind::NotADirectory);
    assert_eq!(kind(session.write(&at("a"), &mut Cursor::new(""), None)), ErrorKind::IsADirectory);
    assert_eq!(kind(session.write(&at("a/b/c"), &mut Cursor::new(""), None)), ErrorKind::NotADirectory);
    assert_eq!(kind(session.remove(&at("none"))), ErrorKind::NotFound);
    assert_eq!(kind(session.stat(Path::new("relative"))), ErrorKind::InvalidInput);
    assert!(!session.make_dir(&at("a")).unwrap() && session.make_dir(&at("c/d")).unwrap());
    session.rename(&at("a"), &at("e/f")).unwrap();
    let names: Vec<_> = session.list(&at(""), 3).unwrap().into_iter().map(|entry| entry.path).collect();
    assert_eq!(names, ["c", "c/d", "e", "e/f", "e/f/b"].map(at));
    assert_eq!(session.list(&at(""), 1).unwrap().len(), 2);
}

#[test]
fn a_watch_hears_what_happens_in_its_folder_only() {
    let (_backend, session) = session(|_| Exit::Code(0));
    let at = |path: &str| Path::new("/home/user").join(path);
    let mut flat = session.watch(&at(""), false).unwrap();
    let mut deep = session.watch(&at(""), true).unwrap();
    session.write(&at("d/a"), &mut Cursor::new("x"), None).unwrap();
    let heard = |watch: &mut dyn Watch| std::iter::from_fn(|| watch.next(Duration::ZERO)).collect::<Vec<_>>();
    assert_eq!(heard(&mut *flat), [FileEvent::Created(at("d"))]);
    let all = [FileEvent::Created(at("d")), FileEvent::Created(at("d/a")), FileEvent::Written(at("d/a"))];
    assert_eq!(heard(&mut *deep), all);
}

#[test]
fn only_deltas_cross_what_differs_from_the_base_comes_back_judged() {
    let (_backend, session) = session(|talk| {
        talk.inside().write("/home/user/a.py", "x").unwrap();
        talk.inside().write("/home/user/.envrc", "x").unwrap();
        Exit::Code(0)
    });
    let process = session.start(ProcessOrder::new(["x"])).unwrap();
    process.listen().next(Duration::from_secs(60));
    let changes = session.changes().unwrap().changes;
    assert_eq!(changes.len(), 2);
    assert!(matches!(changes[0].verdict, Verdict::Held(_)));
    assert_eq!(changes[1].verdict, Verdict::Taken);
}

#[test]
fn a_session_is_found_by_its_name_until_the_last_who_holds_it_lets_go() {
    let (backend, session) = session(|_| Exit::Code(0));
    assert_eq!(backend.list().unwrap().len(), 1);
    let other = backend.connect(session.id()).unwrap();
    drop(session);
    assert!(other.is_alive());
    drop(other);
    assert!(backend.list().unwrap().is_empty() && backend.connect("memory1").is_err());
}

#[test]
fn a_frozen_session_says_nothing_until_it_goes_on() {
    let (_backend, session) = session(|talk| {
        while let Some(bytes) = talk.read() {
            talk.stdout(bytes);
        }
        Exit::Code(0)
    });
    let process = session.start(ProcessOrder { stdin: true, ..ProcessOrder::new(["cat"]) }).unwrap();
    session.freeze().unwrap();
    process.write(b"x").unwrap();
    let mut listener = process.listen();
    assert_eq!(listener.next(Duration::ZERO), None);
    session.thaw().unwrap();
    assert_eq!(listener.next(Duration::from_secs(60)), Some(ProcessEvent::Stdout(b"x".to_vec())));
}
