//! `WS /sandbox/{id}/terminal`: a shell in a terminal.
//!
//! Binary messages are bytes in both directions; a text message `{"resize": {"cols": 80, "rows": 24}}` changes the
//! size. The last message is the text `{"exit_code": n}`. The shell ends with the connection.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use bodkin_e2b::process::PtySize;
use bodkin_guard::report::Exit;
use bodkin_sandbox::session::{Process, ProcessEvent, ProcessOrder, TerminalSize};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use super::list::form;
use crate::bridge::blocking;
use crate::daemon::Daemon;
use crate::envd::process::start;
use crate::failure::Failure;
use crate::planes::text;
use crate::sandbox::Sandbox;

/// Largest message, bytes.
const MESSAGE: usize = 1 << 20;
const KILL: i32 = 9;

/// Known by the API key in a header, or by the sandbox's token in `?token=`, as a browser can set no header.
pub(super) async fn open(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let sandbox =
        daemon.guests.get(&id).ok_or_else(|| Failure::unauthorized("no sandbox of yours has this name"))?;
    let shown = form(query.as_deref().unwrap_or_default()).into_iter().find(|(name, _)| name == "token");
    let by_key = text(&headers, "x-api-key").and_then(|key| daemon.options.keys.find(key));
    let known = by_key.is_some_and(|key| key.name == sandbox.key.name)
        || shown.is_some_and(|(_, token)| sandbox.has_token(&token));
    if !known {
        return Err(Failure::unauthorized("no sandbox of yours has this name"));
    }
    if let Some(origin) = text(&headers, header::ORIGIN.as_str()) {
        let host = text(&headers, header::HOST.as_str()).unwrap_or_default();
        if origin.split_once("://").is_none_or(|(_, from)| from != host) {
            return Err(Failure::forbidden("a page of another site may not open a terminal"));
        }
    }
    let order = ProcessOrder {
        terminal: Some(TerminalSize { columns: 80, rows: 24 }),
        env: [("TERM".to_owned(), "xterm-256color".to_owned())].into(),
        ..ProcessOrder::new(["/bin/bash", "-i", "-l"])
    };
    let (for_start, for_talk) = (sandbox.clone(), sandbox);
    let process = blocking(move || start(&daemon, &for_start, order)).await?;
    Ok(upgrade.max_message_size(MESSAGE).on_upgrade(move |socket| talk(socket, process, for_talk)))
}

#[derive(Deserialize)]
struct Word {
    resize: PtySize,
}

async fn talk(mut socket: WebSocket, process: Arc<dyn Process>, sandbox: Arc<Sandbox>) {
    let (said, mut says) = mpsc::channel(16);
    let listening = process.clone();
    let listener = tokio::task::spawn_blocking(move || {
        let mut listen = listening.listen();
        while sandbox.session.is_alive() {
            let Some(event) = listen.next(Duration::from_millis(500)) else {
                if said.is_closed() { return } else { continue }
            };
            let ended = matches!(event, ProcessEvent::Ended(_));
            if said.blocking_send(event).is_err() || ended {
                return;
            }
        }
    });
    loop {
        tokio::select! {
            event = says.recv() => match event {
                Some(ProcessEvent::Stdout(bytes) | ProcessEvent::Stderr(bytes) | ProcessEvent::Terminal(bytes)) => {
                    if socket.send(Message::Binary(bytes.into())).await.is_err() { break }
                }
                Some(ProcessEvent::Ended(exit)) => {
                    let code = match exit { Exit::Code(code) => code, Exit::Signal(signal) => 128 + signal, Exit::Stopped(_) => -1 };
                    let _ = socket.send(Message::Text(json!({"exit_code": code}).to_string().into())).await;
                    break;
                }
                None => break,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    let to = process.clone();
                    // Input for a shell that has ended is lost, and its end comes next.
                    let _ = blocking(move || Ok(to.write(&bytes)?)).await;
                }
                Some(Ok(Message::Text(text))) => {
                    if let Ok(Word { resize: PtySize { cols, rows } }) = serde_json::from_str(&text)
                        && let (Ok(columns), Ok(rows)) = (cols.try_into(), rows.try_into())
                    {
                        let to = process.clone();
                        let _ = blocking(move || Ok(to.resize(TerminalSize { columns, rows })?)).await;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
        }
    }
    drop(says);
    let _ = blocking(move || Ok(process.signal(KILL)?)).await;
    let _ = listener.await;
}
