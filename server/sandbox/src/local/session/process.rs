//! A process of a local session: its pipes or its terminal end here, in the launcher.
//!
//! One small thread for each process takes what it says, and stops taking when nobody listens to it; then its pipe
//! fills, and it waits. What outlives it and still holds its pipe may go on writing, into nothing.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bodkin_guard::report::{Exit, Stop};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::termios::{Winsize, tcsetwinsize};

use super::line::{Failure, Line};
use super::words::{Ask, SIGNAL_BASE};
use crate::SandboxError;
use crate::session::speech::Speech;
use crate::session::{Listen, Process, ProcessEvent, ProcessOrder, TerminalSize};

/// What is taken from a pipe at once, bytes.
const CHUNK: usize = 32 << 10;

/// How long a dead process's pipe is read on when something else still holds it.
const LINGER: Duration = Duration::from_millis(100);

/// Stack of the thread of a process, bytes.
const STACK: usize = 256 << 10;

/// What a terminal's user types for an end of input.
const END_OF_INPUT: u8 = 4;

/// A process from outside.
pub(super) struct LocalProcess {
    session: String,
    pid: u32,
    order: ProcessOrder,
    line: Arc<Line>,
    speech: Arc<Speech>,
    input: Mutex<Option<Arc<File>>>,
    terminal: Option<OwnedFd>,
    exit: OnceLock<(Exit, Instant)>,
}

/// What bytes of a stream are as an event, and the stream.
pub(super) type Output = (fn(Vec<u8>) -> ProcessEvent, File);

/// The ends of its streams that stay here.
pub(super) struct Ends {
    pub(super) input: Option<File>,
    pub(super) outputs: Vec<Output>,
    pub(super) terminal: Option<OwnedFd>,
    /// On which its end is told.
    pub(super) exit: OwnedFd,
}

impl LocalProcess {
    /// Takes up a process that was just started.
    #[expect(clippy::disallowed_methods, reason = "the process's deadline counts from its start")]
    pub(super) fn take_up(
        session: String,
        pid: u32,
        order: ProcessOrder,
        line: Arc<Line>,
        ends: Ends,
        output_bytes: u64,
    ) -> Result<Arc<Self>, SandboxError> {
        let failed = || SandboxError::io("watching a process");
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|error| failed()(error.into()))?;
        let wake = Arc::new(wake);
        let waker = Arc::clone(&wake);
        let speech = Speech::new(move || {
            let _ = rustix::io::write(&waker, &1_u64.to_ne_bytes());
        });
        let deadline = order.deadline.and_then(|after| Instant::now().checked_add(after));
        let process = Arc::new(Self {
            session,
            pid,
            order,
            line,
            speech,
            input: Mutex::new(ends.input.map(Arc::new)),
            terminal: ends.terminal,
            exit: OnceLock::new(),
        });
        let pump = Pump {
            process: Arc::clone(&process),
            owed: vec![0; ends.outputs.len()],
            outputs: ends.outputs,
            exit: Some(ends.exit),
            wake,
            deadline,
            stop: None,
            output_left: output_bytes,
        };
        let thread = std::thread::Builder::new().name("process".to_owned()).stack_size(STACK);
        thread.spawn(move || pump.run()).map_err(failed())?;
        Ok(process)
    }

    /// Whether it ended longer ago than `age`.
    #[expect(clippy::disallowed_methods, reason = "old processes are forgotten")]
    pub(super) fn ended_before(&self, age: Duration) -> bool {
        self.exit.get().is_some_and(|(_, at)| Instant::now().saturating_duration_since(*at) > age)
    }

    fn failed(&self, failure: Failure, what: &str) -> SandboxError {
        failure.during(&self.session, what)
    }
}

impl Process for LocalProcess {
    fn pid(&self) -> u32 {
        self.pid
    }

    fn order(&self) -> &ProcessOrder {
        &self.order
    }

    fn listen(&self) -> Box<dyn Listen> {
        self.speech.listen()
    }

    fn write(&self, bytes: &[u8]) -> Result<(), SandboxError> {
        let what = || SandboxError::io("writing to a process");
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let input = input.filter(|_| self.exit.get().is_none());
        let input = input.ok_or_else(|| what()(io::ErrorKind::BrokenPipe.into()))?;
        // Without the lock: it may wait for long.
        (&*input).write_all(bytes).map_err(what())
    }

    fn close_stdin(&self) -> Result<(), SandboxError> {
        if self.terminal.is_some() {
            return self.write(&[END_OF_INPUT]);
        }
        self.input.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }

    fn signal(&self, signal: i32) -> Result<(), SandboxError> {
        let asked = self.line.ask(Ask::Signal { pid: self.pid, signal }, &[]);
        match asked {
            Ok(_) => Ok(()),
            Err(Failure::Refused(error)) if error.raw_os_error() == Some(libc::ESRCH) => {
                Err(SandboxError::io("sending a signal")(io::ErrorKind::NotFound.into()))
            }
            Err(failure) => Err(self.failed(failure, "sending a signal")),
        }
    }

    fn resize(&self, size: TerminalSize) -> Result<(), SandboxError> {
        let what = || SandboxError::io("resizing the terminal");
        let terminal = self.terminal.as_ref().ok_or_else(|| what()(io::ErrorKind::InvalidInput.into()))?;
        let size = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(terminal, size).map_err(|error| what()(error.into()))
    }

    fn exit(&self) -> Option<Exit> {
        self.speech.exit().or_else(|| self.exit.get().map(|(exit, _)| exit.clone()))
    }
}

