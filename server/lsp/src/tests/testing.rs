//! Tests in the editor: where they are, how they are begun, how it is told how they went.

use bodkin_host::Event;
use bodkin_host::RunId;
use bodkin_host::code::{TestId, TestReport, TestState};
use bodkin_text::Line0;
use serde_json::{Value, json};

use super::{Desk, full_capabilities};

const TESTS: &str = "from a import f\n\nclass TestF:\n    def test_one(self):\n        assert f(1) == 1\n";
const FILE: &str = "file:///w/test_a.py";

fn open(desk: &mut Desk) {
    desk.notify(
        "textDocument/didOpen",
        json!({"textDocument": {"uri": FILE, "languageId": "python", "version": 1, "text": TESTS}}),
    );
    desk.engine.calls();
}

fn desk() -> Desk {
    let mut capabilities = full_capabilities();
    capabilities["workspace"]["codeLens"] = json!({"refreshSupport": true});
    capabilities["experimental"] = json!({"bodkin": {"events": true}});
    let mut desk = Desk::with(json!({
        "capabilities": capabilities, "workspaceFolders": [{"uri": "file:///w", "name": "w"}],
    }));
    open(&mut desk);
    desk
}

fn tests(desk: &mut Desk, uri: Value) -> Result<Vec<String>, (i64, String)> {
    let answer = desk.request_and_work("bodkin/tests", json!({ "uri": uri }))?;
    let list = answer["tests"].as_array().unwrap().clone();
    Ok(list
        .iter()
        .map(|it| {
            format!(
                "{} {} {}",
                it["kind"].as_str().unwrap(),
                it["id"].as_str().unwrap(),
                it["range"]["start"]["line"]
            )
        })
        .collect())
}

fn command(desk: &mut Desk, argument: Value) -> Result<Value, (i64, String)> {
    desk.request_and_work(
        "workspace/executeCommand",
        json!({"command": "bodkin.test", "arguments": [argument]}),
    )
}

fn lenses(desk: &mut Desk) -> Vec<String> {
    let answer = desk.request("textDocument/codeLens", json!({"textDocument": {"uri": FILE}})).unwrap();
    let list = answer.as_array().unwrap().clone();
    let shown = |it: &Value| {
        let argument = &it["command"]["arguments"][0];
        let named = argument["tests"][0].as_str().or(argument["test"].as_str()).unwrap().to_owned();
        let command = it["command"]["command"].as_str().unwrap();
        format!(
            "{} {} {command} {named}",
            it["range"]["start"]["line"],
            it["command"]["title"].as_str().unwrap()
        )
    };
    list.iter().map(shown).collect()
}

fn told(state: TestState, line: Option<u32>) -> Event {
    let id = TestId::parse("test_a.py::TestF::test_one").unwrap();
    let file = id.file().unwrap();
    let report = TestReport {
        line: line.map(Line0),
        message: "AssertionError: no".to_owned(),
        duration_ms: Some(3),
        ..TestReport::waiting(id, file, state)
    };
    Event::Tests { run: RunId(1), tests: vec![report].into() }
}

#[test]
fn the_tests_of_a_file_a_folder_and_all_folders_are_found_by_reading() {
    let mut desk = desk();
    desk.engine.disk("sub/test_b.py", "def test_b(): pass\n");
    desk.engine.disk("b.py", "def test_not(): pass\n");
    let all = [
        "file sub/test_b.py 0",
        "test sub/test_b.py::test_b 0",
        "file test_a.py 0",
        "group test_a.py::TestF 2",
        "test test_a.py::TestF::test_one 3",
    ];
    assert_eq!(tests(&mut desk, Value::Null).unwrap(), all);
    assert_eq!(tests(&mut desk, json!("file:///w")).unwrap(), all);
    assert_eq!(tests(&mut desk, json!("file:///w/sub")).unwrap(), all[..2]);
    assert_eq!(tests(&mut desk, json!(FILE)).unwrap(), all[2..]);
    assert_eq!(tests(&mut desk, json!("file:///elsewhere")).unwrap(), Vec::<String>::new());
    assert_eq!(tests(&mut desk, json!("untitled:1")).unwrap_err().0, -32602);
}

#[test]
fn chosen_tests_a_file_and_a_folder_can_be_run() {
    let mut desk = desk();
    for (argument, started) in [
        (json!({"uri": FILE, "tests": ["test_a.py::TestF"], "version": 1}), "start test test_a.py::TestF"),
        (json!({"uri": FILE, "tests": null, "version": null}), "start test test_a.py"),
        (json!({"uri": "file:///w", "tests": null, "version": null}), "start run all tests"),
        (json!({"uri": "file:///real/w/", "tests": ["x.py", "y.py"]}), "start test x.py and 1 more"),
    ] {
        command(&mut desk, argument).unwrap();
        assert_eq!(desk.engine.calls(), [started]);
    }
}

