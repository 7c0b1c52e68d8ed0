//! Messages as bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex};

use serde_json::{Value, json};

use super::Editor;

impl Editor {
    pub(super) fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let body = message.to_string();
        let to = self.to.as_mut().expect("the connection is open");
        write!(to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        to.flush().unwrap();
    }
}

/// Open while the editor reads.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate {
    is_closed: Arc<(Mutex<bool>, Condvar)>,
}

impl Gate {
    pub(super) fn set_closed(&self, closed: bool) {
        *self.is_closed.0.lock().unwrap() = closed;
        self.is_closed.1.notify_all();
    }

    fn pass(&self) {
        let closed = self.is_closed.0.lock().unwrap();
        drop(self.is_closed.1.wait_while(closed, |closed| *closed).unwrap());
    }
}

/// Reads messages on a thread of their own, until the stream ends.
pub(super) fn read_all(from: impl Read + Send + 'static, gate: Gate) -> Receiver<Value> {
    let (sender, messages) = channel();
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        gate.pass();
        while let Some(message) = read_one(&mut from) {
            gate.pass();
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    messages
}

fn read_one(from: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().strip_prefix("Content-Length: ") {
            Some(digits) => length = digits.parse().ok(),
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length.expect("a message has a length")];
    from.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).expect("a message is JSON"))
}
