//! An editor of few words, and the real `bodkin lsp` behind it over pipes.
//!
//! It keeps its documents as UTF-16, as most editors do, and answers the server's requests as it was told to:
//! properly, never, or with a lie. Every wait ends with what was waited for or a deadline that only a broken
//! server reaches; nothing sleeps.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test kit starts programs, writes files, and fails loudly"
)]

mod text;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use text::Utf16;

/// How long anything may take before the server counts as broken.
const DEADLINE: Duration = Duration::from_secs(90);

/// How the editor answers a kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// As it should.
    Properly,
    /// Never.
    Never,
    /// It says that it did, and does nothing. Only edits can be lied about.
    Lie,
    /// It does it and says so, and tells the text late, with what the user typed meanwhile. Only edits.
    Late,
}

/// A folder with files, with a home and a state folder beside it, that goes when it is dropped.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A project of these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// Where it is, without links.
    pub fn root(&self) -> PathBuf {
        let root = self.folder.path().join("work");
        fs::create_dir_all(&root).unwrap();
        root.canonicalize().unwrap()
    }

    /// Puts a file on the disk.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What stands on the disk.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// The editor's name of a file.
    pub fn uri(&self, path: &str) -> String {
        format!("file://{}", self.root().join(path).display())
    }
}

/// An editor with a server.
pub struct Editor {
    child: Child,
    to: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// What the server said and nobody has asked for yet, in order.
    seen: Vec<Value>,
    documents: BTreeMap<String, (i32, Utf16)>,
    next_id: i64,
    /// Changes are made on the screen and not told.
    holds_back: bool,
    /// How it answers a request to show progress.
    pub on_progress: Answer,
    /// How it answers a request to apply an edit.
    pub on_edit: Answer,
}

/// Where the program is: beside the folder of the test's own program.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile =
        test.parent().and_then(Path::parent).expect("a test's program lies in target/<profile>/deps");
    let binary = profile.join(format!("bodkin{}", std::env::consts::EXE_SUFFIX));
    assert!(binary.is_file(), "{} is not built; `cargo xtask test` builds it", binary.display());
    binary
}

impl Editor {
    /// Starts the server and says hello with everything that a modern editor can do.
    pub fn start(project: &Project) -> Self {
        Self::start_with(project, full_capabilities())
    }

    /// Starts the server and says hello with these capabilities.
    pub fn start_with(project: &Project, capabilities: Value) -> Self {
        Self::start_program(&binary(), project, capabilities)
    }

    /// Starts this program as the server and says hello with these capabilities.
    pub fn start_program(program: &Path, project: &Project, capabilities: Value) -> Self {
        let mut editor = Self::spawn(program, project);
        let root = format!("file://{}", project.root().display());
        let answer = editor
            .request("initialize", json!({"processId": null, "rootUri": root, "capabilities": capabilities}));
        assert_eq!(answer["result"]["capabilities"]["positionEncoding"], "utf-16", "{answer}");
        editor.notify("initialized", json!({}));
        editor
    }

