//! `process.Process`: start and connect as streams, and the list.
//!
//! A stream that the client drops leaves the process running, as it does with E2B: only the call's own deadline, a
//! signal or the sandbox's end stops it. What the client does not read holds the process up.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use bodkin_e2b::connect::{self, Code, Fault};
use bodkin_e2b::process::{
    Config, ConnectRequest, DataEvent, Empty, EndEvent, Event, EventResponse, Info, ListResponse, Selector,
    StartRequest,
};
use bodkin_e2b::{address, control::ApiError};
use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::session::{Listen, Process, ProcessEvent, ProcessOrder, TerminalSize};
use serde_json::json;
use tokio::sync::mpsc;

use super::files::path;
use super::{Guest, Holder, alive, failed_stream, parse_enveloped, streamed};
use crate::bridge::{body, pieces};
use crate::clock;
use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::planes::text;
use crate::sandbox::Sandbox;

/// How often a stream shows that it lives unless the client asks otherwise.
const KEEPALIVE: Duration = Duration::from_secs(90);
/// How often a listener looks whether anybody is still there.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes of one event.
const PIECE: usize = 32 * 1024;

/// `Start`: a stream that begins with the process's number and ends with its end.
pub(super) async fn start_stream(
    State(daemon): State<Arc<Daemon>>,
    Extension(sandbox): Guest,
    holder: Result<Holder, Failure>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let order = holder
        .and_then(|_| parse_enveloped::<StartRequest>(&headers, &body))
        .and_then(|request| order(&sandbox, request, deadline(&headers)));
    let order = match order {
        Ok(order) => order,
        Err(failure) => return failed_stream(failure),
    };
    let keepalive = keepalive(&headers);
    let started = alive(sandbox.clone(), move |it| {
        let process = start(&daemon, it, order)?;
        // Listened to before anybody else can be, so that the first bytes are this stream's.
        let listen = process.listen();
        Ok((process, listen))
    });
    match started.await {
        Ok((process, listen)) => listened(sandbox, process, listen, keepalive, true),
        Err(failure) => failed_stream(failure),
    }
}

/// `Connect`: the same for a process that runs or ended a moment ago.
pub(super) async fn connect_stream(
    Extension(sandbox): Guest,
    holder: Result<Holder, Failure>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = holder.and_then(|_| parse_enveloped::<ConnectRequest>(&headers, &body));
    let found = match found {
        Ok(request) => alive(sandbox.clone(), move |it| find(it, request.process.as_ref(), true)).await,
        Err(failure) => Err(failure),
    };
    match found {
        Ok(process) => {
            let listen = process.listen();
            listened(sandbox, process, listen, keepalive(&headers), false)
        }
        Err(failure) => failed_stream(failure),
    }
}

/// `List`: what runs.
pub(super) fn list(sandbox: &Sandbox, _: Empty) -> Result<ListResponse, Failure> {
    let running = sandbox.session.processes().into_iter().filter(|it| it.exit().is_none());
    let processes = running.map(|it| Info {
        config: Some(config(it.order())),
        pid: it.pid(),
        tag: it.order().tag.clone(),
    });
    Ok(ListResponse { processes: processes.collect() })
}

/// Starts a process. The line on the ledger comes first.
pub(crate) fn start(
    daemon: &Daemon,
    sandbox: &Sandbox,
    order: ProcessOrder,
) -> Result<Arc<dyn Process>, Failure> {
    daemon.permitted(json!({
        "do": "exec",
        "sandbox": sandbox.id,
        "argv": order.argv.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>(),
        "cwd": order.cwd,
        "env": order.env.keys().collect::<Vec<_>>(),
    }))?;
    let process = sandbox.session.start(order)?;
    daemon.counts.commands.fetch_add(1, Ordering::Relaxed);
    Ok(process)
}

/// The process that is meant; one that has ended only where that helps.
pub(super) fn find(
    sandbox: &Sandbox,
    selector: Option<&Selector>,
    ended_too: bool,
) -> Result<Arc<dyn Process>, Failure> {
    let selector = selector.ok_or_else(|| Failure::bad("no process is named"))?;
    let fits = |it: &Arc<dyn Process>| match (selector.pid, &selector.tag) {
        (Some(pid), _) => it.pid() == pid,
        (None, Some(tag)) => it.order().tag.as_ref() == Some(tag),
        (None, None) => false,
    };
    let mut found: Vec<_> = sandbox.session.processes().into_iter().filter(fits).collect();
    // One that runs before one of the same number that has ended.
    found.sort_by_key(|it| it.exit().is_some());
    let found = found.into_iter().find(|it| ended_too || it.exit().is_none());
    found.ok_or_else(|| match (selector.pid, &selector.tag) {
        (Some(pid), _) => Failure::not_found(format!("process with pid {pid} not found")),
        (None, Some(tag)) => Failure::not_found(format!("process with tag {tag} not found")),
        (None, None) => Failure::bad("no process is named"),
    })
}

