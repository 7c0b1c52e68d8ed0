//! The server's text is the client's text.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::{Desk, FILE, full_capabilities, texts};

#[test]
fn changes_of_one_notification_are_each_made_on_the_text_of_the_one_before() {
    let mut desk = Desk::new();
    desk.open("abc\n");
    desk.notify(
        "textDocument/didChange",
        json!({
            "textDocument": {"uri": FILE, "version": 5},
            "contentChanges": [
                {"range": super::range_of([0, 0, 0, 1]), "text": "xy\n"},
                {"range": super::range_of([1, 0, 1, 1]), "text": ""},
            ],
        }),
    );
    assert_eq!(desk.text(), "xy\nc\n");
    assert_eq!(desk.engine.buffer("a.py").unwrap(), "xy\nc\n");
}

#[test]
fn versions_may_leap_but_not_stand_still() {
    let mut desk = Desk::new();
    desk.open("a");
    desk.change(7, [0, 0, 0, 0], "b");
    assert_eq!(desk.text(), "ba");
    assert_eq!(desk.sent().len(), 0);
    desk.change(7, [0, 0, 0, 0], "c");
    assert_eq!(desk.text(), "ba");
    assert_eq!(
        texts(&desk.sent()),
        ["window/logMessage: Bodkin has lost track of /w/a.py: version 7 came after version 7. \
         Nothing is edited there until it is closed and opened again.",]
    );
}

#[test]
fn an_impossible_range_makes_the_document_suspect_once_until_it_comes_whole() {
    let mut desk = Desk::new();
    desk.open("a\n");
    desk.change(2, [5, 0, 5, 1], "b");
    desk.change(3, [9, 0, 9, 1], "b");
    assert_eq!(desk.sent().len(), 1, "said once");
    desk.notify(
        "textDocument/didChange",
        json!({
            "textDocument": {"uri": FILE, "version": 4}, "contentChanges": [{"text": "whole\n"}],
        }),
    );
    assert_eq!((desk.text(), desk.engine.buffer("a.py").unwrap().as_str()), ("whole\n", "whole\n"));
    desk.change(5, [0, 0, 0, 5], "again");
    assert_eq!(desk.engine.buffer("a.py").unwrap(), "again\n");
    desk.change(6, [0, 3, 0, 1], "b");
    assert!(desk.fix(0).is_err(), "a range that runs backwards");
    desk.open("anew");
    assert!(desk.fix(0).is_ok());
}

#[test]
fn a_change_of_a_document_that_was_not_opened_is_logged_and_nothing_else() {
    let mut desk = Desk::new();
    desk.change(2, [0, 0, 0, 0], "b");
    assert_eq!(
        texts(&desk.sent()),
        ["window/logMessage: Bodkin: /w/a.py changed without having been opened"]
    );
}

/// A client as editors are: text as characters, columns counted as was agreed.
struct NaiveClient {
    text: Vec<char>,
    columns: fn(char) -> usize,
}

impl NaiveClient {
    /// Where the lines begin.
    fn lines(&self) -> Vec<usize> {
        let mut starts = vec![0];
        for (at, it) in self.text.iter().enumerate() {
            let ends = *it == '\n' || (*it == '\r' && self.text.get(at + 1) != Some(&'\n'));
            if ends {
                starts.push(at + 1);
            }
        }
        starts
    }

    fn place(&self, at: usize) -> Value {
        let lines = self.lines();
        let line = lines.iter().rposition(|start| *start <= at).unwrap();
        let character: usize = self.text[lines[line]..at].iter().map(|it| (self.columns)(*it)).sum();
        json!({"line": line, "character": character})
    }

    /// The nearest offset at or before `at` that an editor can put its cursor at.
    fn cursor(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let in_line_end = at > 0 && self.text[at - 1] == '\r' && self.text.get(at) == Some(&'\n');
        if in_line_end { at - 1 } else { at }
    }

    fn edit(&mut self, from: usize, to: usize, text: &str) -> Value {
        let (from, to) = (self.cursor(from.min(to)), self.cursor(from.max(to)));
        let change = json!({"range": {"start": self.place(from), "end": self.place(to)}, "text": text});
        self.text.splice(from..to, text.chars());
        change
    }

    fn text(&self) -> String {
        self.text.iter().collect()
    }
}

fn texts_of_editors() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "é",
        "\u{2028}",
        "\u{85}",
        "\u{feff}",
        "😀",
        "👩\u{200d}👩",
        "e\u{301}",
        "漢",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|it| it.concat())
}

#[test]
fn after_five_thousand_sequences_of_edits_in_utf_16_the_server_has_the_clients_text() {
    follows("utf-16", char::len_utf16);
}

#[test]
fn after_five_thousand_sequences_of_edits_in_utf_8_the_server_has_the_clients_text() {
    follows("utf-8", char::len_utf8);
}

fn follows(encoding: &str, columns: fn(char) -> usize) {
    let edits = prop::collection::vec((0_usize..60, 0_usize..60, texts_of_editors()), 1..20);
    let config = Config { cases: 5_000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&(texts_of_editors(), edits), move |(text, edits)| {
        let mut capabilities = full_capabilities();
        capabilities["general"] = json!({"positionEncodings": [encoding]});
        let mut desk = Desk::with(json!({"capabilities": capabilities, "rootUri": "file:///w"}));
        desk.open(&text);
        let mut client = NaiveClient { text: text.chars().collect(), columns };
        for (version, (from, to, text)) in (2..).zip(edits) {
            let change = client.edit(from, to, &text);
            desk.notify(
                "textDocument/didChange",
                json!({
                    "textDocument": {"uri": FILE, "version": version}, "contentChanges": [change],
                }),
            );
            prop_assert_eq!(desk.text(), client.text());
        }
        prop_assert_eq!(desk.engine.buffer("a.py").unwrap(), client.text());
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn columns_are_counted_in_bytes_where_utf_8_was_agreed() {
    let mut capabilities = full_capabilities();
    capabilities["general"] = json!({"positionEncodings": ["utf-8"]});
    let mut desk = Desk::with(json!({"capabilities": capabilities, "rootUri": "file:///w"}));
    desk.open("😀-");
    desk.change(2, [0, 4, 0, 5], "+");
    assert_eq!(desk.text(), "😀+");
}
