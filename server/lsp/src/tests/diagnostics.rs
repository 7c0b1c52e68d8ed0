//! What is reported of documents, when, and to whom.

use bodkin_host::code::{TestId, TestReport, TestState};
use bodkin_host::{Event, RunId};
use bodkin_text::{Line0, RelPath};
use serde_json::{Value, json};

use super::{Desk, FILE, full_capabilities};

const TEST: &str = "file:///w/test_a.py";
const TESTS: &str = "from a import f\n\ndef test_one():\n    assert f(1) == 1\n";

fn open(desk: &mut Desk, uri: &str, text: &str) {
    let document = json!({"uri": uri, "languageId": "python", "version": 1, "text": text});
    desk.notify("textDocument/didOpen", json!({"textDocument": document}));
}

/// Everything that is published once the user has stopped typing, a line each.
fn published(desk: &mut Desk) -> Vec<String> {
    desk.sent();
    desk.at(desk.server.now_ms + 1_000);
    let of = |it: &Value| match it["method"] == "textDocument/publishDiagnostics" {
        true => shown(&it["params"]["diagnostics"]),
        false => Vec::new(),
    };
    desk.sent().iter().flat_map(of).collect()
}

fn shown(list: &Value) -> Vec<String> {
    let one = |it: &Value| {
        let (start, end) = (&it["range"]["start"], &it["range"]["end"]);
        format!(
            "{}:{}-{}:{} {} {}: {}",
            start["line"],
            start["character"],
            end["line"],
            end["character"],
            it["severity"],
            it["code"].as_str().unwrap(),
            it["message"].as_str().unwrap()
        )
    };
    list.as_array().unwrap().iter().map(one).collect()
}

fn failed(state: TestState) -> Event {
    let id = TestId::parse("test_a.py::test_one").unwrap();
    let file = id.file().unwrap();
    let report = TestReport {
        line: Some(Line0(3)),
        message: "AssertionError: assert 2 == 1".to_owned(),
        cause: Some((RelPath::new("a.py").unwrap(), Line0(7))),
        ..TestReport::waiting(id, file, state)
    };
    Event::Tests { run: RunId(1), tests: vec![report].into() }
}

#[test]
fn broken_syntax_is_told_when_the_user_stops_typing_and_cleared_when_it_is_mended() {
    let mut desk = Desk::new();
    desk.open("def f(a:\n    return a\n");
    let told = published(&mut desk);
    assert!(!told.is_empty() && told.iter().all(|it| it.contains(" 1 syntax: Syntax: ")), "{told:?}");
    desk.change(2, [0, 7, 0, 7], ")");
    desk.sent();
    desk.at(desk.server.now_ms + 100);
    assert_eq!(desk.sent(), Vec::<Value>::new(), "the user may still be typing");
    desk.at(desk.server.now_ms + 1_000);
    let message = desk.sent_one("textDocument/publishDiagnostics");
    assert_eq!(message["params"], json!({"uri": FILE, "version": 2, "diagnostics": []}));
    desk.change(3, [1, 0, 1, 0], "  ");
    assert_eq!(published(&mut desk), Vec::<String>::new());
}

#[test]
fn a_secret_is_pointed_at_and_never_printed() {
    let mut desk = Desk::new();
    let secret = ["ghp_", "0123456789abcdefABCDEF0123456789abcd"].concat();
    desk.open(&format!("é = 1\nkey = '{secret}'\n"));
    let told = published(&mut desk);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("1:7-1:47 2 secret: This looks like a secret (github-token)"), "{told:?}");
    assert!(!told[0].contains("0123456789"), "{told:?}");
}