fn order(
    sandbox: &Sandbox,
    request: StartRequest,
    deadline: Option<Duration>,
) -> Result<ProcessOrder, Failure> {
    let Config { cmd, args, envs, cwd } = request.process.unwrap_or_default();
    if cmd.is_empty() {
        return Err(Failure::bad("no command is named"));
    }
    if envs.keys().any(|name| name.is_empty() || name.contains(['=', '\0'])) {
        return Err(Failure::bad("a variable's name is empty or holds `=`"));
    }
    let size = request.pty.and_then(|it| it.size).map(|size| TerminalSize {
        columns: u16::try_from(size.cols).unwrap_or(u16::MAX).max(1),
        rows: u16::try_from(size.rows).unwrap_or(u16::MAX).max(1),
    });
    let terminal = request.pty.map(|_| size.unwrap_or(TerminalSize { columns: 80, rows: 24 }));
    let cwd = cwd.filter(|it| !it.is_empty()).map(|it| path(sandbox, &it)).transpose()?;
    if let Some(cwd) = &cwd
        && sandbox.session.stat(cwd)?.is_none()
    {
        return Err(Failure::bad(format!("cwd '{}' does not exist", cwd.display())));
    }
    Ok(ProcessOrder {
        argv: std::iter::once(cmd).chain(args).map(Into::into).collect(),
        env: envs,
        cwd,
        stdin: request.stdin.unwrap_or(true),
        terminal,
        deadline,
        tag: request.tag,
    })
}

fn config(order: &ProcessOrder) -> Config {
    let mut words = order.argv.iter().map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
    Config {
        cmd: words.next().unwrap_or_default(),
        args: words.collect(),
        envs: order.env.clone(),
        cwd: order.cwd.as_ref().map(|it| it.to_string_lossy().into_owned()),
    }
}

fn deadline(headers: &HeaderMap) -> Option<Duration> {
    let ms: u64 = text(headers, connect::TIMEOUT_MS)?.parse().ok()?;
    (ms > 0).then(|| Duration::from_millis(ms))
}

pub(super) fn keepalive(headers: &HeaderMap) -> Duration {
    let asked = text(headers, address::KEEPALIVE_INTERVAL).and_then(|it| it.parse().ok());
    asked.map_or(KEEPALIVE, |seconds: u64| Duration::from_secs(seconds.clamp(1, 3600)))
}

fn listened(
    sandbox: Arc<Sandbox>,
    process: Arc<dyn Process>,
    mut listen: Box<dyn Listen>,
    keepalive: Duration,
    is_owner: bool,
) -> Response {
    let (to, from) = pieces();
    tokio::task::spawn_blocking(move || {
        let told = Told { to, keepalive, last: clock::now() };
        // The client went away: the process goes on without it.
        let _ = told.tell(&sandbox, &*process, &mut *listen, is_owner);
    });
    streamed(body(from))
}

/// Tells a client what a process says.
struct Told {
    to: mpsc::Sender<io::Result<Bytes>>,
    keepalive: Duration,
    last: Instant,
}

struct Gone;

impl Told {
    fn tell(
        mut self,
        sandbox: &Sandbox,
        process: &dyn Process,
        listen: &mut dyn Listen,
        is_owner: bool,
    ) -> Result<(), Gone> {
        self.say(Event::start(process.pid()))?;
        loop {
            match listen.next(LOOK.min(self.keepalive)) {
                Some(ProcessEvent::Stdout(bytes)) => {
                    self.pieces(&bytes, |it| DataEvent { stdout: Some(it), ..DataEvent::default() })?;
                }
                Some(ProcessEvent::Stderr(bytes)) => {
                    self.pieces(&bytes, |it| DataEvent { stderr: Some(it), ..DataEvent::default() })?;
                }
                Some(ProcessEvent::Terminal(bytes)) => {
                    self.pieces(&bytes, |it| DataEvent { pty: Some(it), ..DataEvent::default() })?;
                }
                Some(ProcessEvent::Ended(exit)) => return self.end(sandbox, &exit, is_owner),
                None if self.to.is_closed() => return Err(Gone),
                None if !sandbox.session.is_alive() => return self.fault(dead(sandbox)),
                None => {
                    sandbox.called();
                    if self.last.elapsed() >= self.keepalive {
                        self.say(Event::keepalive())?;
                    }
                }
            }
        }
    }

    fn pieces(&mut self, bytes: &[u8], data: impl Fn(Vec<u8>) -> DataEvent) -> Result<(), Gone> {
        bytes.chunks(PIECE).try_for_each(|piece| self.say(Event::data(data(piece.to_vec()))))
    }

    fn end(mut self, sandbox: &Sandbox, exit: &Exit, is_owner: bool) -> Result<(), Gone> {
        if !sandbox.session.is_alive() {
            return self.fault(dead(sandbox));
        }
        if is_owner && *exit == Exit::Stopped(Stop::WallTime) {
            return self.fault(Fault::new(
                Code::DeadlineExceeded,
                "the command took longer than its timeout and was killed",
            ));
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
