//! The progress of one run in the editor: create, begin, reports, end.
//!
//! Begins only after the client has created the token; ends once, whatever happens; what happens while the
//! client has not answered yet is kept. Sends nothing to a client that shows no progress.

use serde_json::{Value, json};

use crate::outgoing::{OurId, Outgoing};

/// The progress of one run.
#[derive(Debug)]
pub(crate) struct Progress {
    token: String,
    title: String,
    stage: Stage,
    percentage: u32,
    said: String,
}

#[derive(Debug, PartialEq)]
enum Stage {
    /// The client shows none, or would not create the token.
    Off,
    /// The client has been asked; `Some`: the run has ended meanwhile.
    Creating(Option<String>),
    /// It is on the screen.
    Shown,
    /// It has been ended.
    Ended,
}

impl Progress {
    /// Progress for a client that shows none.
    pub(crate) fn off(title: String) -> Self {
        Self { token: String::new(), title, stage: Stage::Off, percentage: 0, said: String::new() }
    }

    /// Asks the client to create a token; its answer goes to [`Progress::created`].
    pub(crate) fn create(token: String, title: String, out: &Outgoing) -> (Self, OurId) {
        let id = out.request("window/workDoneProgress/create", json!({ "token": token }));
        (Self { token, title, stage: Stage::Creating(None), percentage: 0, said: String::new() }, id)
    }

    /// Whether the client shows it under this token.
    pub(crate) fn is_under(&self, token: &str) -> bool {
        self.stage != Stage::Off && self.token == token
    }

    /// The client has created the token, or would not.
    pub(crate) fn created(&mut self, created: bool, out: &Outgoing) {
        let Stage::Creating(ended) = std::mem::replace(&mut self.stage, Stage::Off) else { return };
        if !created {
            return;
        }
        let mut value = json!({ "kind": "begin", "title": self.title, "cancellable": true, "percentage": 0 });
        if let (Some(value), false) = (value.as_object_mut(), self.said.is_empty()) {
            value.insert("message".to_owned(), Value::from(self.said.as_str()));
        }
        self.send(out, value);
        self.stage = Stage::Shown;
        if let Some(text) = ended {
            self.end(&text, out);
        }
    }

    /// Says how far the run is; percent never goes down.
    pub(crate) fn report(&mut self, message: String, percentage: u32, out: &Outgoing) {
        let percentage = percentage.min(100).max(self.percentage);
        if (&message, percentage) == (&self.said, self.percentage) {
            return;
        }
        (self.said, self.percentage) = (message, percentage);
        if self.stage == Stage::Shown {
            self.send(
                out,
                json!({
                    "kind": "report", "cancellable": true, "message": self.said, "percentage": percentage,
                }),
            );
        }
    }

    /// Ends it; a second end is not heard.
    pub(crate) fn end(&mut self, text: &str, out: &Outgoing) {
        match &mut self.stage {
            Stage::Off | Stage::Ended => {}
            Stage::Creating(ended) => *ended = Some(ended.take().unwrap_or_else(|| text.to_owned())),
            Stage::Shown => {
                self.stage = Stage::Ended;
                self.send(out, json!({ "kind": "end", "message": text }));
            }
        }
    }

    fn send(&self, out: &Outgoing, value: Value) {
        out.notify("$/progress", json!({ "token": self.token, "value": value }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outgoing::Outbox;

    fn progress() -> (Progress, Outgoing, Outbox) {
        let (out, sent) = Outgoing::new();
        let (progress, _) = Progress::create("bodkin/r1".to_owned(), "fix a.py:1".to_owned(), &out);
        (progress, out, sent)
    }

    fn seen(sent: &Outbox) -> Vec<String> {
        let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
        sent.drain()
            .iter()
            .map(|it| match it["method"].as_str() {
                Some("$/progress") => {
                    let value = &it["params"]["value"];
                    format!("{} {} {}", text(&value["kind"]), value["percentage"], text(&value["message"]))
                }
                other => other.unwrap_or("?").to_owned(),
            })
            .collect()
    }

    #[test]
    fn it_begins_only_after_the_client_has_created_the_token() {
        let (mut progress, out, sent) = progress();
        progress.report("1/6 Understand".to_owned(), 0, &out);
        assert_eq!(seen(&sent), ["window/workDoneProgress/create"]);
        progress.created(true, &out);
        progress.report("2/6 Probe: 1 tried".to_owned(), 16, &out);
        progress.end("proved", &out);
        assert_eq!(
            seen(&sent),
            ["begin 0 1/6 Understand", "report 16 2/6 Probe: 1 tried", "end null proved"]
        );
    }

    #[test]
    fn a_run_that_ends_before_the_client_answers_is_shown_as_ended() {
        let (mut progress, out, sent) = progress();
        progress.end("refused", &out);
        progress.end("again", &out);
        progress.created(true, &out);
        assert_eq!(seen(&sent), ["window/workDoneProgress/create", "begin 0 -", "end null refused"]);
    }

    #[test]
    fn a_client_that_refuses_the_token_hears_no_more_of_it() {
        let (mut progress, out, sent) = progress();
        progress.created(false, &out);
        progress.report("x".to_owned(), 1, &out);
        progress.end("proved", &out);
        assert_eq!(seen(&sent), ["window/workDoneProgress/create"]);
    }

    #[test]
    fn it_ends_once_and_percent_never_goes_down() {
        let (mut progress, out, sent) = progress();
        progress.created(true, &out);
        progress.report("a".to_owned(), 50, &out);
        progress.report("b".to_owned(), 20, &out);
        progress.report("b".to_owned(), 10, &out);
        progress.end("one", &out);
        progress.end("two", &out);
        progress.report("c".to_owned(), 60, &out);
        assert_eq!(seen(&sent)[1..], ["begin 0 -", "report 50 a", "report 50 b", "end null one"]);
    }
}
