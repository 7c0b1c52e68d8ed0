//! A process of a session: one stream of events, and calls for all else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bodkin_e2b::connect::{self, EndOfStream, Reader};
use bodkin_e2b::process::{
    CloseStdinRequest, Config, DataEvent, Empty, EndEvent, EventResponse, Input, Pty, PtySize, Selector,
    SendInputRequest, SendSignalRequest, Signal, StartRequest, UpdateRequest, path,
};
use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::SandboxError;
use bodkin_sandbox::afar::{Outlet, Pushed};
use bodkin_sandbox::session::{Listen, Process, ProcessEvent, ProcessOrder, TerminalSize};
use reqwest::Response;

use crate::link::{Again, Link, Place, words};

/// Largest event that is taken, bytes.
const MOST_EVENT: usize = 8 << 20;
/// How much goes in one message of input, bytes.
const INPUT: usize = 64 << 10;
/// How long a stream may be silent; keepalives come in between.
const SILENCE: Duration = Duration::from_secs(120);
const SIGKILL: i32 = 9;
/// How long a process that was killed may take to end.
const LAST_WORDS: Duration = Duration::from_secs(5);

pub(crate) struct RemoteProcess {
    link: Link,
    place: Place,
    pid: u32,
    order: ProcessOrder,
    outlet: Outlet,
    stopped: Mutex<Option<Stop>>,
    has_input: AtomicBool,
}

impl RemoteProcess {
    pub(crate) fn start(
        link: &Link,
        place: &Place,
        order: ProcessOrder,
        cwd: Option<String>,
        most_output: u64,
    ) -> Result<Arc<Self>, SandboxError> {
        let what = "starting a process in the remote sandbox";
        let body = connect::message(&request(&order, cwd)?);
        let life = order.deadline.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(0));
        let response = link.send(what, Again::No, || {
            let request = link
                .inside(reqwest::Method::POST, place, path::START)
                .header("content-type", connect::STREAM_TYPE)
                .header(connect::VERSION.0, connect::VERSION.1)
                .header(bodkin_e2b::address::KEEPALIVE_INTERVAL, "50");
            let request = if life > 0 { request.header(connect::TIMEOUT_MS, life) } else { request };
            request.body(body.clone())
        })?;
        let mut stream = Stream { link: link.clone(), response, reader: Reader::new(MOST_EVENT) };
        let pid = loop {
            let event = stream.next(what)?.and_then(|it: EventResponse| it.event);
            match event {
                Some(event) if event.start.is_some() => break event.start.map_or(0, |it| it.pid),
                Some(_) => {}
                None => {
                    return Err(SandboxError::io(what)(std::io::Error::other("it ended before it began")));
                }
            }
        };
        let process = Arc::new(Self {
            link: link.clone(),
            place: place.clone(),
            pid,
            outlet: Outlet::new(most_output),
            stopped: Mutex::default(),
            has_input: AtomicBool::new(order.stdin || order.terminal.is_some()),
            order,
        });
        process.watch(stream)?;
        Ok(process)
    }

    fn watch(self: &Arc<Self>, stream: Stream) -> Result<(), SandboxError> {
        let threads = "starting a thread for a process";
        let name = |of: &str| std::thread::Builder::new().name(format!("bodkin-{of}"));
        let process = Arc::clone(self);
        name("output").spawn(move || process.hear(stream)).map_err(SandboxError::io(threads))?;
        if let Some(deadline) = self.order.deadline {
            let process = Arc::clone(self);
            let keep = move || {
                if process.outlet.wait(deadline).is_none() {
                    process.stop(Stop::WallTime);
                    // Where nobody listens, or nothing comes any more, its last words are not waited for.
                    if process.outlet.wait(LAST_WORDS).is_none() {
                        process.outlet.end(Exit::Stopped(Stop::WallTime));
                    }
                }
            };
            name("deadline").spawn(keep).map_err(SandboxError::io(threads))?;
        }
        Ok(())
    }

    fn hear(&self, mut stream: Stream) {
        let exit = loop {
            match stream.next("reading the output of a remote process") {
                Ok(Some(EventResponse { event: Some(event) })) => {
                    if let Some(data) = event.data {
                        self.say(data);
                    }
                    if let Some(end) = event.end {
                        break exit_of(&end);
                    }
                }
                Ok(Some(EventResponse { event: None })) => {}
                // The connection is gone, and with it all knowledge of the process.
                Ok(None) | Err(_) => break Exit::Signal(SIGKILL),
            }
        };
        let stopped = *self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        self.outlet.end(stopped.map_or(exit, Exit::Stopped));
    }

    fn say(&self, data: DataEvent) {
        let events = [
            data.stdout.map(ProcessEvent::Stdout),
            data.stderr.map(ProcessEvent::Stderr),
            data.pty.map(ProcessEvent::Terminal),
        ];
        for event in events.into_iter().flatten() {
            if self.outlet.push(event) == Pushed::TooMuch {
                self.stop(Stop::Output);
            }
        }
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
        self.outlet.end(Exit::Signal(SIGKILL));
    }

    fn tell(&self, what: &str, path: &str, message: &impl serde::Serialize) -> Result<(), SandboxError> {
        self.link.call::<Option<Empty>>(what, &self.place, path, message).map(drop)
    }
}

