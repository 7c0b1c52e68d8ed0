//! A process that is a closure: it hears its input, says what it likes, and can be ended from outside.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use bodkin_guard::report::{Exit, Stop};

use super::session::Inside;
use crate::SandboxError;
use crate::session::speech::Speech;
use crate::session::{Listen, Process, ProcessEvent, ProcessOrder, TerminalSize};

/// Signals that end a process which has no say in it: HUP, INT, QUIT, KILL, TERM.
const DEADLY: [i32; 5] = [1, 2, 3, 9, 15];

/// What a program is: it is called in a thread of its own, and what it gives is the exit.
pub(super) type Program = dyn Fn(&Talk) -> Exit + Send + Sync;

/// A scripted process from outside.
pub(super) struct Scripted {
    pid: u32,
    order: ProcessOrder,
    speech: Arc<Speech>,
    input: Mutex<Input>,
    changed: Condvar,
}

#[derive(Default)]
struct Input {
    bytes: VecDeque<u8>,
    is_closed: bool,
    is_dead: bool,
    is_frozen: bool,
    size: Option<TerminalSize>,
    signals: Vec<i32>,
}

/// A scripted process from inside: what the closure of the backend is given.
pub struct Talk {
    process: Arc<Scripted>,
    inside: Inside,
}

impl Talk {
    /// What was started.
    pub fn order(&self) -> &ProcessOrder {
        &self.process.order
    }

    /// The program and its arguments, lossily decoded.
    pub fn argv(&self) -> Vec<String> {
        self.process.order.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect()
    }

    /// Prints to standard output, or to the terminal if it has one; waits while nobody takes it.
    pub fn stdout(&self, text: impl AsRef<[u8]>) {
        self.say(text.as_ref(), ProcessEvent::Stdout);
    }

    /// Prints to standard error, or to the terminal if it has one.
    pub fn stderr(&self, text: impl AsRef<[u8]>) {
        self.say(text.as_ref(), ProcessEvent::Stderr);
    }

    /// What came in by its standard input or terminal, waited for; `None`: it was closed, or the process is to end.
    pub fn read(&self) -> Option<Vec<u8>> {
        let mut input = self.process.lock();
        loop {
            if input.is_dead {
                return None;
            }
            if !input.bytes.is_empty() && !input.is_frozen {
                return Some(input.bytes.drain(..).collect());
            }
            if input.is_closed && !input.is_frozen {
                return None;
            }
            input = self.process.changed.wait(input).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until it is killed, its deadline is over or the session is destroyed.
    pub fn until_killed(&self) {
        let mut input = self.process.lock();
        while !input.is_dead {
            input = self.process.changed.wait(input).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Size of its terminal now.
    pub fn terminal(&self) -> Option<TerminalSize> {
        self.process.lock().size
    }

    /// Signals so far that did not end it.
    pub fn signals(&self) -> Vec<i32> {
        self.process.lock().signals.clone()
    }

    /// The session's files.
    pub fn inside(&self) -> &Inside {
        &self.inside
    }

    fn say(&self, bytes: &[u8], event: fn(Vec<u8>) -> ProcessEvent) {
        let event = if self.process.order.terminal.is_some() { ProcessEvent::Terminal } else { event };
        for piece in bytes.chunks(32 << 10) {
            let mut input = self.process.lock();
            while input.is_frozen && !input.is_dead {
                input = self.process.changed.wait(input).unwrap_or_else(PoisonError::into_inner);
            }
            drop(input);
            if self.process.speech.wait_for_room() {
                self.process.speech.say(event(piece.to_vec()));
            }
        }
    }
}

impl Scripted {
    /// Starts `program` in a thread of its own.
    pub(super) fn start(
        pid: u32,
        order: ProcessOrder,
        program: Arc<Program>,
        inside: Inside,
    ) -> Result<Arc<Self>, SandboxError> {
        let input = Input { is_closed: !order.stdin && order.terminal.is_none(), ..Input::default() };
        let process = Arc::new(Self {
            pid,
            speech: Speech::new(|| {}),
            input: Mutex::new(Input { size: order.terminal, ..input }),
            changed: Condvar::new(),
            order,
        });
        let talk = Talk { process: Arc::clone(&process), inside };
        let spawned = thread::Builder::new().spawn(move || {
            let exit = program(&talk);
            talk.process.end(exit);
        });
        spawned.map_err(SandboxError::io("starting a scripted process"))?;
        if let Some(deadline) = process.order.deadline {
            let process = Arc::clone(&process);
            let spawned = thread::Builder::new().spawn(move || process.end_at(deadline));
            spawned.map_err(SandboxError::io("watching a scripted process"))?;
        }
        Ok(process)
    }

    /// Ends it, if it has not ended; its closure is told when it next looks.
    pub(super) fn end(&self, exit: Exit) {
        self.lock().is_dead = true;
        self.speech.end(exit);
        self.changed.notify_all();
    }

    pub(super) fn freeze(&self, is_frozen: bool) {
        self.lock().is_frozen = is_frozen;
        self.changed.notify_all();
    }

    fn end_at(&self, deadline: Duration) {
        let input = self.lock();
        let waited = self.changed.wait_timeout_while(input, deadline, |input| !input.is_dead);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.end(Exit::Stopped(Stop::WallTime));
    }

    fn lock(&self) -> MutexGuard<'_, Input> {
        self.input.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process for Scripted {
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
        let mut input = self.lock();
        if input.is_closed || input.is_dead {
            return Err(no_input());
        }
        input.bytes.extend(bytes);
        drop(input);
        self.changed.notify_all();
        Ok(())
    }

    fn close_stdin(&self) -> Result<(), SandboxError> {
        self.lock().is_closed = true;
        self.changed.notify_all();
        Ok(())
    }

    fn signal(&self, signal: i32) -> Result<(), SandboxError> {
        if self.exit().is_some() {
            return Err(SandboxError::io("sending a signal")(ErrorKind::NotFound.into()));
        }
        if DEADLY.contains(&signal) {
            self.end(Exit::Signal(signal));
        } else {
            self.lock().signals.push(signal);
        }
        Ok(())
    }

    fn resize(&self, size: TerminalSize) -> Result<(), SandboxError> {
        let mut input = self.lock();
        if input.size.is_none() {
            return Err(SandboxError::io("resizing the terminal")(ErrorKind::InvalidInput.into()));
        }
        input.size = Some(size);
        Ok(())
    }

    fn exit(&self) -> Option<Exit> {
        self.speech.exit()
    }
}

fn no_input() -> SandboxError {
    SandboxError::io("writing to a process")(ErrorKind::BrokenPipe.into())
}