/// Takes what a process says and how it ends.
struct Pump {
    process: Arc<LocalProcess>,
    outputs: Vec<Output>,
    /// Of each output, the bytes that stood in its pipe when the process was found dead and are not taken yet.
    owed: Vec<u64>,
    /// Open until the end was told.
    exit: Option<OwnedFd>,
    wake: Arc<OwnedFd>,
    deadline: Option<Instant>,
    stop: Option<Stop>,
    output_left: u64,
}

impl Pump {
    fn run(mut self) {
        while self.exit.is_some() || !self.outputs.is_empty() {
            let has_room = self.process.speech.has_room();
            let (exited, ready) = self.wait(has_room);
            for index in ready.iter().rev() {
                self.take(*index);
            }
            if exited {
                self.exited();
            }
            self.keep_deadline();
            // It is dead, all that it said is heard, and what still comes is of those that it left behind.
            let is_heard = self.owed.iter().all(|owed| *owed == 0);
            if has_room && is_heard && self.lingered().is_some_and(|so_long| so_long >= LINGER) {
                break;
            }
        }
        if let Some((exit, _)) = self.process.exit.get() {
            self.process.speech.end(exit.clone());
        }
        self.swallow();
    }

    /// What others still write to its pipes after its end is taken and forgotten, so that they live on.
    fn swallow(&mut self) {
        while !self.outputs.is_empty() {
            let mut waited: Vec<_> =
                self.outputs.iter().map(|(_, file)| PollFd::new(file, PollFlags::IN)).collect();
            let _ = poll(&mut waited, None);
            let ready: Vec<usize> = (0..)
                .zip(&waited)
                .filter(|(_, it)| !it.revents().is_empty())
                .map(|(index, _)| index)
                .collect();
            for index in ready.iter().rev() {
                self.take(*index);
            }
        }
    }

    /// Waits for something to do; whether its end can be read, and which outputs can.
    #[expect(clippy::disallowed_methods, reason = "a wait with a deadline")]
    fn wait(&self, has_room: bool) -> (bool, Vec<usize>) {
        let mut waited = vec![PollFd::from_borrowed_fd(self.wake.as_fd(), PollFlags::IN)];
        waited.extend(self.exit.iter().map(|exit| PollFd::from_borrowed_fd(exit.as_fd(), PollFlags::IN)));
        let before = waited.len();
        if has_room {
            waited.extend(
                self.outputs.iter().map(|(_, file)| PollFd::from_borrowed_fd(file.as_fd(), PollFlags::IN)),
            );
        }
        let most = match (&self.exit, self.deadline.filter(|_| self.stop.is_none())) {
            (None, _) if has_room => Some(LINGER.saturating_sub(self.lingered().unwrap_or_default())),
            (Some(_), Some(deadline)) => Some(deadline.saturating_duration_since(Instant::now())),
            (Some(_) | None, _) => None,
        };
        let most = most.and_then(|most| Timespec::try_from(most).ok());
        let _ = poll(&mut waited, most.as_ref());
        let mut ready = waited.iter().map(|it| !it.revents().is_empty());
        if ready.next() == Some(true) {
            let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
        }
        let exited = before > 1 && ready.next() == Some(true);
        (exited, (0..).zip(ready).filter(|(_, is_ready)| *is_ready).map(|(index, _)| index).collect())
    }

    /// How long it has been dead; `None`: it lives.
    #[expect(clippy::disallowed_methods, reason = "what a dead process has said is waited for a while")]
    fn lingered(&self) -> Option<Duration> {
        let (_, at) = self.process.exit.get()?;
        Some(Instant::now().saturating_duration_since(*at))
    }

    fn take(&mut self, index: usize) {
        let mut chunk = vec![0; CHUNK];
        let Some((event, file)) = self.outputs.get_mut(index) else { return };
        let event = *event;
        let count = match file.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            // A terminal that nobody has open any more answers with an error.
            Ok(0) | Err(_) => {
                drop(self.outputs.remove(index));
                self.owed.remove(index);
                return;
            }
            Ok(count) => count,
        };
        if let Some(owed) = self.owed.get_mut(index) {
            *owed = owed.saturating_sub(count as u64);
        }
        let kept = usize::try_from(self.output_left).unwrap_or(usize::MAX).min(count);
        self.output_left -= kept as u64;
        chunk.truncate(kept);
        if kept > 0 {
            self.process.speech.say(event(chunk));
        }
        if kept < count && self.stop.is_none() && self.exit.is_some() {
            self.stop(Stop::Output);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the process's deadline")]
    fn keep_deadline(&mut self) {
        let is_over = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if is_over && self.stop.is_none() && self.exit.is_some() {
            self.stop(Stop::WallTime);
        }
    }

    fn stop(&mut self, why: Stop) {
        self.stop = Some(why);
        // It may have ended meanwhile, or its session have.
        let _ = self.process.signal(libc::SIGKILL);
    }

    #[expect(clippy::disallowed_methods, reason = "old processes are forgotten")]
    fn exited(&mut self) {
        let Some(line) = self.exit.take() else { return };
        let mut told = [0; 4];
        let exit =
            match (self.stop, File::from(line).read_exact(&mut told).map(|()| i32::from_le_bytes(told))) {
                (Some(stop), _) => Exit::Stopped(stop),
                (None, Ok(code)) if code < SIGNAL_BASE => Exit::Code(code),
                (None, Ok(signal)) => Exit::Signal(signal - SIGNAL_BASE),
                // The session ended with all in it.
                (None, Err(_)) => Exit::Signal(libc::SIGKILL),
            };
        let _ = self.process.exit.set((exit, Instant::now()));
        let waiting = |(_, file): &Output| rustix::io::ioctl_fionread(file).unwrap_or(0);
        self.owed = self.outputs.iter().map(waiting).collect();
    }
}