fn request(order: &ProcessOrder, cwd: Option<String>) -> Result<StartRequest, SandboxError> {
    let text = |it: &std::ffi::OsString| {
        it.to_str().map(str::to_owned).ok_or_else(|| {
            let source =
                std::io::Error::new(std::io::ErrorKind::InvalidInput, "the protocol takes only Unicode");
            SandboxError::Io { what: "passing on a command".to_owned(), source }
        })
    };
    let mut words = order.argv.iter().map(text);
    let cmd = words.next().unwrap_or_else(|| Ok(String::new()))?;
    let own = order.cwd.as_ref().map(|it| text(&it.clone().into_os_string())).transpose()?;
    Ok(StartRequest {
        process: Some(Config {
            cmd,
            args: words.collect::<Result<_, _>>()?,
            envs: order.env.clone(),
            cwd: own.or(cwd),
        }),
        pty: order.terminal.map(pty),
        tag: order.tag.clone(),
        stdin: Some(order.stdin),
    })
}

fn pty(size: TerminalSize) -> Pty {
    Pty { size: Some(PtySize { cols: size.columns.into(), rows: size.rows.into() }) }
}

/// How a process ended. The protocol knows no signals but in words: `signal: killed`.
fn exit_of(end: &EndEvent) -> Exit {
    const NAMES: [(&str, i32); 8] = [
        ("killed", 9),
        ("terminated", 15),
        ("interrupt", 2),
        ("segmentation fault", 11),
        ("aborted", 6),
        ("hangup", 1),
        ("quit", 3),
        ("broken pipe", 13),
    ];
    if end.status.contains("more memory than it may") {
        return Exit::Stopped(Stop::Memory);
    }
    let name = end.status.strip_prefix("signal: ").map(|it| it.split(" (").next().unwrap_or(it));
    match name.map(|name| (name, NAMES.iter().find(|(it, _)| *it == name))) {
        Some((_, Some((_, number)))) => Exit::Signal(*number),
        Some((name, None)) => {
            name.trim_start_matches("signal ").parse().map_or(Exit::Code(end.exit_code), Exit::Signal)
        }
        None => Exit::Code(end.exit_code),
    }
}

/// Messages of a stream, bounded.
pub(crate) struct Stream {
    pub(crate) link: Link,
    pub(crate) response: Response,
    pub(crate) reader: Reader,
}

