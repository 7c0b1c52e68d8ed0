//! A session, and what its processes said.

use std::collections::BTreeMap;
use std::io::{Cursor, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::Exit;
use bodkin_sandbox::session::{
    Backend, Base, Listen, Process, ProcessEvent, ProcessOrder, Session, SessionOrder,
};
use bodkin_sandbox::{Cancel, SandboxError};
use bodkin_text::Layer;

use crate::kit::Scene;

/// Longer than anything here takes, on whatever machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn order(base: Base) -> SessionOrder {
    SessionOrder {
        base,
        env: BTreeMap::from([("GREETING".to_owned(), "hello".to_owned())]),
        limits: Limits { wall_ms: 600_000, ..Limits::default() },
        network: Network::Off,
        metadata: BTreeMap::from([("name".to_owned(), "test".to_owned())]),
    }
}

/// A session with an empty home.
pub(crate) fn empty() -> (Scene, Arc<dyn Session>) {
    let scene = Scene::new(&[]);
    let session = create(&scene, order(Base::Empty));
    (scene, session)
}

/// A session over a workspace of these files, at its own path.
pub(crate) fn over(files: &[(&str, &str)], layer: Layer) -> (Scene, Arc<dyn Session>) {
    let scene = Scene::new(files);
    let base = Base::Workspace { folder: scene.workspace(), at: None, layer };
    let session = create(&scene, order(base));
    (scene, session)
}

pub(crate) fn create(scene: &Scene, order: SessionOrder) -> Arc<dyn Session> {
    scene.sandbox.create(order, &Cancel::new()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn shell(line: &str) -> ProcessOrder {
    ProcessOrder::new(["/bin/sh", "-c", line])
}

pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) terminal: String,
    pub(crate) exit: Exit,
}

/// Hears all that a process says until its end.
pub(crate) fn hear(listener: &mut dyn Listen) -> Said {
    let (mut stdout, mut stderr, mut terminal) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        match listener.next(LONG).expect("the process says nothing, and does not end") {
            ProcessEvent::Stdout(bytes) => stdout.extend(bytes),
            ProcessEvent::Stderr(bytes) => stderr.extend(bytes),
            ProcessEvent::Terminal(bytes) => terminal.extend(bytes),
            ProcessEvent::Ended(exit) => {
                let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                return Said { stdout: text(stdout), stderr: text(stderr), terminal: text(terminal), exit };
            }
        }
    }
}

/// Hears until what it said on standard output holds `wanted`.
pub(crate) fn hear_until(listener: &mut dyn Listen, wanted: &str) {
    let mut said = String::new();
    while !said.contains(wanted) {
        match listener.next(LONG).expect("the process says nothing") {
            ProcessEvent::Stdout(bytes) | ProcessEvent::Terminal(bytes) | ProcessEvent::Stderr(bytes) => {
                said.push_str(&String::from_utf8_lossy(&bytes));
            }
            ProcessEvent::Ended(exit) => panic!("ended with {exit:?} after {said}"),
        }
    }
}

pub(crate) fn run(session: &dyn Session, order: ProcessOrder) -> Said {
    hear(&mut *session.start(order).unwrap().listen())
}

/// What a shell line prints; it must succeed.
pub(crate) fn prints(session: &dyn Session, line: &str) -> String {
    let said = run(session, shell(line));
    assert_eq!(said.exit, Exit::Code(0), "{line}\n{}\n{}", said.stdout, said.stderr);
    said.stdout
}

pub(crate) fn start(session: &dyn Session, line: &str) -> Arc<dyn Process> {
    session.start(shell(line)).unwrap()
}

pub(crate) fn put(session: &dyn Session, path: impl AsRef<Path>, text: &str) {
    session.write(path.as_ref(), &mut Cursor::new(text), None).unwrap_or_else(|error| panic!("{error}"));
}

pub(crate) fn text(session: &dyn Session, path: impl AsRef<Path>) -> String {
    let mut content = Vec::new();
    session.read(path.as_ref(), &mut content).unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(content).unwrap()
}

pub(crate) fn home(path: &str) -> PathBuf {
    Path::new("/home/user").join(path)
}

/// The kind of the error.
pub(crate) fn kind<T>(result: Result<T, SandboxError>) -> ErrorKind {
    match result {
        Err(SandboxError::Io { source, .. }) => source.kind(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it worked"),
    }
}
