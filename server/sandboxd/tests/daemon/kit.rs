//! A daemon on a port of its own, and as much of an HTTP client as its tests need.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bodkin_e2b::connect;
use bodkin_guard::report::Exit;
use bodkin_sandbox::in_memory::{InMemoryBackend, Talk};
use bodkin_sandboxd::{Daemon, Keys, Options, Served, serve};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const KEY: &str = "key-of-the-first-one";
pub(crate) const OTHER_KEY: &str = "key-of-the-other-one";

/// A daemon that ends with the test.
pub(crate) struct Kit {
    pub(crate) served: Option<Served>,
    pub(crate) state: TempDir,
}

impl Kit {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        let state = tempfile::tempdir().unwrap();
        let text = format!("first {KEY} sandboxes=3 life_s=3600\nother {OTHER_KEY}\n");
        let mut options = Options::new(Keys::parse(&text).unwrap(), state.path().join("state"));
        options.listen = ([127, 0, 0, 1], 0).into();
        change(&mut options);
        let daemon = Daemon::new(options, std::sync::Arc::new(InMemoryBackend::new(shell))).unwrap();
        Self { served: Some(serve(daemon).unwrap()), state }
    }

    /// Sends one request over a connection of its own.
    pub(crate) fn send(&self, request: &Request) -> Answer {
        let mut stream = self.open(request);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&bytes)
    }

    /// Sends one request, and leaves the answer to be read.
    pub(crate) fn open(&self, request: &Request) -> TcpStream {
        let address = self.served.as_ref().unwrap().address();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(&request.bytes()).unwrap();
        stream
    }

    pub(crate) fn create(&self) -> Guest<'_> {
        let answer = self
            .send(&Request::post("/v2/sandboxes", json!({"templateID": "base", "timeout": 600})).key(KEY));
        assert_eq!(answer.status, 201, "{}", answer.text());
        let made = answer.json();
        let word = |name: &str| made[name].as_str().unwrap().to_owned();
        Guest { kit: self, id: word("sandboxID"), token: word("envdAccessToken") }
    }

    pub(crate) fn ledger(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.state.path().join("state/ledger.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["body"].clone()).collect()
    }
}

impl Drop for Kit {
    fn drop(&mut self) {
        if let Some(served) = self.served.take() {
            served.stopper().stop();
            served.wait();
        }
    }
}

/// A sandbox and its token.
pub(crate) struct Guest<'k> {
    pub(crate) kit: &'k Kit,
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Guest<'_> {
    pub(crate) fn send(&self, request: Request) -> Answer {
        self.kit.send(&self.signed(request))
    }

    pub(crate) fn signed(&self, request: Request) -> Request {
        request.header("E2b-Sandbox-Id", &self.id).header("X-Access-Token", &self.token)
    }

    /// A unary call.
    pub(crate) fn call(&self, method: &str, body: Value) -> Answer {
        self.send(Request::post(method, body))
    }

    /// A streaming call, read to its end: each message, and the error it ended with.
    pub(crate) fn stream(&self, method: &str, body: Value) -> (Vec<Value>, Option<Value>) {
        let answer = self.send(Request::enveloped(method, &body));
        assert_eq!(answer.status, 200, "{}", answer.text());
        envelopes(&answer.body)
    }

    pub(crate) fn run(&self, line: &str) -> (Vec<Value>, Option<Value>) {
        self.stream("/process.Process/Start", start(line))
    }

    pub(crate) fn write(&self, path: &str, content: &str) -> Answer {
        let request = Request::new("POST", &format!("/files?path={path}"));
        self.send(request.header("Content-Type", "application/octet-stream").body(content.as_bytes()))
    }

    pub(crate) fn read(&self, path: &str) -> Answer {
        self.send(Request::new("GET", &format!("/files?path={path}")))
    }
}

/// `Start` as the official clients send it.
pub(crate) fn start(line: &str) -> Value {
    json!({"process": {"cmd": "/bin/bash", "args": ["-l", "-c", line]}, "stdin": false})
}

/// Messages of a stream, and its error.
pub(crate) fn envelopes(bytes: &[u8]) -> (Vec<Value>, Option<Value>) {
    let mut reader = connect::Reader::new(1 << 20);
    reader.push(bytes);
    let mut messages = Vec::new();
    while let Some(envelope) = reader.take().unwrap() {
        let value: Value = serde_json::from_slice(&envelope.body).unwrap();
        if envelope.end {
            return (messages, value.get("error").cloned());
        }
        messages.push(value);
    }
    panic!("a stream without an end: {messages:?}")
}

/// A request.
#[derive(Clone)]
pub(crate) struct Request {
    head: String,
    host: String,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            head: format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n"),
            host: "localhost".into(),
            body: vec![],
        }
    }

    pub(crate) fn post(path: &str, body: Value) -> Self {
        Self::new("POST", path).header("Content-Type", "application/json").body(body.to_string().as_bytes())
    }

    pub(crate) fn enveloped(path: &str, body: &Value) -> Self {
        let request = Self::new("POST", path).header("Content-Type", connect::STREAM_TYPE);
        request.header("Connect-Protocol-Version", "1").body(&connect::message(body))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("X-API-Key", key)
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self { head, host, body } = self;
        let mut bytes = format!("{head}Host: {host}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let at = bytes.windows(4).position(|it| it == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
        let body = &bytes[at + 4..];
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { dechunked(body) } else { body.to_vec() };
        Self { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, body }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {} {}", self.head, self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }
}

fn dechunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(at) = bytes.windows(2).position(|it| it == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..at]).unwrap(), 16).unwrap();
        out.extend_from_slice(&bytes[at + 2..at + 2 + size]);
        bytes = &bytes[at + 4 + size..];
    }
    out
}

/// What a command of the twin does: a few words of a shell.
fn shell(talk: &Talk) -> Exit {
    let argv = talk.argv();
    let line = argv.last().cloned().unwrap_or_default();
    for part in line.split("; ") {
        match part.split_once(' ').unwrap_or((part, "")) {
            ("echo", words) => talk.stdout(format!("{words}\n")),
            ("warn", words) => talk.stderr(format!("{words}\n")),
            ("cat", "") => {
                while let Some(bytes) = talk.read() {
                    talk.stdout(bytes);
                }
            }
            ("env", name) => talk.stdout(talk.order().env.get(name).cloned().unwrap_or_default()),
            ("touch", path) => talk.inside().write(path, "").unwrap(),
            ("size", "") => talk.stdout(format!("{:?}", talk.terminal())),
            ("exit", code) => return Exit::Code(code.parse().unwrap()),
            ("sleep", _) => talk.until_killed(),
            _ => return Exit::Code(127),
        }
    }
    Exit::Code(0)
}
