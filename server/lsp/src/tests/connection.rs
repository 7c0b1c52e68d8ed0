//! The whole connection over pipes: real frames, real threads. Every wait ends with an answer, the stream, or
//! a deadline that only a broken server reaches.

use std::collections::VecDeque;
use std::io::{BufReader, PipeWriter, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bodkin_host::Settings;
use serde_json::{Value, json};

use crate::frame::{self, Frame};
use crate::scripted::Scripted;
use crate::serve;

struct Client {
    to: PipeWriter,
    from: Receiver<Value>,
    /// Read, and not yet asked for.
    seen: VecDeque<Value>,
    server: JoinHandle<u8>,
    engine: Scripted,
}

impl Client {
    fn start() -> Self {
        let (server_in, to) = std::io::pipe().unwrap();
        let (from, server_out) = std::io::pipe().unwrap();
        let engine = Scripted::default();
        let open = engine.opener();
        let server = thread::spawn(move || {
            serve::connection(open, Settings::default(), String::new(), BufReader::new(server_in), server_out)
        });
        let (read, messages) = mpsc::channel();
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            while let Ok(Some(Frame::Message(it))) = frame::read(&mut from) {
                read.send(it).unwrap();
            }
        });
        Self { to, from: messages, seen: VecDeque::new(), server, engine }
    }

    fn send(&mut self, message: Value) {
        let mut message = message;
        message["jsonrpc"] = json!("2.0");
        frame::write(&mut self.to, message.to_string().as_bytes()).unwrap();
    }

    fn raw(&mut self, body: &str) {
        write!(self.to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }

    /// The answer to `id`, whatever else comes before it.
    fn answer(&mut self, id: Value) -> Value {
        let answers = |it: &Value| it["id"] == id && it.get("method").is_none();
        loop {
            if let Some(at) = self.seen.iter().position(answers) {
                return self.seen.remove(at).unwrap();
            }
            let message = self.from.recv_timeout(Duration::from_secs(60));
            self.seen.push_back(message.unwrap_or_else(|error| panic!("no answer to {id}: {error}")));
        }
    }

    fn request(&mut self, id: i64, method: &str, params: Value) -> Value {
        self.send(json!({"id": id, "method": method, "params": params}));
        self.answer(json!(id))
    }

    fn initialize(&mut self) {
        let answer = self.request(1, "initialize", json!({"capabilities": {}, "rootUri": "file:///w"}));
        assert_eq!(answer["result"]["serverInfo"]["name"], "bodkin");
        self.send(json!({"method": "initialized", "params": {}}));
    }

    /// Closes the connection; what the server says until its end, and its exit code.
    fn end(self) -> (Vec<Value>, u8) {
        drop(self.to);
        let mut rest: Vec<Value> = self.seen.into();
        loop {
            match self.from.recv_timeout(Duration::from_secs(60)) {
                Ok(message) => rest.push(message),
                Err(RecvTimeoutError::Disconnected) => return (rest, self.server.join().unwrap()),
                Err(RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
    }
}

#[test]
fn shutdown_and_exit_end_with_0_although_the_input_stays_open() {
    let mut client = Client::start();
    client.initialize();
    assert_eq!(client.request(2, "shutdown", Value::Null)["result"], Value::Null);
    client.send(json!({"method": "exit"}));
    assert_eq!(client.from.recv_timeout(Duration::from_secs(60)), Err(RecvTimeoutError::Disconnected));
    assert_eq!(client.server.join().unwrap(), 0);
    drop(client.to);
}

#[test]
fn the_end_of_the_input_and_exit_without_shutdown_end_with_1() {
    let mut client = Client::start();
    client.initialize();
    assert_eq!(client.end().1, 1);
    let mut client = Client::start();
    client.send(json!({"method": "exit"}));
    assert_eq!(client.server.join().unwrap(), 1);
}

#[test]
fn messages_that_make_no_sense_are_answered_and_the_server_lives() {
    let mut client = Client::start();
    client.initialize();
    client.raw("{nonsense");
    assert_eq!(client.answer(Value::Null)["error"]["code"], -32700);
    client.raw("[]");
    assert_eq!(client.answer(Value::Null)["error"]["code"], -32600);
    client.send(json!({"id": 5, "method": 7}));
    assert_eq!(client.answer(json!(5))["error"]["code"], -32600);
    assert_eq!(client.request(6, "textDocument/unheardOf", json!({}))["error"]["code"], -32601);
    assert_eq!(client.request(7, "textDocument/codeAction", json!({"range": 3}))["error"]["code"], -32602);
    client.send(json!({"method": "$/unheardOf", "params": {}}));
    client.send(json!({"id": 99, "result": "nobody asked"}));
    client.send(json!({"id": 98, "error": {"code": 1, "message": "x", "extra": true}}));
    assert_eq!(client.request(8, "bodkin/runs", json!({}))["result"], json!({"seq": 0, "runs": []}));
}

#[test]
fn a_change_that_can_not_be_read_makes_its_document_suspect() {
    let mut client = Client::start();
    client.initialize();
    let uri = "file:///w/a.py";
    client.send(json!({"method": "textDocument/didOpen", "params": {"textDocument": {
        "uri": uri, "languageId": "python", "version": 1, "text": "x\n",
    }}}));
    client.send(json!({"method": "textDocument/didChange", "params": {
        "textDocument": {"uri": uri, "version": null}, "contentChanges": [{"text": "y\n"}],
    }}));
    let arguments = json!([{"uri": uri}]);
    let answer = client.request(
        2,
        "workspace/executeCommand",
        json!({"command": "bodkin.fix", "arguments": arguments}),
    );
    assert_eq!(answer["error"]["code"], -32801, "{answer}");
}

#[test]
fn messages_are_taken_in_the_order_in_which_they_were_sent() {
    let mut client = Client::start();
    client.initialize();
    let uri = "file:///w/a.py";
    client.send(json!({"method": "textDocument/didOpen", "params": {"textDocument": {
        "uri": uri, "languageId": "python", "version": 0, "text": "",
    }}}));
    for version in 1..=300 {
        client.send(json!({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": super::range_of([0, 0, 0, 0]), "text": "x"}],
        }}));
        client.send(json!({"id": 1000 + version, "method": "textDocument/codeAction", "params": {
            "textDocument": {"uri": uri}, "range": super::range_of([0, 0, 0, 0]), "context": {"diagnostics": []},
        }}));
    }
    for version in 1..=300 {
        let answer = client.answer(json!(1000 + version));
        assert_eq!(answer["result"][0]["arguments"][0]["version"], version);
    }
}

#[test]
fn a_cancelled_request_is_answered_exactly_once() {
    let mut client = Client::start();
    client.initialize();
    for id in 10..40 {
        client.send(json!({"id": id, "method": "workspace/executeCommand", "params": {
            "command": "bodkin.fix", "arguments": [{"uri": "file:///w/a.py"}],
        }}));
        client.send(json!({"method": "$/cancelRequest", "params": {"id": id}}));
    }
    client.send(json!({"id": 50, "method": "shutdown"}));
    client.send(json!({"method": "exit"}));
    let (said, code) = client.end();
    let mut answered: Vec<i64> =
        said.iter().filter(|it| it.get("method").is_none()).filter_map(|it| it["id"].as_i64()).collect();
    answered.sort_unstable();
    assert_eq!((answered, code), ((10..40).chain([50]).collect(), 0));
}

#[test]
fn a_panic_on_the_way_is_answered_as_an_internal_error() {
    let mut client = Client::start();
    client.initialize();
    client.engine.will_panic(true);
    let arguments = json!({"command": "bodkin.fix", "arguments": [{"uri": "file:///w/a.py"}]});
    assert_eq!(client.request(2, "workspace/executeCommand", arguments.clone())["error"]["code"], -32603);
    client.engine.will_panic(false);
    assert_eq!(client.request(3, "workspace/executeCommand", arguments)["result"], json!({"runId": "r1"}));
    let (rest, _) = client.end();
    assert!(rest.iter().all(|it| it["id"] != 2), "answered once");
}
