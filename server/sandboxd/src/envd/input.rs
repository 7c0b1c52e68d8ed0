//! `process.Process`: input, signals, the size of a terminal.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use bodkin_e2b::connect;
use bodkin_e2b::process::{
    CloseStdinRequest, Empty, Input, SendInputRequest, SendSignalRequest, Signal, StreamInputRequest,
    UpdateRequest,
};
use bodkin_sandbox::session::{Process, TerminalSize};
use futures_util::StreamExt;
use serde_json::json;

use super::process::find;
use super::{BODY, Guest, Holder, alive, failed_stream, parse, streamed};
use crate::clock;
use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::planes::text;
use crate::sandbox::Sandbox;

/// How long a stream of input may stay silent.
const SILENCE: Duration = Duration::from_secs(3600);
/// How long the end of a killed process is waited for.
const REAPED: Duration = Duration::from_millis(500);

pub(super) fn send(sandbox: &Sandbox, request: SendInputRequest) -> Result<Empty, Failure> {
    let process = find(sandbox, request.process.as_ref(), false)?;
    put(&*process, request.input.unwrap_or_default())
}

pub(super) fn close(sandbox: &Sandbox, request: CloseStdinRequest) -> Result<Empty, Failure> {
    find(sandbox, request.process.as_ref(), false)?.close_stdin()?;
    Ok(Empty {})
}

pub(super) fn resize(sandbox: &Sandbox, request: UpdateRequest) -> Result<Empty, Failure> {
    let process = find(sandbox, request.process.as_ref(), false)?;
    let size = request.pty.and_then(|it| it.size).ok_or_else(|| Failure::bad("no size is given"))?;
    let part = |count: u32| u16::try_from(count).unwrap_or(u16::MAX).max(1);
    process.resize(TerminalSize { columns: part(size.cols), rows: part(size.rows) })?;
    Ok(Empty {})
}

pub(super) fn signal(
    daemon: &Daemon,
    sandbox: &Sandbox,
    request: SendSignalRequest,
) -> Result<Empty, Failure> {
    let process = find(sandbox, request.process.as_ref(), false)?;
    let number = match request.signal {
        Signal::Kill => 9,
        Signal::Term => 15,
        Signal::Unspecified => {
            return Err(Failure::bad("no signal that is known: SIGNAL_SIGTERM and SIGNAL_SIGKILL are"));
        }
    };
    daemon
        .permitted(json!({"do": "signal", "sandbox": sandbox.id, "pid": process.pid(), "signal": number}))?;
    process.signal(number)?;
    if request.signal == Signal::Kill {
        await_end(&*process);
    }
    Ok(Empty {})
}

/// Killed is gone: who asks for the list next, or kills it again, finds it so.
fn await_end(process: &dyn Process) {
    let until = clock::now() + REAPED;
    while process.exit().is_none() && clock::now() < until {
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

fn put(process: &dyn Process, input: Input) -> Result<Empty, Failure> {
    match input {
        Input { stdin: Some(_), pty: _ } if process.order().terminal.is_some() => {
            return Err(Failure::bad("this process has a terminal; its input is `pty`"));
        }
        Input { stdin: None, pty: Some(_) } if process.order().terminal.is_none() => {
            return Err(Failure::bad("this process has no terminal; its input is `stdin`"));
        }
        Input { stdin: Some(bytes), pty: _ } | Input { stdin: None, pty: Some(bytes) } => {
            process.write(&bytes)?;
        }
        Input { stdin: None, pty: None } => {}
    }
    Ok(Empty {})
}

/// `StreamInput`: input as it comes, the first message naming the process.
pub(super) async fn stream(
    Extension(sandbox): Guest,
    holder: Result<Holder, Failure>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    if let Err(failure) = holder {
        return failed_stream(failure);
    }
    if !text(&headers, header::CONTENT_TYPE.as_str()).is_some_and(|it| it.starts_with(connect::STREAM_TYPE)) {
        return failed_stream(Failure::bad(format!("a stream's content type is {}", connect::STREAM_TYPE)));
    }
    match take(&sandbox, request).await {
        Ok(()) => {
            let mut answer = connect::message(&Empty {});
            answer.extend(connect::end(None));
            streamed(Body::from(answer))
        }
        Err(failure) => failed_stream(failure),
    }
}

async fn take(sandbox: &Arc<Sandbox>, request: Request) -> Result<(), Failure> {
    let mut reader = connect::Reader::new(BODY);
    let mut body = request.into_body().into_data_stream();
    let mut process: Option<Arc<dyn Process>> = None;
    loop {
        while let Some(envelope) = reader.take().map_err(|error| Failure::bad(error.to_string()))? {
            let message: StreamInputRequest = parse(&envelope.body)?;
            if let Some(start) = message.start {
                process =
                    Some(alive(sandbox.clone(), move |it| find(it, start.process.as_ref(), false)).await?);
            }
            if let Some(input) = message.data.and_then(|it| it.input) {
                let to =
                    process.clone().ok_or_else(|| Failure::bad("the first message names the process"))?;
                alive(sandbox.clone(), move |_| put(&*to, input)).await?;
            }
            sandbox.called();
        }
        match tokio::time::timeout(SILENCE, body.next()).await {
            Ok(Some(Ok(bytes))) => reader.push(&bytes),
            Ok(Some(Err(error))) => return Err(Failure::bad(format!("the input broke off: {error}"))),
            Ok(None) if reader.is_amid() => return Err(Failure::bad("the input ends amid a message")),
            Ok(None) => return Ok(()),
            Err(_) => return Err(Failure::bad("the input was silent for an hour")),
        }
    }
}
