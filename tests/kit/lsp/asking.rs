//! What the user asks for: actions, and runs that come of them.

use std::time::Instant;

use serde_json::{Value, json};

use super::{DEADLINE, Editor};

impl Editor {
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
}
