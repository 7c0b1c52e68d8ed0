//! One command in a running container: started, with its streams.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::time::Duration;

use bodkin_guard::report::Exit;
use bodkin_sandbox::SandboxError;
use bodkin_sandbox::afar::{MOST_SAID, Said, Shell, argv as shell};
use bodkin_sandbox::session::TerminalSize;
use bollard::models::ExecConfig;

use crate::engine::{Engine, absent};
use crate::wire::{Piece, Pieces, Wire};

/// How long the engine may take to begin.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long is waited for output before it is asked whether the command still runs.
pub(crate) const LULL: Duration = Duration::from_millis(300);

/// What is started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Command {
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<String>,
    pub(crate) cwd: Option<String>,
    pub(crate) has_input: bool,
    pub(crate) terminal: Option<TerminalSize>,
    /// Who runs it, if not the container's user.
    pub(crate) user: Option<String>,
}

/// A container, to run commands in.
#[derive(Debug, Clone)]
pub(crate) struct Inside {
    pub(crate) engine: Engine,
    pub(crate) container: String,
}

/// A command that was started.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) id: String,
    pub(crate) wire: Wire,
    pub(crate) has_terminal: bool,
}

impl Inside {
    /// Starts a command.
    pub(crate) fn start(&self, what: &str, command: Command) -> Result<Started, SandboxError> {
        let has_terminal = command.terminal.is_some();
        let config = ExecConfig {
            attach_stdin: Some(command.has_input),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(has_terminal),
            cmd: Some(command.argv),
            env: Some(command.env),
            working_dir: command.cwd,
            user: command.user,
            privileged: Some(false),
            ..ExecConfig::default()
        };
        let made = self.engine.ask(what, self.engine.docker().create_exec(&self.container, config))?;
        let address = &self.engine.address;
        let mut wire = Wire::connect(address, PATIENCE).map_err(|error| absent(address, &error))?;
        let body = format!("{{\"Detach\":false,\"Tty\":{has_terminal}}}");
        let path = format!("{}/exec/{}/start", self.engine.prefix, made.id);
        wire.upgrade(&path, &body).map_err(SandboxError::io(what))?;
        Ok(Started { id: made.id, wire, has_terminal })
    }

    /// How a command ended; `None`: it runs.
    pub(crate) fn exit(&self, exec: &str) -> Result<Option<Exit>, SandboxError> {
        let about = self.engine.ask("asking for the exit code", self.engine.docker().inspect_exec(exec))?;
        let code = about.exit_code.filter(|_| about.running == Some(false));
        Ok(code.map(|code| exit_of(i32::try_from(code).unwrap_or(-1))))
    }

    /// How a command ended whose output has: the engine may know a moment later.
    #[expect(clippy::disallowed_methods, reason = "the engine tells no one when it knows")]
    fn exit_soon(&self, exec: &str) -> Result<Exit, SandboxError> {
        for _ in 0..300 {
            if let Some(exit) = self.exit(exec)? {
                return Ok(exit);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(SandboxError::io("asking for the exit code")(io::ErrorKind::TimedOut.into()))
    }

    /// Passes on what a command says until it has ended.
    pub(crate) fn hear(
        &self,
        started: Started,
        on: &mut dyn FnMut(Piece) -> io::Result<()>,
    ) -> Result<Exit, SandboxError> {
        let reading = "reading the output of a command in the container";
        started.wire.set_patience(Some(LULL)).map_err(SandboxError::io(reading))?;
        let mut pieces = Pieces::new(started.wire, started.has_terminal);
        let mut ended: Option<Exit> = None;
        loop {
            match pieces.next().map_err(SandboxError::io(reading))? {
                Piece::End => return ended.map_or_else(|| self.exit_soon(&started.id), Ok),
                // What it left in the background may hold the stream open: one more lull, and it is over.
                Piece::Silence => match ended.take() {
                    Some(exit) => return Ok(exit),
                    None => ended = self.exit(&started.id)?,
                },
                piece @ (Piece::Out(_) | Piece::Err(_)) => {
                    on(piece).map_err(SandboxError::io(reading))?;
                }
            }
        }
    }
}

/// An exit code as the engine tells it: a shell's word for death by a signal.
fn exit_of(code: i32) -> Exit {
    match code {
        129..=159 => Exit::Signal(code - 128),
        code => Exit::Code(code),
    }
}

impl Shell for Inside {
    fn sh(
        &self,
        script: &str,
        args: &[&OsStr],
        input: &mut dyn Read,
        output: &mut dyn Write,
    ) -> Result<Said, SandboxError> {
        let what = "running a command of ours in the container";
        let argv = shell(script, args);
        let cwd = Some("/".to_owned());
        self.run(what, Command { argv, cwd, has_input: true, ..Command::default() }, input, output)
    }
}

impl Inside {
    /// Gives the empty file systems to everybody inside: where the image has a folder at their place, they come with
    /// its permissions. Root inside has no power but over what is its own, and these are.
    pub(crate) fn open_up(&self, folders: &[&OsStr]) -> Result<(), SandboxError> {
        let argv = shell(r#"exec chmod 1777 "$@""#, folders);
        let (cwd, user) = (Some("/".to_owned()), Some("0:0".to_owned()));
        let command = Command { argv, cwd, user, ..Command::default() };
        let what = "opening the folders of the container";
        self.run(what, command, &mut io::empty(), &mut io::sink())?.succeeded(what)
    }

    /// Runs a command to its end.
    fn run(
        &self,
        what: &str,
        command: Command,
        input: &mut dyn Read,
        output: &mut dyn Write,
    ) -> Result<Said, SandboxError> {
        let started = self.start(what, command)?;
        let mut to = started.wire.try_clone().map_err(SandboxError::io(what))?;
        match io::copy(input, &mut to).and_then(|_| to.end_input()) {
            // It has ended without reading all: what it says is the answer.
            Err(error) if is_over(error.kind()) => {}
            other => other.map_err(SandboxError::io(what))?,
        }
        let mut complaint = Vec::new();
        let exit = self.hear(started, &mut |piece| {
            match piece {
                Piece::Out(bytes) => output.write_all(&bytes)?,
                Piece::Err(bytes) => {
                    let room = MOST_SAID.saturating_sub(complaint.len());
                    complaint.extend(bytes.into_iter().take(room));
                }
                Piece::Silence | Piece::End => {}
            }
            Ok(())
        })?;
        let code = match exit {
            Exit::Code(code) => code,
            Exit::Signal(signal) => 128 + signal,
            Exit::Stopped(_) => -1,
        };
        Ok(Said { code, complaint: String::from_utf8_lossy(&complaint).into_owned() })
    }
}

fn is_over(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_word_for_a_signal_is_a_signal() {
        assert_eq!(exit_of(137), Exit::Signal(9));
        assert_eq!(exit_of(127), Exit::Code(127));
    }
}
