//! How results and failures are printed: text for people, one envelope for programs.
#![expect(clippy::print_stderr, reason = "this module is where the command line speaks")]

mod harmless;
mod progress;
mod style;

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use bodkin_host::HostError;
use bodkin_protocol::{Envelope, Failure, FailureKind};
use serde::Serialize;

use crate::stop::Stop;

pub(crate) use harmless::{Harmless, harmless};
pub(crate) use progress::{Progress, seconds};
pub(crate) use style::Style;

/// Prints the end of a command.
#[derive(Debug)]
pub(crate) struct Output {
    cmd: &'static str,
    json: bool,
    began: Instant,
    workspace: Option<String>,
    warnings: Vec<String>,
}

impl Output {
    #[expect(clippy::disallowed_methods, reason = "the envelope says how long the command took")]
    pub(crate) fn new(cmd: &'static str, json: bool) -> Self {
        Self { cmd, json, began: Instant::now(), workspace: None, warnings: Vec::new() }
    }

    /// Which workspace the answer is about.
    pub(crate) fn about(&mut self, workspace: &Path) {
        self.workspace = Some(workspace.display().to_string());
    }

    /// Whether a program reads along.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// What a command has to say: the text for people, or the payload in an envelope. Gives the exit code.
    pub(crate) fn result<P: Serialize + Clone>(
        &self,
        failure: Option<Failure>,
        payload: &P,
        text: impl FnOnce(Style) -> String,
    ) -> u8 {
        let code = failure.as_ref().map_or(0, |it| it.kind.exit_code());
        if self.json {
            let (cmd, ms) = (self.cmd, self.elapsed_ms());
            self.envelope(match failure {
                None => Envelope::done(cmd, ms, payload),
                Some(failure) => Envelope::failed(cmd, ms, Some(payload), failure),
            });
        } else {
            self.print(&text(Style::of_stdout()));
        }
        code
    }

    /// A command that could not do its work. Gives the exit code.
    pub(crate) fn failed<P: Serialize>(&self, payload: Option<&P>, failure: Failure) -> u8 {
        let code = failure.kind.exit_code();
        if self.json {
            self.envelope(Envelope::failed(self.cmd, self.elapsed_ms(), payload, failure));
        } else {
            let style = Style::of_stderr();
            eprintln!("{} {}", style.bad("bodkin:"), failure.message);
            if !failure.hint.is_empty() {
                eprintln!("{} {}", style.dim("  next:"), failure.hint);
            }
        }
        code
    }

    /// The same for an error of the host.
    pub(crate) fn failure(&self, error: &HostError) -> u8 {
        self.failed::<()>(None, Failure::new(error.kind, error.message.clone(), error.hint.clone()))
    }

    /// What should be known though nothing failed: a line for people, a warning in the envelope for programs.
    pub(crate) fn remark(&mut self, text: String) {
        if self.json {
            self.warnings.push(text);
        } else {
            eprintln!("{text}");
        }
    }

    fn envelope<P: Serialize>(&self, mut envelope: Envelope<P>) {
        envelope.meta.workspace.clone_from(&self.workspace);
        envelope.meta.warnings.clone_from(&self.warnings);
        match serde_json::to_string(&envelope) {
            Ok(text) => self.print(&format!("{text}\n")),
            Err(error) => eprintln!("bodkin: the result can not be written as JSON: {error}"),
        }
    }

    /// A reader that has gone away (`| head`) is no failure.
    fn print(&self, text: &str) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// What clap has to say instead of a command: help and version, or what was typed wrong. Gives the exit code.
pub(crate) fn usage(error: &clap::Error) -> u8 {
    // Help and version go to standard output and are no failure.
    if !error.use_stderr() || !std::env::args_os().any(|word| word == "--json") {
        let _ = error.print();
        return if error.use_stderr() { FailureKind::BadRequest.exit_code() } else { 0 };
    }
    let said = error.render().to_string();
    let message = said.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let failure = Failure::new(FailureKind::BadRequest, message, "`bodkin --help` tells what can be typed.");
    Output::new("bodkin", true).failed::<()>(None, failure)
}

/// Whether a question can be put: somebody reads the terminal and can type into it.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Puts a question on the terminal; only a clear yes is one. `None` where the answer was to stop.
pub(crate) fn ask(question: &str, stop: &Stop) -> Option<bool> {
    eprint!("{question} [y/N] ");
    let _ = io::stderr().flush();
    let (sender, answer) = channel();
    // A read can not be called off: it is left behind when the answer is to stop.
    thread::spawn(move || {
        let mut answer = String::new();
        let is_yes = io::stdin().read_line(&mut answer).is_ok()
            && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
        let _ = sender.send(is_yes);
    });
    loop {
        match answer.recv_timeout(Duration::from_millis(50)) {
            _ if stop.is_asked() => {
                eprintln!();
                return None;
            }
            Ok(is_yes) => return Some(is_yes),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Some(false),
        }
    }
}

/// `1 candidate`, `2 candidates`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
