//! The one queue to the client: responses, notifications and our own requests, in order.
//!
//! Sending never waits. What the client answers to our requests comes back as jobs, never as something awaited;
//! a client that answers nothing costs one entry in a map. A client that does not read costs the text of what it asked
//! for: messages wait as they will be written, not as values, which are many times as large.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::mpsc;

use serde::Serialize;
use serde_json::{Value, json};
use tower_lsp::jsonrpc::Response;
use tower_lsp::ls_types::MessageType;

/// The way to the client; cheap to clone.
#[derive(Clone)]
pub(crate) struct Outgoing {
    messages: mpsc::Sender<Vec<u8>>,
    unsent: Arc<AtomicUsize>,
    next_id: Arc<AtomicI64>,
}

/// The end from which messages are written out.
pub(crate) struct Outbox {
    messages: mpsc::Receiver<Vec<u8>>,
    unsent: Arc<AtomicUsize>,
}

/// Identity of a request of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OurId(pub(crate) i64);

impl Outgoing {
    /// The way to the client and the end that is written out.
    pub(crate) fn new() -> (Self, Outbox) {
        let (messages, written) = mpsc::channel();
        let unsent = Arc::new(AtomicUsize::new(0));
        let outgoing = Self { messages, unsent: unsent.clone(), next_id: Arc::new(AtomicI64::new(1)) };
        (outgoing, Outbox { messages: written, unsent })
    }

    /// Answers a request.
    pub(crate) fn respond(&self, response: Response) {
        self.send_value(serde_json::to_value(response));
    }

    /// Tells the client something.
    pub(crate) fn notify(&self, method: &'static str, params: impl Serialize) {
        self.send_value(message(method, None, params));
    }

    /// Asks the client something; its answer comes with this id.
    pub(crate) fn request(&self, method: &'static str, params: impl Serialize) -> OurId {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.send_value(message(method, Some(id), params));
        OurId(id)
    }

    /// Shows the user a message.
    pub(crate) fn show(&self, kind: MessageType, text: impl Into<String>) {
        self.notify("window/showMessage", json!({ "type": kind, "message": text.into() }));
    }

    /// Writes a line to the client's log of this server.
    pub(crate) fn log(&self, kind: MessageType, text: impl Into<String>) {
        self.notify("window/logMessage", json!({ "type": kind, "message": text.into() }));
    }

    /// Whether the client reads so slowly that what may be left out should be.
    pub(crate) fn is_behind(&self) -> bool {
        self.unsent.load(Ordering::Relaxed) > 64
    }

    fn send_value(&self, message: serde_json::Result<Value>) {
        // Our own types have string keys only, so that they always become JSON.
        if let Ok(message) = message.and_then(|it| serde_json::to_vec(&it)) {
            self.unsent.fetch_add(1, Ordering::Relaxed);
            drop(self.messages.send(message));
        }
    }
}

impl Outbox {
    /// The next message's JSON; `None` when nothing can come any more.
    pub(crate) fn next(&self) -> Option<Vec<u8>> {
        let message = self.messages.recv().ok()?;
        self.unsent.fetch_sub(1, Ordering::Relaxed);
        Some(message)
    }

    /// What is there now.
    #[cfg(test)]
    pub(crate) fn drain(&self) -> Vec<Value> {
        let parsed = |it: Vec<u8>| serde_json::from_slice(&it).unwrap();
        let messages: Vec<Value> = self.messages.try_iter().map(parsed).collect();
        self.unsent.fetch_sub(messages.len(), Ordering::Relaxed);
        messages
    }
}

fn message(method: &'static str, id: Option<i64>, params: impl Serialize) -> serde_json::Result<Value> {
    let params = serde_json::to_value(params)?;
    let mut message = match id {
        Some(id) => json!({ "jsonrpc": "2.0", "id": id, "method": method }),
        None => json!({ "jsonrpc": "2.0", "method": method }),
    };
    // `null` is no params by the protocol's letter.
    if let (Some(message), false) = (message.as_object_mut(), params.is_null()) {
        message.insert("params".to_owned(), params);
    }
    Ok(message)
}
