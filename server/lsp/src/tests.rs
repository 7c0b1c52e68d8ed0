//! A client at the desk: speaks to the real routes and the real state, over a scripted engine.

mod apply;
mod code_action;
mod connection;
mod diagnostics;
mod execute_command;
mod lifecycle;
mod navigation;
mod progress;
mod review;
mod settings;
mod status;
mod sync;
mod testing;
mod watching;

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bodkin_agent::Proof;
use bodkin_agent::outcome::{CheckResult, OfferedFile};
use bodkin_guard::action::CommandLine;
use bodkin_guard::report::{Isolation, IsolationLevel};
use bodkin_host::{Event, Offer, Outcome, Plan, RunId, Settings, StepState};
use bodkin_text::{FileEdit, Patch, RelPath};
use serde_json::{Value, json};
use tower_lsp::jsonrpc::Request;
use tower_lsp::{ClientSocket, LspService};
use tower_service::Service;

use crate::folders::FolderId;
use crate::outgoing::{OurId, Outbox, Outgoing};
use crate::queue::{Job, Queue};
use crate::routes::{self, Routes};
use crate::runs;
use crate::scripted::Scripted;
use crate::server::{Background, Server};

type Work = Box<dyn FnOnce() + Send>;

/// Work that the test does when it wants to.
#[derive(Clone, Default)]
struct Held {
    work: Arc<Mutex<Vec<Work>>>,
}

impl Background for Held {
    fn beside(&self, work: Work) {
        self.work.lock().unwrap().push(work);
    }

    fn in_order(&self, work: Work) {
        self.beside(work);
    }
}

/// A client and the server that it speaks to.
struct Desk {
    server: Server,
    service: LspService<Routes>,
    jobs: Receiver<Job>,
    outbox: Outbox,
    background: Held,
    engine: Scripted,
    next_id: i64,
    _socket: ClientSocket,
}

const FILE: &str = "file:///w/a.py";

impl Desk {
    /// A client that can do everything, with the folder `/w`.
    fn new() -> Self {
        Self::with(json!({
            "capabilities": full_capabilities(),
            "workspaceFolders": [{"uri": "file:///w", "name": "w"}],
        }))
    }

    /// A client that says this at the beginning.
    fn with(initialize: Value) -> Self {
        let mut desk = Self::silent();
        desk.request("initialize", initialize).unwrap();
        desk.notify("initialized", json!({}));
        desk.work();
        desk.engine.calls();
        desk
    }

    /// A client that has said nothing yet.
    fn silent() -> Self {
        let engine = Scripted::default();
        let (queue, jobs) = Queue::new();
        let (out, outbox) = Outgoing::new();
        let background = Held::default();
        let settings = Settings::default();
        let server = Server::new(engine.opener(), settings, out, queue.clone(), Box::new(background.clone()));
        let (service, socket) = routes::service(queue);
        Self { server, service, jobs, outbox, background, engine, next_id: 0, _socket: socket }
    }

    /// Sends a request and takes its answer, which must be there after the server's turn: nothing waits.
    fn request(&mut self, method: &'static str, params: Value) -> Result<Value, (i64, String)> {
        self.request_while(method, params, Self::turn)
    }

    /// As [`Desk::request`], with the background's work done before the answer is looked for.
    fn request_and_work(&mut self, method: &'static str, params: Value) -> Result<Value, (i64, String)> {
        self.request_while(method, params, Self::work)
    }

    fn request_while(
        &mut self,
        method: &'static str,
        params: Value,
        mut then: impl FnMut(&mut Self),
    ) -> Result<Value, (i64, String)> {
        self.next_id += 1;
        let mut call = Request::build(method).id(self.next_id);
        if !params.is_null() {
            call = call.params(params);
        }
        let mut answer = self.service.call(call.finish());
        let mut poll = || answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let mut polled = poll();
        if polled.is_pending() {
            then(self);
            polled = poll();
        }
        match polled {
            Poll::Ready(Ok(Some(response))) => match response.into_parts().1 {
                Ok(result) => Ok(result),
                Err(error) => Err((error.code.code(), error.message.into_owned())),
            },
            other @ (Poll::Ready(_) | Poll::Pending) => panic!("{method} is not answered: {other:?}"),
        }
    }