    /// Starts the server and says nothing. Of this process's environment only the ways to programs are kept.
    fn spawn(program: &Path, project: &Project) -> Self {
        let aside = |name: &str| {
            let folder = project.folder.path().join(name);
            fs::create_dir_all(&folder).unwrap();
            folder
        };
        let mut command = Command::new(program);
        command.arg("lsp").current_dir(project.root()).env_clear();
        for name in ["PATH", "PYENV_ROOT", "SystemRoot", "TEMP"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("HOME", aside("home"));
        command.env("XDG_STATE_HOME", aside("state")).env("XDG_CONFIG_HOME", aside("config"));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (to, from) = (child.stdin.take(), child.stdout.take().unwrap());
        Self {
            child,
            to,
            messages: read_all(from),
            seen: Vec::new(),
            documents: BTreeMap::new(),
            next_id: 0,
            holds_back: false,
            on_progress: Answer::Properly,
            on_edit: Answer::Properly,
        }
    }

    /// Sends a request and waits for its answer; the server's own requests are answered meanwhile.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.send(json!({"id": id, "method": method, "params": params}));
        self.wait_for(&format!("the answer to {method}"), |it| it["id"] == id && it.get("method").is_none())
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"method": method, "params": params}));
    }

    /// Runs a command of the server.
    pub fn command(&mut self, command: &str, argument: Value) -> Value {
        self.request("workspace/executeCommand", json!({"command": command, "arguments": [argument]}))
    }

    /// Opens a document with this text, whatever the disk holds.
    pub fn open(&mut self, uri: &str, language: &str, text: &str) {
        self.documents.insert(uri.to_owned(), (1, Utf16::new(text)));
        self.notify(
            "textDocument/didOpen",
            json!({"textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}}),
        );
    }

    /// The user replaces `from`, which stands there once, by `to`.
    pub fn type_over(&mut self, uri: &str, from: &str, to: &str) {
        let range = self.documents[uri].1.find(from);
        self.edit(uri, &[json!({"range": range, "newText": to})]);
    }

    /// The user adds to the end.
    pub fn append(&mut self, uri: &str, text: &str) {
        let end = self.documents[uri].1.end();
        self.edit(uri, &[json!({"range": {"start": end, "end": end}, "newText": text})]);
    }

    /// The text on the screen.
    pub fn text(&self, uri: &str) -> String {
        self.documents[uri].1.text()
    }

    /// The version on the screen.
    pub fn version(&self, uri: &str) -> i32 {
        self.documents[uri].0
    }

    /// The actions for whole lines, counted from zero, as VS Code asks for them.
    pub fn actions(&mut self, uri: &str, first: u32, last: u32) -> Vec<Value> {
        let range =
            json!({"start": {"line": first, "character": 0}, "end": {"line": last + 1, "character": 0}});
        let params = json!({
            "textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": [], "triggerKind": 1},
        });
        let answer = self.request("textDocument/codeAction", params);
        answer["result"].as_array().cloned().unwrap_or_default()
    }

    /// Takes the one action for a line, counted from zero; the run's name.
    pub fn fix_line(&mut self, uri: &str, line: u32) -> String {
        let actions = self.actions(uri, line, line);
        assert_eq!(actions.len(), 1, "{actions:?}");
        let command = &actions[0]["command"];
        let params = json!({"command": command["command"], "arguments": command["arguments"]});
        let answer = self.request("workspace/executeCommand", params);
        answer["result"]["runId"].as_str().unwrap_or_else(|| panic!("no run: {answer}")).to_owned()
    }

    /// Waits until the progress of a run has ended; what it said, in order.
    pub fn progress(&mut self, run: &str) -> Vec<Value> {
        let token = json!(format!("bodkin/{run}"));
        let mut said = Vec::new();
        loop {
            let next = self
                .wait_for("progress", |it| it["method"] == "$/progress" && it["params"]["token"] == token);
            let value = next["params"]["value"].clone();
            let ended = value["kind"] == "end";
            said.push(value);
            if ended {
                return said;
            }
        }
    }

    /// Waits until the progress of a run has ended; its last word.
    pub fn progress_end(&mut self, run: &str) -> String {
        let said = self.progress(run);
        said.last().and_then(|it| it["message"].as_str()).unwrap_or_default().to_owned()
    }

    /// Waits until a run has ended, which it does once its offer was decided on.
    pub fn wait_for_end(&mut self, run: &str) {
        let deadline = Instant::now() + DEADLINE;
        while self.is_going(run) {
            assert!(Instant::now() < deadline, "run {run} does not end");
        }
    }

    /// Whether the server has this run and it has not ended.
    pub fn is_going(&mut self, run: &str) -> bool {
        let runs = self.request("bodkin/runs", Value::Null);
        let mut list = runs["result"]["runs"].as_array().into_iter().flatten();
        list.any(|it| it["summary"]["runId"] == run && it["summary"]["outcome"].is_null())
    }

    /// Waits until the plan of a run is on the screen: the run has begun with the text as it was.
    pub fn wait_for_plan(&mut self, run: &str) {
        let token = json!(format!("bodkin/{run}"));
        self.wait_for("a plan", |it| {
            it["method"] == "$/progress"
                && it["params"]["token"] == token
                && it["params"]["value"]["message"].as_str().is_some_and(|it| !it.is_empty())
        });
    }

    /// Waits for a request or notification of this method.
    pub fn wait_for_method(&mut self, method: &str) -> Value {
        self.wait_for(method, |it| it["method"] == method)
    }

    /// Waits for a message for the user that holds this text.
    pub fn wait_for_text(&mut self, text: &str) -> Value {
        self.wait_for(text, |it| {
            let shown = ["window/showMessage", "window/showMessageRequest", "window/logMessage"];
            it["method"].as_str().is_some_and(|it| shown.contains(&it))
                && it["params"]["message"].as_str().is_some_and(|it| it.contains(text))
        })
    }

    /// Whether a message of this method has come that nobody has asked for.
    pub fn has_seen(&self, method: &str) -> bool {
        self.seen.iter().any(|it| it["method"] == method)
    }

    /// Waits for the first message, old or new, that is wanted.
    pub fn wait_for(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(at) = self.seen.iter().position(&wanted) {
                return self.seen.remove(at);
            }
            match self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(message) => self.take(message),
                Err(error) => panic!("{what} did not come ({error}); instead: {:#?}", self.seen),
            }
        }
    }

    /// Waits until something outside the conversation holds.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds() {
            assert!(Instant::now() < deadline, "{what} does not come to hold");
            match self.messages.recv_timeout(Duration::from_millis(20)) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::yield_now(),
            }
        }
    }

    /// Kills the server, as the system would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Says goodbye as the protocol wants it; the exit code.
    pub fn quit(mut self) -> i32 {
        self.request("shutdown", Value::Null);
        self.send(json!({"method": "exit"}));
        self.exit_code()
    }

    /// Closes the server's input without a word; the exit code.
    pub fn hang_up(&mut self) -> i32 {
        self.to = None;
        self.exit_code()
    }

    fn exit_code(&mut self) -> i32 {
        let deadline = Instant::now() + DEADLINE;
        loop {
            match self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return self.child.wait().unwrap().code().unwrap_or(-1);
                }
                Err(RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
    }

    /// Answers what the server asks for, and keeps the message.
    fn take(&mut self, message: Value) {
        let id = message.get("id").cloned();
        match (message["method"].as_str(), id) {
            (Some("window/workDoneProgress/create"), Some(id)) => self.answer_progress(&id),
            (Some("workspace/applyEdit"), Some(id)) => self.answer_edit(&id, &message["params"]["edit"]),
            _ => {}
        }
        self.seen.push(message);
    }

    fn answer_progress(&mut self, id: &Value) {
        match self.on_progress {
            Answer::Properly | Answer::Lie | Answer::Late => self.send(json!({"id": id, "result": null})),
            Answer::Never => {}
        }
    }

    fn answer_edit(&mut self, id: &Value, edit: &Value) {
        let applied = match self.on_edit {
            Answer::Never => return,
            Answer::Lie => true,
            Answer::Late => {
                self.send(json!({"id": id, "result": {"applied": true}}));
                self.holds_back = true;
                self.apply(edit);
                return;
            }
            Answer::Properly => self.apply(edit),
        };
        self.send(json!({"id": id, "result": {"applied": applied}}));
    }

    /// Applies an edit, unless it speaks of another version than the one on the screen.
    fn apply(&mut self, edit: &Value) -> bool {
        let mut files: Vec<(String, Value)> = Vec::new();
        for file in edit["documentChanges"].as_array().into_iter().flatten() {
            let uri = file["textDocument"]["uri"].as_str().unwrap();
            if self.documents.get(uri).map(|it| it.0)
                != file["textDocument"]["version"].as_i64().map(|it| it as i32)
            {
                return false;
            }
            files.push((uri.to_owned(), file["edits"].clone()));
        }
        for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
            files.push((uri.clone(), edits.clone()));
        }
        for (uri, edits) in files {
            self.edit(&uri, edits.as_array().unwrap());
        }
        true
    }

    /// Makes edits of one text at once, and tells the server as editors do: from the last to the first.
    fn edit(&mut self, uri: &str, edits: &[Value]) {
        let (version, text) = self.documents.get_mut(uri).expect("only open documents are edited");
        *version += 1;
        let (version, holds_back) = (*version, self.holds_back);
        let mut ordered = edits.to_vec();
        ordered.sort_by_key(|it| std::cmp::Reverse(text.offset(&it["range"]["start"])));
        let changes: Vec<Value> = ordered
            .iter()
            .map(|it| {
                text.replace(&it["range"], it["newText"].as_str().unwrap());
                json!({"range": it["range"], "text": it["newText"]})
            })
            .collect();
        if !holds_back {
            self.tell(uri, version, json!(changes));
        }
    }

    /// Tells the whole text, with all that was held back.
    pub fn tell_all(&mut self, uri: &str) {
        self.holds_back = false;
        let (version, text) = (self.version(uri), self.text(uri));
        self.tell(uri, version, json!([{"text": text}]));
    }

    fn tell(&mut self, uri: &str, version: i32, changes: Value) {
        let params = json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes});
        self.notify("textDocument/didChange", params);
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let body = message.to_string();
        let to = self.to.as_mut().expect("the connection is open");
        write!(to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        to.flush().unwrap();
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a modern editor can do.
pub fn full_capabilities() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": true, "showMessage": {}},
        "workspace": {
            "applyEdit": true, "workspaceFolders": true, "configuration": true,
            "workspaceEdit": {"documentChanges": true},
        },
        "textDocument": {
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor"]}}},
        },
    })
}

/// Reads messages on a thread of their own, until the stream ends.
fn read_all(from: impl Read + Send + 'static) -> Receiver<Value> {
    let (sender, messages) = channel();
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        while let Some(message) = read_one(&mut from) {
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
