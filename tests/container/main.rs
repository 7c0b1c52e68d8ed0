//! The container backend with a real engine: podman, started by the tests, over an image that they build.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "test code lays workspaces on a real disk, and fails by panicking"
)]

mod changes;
mod cli;
mod files;
mod living;
mod processes;
mod walls;

use std::sync::Arc;
use std::time::Duration;

use bodkin_container::{ContainerBackend, ContainerOptions, Engine};
use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::Exit;
use bodkin_sandbox::Cancel;
use bodkin_sandbox::session::{Backend, Base, Process, ProcessEvent, ProcessOrder, Session, SessionOrder};
use bodkin_tests::podman::{IMAGE, Podman};

/// How long anything may take here before the test fails.
const SOON: Duration = Duration::from_secs(60);

fn options(engine: &Podman, test: &str) -> ContainerOptions {
    let address = Engine::Unix(engine.socket().to_owned());
    ContainerOptions { owner: test.to_owned(), ..ContainerOptions::new(address, IMAGE) }
}

fn order() -> SessionOrder {
    SessionOrder {
        base: Base::Empty,
        env: [("GIVEN".to_owned(), "yes".to_owned())].into(),
        limits: Limits { memory_bytes: 256 << 20, disk_bytes: 32 << 20, processes: 64, ..Limits::default() },
        network: Network::Off,
        metadata: [("a b".to_owned(), "ü".to_owned())].into(),
    }
}

/// A session that is destroyed at the end of the test; `None` where there is no engine.
struct Living {
    backend: ContainerBackend,
    session: Arc<dyn Session>,
}

impl Living {
    fn new(test: &str, order: SessionOrder) -> Option<Self> {
        let backend = ContainerBackend::new(options(Podman::get(test)?, test));
        let session = backend.create(order, &Cancel::new()).expect("a session is made");
        Some(Self { backend, session })
    }

    fn empty(test: &str) -> Option<Self> {
        Self::new(test, order())
    }

    /// Runs a line of shell to its end.
    fn sh(&self, line: &str) -> (Exit, String) {
        let order = ProcessOrder::new(["/bin/sh", "-c", line]);
        let process = self.session.start(order).expect("a process starts");
        heard(&*process)
    }

    /// What a line of shell prints that must succeed.
    fn said(&self, line: &str) -> String {
        let (exit, text) = self.sh(line);
        assert_eq!(exit, Exit::Code(0), "{line}: {text}");
        text.trim().to_owned()
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        let (destroyed, left) = (self.session.destroy(), self.backend.list());
        if std::thread::panicking() {
            return;
        }
        destroyed.expect("a session is destroyed");
        let left = left.expect("sessions are listed");
        assert!(left.iter().all(|it| it.id != self.session.id()), "{left:?}");
    }
}

/// All that a process says, on whichever stream, and how it ends.
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
