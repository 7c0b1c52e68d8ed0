//! A process of a session: an exec in the container, its own session and process group there.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::SandboxError;
use bodkin_sandbox::afar::{Outlet, Pushed, Shell, argv as shell};
use bodkin_sandbox::session::{Listen, Process, ProcessEvent, ProcessOrder, TerminalSize};
use bollard::query_parameters::ResizeExecOptionsBuilder;

use crate::exec::{Command, Inside, Started};
use crate::wire::{Piece, Wire};

/// Tells its number first, then becomes the program.
const BECOME: &str = r#"printf '%s\n' "$$"; exec "$@""#;

/// A number is no longer than this, with the terminal's line end.
const MOST_NUMBER: usize = 12;

const SIGNAL: &str = r#"kill -"$1" "-$2" 2>/dev/null || kill -"$1" "$2""#;

const SIGKILL: i32 = 9;

/// How long a process that was killed may take to end.
const LAST_WORDS: Duration = Duration::from_secs(3);

pub(crate) struct ContainerProcess {
    inside: Inside,
    exec: String,
    pid: u32,
    order: ProcessOrder,
    outlet: Outlet,
    /// `None` when nothing can be written any more.
    input: Mutex<Option<Wire>>,
    /// Why it was stopped by us.
    stopped: Mutex<Option<Stop>>,
}

impl ContainerProcess {
    /// Starts a process; `env` and `cwd` are those of the session where the order has none.
    pub(crate) fn start(
        inside: &Inside,
        order: ProcessOrder,
        cwd: &str,
        most_output: u64,
    ) -> Result<Arc<Self>, SandboxError> {
        let what = "starting a process in the container";
        let cwd = match &order.cwd {
            Some(cwd) => cwd.to_str().ok_or_else(|| not_text("its folder"))?,
            None => cwd,
        };
        let args: Vec<&OsStr> = order.argv.iter().map(std::ffi::OsString::as_os_str).collect();
        let command = Command {
            argv: shell(BECOME, &args),
            env: variables(&order.env),
            cwd: Some(cwd.to_owned()),
            // Without an input of its own it would read nothing; with a terminal it has one in any case.
            has_input: order.stdin || order.terminal.is_some(),
            terminal: order.terminal,
            user: None,
        };
        let mut started = inside.start(what, command)?;
        let (pid, first) = number(&mut started).map_err(SandboxError::io(what))?;
        let input = started.wire.try_clone().map_err(SandboxError::io(what))?;
        let process = Arc::new(Self {
            inside: inside.clone(),
            exec: started.id.clone(),
            pid,
            outlet: Outlet::new(most_output),
            input: Mutex::new((order.stdin || order.terminal.is_some()).then_some(input)),
            stopped: Mutex::new(None),
            order,
        });
        if let Some(size) = process.order.terminal {
            // It has begun with some other size already: most programs follow.
            let _ = process.resize(size);
        }
        process.watch(started, first)?;
        Ok(process)
    }

    /// One thread passes its output on, another one keeps its deadline.
    fn watch(self: &Arc<Self>, started: Started, first: Vec<u8>) -> Result<(), SandboxError> {
        let threads = "starting a thread for a process";
        let name = |of: &str| std::thread::Builder::new().name(format!("bodkin-{of}"));
        let process = Arc::clone(self);
        name("output").spawn(move || process.hear(started, first)).map_err(SandboxError::io(threads))?;
        if let Some(deadline) = self.order.deadline {
            let process = Arc::clone(self);
            let keep = move || {
                if process.outlet.wait(deadline).is_none() {
                    process.stop(Stop::WallTime);
                    // Where nobody listens its last words are not waited for.
                    if process.outlet.wait(LAST_WORDS).is_none() {
                        process.end(Exit::Stopped(Stop::WallTime));
                    }
                }
            };
            name("deadline").spawn(keep).map_err(SandboxError::io(threads))?;
        }
        Ok(())
    }

    fn hear(&self, started: Started, first: Vec<u8>) {
        let is_terminal = started.has_terminal;
        let say = |piece| {
            let event = match piece {
                Piece::Out(bytes) if is_terminal => ProcessEvent::Terminal(bytes),
                Piece::Out(bytes) => ProcessEvent::Stdout(bytes),
                Piece::Err(bytes) => ProcessEvent::Stderr(bytes),
                Piece::Silence | Piece::End => return,
            };
            if self.outlet.push(event) == Pushed::TooMuch {
                self.stop(Stop::Output);
            }
        };
        if !first.is_empty() {
            say(Piece::Out(first));
        }
        let heard = self.inside.hear(started, &mut |piece| {
            say(piece);
            Ok(())
        });
        let stopped = *self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let exit = match (stopped, heard) {
            (Some(stop), _) => Exit::Stopped(stop),
            (None, Ok(Exit::Signal(SIGKILL))) if self.is_out_of_memory() => Exit::Stopped(Stop::Memory),
            (None, Ok(exit)) => exit,
            // The container is gone, or the engine: nothing of it runs there.
            (None, Err(_)) => Exit::Signal(SIGKILL),
        };
        self.end(exit);
    }

