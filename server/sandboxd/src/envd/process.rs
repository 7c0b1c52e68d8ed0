//! `process.Process`: start and connect as streams, and the list.
//!
//! A stream that the client drops leaves the process running, as it does with E2B: only the call's own deadline, a
//! signal or the sandbox's end stops it. What the client does not read holds the process up.

use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use bodkin_e2b::process::{Config, ConnectRequest, Empty, Info, ListResponse, Selector, StartRequest};
use bodkin_sandbox::session::{Process, ProcessOrder, TerminalSize};
use serde_json::json;

use super::files::path;
use super::told::{Patience, allowed, told};
use super::{Guest, Holder, alive, failed_stream, parse_enveloped};
use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::sandbox::Sandbox;

/// `Start`: a stream that begins with the process's number and ends with its end.
pub(super) async fn start_stream(
    State(daemon): State<Arc<Daemon>>,
    Extension(sandbox): Guest,
    holder: Result<Holder, Failure>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let patience = Patience::of(&headers);
    let order = holder
        .and_then(|_| parse_enveloped::<StartRequest>(&headers, &body))
        .and_then(|request| order(&sandbox, request, allowed(&headers)));
    let order = match order {
        Ok(order) => order,
        Err(failure) => return failed_stream(failure),
    };
    let started = alive(sandbox.clone(), move |it| {
        let process = start(&daemon, it, order)?;
        // Listened to before anybody else can be, so that the first bytes are this stream's.
        let listen = process.listen();
        Ok((process, listen))
    });
    match started.await {
        Ok((process, listen)) => told(sandbox, process, listen, patience),
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
            told(sandbox, process, listen, Patience::of(&headers))
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
    let cwd = cwd.or_else(|| sandbox.workdir.clone());
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