    fn notify(&mut self, method: &'static str, params: Value) {
        let mut told = self.service.call(Request::build(method).params(params).finish());
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(told.as_mut().poll(&mut context), Poll::Ready(Ok(None))), "{method} was not taken");
        self.turn();
    }

    /// Lets the server take what was posted.
    fn turn(&mut self) {
        while let Ok(job) = self.jobs.try_recv() {
            let turned = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.run(&mut self.server)));
            drop(turned);
            self.server.tick();
        }
    }

    /// Lets the background work until nothing is left, and the server take what comes of it.
    fn work(&mut self) {
        loop {
            self.turn();
            let work = std::mem::take(&mut *self.background.work.lock().unwrap());
            if work.is_empty() {
                return;
            }
            work.into_iter().for_each(|it| it());
        }
    }

    /// Time goes on to `now_ms`.
    fn at(&mut self, now_ms: u64) {
        self.server.now_ms = now_ms;
        self.server.tick();
        self.work();
    }

    /// Something happens in the first folder.
    fn event(&mut self, event: Event) {
        runs::event(&mut self.server, FolderId(0), event);
        self.server.tick();
        self.work();
    }

    /// The client answers a request of the server.
    fn reply(&mut self, request: &Value, result: Value) {
        self.server.answered(OurId(request["id"].as_i64().unwrap()), Ok(result));
        self.server.tick();
        self.work();
    }

    /// Everything that the server has sent since the last look.
    fn sent(&mut self) -> Vec<Value> {
        self.outbox.drain()
    }

    /// The one message of this method among what was sent.
    fn sent_one(&mut self, method: &str) -> Value {
        let mut all: Vec<Value> = self.sent().into_iter().filter(|it| it["method"] == method).collect();
        assert_eq!(all.len(), 1, "{method}: {all:?}");
        all.remove(0)
    }

    fn open(&mut self, text: &str) {
        self.notify(
            "textDocument/didOpen",
            json!({"textDocument": {
                "uri": FILE, "languageId": "python", "version": 1, "text": text,
            }}),
        );
    }

    /// The user types: `[start line, start column, end line, end column]` becomes `text`.
    fn change(&mut self, version: i32, range: [u32; 4], text: &str) {
        self.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": FILE, "version": version},
                "contentChanges": [{"range": range_of(range), "text": text}],
            }),
        );
    }

    fn fix(&mut self, line: u32) -> Result<Value, (i64, String)> {
        self.request(
            "workspace/executeCommand",
            json!({"command": "bodkin.fix", "arguments": [
                {"uri": FILE, "lines": {"first": line, "last": line}},
            ]}),
        )
    }

    /// The text that the server holds to be on the screen.
    fn text(&self) -> &str {
        &self.server.documents.get(Path::new("/w/a.py")).unwrap().text
    }
}

fn range_of([start_line, start, end_line, end]: [u32; 4]) -> Value {
    json!({"start": {"line": start_line, "character": start}, "end": {"line": end_line, "character": end}})
}

fn full_capabilities() -> Value {
    json!({
        "window": {"workDoneProgress": true, "showMessage": {}},
        "workspace": {"applyEdit": true, "workspaceEdit": {"documentChanges": true}},
        "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}},
    })
}

/// Just what a message says, without its envelope.
fn texts(messages: &[Value]) -> Vec<String> {
    messages
        .iter()
        .map(|it| {
            let value = &it["params"]["value"];
            match it["method"].as_str().unwrap_or("?") {
                "$/progress" => format!(
                    "{}: {}",
                    value["kind"].as_str().unwrap(),
                    value["message"].as_str().unwrap_or("-")
                ),
                method @ ("window/showMessage" | "window/logMessage" | "window/showMessageRequest") => {
                    format!("{method}: {}", it["params"]["message"].as_str().unwrap())
                }
                method => method.to_owned(),
            }
        })
        .collect()
}

fn plan_event(run: u64, tried: u32) -> Event {
    let mut plan = Plan::of(&[("understand", "Understand"), ("probe", "Probe")]);
    plan.end("understand", StepState::Done, 1);
    plan.begin("probe", 1);
    plan.note("probe", format!("{tried} tried"));
    plan.seq += u64::from(tried);
    Event::Plan { run: RunId(run), plan, tried, elapsed_ms: u64::from(tried) }
}

fn offered(run: u64, missing: &[&str]) -> Event {
    Event::Offered { run: RunId(run), offer: Arc::new(offer(&[], missing)) }
}

/// An offer that changes these files: path, text before, text after.
fn offer(files: &[(&str, &str, &str)], missing: &[&str]) -> Offer {
    let check = |succeeded: bool| CheckResult {
        ended: format!("exit code {}", u8::from(!succeeded)),
        succeeded,
        passed: None,
        failed: Vec::new(),
        said: String::new(),
        wall_ms: 10,
    };
    let proof = Proof {
        command: CommandLine::Argv(vec!["pytest".to_owned(), "-q".to_owned()]),
        cwd: None,
        before: check(false),
        after: check(true),
        mended: vec!["test_a".to_owned()],
        still_failing: Vec::new(),
        executed: Vec::new(),
        candidates: 41,
        elapsed_ms: 2_345,
        isolation: Isolation {
            backend: "in_memory".to_owned(),
            level: IsolationLevel::Full,
            missing: Vec::new(),
        },
        missing: missing.iter().map(|&it| it.to_owned()).collect(),
    };
    let rel = |path: &str| RelPath::new(path).unwrap();
    Offer {
        patch: Patch { files: files.iter().map(|it| FileEdit::between(rel(it.0), it.1, it.2)).collect() },
        files: files
            .iter()
            .map(|it| OfferedFile { path: rel(it.0), before: it.1.to_owned(), after: it.2.to_owned() })
            .collect(),
        summary: "`<` becomes `<=`".to_owned(),
        proposer: "comparison".to_owned(),
        cautions: Vec::new(),
        alternatives: 0,
        proof,
    }
}

fn ended(run: u64, outcome: Outcome) -> Event {
    Event::Ended { run: RunId(run), outcome, elapsed_ms: 2_400 }
}