#[test]
fn tests_that_can_not_be_meant_are_refused_with_what_to_do() {
    let mut desk = desk();
    for (argument, code) in [
        (json!({"uri": FILE, "version": 7}), -32801),
        (json!({"uri": FILE, "tests": ["../outside.py"]}), -32602),
        (json!({"uri": "file:///else/test_x.py"}), -32602),
        (json!({"uri": "untitled:1"}), -32602),
    ] {
        assert_eq!(command(&mut desk, argument.clone()).unwrap_err().0, code, "{argument}");
    }
    assert_eq!(desk.engine.calls(), Vec::<String>::new(), "nothing was begun");
}

#[test]
fn each_test_has_a_lens_and_they_can_be_switched_off() {
    let mut desk = desk();
    let run = "▷ Run in the sandbox bodkin.test";
    let both = [format!("2 {run} test_a.py::TestF"), format!("3 {run} test_a.py::TestF::test_one")];
    let seen: Vec<String> = lenses(&mut desk).into_iter().filter(|it| it.contains("Run")).collect();
    assert_eq!(seen, both);
    desk.notify("workspace/didChangeConfiguration", json!({"settings": {"bodkin": {"codeLens": false}}}));
    assert_eq!(lenses(&mut desk), Vec::<String>::new());
}

#[test]
fn a_test_can_be_fixed_unless_it_is_known_to_pass() {
    let mut desk = desk();
    command(&mut desk, json!({"uri": FILE})).unwrap();
    let id = "test_a.py::TestF::test_one";
    let fix = vec![format!("3 Fix bodkin.fixTest {id}")];
    let fixes =
        |desk: &mut Desk| lenses(desk).into_iter().filter(|it| it.contains("Fix")).collect::<Vec<_>>();
    assert_eq!(fixes(&mut desk), fix, "nothing is known of it");
    desk.event(told(TestState::Failed, Some(4)));
    assert_eq!(fixes(&mut desk), fix);
    desk.event(told(TestState::Passed, None));
    assert_eq!(fixes(&mut desk), Vec::<String>::new());
    desk.engine.calls();
    let arguments = json!([{"uri": FILE, "test": id}]);
    let params = json!({"command": "bodkin.fixTest", "arguments": arguments});
    desk.request_and_work("workspace/executeCommand", params).unwrap();
    assert_eq!(desk.engine.calls(), [format!("start fix test {id}")]);
}

#[test]
fn a_file_that_no_runner_would_look_into_has_no_lenses() {
    let mut desk = desk();
    desk.open("def test_a(): pass\n");
    let answer =
        desk.request("textDocument/codeLens", json!({"textDocument": {"uri": "file:///w/a.py"}})).unwrap();
    assert_eq!(answer, json!([]));
}

#[test]
fn it_is_told_how_tests_stand_and_that_lenses_have_changed() {
    let mut desk = desk();
    command(&mut desk, json!({"uri": FILE})).unwrap();
    desk.sent();
    desk.event(told(TestState::Failed, Some(4)));
    let event = desk.sent_one("bodkin/event");
    assert_eq!(
        event["params"]["news"],
        json!({"kind": "tests", "results": [{
            "id": "test_a.py::TestF::test_one", "uri": FILE, "state": "failed",
            "message": "AssertionError: no", "line": 4, "durationMs": 3,
        }]})
    );
    desk.at(desk.server.now_ms + 1_000);
    desk.sent_one("workspace/codeLens/refresh");
    desk.at(desk.server.now_ms + 1_000);
    assert_eq!(desk.sent(), Vec::<Value>::new(), "it is told once");
}

#[test]
fn a_failed_test_can_be_fixed_from_the_light_bulb_wherever_the_cursor_is_in_it() {
    let mut desk = desk();
    command(&mut desk, json!({"uri": FILE})).unwrap();
    let titles = |desk: &mut Desk, line: u32| {
        let place = json!({"line": line, "character": 0});
        let context = json!({"diagnostics": []});
        let params = json!({
            "textDocument": {"uri": FILE}, "range": {"start": place, "end": place}, "context": context,
        });
        let answer = desk.request("textDocument/codeAction", params).unwrap();
        let list = answer.as_array().unwrap().clone();
        list.iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let run = "Bodkin: Run tests in the sandbox";
    assert_eq!(titles(&mut desk, 4), [run]);
    desk.event(told(TestState::Failed, Some(4)));
    assert_eq!(titles(&mut desk, 4), ["Bodkin: Fix failing test", run]);
    assert_eq!(titles(&mut desk, 3), ["Bodkin: Fix failing test", run]);
    assert_eq!(titles(&mut desk, 0), [run]);
    desk.event(told(TestState::Passed, None));
    assert_eq!(titles(&mut desk, 4), [run]);
}

#[test]
fn who_asks_for_tests_before_the_folder_is_open_is_answered_when_it_is() {
    let mut desk = Desk::silent();
    desk.engine.disk("test_b.py", "def test_b(): pass\n");
    let params = json!({"capabilities": full_capabilities(), "rootUri": "file:///w"});
    desk.request("initialize", params).unwrap();
    assert_eq!(tests(&mut desk, Value::Null).unwrap(), ["file test_b.py 0", "test test_b.py::test_b 0"]);
}