    fn end(&self, exit: Exit) {
        if let Some(wire) = self.input.lock().unwrap_or_else(PoisonError::into_inner).take() {
            wire.hang_up();
        }
        self.outlet.end(exit);
    }

    fn is_out_of_memory(&self) -> bool {
        let state = self.inside.engine.state(&self.inside.container);
        state.is_ok_and(|state| state.is_some_and(|state| state.is_out_of_memory))
    }

    /// Kills it and says why; once.
    pub(crate) fn stop(&self, why: Stop) {
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if stopped.is_none() && self.outlet.exit().is_none() {
            *stopped = Some(why);
            drop(stopped);
            let _ = self.signal(SIGKILL);
        }
    }

    /// Nothing of it runs any more.
    pub(crate) fn is_gone(&self) {
        self.end(Exit::Signal(SIGKILL));
    }
}

/// Reads the number that it tells first; also what came after.
fn number(started: &mut Started) -> io::Result<(u32, Vec<u8>)> {
    let mut pieces = crate::wire::Pieces::new(&mut started.wire, started.has_terminal);
    let mut text = Vec::new();
    loop {
        match pieces.next()? {
            Piece::Out(bytes) => text.extend(bytes),
            // The shell itself could not start.
            Piece::Err(_) => return Err(io::Error::other("the image has no /bin/sh that runs")),
            Piece::Silence => return Err(io::ErrorKind::TimedOut.into()),
            Piece::End => return Err(io::Error::other("it ended before it began")),
        }
        if let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let rest = text.split_off(end + 1);
            let line = String::from_utf8_lossy(&text).trim().to_owned();
            return match line.parse() {
                Ok(pid) => Ok((pid, rest)),
                Err(_) => Err(io::Error::other(format!("the engine says: {line}"))),
            };
        }
        if text.len() > 4096 + MOST_NUMBER {
            return Err(io::Error::other("it did not tell its number"));
        }
    }
}

fn not_text(what: &str) -> SandboxError {
    let source = io::Error::new(io::ErrorKind::InvalidInput, "the engine takes only Unicode");
    SandboxError::Io { what: format!("passing on {what}"), source }
}

/// Variables as the engine takes them.
pub(crate) fn variables(env: &BTreeMap<String, String>) -> Vec<String> {
    env.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

impl Process for ContainerProcess {
    fn pid(&self) -> u32 {
        self.pid
    }

    fn order(&self) -> &ProcessOrder {
        &self.order
    }

    fn listen(&self) -> Box<dyn Listen> {
        self.outlet.listen()
    }

    fn write(&self, bytes: &[u8]) -> Result<(), SandboxError> {
        let what = "writing to a process in the container";
        let closed = || io::Error::new(io::ErrorKind::BrokenPipe, "it reads nothing (any more)");
        let wire = match &*self.input.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(wire) => wire.try_clone(),
            None => Err(closed()),
        };
        // Not under the lock: a process that does not read holds its writer up, and nobody else.
        let mut wire = wire.map_err(SandboxError::io(what))?;
        wire.write_all(bytes).map_err(SandboxError::io(what))
    }

    fn close_stdin(&self) -> Result<(), SandboxError> {
        match self.input.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(wire) => wire.end_input().map_err(SandboxError::io("ending the input of a process")),
            None => Ok(()),
        }
    }

    fn signal(&self, signal: i32) -> Result<(), SandboxError> {
        if self.outlet.exit().is_some() {
            return Ok(());
        }
        let (signal, pid) = (signal.to_string(), self.pid.to_string());
        let args = [OsStr::new(&signal), OsStr::new(&pid)];
        let said = self.inside.sh(SIGNAL, &args, &mut io::empty(), &mut io::sink())?;
        // One that has just ended needs no signal.
        if said.code == 0 || self.outlet.wait(Duration::from_secs(1)).is_some() {
            return Ok(());
        }
        said.succeeded("sending a signal to a process in the container")
    }

    fn resize(&self, size: TerminalSize) -> Result<(), SandboxError> {
        let options =
            ResizeExecOptionsBuilder::default().w(i32::from(size.columns)).h(i32::from(size.rows)).build();
        let engine = &self.inside.engine;
        engine.ask("giving a terminal another size", engine.docker().resize_exec(&self.exec, options))
    }

    fn exit(&self) -> Option<Exit> {
        self.outlet.exit()
    }
}
