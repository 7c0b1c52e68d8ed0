//! The threads of a connection, and how they end.
//!
//! One thread reads, one writes, one owns the state, one runs the handlers. The end of the input, or `exit`,
//! ends them all: runs are cancelled, and a client that no longer reads keeps nobody waiting.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bodkin_host::sandbox::Sandbox;
use bodkin_host::{Asker, Host, HostOptions, Settings};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::clock::Clock;
use crate::folders::{Open, Opened, Watch};
use crate::frame::{self, Frame};
use crate::outgoing::{Outbox, Outgoing};
use crate::queue::Queue;
use crate::server::{Background, Server};
use crate::transport::{self, End};
use crate::{routes, turn};

/// What a server works with.
pub struct ServeOptions {
    /// The folder below which every workspace's state is kept.
    pub state_home: PathBuf,
    /// Where commands run.
    pub sandbox: Arc<dyn Sandbox>,
    /// The user's settings; the client lays its own over them.
    pub settings: Settings,
}

/// Serves the client at standard input and output until it leaves; the exit code: 0 after `shutdown` and `exit`,
/// 1 otherwise.
pub fn serve(options: ServeOptions) -> u8 {
    let ServeOptions { state_home, sandbox, settings } = options;
    let state_folder = state_home.display().to_string();
    let open: Open = Arc::new(move |root: &Path, settings: Settings, watch: Watch| {
        let host = Host::open(HostOptions {
            root: root.to_owned(),
            state_home: state_home.clone(),
            sandbox: sandbox.clone(),
            settings,
            asker: Asker::Editor,
            watch: watch == Watch::Engine,
        })?;
        let (events, recovered, past) = (host.events(), host.recovered(), host.past_runs());
        Ok(Opened { events, recovered, past, engine: Arc::new(host) })
    });
    connection(open, settings, state_folder, BufReader::new(std::io::stdin()), std::io::stdout())
}

/// How long the last messages may take to be written.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How many messages are read before they are handled.
const READ_AHEAD: usize = 64;

/// Serves one client until it leaves; 0 after an orderly end, 1 otherwise.
pub(crate) fn connection(
    open: Open,
    settings: Settings,
    state_folder: String,
    input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
) -> u8 {
    let clock = Clock::start();
    let (queue, jobs) = Queue::new();
    let (out, outbox) = Outgoing::new();
    let written = spawn_writer(output, outbox);
    let frames = spawn_reader(input);
    let mut server = Server::new(open, settings, out.clone(), queue.clone(), Box::new(Threads::start()));
    server.state_folder = state_folder;
    let owner = thread::spawn(move || turn::run(server, &jobs, clock));
    let end = handle(frames, &queue, out);
    queue.post("close", Server::close);
    drop(queue);
    drop(owner.join());
    let _ = written.recv_timeout(LAST_WORDS); // a client that does not read is not waited for
    match end {
        Some(End::Orderly) => 0,
        Some(End::Abrupt) | None => 1,
    }
}

/// Runs the handlers until the client leaves; `None` where the system gives no runtime.
fn handle(frames: Receiver<Frame>, queue: &Queue, out: Outgoing) -> Option<End> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().ok()?;
    // The library's own way to the client is kept open, but nothing is sent there.
    let (service, _unused) = routes::service(queue.clone());
    Some(runtime.block_on(transport::serve(frames, service, queue.clone(), out)))
}

fn spawn_reader(mut input: impl BufRead + Send + 'static) -> Receiver<Frame> {
    let (frames, taken): (Sender<Frame>, _) = channel(READ_AHEAD);
    thread::spawn(move || {
        while let Ok(Some(frame)) = frame::read(&mut input) {
            if frames.blocking_send(frame).is_err() {
                return;
            }
        }
    });
    taken
}

/// Writes until nothing can come any more; then the returned channel closes.
fn spawn_writer(mut output: impl Write + Send + 'static, outbox: Outbox) -> mpsc::Receiver<()> {
    let (writing, written) = mpsc::channel();
    thread::spawn(move || {
        let _writing: mpsc::Sender<()> = writing;
        while let Some(message) = outbox.next() {
            if frame::write(&mut output, &message).is_err() {
                return; // the client is gone; its end of the input tells so too
            }
        }
    });
    written
}

/// Work on threads: one that keeps the order, and one for each thing beside.
struct Threads {
    ordered: mpsc::Sender<Box<dyn FnOnce() + Send>>,
}

impl Threads {
    fn start() -> Self {
        let (ordered, work) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        thread::spawn(move || {
            for it in work {
                // A panic here is told by its hook; the work after it goes on.
                drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(it)));
            }
        });
        Self { ordered }
    }
}

impl Background for Threads {
    fn beside(&self, work: Box<dyn FnOnce() + Send>) {
        thread::spawn(work);
    }

    fn in_order(&self, work: Box<dyn FnOnce() + Send>) {
        drop(self.ordered.send(work));
    }
}
