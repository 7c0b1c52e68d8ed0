//! What a process says, told to a client as a stream of envelopes, until it ends or the client's time is over.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use bodkin_e2b::connect::{self, Code, Fault};
use bodkin_e2b::process::{DataEvent, EndEvent, Event, EventResponse};
use bodkin_e2b::{address, control::ApiError};
use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::session::{Listen, Process, ProcessEvent};
use tokio::sync::mpsc;

use super::streamed;
use crate::bridge::{body, pieces};
use crate::clock;
use crate::planes::text;
use crate::sandbox::Sandbox;

/// How often a stream shows that it lives unless the client asks otherwise.
const KEEPALIVE: Duration = Duration::from_secs(90);
/// How often a listener looks whether anybody is still there.
const LOOK: Duration = Duration::from_millis(500);
/// How far ahead of a client's own end it is told, at most; a twentieth of a short one.
const AHEAD: Duration = Duration::from_millis(50);
/// Bytes of one event.
const PIECE: usize = 32 * 1024;

/// How long the call may take, as its header says, less a little: some clients give up by themselves at that very
/// moment, and are to hear the reason before.
pub(super) fn allowed(headers: &HeaderMap) -> Option<Duration> {
    let ms: u64 = text(headers, connect::TIMEOUT_MS)?.parse().ok()?;
    let asked = Duration::from_millis(ms);
    (ms > 0).then(|| asked - AHEAD.min(asked / 20))
}

/// How often a stream is to show that it lives.
pub(super) fn keepalive(headers: &HeaderMap) -> Duration {
    let asked = text(headers, address::KEEPALIVE_INTERVAL).and_then(|it| it.parse().ok());
    asked.map_or(KEEPALIVE, |seconds: u64| Duration::from_secs(seconds.clamp(1, 3600)))
}

/// What a client waits for, counted from when its request came: its own clock runs from its first answer on, so the
/// end that it is told comes before the end that it would find by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    keepalive: Duration,
    until: Option<Instant>,
}

impl Patience {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self { keepalive: keepalive(headers), until: allowed(headers).map(|it| clock::now() + it) }
    }

    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| until <= clock::now())
    }

    /// How long to wait for the next event.
    fn wait(&self) -> Duration {
        let left = self.until.map(|until| until.saturating_duration_since(clock::now()));
        LOOK.min(self.keepalive).min(left.unwrap_or(LOOK))
    }
}

/// The stream of a process.
pub(super) fn told(
    sandbox: Arc<Sandbox>,
    process: Arc<dyn Process>,
    mut listen: Box<dyn Listen>,
    patience: Patience,
) -> Response {
    let (to, from) = pieces();
    tokio::task::spawn_blocking(move || {
        let told = Told { to, patience, last: clock::now() };
        // The client went away: the process goes on without it.
        let _ = told.tell(&sandbox, &*process, &mut *listen);
    });
    streamed(body(from))
}

struct Told {
    to: mpsc::Sender<io::Result<Bytes>>,
    patience: Patience,
    last: Instant,
}

struct Gone;

impl Told {
    fn tell(mut self, sandbox: &Sandbox, process: &dyn Process, listen: &mut dyn Listen) -> Result<(), Gone> {
        self.say(Event::start(process.pid()))?;
        loop {
            match listen.next(self.patience.wait()) {
                Some(ProcessEvent::Stdout(bytes)) => {
                    self.pieces(&bytes, |it| DataEvent { stdout: Some(it), ..DataEvent::default() })?;
                }
                Some(ProcessEvent::Stderr(bytes)) => {
                    self.pieces(&bytes, |it| DataEvent { stderr: Some(it), ..DataEvent::default() })?;
                }
                Some(ProcessEvent::Terminal(bytes)) => {
                    self.pieces(&bytes, |it| DataEvent { pty: Some(it), ..DataEvent::default() })?;
                }
                Some(ProcessEvent::Ended(exit)) => return self.end(sandbox, &exit),
                None if self.to.is_closed() => return Err(Gone),
                None if !sandbox.session.is_alive() => return self.fault(dead(sandbox)),
                None => {
                    sandbox.called();
                    if self.last.elapsed() >= self.patience.keepalive {
                        self.say(Event::keepalive())?;
                    }
                }
            }
            if self.patience.is_over() {
                return self.fault(over_time());
            }
        }
    }

    fn pieces(&mut self, bytes: &[u8], data: impl Fn(Vec<u8>) -> DataEvent) -> Result<(), Gone> {
        bytes.chunks(PIECE).try_for_each(|piece| self.say(Event::data(data(piece.to_vec()))))
    }

    fn end(mut self, sandbox: &Sandbox, exit: &Exit) -> Result<(), Gone> {
        if !sandbox.session.is_alive() {
            return self.fault(dead(sandbox));
        }
        if self.patience.is_over() && *exit == Exit::Stopped(Stop::WallTime) {
            return self.fault(over_time());
        }
        self.say(Event::end(end_event(exit)))?;
        self.send(connect::end(None))
    }

    fn fault(&self, fault: Fault) -> Result<(), Gone> {
        self.send(connect::end(Some(fault)))
    }

    fn say(&mut self, event: Event) -> Result<(), Gone> {
        self.last = clock::now();
        self.send(connect::message(&EventResponse::of(event)))
    }

    fn send(&self, bytes: Vec<u8>) -> Result<(), Gone> {
        self.to.blocking_send(Ok(bytes.into())).map_err(|_| Gone)
    }
}

fn over_time() -> Fault {
    Fault::new(
        Code::DeadlineExceeded,
        "the call took longer than its timeout; a command that it started is killed",
    )
}

pub(super) fn dead(sandbox: &Sandbox) -> Fault {
    Fault::new(Code::Unavailable, ApiError::sandbox_not_found(502, &sandbox.id).message)
}

fn end_event(exit: &Exit) -> EndEvent {
    let (exit_code, status) = match exit {
        Exit::Code(code) => (*code, format!("exit status {code}")),
        Exit::Signal(signal) => (-1, format!("signal: {}", signal_name(*signal))),
        Exit::Stopped(Stop::WallTime) => (-1, "signal: killed (it took longer than it may)".to_owned()),
        Exit::Stopped(Stop::CpuTime) => (-1, "signal: killed (it took more CPU time than it may)".to_owned()),
        Exit::Stopped(Stop::Output) => (-1, "signal: killed (it printed more than it may)".to_owned()),
        Exit::Stopped(Stop::Memory) => (-1, "signal: killed (it took more memory than it may)".to_owned()),
        Exit::Stopped(Stop::Cancelled) => (-1, "signal: killed".to_owned()),
    };
    let error = (*exit != Exit::Code(0)).then(|| status.clone());
    EndEvent { exit_code, exited: matches!(exit, Exit::Code(_)), status, error }
}

fn signal_name(signal: i32) -> String {
    match signal {
        1 => "hangup".to_owned(),
        2 => "interrupt".to_owned(),
        6 => "aborted".to_owned(),
        9 => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        13 => "broken pipe".to_owned(),
        15 => "terminated".to_owned(),
        other => format!("signal {other}"),
    }
}
