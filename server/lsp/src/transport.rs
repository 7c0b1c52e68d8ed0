//! From messages to handlers and back, on one thread.
//!
//! The router of tower-lsp turns methods into handlers; its own transport is not used, because that one ends
//! at the first message that is not JSON, may mix up the order of answers and notices, and keeps the client's
//! replies from the queue. A handler is begun the moment its message is read, so that messages reach the queue
//! in the client's order; it is finished beside the others. A handler that panics answers an internal error.
//! A client that asks faster than it is answered is read no further until it is: what waits here is bounded.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;
use tower_lsp::ExitedError;
use tower_lsp::LspService;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};
use tower_lsp::ls_types::{DidChangeTextDocumentParams, MessageType, Uri};
use tower_service::Service;

use crate::frame::Frame;
use crate::outgoing::{OurId, Outgoing};
use crate::queue::Queue;
use crate::requests;
use crate::routes::{Routes, WITHOUT_PARAMETERS};

/// How the connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// `shutdown`, then `exit`.
    Orderly,
    /// The stream ended, or `exit` came without `shutdown`.
    Abrupt,
}

/// How long answers may take once the client has left.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// How many handlers may be unfinished before the next message is read. None of them waits for a run or for the client,
/// so that there is always one that finishes.
const AT_ONCE: usize = 1_024;

type Answering = Pin<Box<dyn Future<Output = Result<Option<Response>, ExitedError>> + Send>>;

/// What a message is.
enum Incoming {
    Call(Request),
    Reply(OurId, Result<Value, Error>),
    Malformed(Id),
}

/// Takes messages until `exit` or the end of the stream.
pub(crate) async fn serve(
    mut frames: Receiver<Frame>,
    mut service: LspService<Routes>,
    queue: Queue,
    out: Outgoing,
) -> End {
    let mut shut_down = false;
    let mut unfinished = JoinSet::new();
    let mut end = End::Abrupt;
    while let Some(frame) = frames.recv().await {
        while unfinished.try_join_next().is_some() {}
        if unfinished.len() >= AT_ONCE {
            unfinished.join_next().await;
        }
        let incoming = match frame {
            Frame::Message(message) => sort(message),
            Frame::NotJson(reason) => {
                out.log(MessageType::ERROR, format!("Bodkin read a message that is not JSON: {reason}"));
                out.respond(Response::from_error(Id::Null, Error::parse_error()));
                continue;
            }
        };
        match incoming {
            Incoming::Malformed(id) => out.respond(Response::from_error(id, Error::invalid_request())),
            Incoming::Reply(id, answer) => queue.post("reply", move |server| server.answered(id, answer)),
            Incoming::Call(call) => {
                let exits = call.method() == "exit";
                shut_down |= call.method() == "shutdown";
                see_that_it_is_readable(&call, &queue);
                let id = call.id().cloned();
                begin(service.call(call), id, &out, &mut unfinished);
                if exits {
                    end = if shut_down { End::Orderly } else { End::Abrupt };
                    break;
                }
            }
        }
    }
    // What was asked before the end is answered, if it can be answered at once.
    drop(tokio::time::timeout(LAST_ANSWERS, unfinished.join_all()).await);
    end
}

/// Tells calls from replies.
fn sort(mut message: Value) -> Incoming {
    let id = message.get("id").cloned();
    let known_id = || id.clone().and_then(|it| serde_json::from_value::<Id>(it).ok()).unwrap_or(Id::Null);
    let Some(method) = message.get("method") else {
        let answer = match message.get_mut("error").map(Value::take) {
            Some(error) => Err(client_error(&error)),
            None => Ok(message.get_mut("result").map(Value::take).unwrap_or_default()),
        };
        return match id.and_then(|it| it.as_i64()) {
            Some(id) => Incoming::Reply(OurId(id), answer),
            None => Incoming::Malformed(Id::Null),
        };
    };
    let bare = method.as_str().is_some_and(|it| WITHOUT_PARAMETERS.contains(&it));
    let malformed = Incoming::Malformed(known_id());
    if bare && let Some(call) = message.as_object_mut() {
        call.remove("params");
    }
    serde_json::from_value(message).map_or(malformed, Incoming::Call)
}

/// The client's error, of which only the message is used.
fn client_error(error: &Value) -> Error {
    let mut made = Error::internal_error();
    if let Some(message) = error.get("message").and_then(Value::as_str) {
        made.message = message.to_owned().into();
    }
    made
}

/// Begins a handler here and now; what is left of it goes on beside the others.
fn begin(mut answering: Answering, id: Option<Id>, out: &Outgoing, unfinished: &mut JoinSet<()>) {
    let mut context = Context::from_waker(Waker::noop());
    match catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(&mut context))) {
        Ok(Poll::Ready(answer)) => respond(answer, out),
        Ok(Poll::Pending) => drop(unfinished.spawn(finish(answering, id, out.clone()))),
        Err(_) => broke(id, out),
    }
}

async fn finish(answering: Answering, id: Option<Id>, out: Outgoing) {
    match tokio::spawn(answering).await {
        Ok(answer) => respond(answer, &out),
        Err(_) => broke(id, &out),
    }
}

fn respond(answer: Result<Option<Response>, ExitedError>, out: &Outgoing) {
    if let Ok(Some(response)) = answer {
        out.respond(response);
    }
}

fn broke(id: Option<Id>, out: &Outgoing) {
    if let Some(id) = id {
        out.respond(Response::from_error(id, Error::internal_error()));
    }
}

/// A change that can not be read must not be passed over: its document's text is not known any more.
fn see_that_it_is_readable(call: &Request, queue: &Queue) {
    if call.method() != "textDocument/didChange" {
        return;
    }
    let params = call.params().unwrap_or(&Value::Null);
    if let Err(error) = DidChangeTextDocumentParams::deserialize(params)
        && let Some(path) = document_path(params)
    {
        let reason = format!("a change can not be read ({error})");
        queue.post("textDocument/didChange", move |server| {
            requests::did_change::unreadable(server, &path, reason);
        });
    }
}

fn document_path(params: &Value) -> Option<PathBuf> {
    let uri: Uri = params.pointer("/textDocument/uri")?.as_str()?.parse().ok()?;
    requests::initialize::file_path(&uri)
}
