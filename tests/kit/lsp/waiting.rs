//! Waiting for what the server says, and answering what it asks meanwhile.

use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Answer, DEADLINE, Editor};

impl Editor {
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

    /// What has come that nobody has asked for, in order.
    pub fn seen(&self) -> &[Value] {
        &self.seen
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

    /// Answers what the server asks for, and keeps the message.
    pub(super) fn take(&mut self, message: Value) {
        let id = message.get("id").cloned();
        match (message["method"].as_str(), id) {
            (Some("window/workDoneProgress/create"), Some(id)) => self.answer_progress(&id),
            (Some("workspace/applyEdit"), Some(id)) => self.answer_edit(&id, &message["params"]["edit"]),
            (Some("workspace/configuration"), Some(id)) => {
                self.answer_settings(&id, &message["params"]["items"]);
            }
            (Some("client/registerCapability" | "workspace/codeLens/refresh"), Some(id)) => {
                self.send(json!({"id": id, "result": null}));
            }
            _ => {}
        }
        self.seen.push(message);
    }

    fn answer_settings(&mut self, id: &Value, items: &Value) {
        if self.on_settings == Answer::Properly {
            let given = vec![self.settings.clone(); items.as_array().map_or(0, Vec::len)];
            self.send(json!({"id": id, "result": given}));
        }
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
}
