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

mod asking;
mod documents;
mod leaving;
mod project;
mod text;
mod waiting;
mod wire;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::{Value, json};

pub use project::Project;
use text::Utf16;
use wire::Gate;

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
    /// How it answers a request for settings.
    pub on_settings: Answer,
    /// What it answers then, for every folder.
    pub settings: Value,
    /// Closed while it does not read.
    gate: Gate,
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

    /// Starts the server and says hello with exactly these parameters, in the project's folder.
    pub fn start_as(project: &Project, mut params: Value) -> (Self, Value) {
        let mut editor = Self::spawn(&binary(), project);
        let root = format!("file://{}", project.root().display());
        params["processId"] = Value::Null;
        params["rootUri"] = json!(root);
        params["rootPath"] = json!(project.root());
        if params.get("workspaceFolders").is_some() {
            params["workspaceFolders"] = json!([{"uri": root, "name": "work"}]);
        }
        let answer = editor.request("initialize", params);
        editor.notify("initialized", json!({}));
        (editor, answer)
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
        let gate = Gate::default();
        Self {
            child,
            to,
            messages: wire::read_all(from, gate.clone()),
            seen: Vec::new(),
            documents: BTreeMap::new(),
            next_id: 0,
            holds_back: false,
            on_progress: Answer::Properly,
            on_edit: Answer::Properly,
            on_settings: Answer::Properly,
            settings: Value::Null,
            gate,
        }
    }

    /// Sends a request and waits for its answer; the server's own requests are answered meanwhile.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer_to(id)
    }

    /// Sends a request and does not wait; its name.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(json!({"id": id, "method": method, "params": params}));
        id
    }

    /// Waits for the answer to a request.
    pub fn answer_to(&mut self, id: i64) -> Value {
        self.wait_for(&format!("the answer to {id}"), |it| it["id"] == id && it.get("method").is_none())
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"method": method, "params": params}));
    }

    /// Runs a command of the server.
    pub fn command(&mut self, command: &str, argument: Value) -> Value {
        self.request("workspace/executeCommand", json!({"command": command, "arguments": [argument]}))
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

/// The same, and what the plug-ins of VS Code and Neovim can do beside: follow events, review by hunks.
pub fn plug_in_capabilities() -> Value {
    let mut capabilities = full_capabilities();
    capabilities["experimental"] = json!({"bodkin": {"events": true, "review": true}});
    capabilities
}