impl Stream {
    /// The next message; `None`: the stream has ended well.
    pub(crate) fn next<T: serde::de::DeserializeOwned>(
        &mut self,
        what: &str,
    ) -> Result<Option<T>, SandboxError> {
        let nonsense = |error: String| {
            SandboxError::io(what)(std::io::Error::new(std::io::ErrorKind::InvalidData, error))
        };
        loop {
            if let Some(envelope) = self.reader.take().map_err(|error| nonsense(error.to_string()))? {
                if !envelope.end {
                    return serde_json::from_slice(&envelope.body)
                        .map(Some)
                        .map_err(|it| nonsense(it.to_string()));
                }
                let end: EndOfStream =
                    serde_json::from_slice(&envelope.body).map_err(|it| nonsense(it.to_string()))?;
                return match end.error {
                    None => Ok(None),
                    Some(fault) => {
                        let refused = crate::link::Refused {
                            status: fault.code.status(),
                            says: fault.message,
                            body: Vec::new(),
                        };
                        Err(self.link.error(what, &refused))
                    }
                };
            }
            let link = self.link.clone();
            let chunk = link.wait(async { tokio::time::timeout(SILENCE, self.response.chunk()).await });
            match chunk {
                Ok(Ok(Some(bytes))) => self.reader.push(&bytes),
                Ok(Ok(None)) => return Err(link.silent(what, "the stream broke off")),
                Ok(Err(error)) => return Err(link.silent(what, &words(&error))),
                Err(_) => return Err(link.silent(what, "the stream fell silent")),
            }
        }
    }
}

impl Process for RemoteProcess {
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
        let what = "writing to a remote process";
        if !self.has_input.load(Ordering::SeqCst) || self.outlet.exit().is_some() {
            return Err(SandboxError::io(what)(std::io::ErrorKind::BrokenPipe.into()));
        }
        for piece in bytes.chunks(INPUT) {
            let piece = Some(piece.to_vec());
            let input = if self.order.terminal.is_some() {
                Input { pty: piece, stdin: None }
            } else {
                Input { stdin: piece, pty: None }
            };
            let message = SendInputRequest { process: Selector::pid(self.pid), input: Some(input) };
            self.tell(what, path::SEND_INPUT, &message)?;
        }
        Ok(())
    }

    fn close_stdin(&self) -> Result<(), SandboxError> {
        if !self.has_input.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let message = CloseStdinRequest { process: Selector::pid(self.pid) };
        self.tell("ending the input of a remote process", path::CLOSE_STDIN, &message)
    }

    fn signal(&self, signal: i32) -> Result<(), SandboxError> {
        let what = "sending a signal to a remote process";
        if self.outlet.exit().is_some() {
            return Ok(());
        }
        let signal = match signal {
            SIGKILL => Signal::Kill,
            15 => Signal::Term,
            other => {
                let text = format!("E2B's protocol has no signal {other}, only 9 and 15");
                return Err(SandboxError::io(what)(std::io::Error::new(
                    std::io::ErrorKind::InvalidInput,
                    text,
                )));
            }
        };
        let message = SendSignalRequest { process: Selector::pid(self.pid), signal };
        match self.tell(what, path::SEND_SIGNAL, &message) {
            // One that has just ended needs no signal.
            Err(SandboxError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn resize(&self, size: TerminalSize) -> Result<(), SandboxError> {
        let message = UpdateRequest { process: Selector::pid(self.pid), pty: Some(pty(size)) };
        self.tell("giving a remote terminal another size", path::UPDATE, &message)
    }

    fn exit(&self) -> Option<Exit> {
        self.outlet.exit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_by_signal_is_read_from_its_words() {
        let end = |status: &str, exit_code| {
            exit_of(&EndEvent { status: status.into(), exit_code, ..EndEvent::default() })
        };
        assert_eq!(end("exit status 7", 7), Exit::Code(7));
        assert_eq!(end("signal: killed", -1), Exit::Signal(9));
        assert_eq!(end("signal: segmentation fault (core dumped)", -1), Exit::Signal(11));
    }
}