#[test]
fn a_failed_test_is_shown_at_the_line_that_failed_until_it_passes() {
    let mut capabilities = full_capabilities();
    capabilities["textDocument"]["publishDiagnostics"] = json!({"relatedInformation": true});
    let mut desk = Desk::with(json!({"capabilities": capabilities, "rootUri": "file:///w"}));
    open(&mut desk, TEST, TESTS);
    desk.event(failed(TestState::Failed));
    desk.sent();
    desk.at(desk.server.now_ms + 1_000);
    let params = desk.sent_one("textDocument/publishDiagnostics")["params"].take();
    assert_eq!(shown(&params["diagnostics"]), ["3:4-3:20 1 test-failed: AssertionError: assert 2 == 1"]);
    let diagnostic = &params["diagnostics"][0];
    assert_eq!(diagnostic["data"], json!({"test": "test_a.py::test_one"}));
    assert_eq!(diagnostic["relatedInformation"][0]["location"]["uri"], FILE);
    assert_eq!(diagnostic["relatedInformation"][0]["location"]["range"]["start"]["line"], 7);
    // It moves with its line, and is gone with its test.
    let edit = |desk: &mut Desk, version: i32, range: [u32; 4], text: &str| {
        let change = json!([{"range": super::range_of(range), "text": text}]);
        let document = json!({"uri": TEST, "version": version});
        desk.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": change}));
    };
    edit(&mut desk, 2, [0, 0, 0, 0], "import os\n");
    assert_eq!(published(&mut desk), ["4:4-4:20 1 test-failed: AssertionError: assert 2 == 1"]);
    edit(&mut desk, 3, [3, 4, 3, 12], "test_two");
    assert_eq!(published(&mut desk), Vec::<String>::new());
    edit(&mut desk, 4, [3, 4, 3, 12], "test_one");
    assert_eq!(published(&mut desk).len(), 1);
    desk.event(failed(TestState::Passed));
    assert_eq!(published(&mut desk), Vec::<String>::new());
}

#[test]
fn a_test_that_failed_in_a_file_that_is_not_open_is_told_all_the_same() {
    let mut desk = Desk::new();
    desk.engine.disk("test_a.py", TESTS);
    desk.event(failed(TestState::Failed));
    assert_eq!(published(&mut desk), ["3:4-3:20 1 test-failed: AssertionError: assert 2 == 1"]);
}

#[test]
fn each_report_can_be_switched_off() {
    let mut desk = Desk::new();
    desk.open("def f(a:\n    return a\n");
    assert!(!published(&mut desk).is_empty());
    let off = json!({"bodkin": {"diagnostics": {"syntax": false}}});
    desk.notify("workspace/didChangeConfiguration", json!({ "settings": off }));
    assert_eq!(published(&mut desk), Vec::<String>::new());
}

#[test]
fn a_client_that_pulls_is_answered_and_told_to_ask_again_when_tests_have_run() {
    let mut capabilities = full_capabilities();
    capabilities["textDocument"]["diagnostic"] = json!({});
    capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    let mut desk = Desk::with(json!({"capabilities": capabilities, "rootUri": "file:///w"}));
    open(&mut desk, TEST, TESTS);
    assert_eq!(published(&mut desk), Vec::<String>::new(), "nothing is pushed");
    desk.sent();
    desk.event(failed(TestState::Failed));
    desk.at(desk.server.now_ms + 1_000);
    desk.sent_one("workspace/diagnostic/refresh");
    let params = json!({"textDocument": {"uri": TEST}});
    let answer = desk.request_and_work("textDocument/diagnostic", params).unwrap();
    assert_eq!(answer["kind"], "full");
    assert_eq!(shown(&answer["items"]), ["3:4-3:20 1 test-failed: AssertionError: assert 2 == 1"]);
}

#[test]
fn what_is_worked_out_for_an_older_text_is_not_told() {
    let mut desk = Desk::new();
    desk.open("def f(a:\n    return a\n");
    desk.sent();
    desk.server.now_ms += 1_000;
    desk.server.tick();
    desk.change(2, [0, 7, 0, 7], ")");
    desk.work();
    assert_eq!(desk.sent(), Vec::<Value>::new());
}

#[test]
fn a_fault_that_one_small_change_mends_is_called_by_its_name() {
    for (text, said) in [
        ("def f(a)\n    return a\n", "0:7-0:8 1 syntax: Syntax: missing `:`."),
        ("x = 'a\ny = 1\n", "0:5-0:6 1 syntax: Syntax: missing `'`."),
        ("print('a'\nx = 1\n", "0:8-0:9 1 syntax: Syntax: missing `)`."),
        ("if a = 1:\n    b()\n", "0:5-0:6 1 syntax: Syntax: `=` where `==` compares."),
        // The parser gives up in the first line already.
        (
            "\"\"\"Doc.\"\"\"\n\nA = 1\n\n\ndef f(a, b)\n    \"\"\"F.\"\"\"\n    c = a\n    if c > A:\n        c -= 1\n    return c\n",
            "5:10-5:11 1 syntax: Syntax: missing `:`.",
        ),
    ] {
        let mut desk = Desk::new();
        desk.open(text);
        assert_eq!(published(&mut desk), [said]);
    }
}
