//! A patch of two hunks, decided hunk by hunk.

use bodkin_tests::lsp::{Editor, Project, full_capabilities};
use serde_json::{Value, json};

/// `total` is used before it is set; moving that line is two hunks.
const MEAN: &str = "\
def mean(xs):
    count = len(xs)
    value = total / count
    name = 'mean'
    unit = 'm'
    total = sum(xs)
    return value
";

const TESTS: &str = "\
import unittest
from mean import mean


class Mean(unittest.TestCase):
    def test_of_two(self):
        self.assertEqual(mean([2, 4]), 3)

    def test_of_one(self):
        self.assertEqual(mean([7]), 7)
";

/// An editor whose run offers two hunks, and their names.
fn offered(project: &Project) -> (Editor, String, Vec<Value>) {
    let mut capabilities = full_capabilities();
    capabilities["experimental"] = json!({"bodkin": {"events": true, "review": true}});
    let mut editor = Editor::start_with(project, capabilities);
    let uri = project.uri("mean.py");
    editor.open(&uri, "python", MEAN);
    let run = editor.fix_line(&uri, 5);
    let offered = editor.wait_for("the offer", |it| it["params"]["news"]["kind"] == "offered");
    let file = &offered["params"]["news"]["offer"]["files"][0];
    let hunks: Vec<Value> = file["hunks"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(hunks.len(), 2, "{file}");
    (editor, run, hunks)
}

fn project() -> Project {
    Project::new(&[("mean.py", MEAN), ("test_mean.py", TESTS)])
}

fn decide(editor: &mut Editor, run: &str, choice: &str, hunks: Value) -> Value {
    let params = json!({
        "runId": run, "choice": choice, "path": null, "hunks": hunks, "finish": false, "anyway": false,
    });
    let answer = editor.request("bodkin/decide", params);
    answer["result"].clone()
}

fn state(editor: &mut Editor, run: &str, state: &str) -> Value {
    editor.wait_for(state, |it| {
        it["params"]["runId"] == run && it["params"]["news"]["review"]["state"] == state
    })
}

#[test]
fn an_accepted_part_is_proved_again_applied_and_taken_back_and_the_rest_never_appears() {
    let project = project();
    let uri = project.uri("mean.py");
    let (mut editor, run, hunks) = offered(&project);
    assert!(!editor.has_seen("workspace/applyEdit"), "nothing is applied before it is reviewed");
    decide(&mut editor, &run, "reject", json!([hunks[1]]));
    let content = json!({"runId": run, "path": "mean.py", "side": "accepted"});
    let accepted = editor.request("bodkin/content", content)["result"]["text"].clone();
    let review = decide(&mut editor, &run, "accept", json!([hunks[0]]));
    assert_eq!(review["state"], "proving", "{review}");
    editor.wait_for_method("workspace/applyEdit");
    let applied = editor.wait_for("the change", |it| it["params"]["news"]["kind"] == "applied");
    assert_eq!(editor.text(&uri), accepted.as_str().unwrap());
    assert_eq!(
        editor.text(&uri).matches("total = sum(xs)").count(),
        2,
        "the line was put in and not taken out"
    );
    let ended = editor.wait_for("the end", |it| it["params"]["news"]["kind"] == "ended");
    assert_eq!(ended["params"]["news"]["summary"]["outcome"], "proved");
    let runs = editor.request("bodkin/runs", Value::Null);
    let plan = runs["result"]["runs"][0]["plan"]["entries"].as_array().unwrap().clone();
    let step = plan.iter().find(|it| it["id"] == "prove_part").unwrap();
    assert_eq!(step["state"], "done", "{step}");
    let checkpoint = applied["params"]["news"]["checkpoint"].clone();
    assert_eq!(runs["result"]["runs"][0]["checkpoint"], checkpoint);
    editor.command("bodkin.undo", json!({"checkpoint": checkpoint, "folder": null}));
    editor.wait_for("the undo", |it| it["params"]["news"]["kind"] == "undone");
    assert_eq!(editor.text(&uri), MEAN);
    let changes = editor.request("bodkin/changes", json!({"folder": null}));
    assert_eq!(changes["result"]["changes"][0]["state"], "undone", "{changes}");
}

#[test]
fn a_part_that_does_not_pass_alone_is_not_applied_unless_it_is_wanted_all_the_same() {
    let project = project();
    let uri = project.uri("mean.py");
    let (mut editor, run, hunks) = offered(&project);
    decide(&mut editor, &run, "reject", json!([hunks[0]]));
    decide(&mut editor, &run, "accept", json!([hunks[1]]));
    let said = state(&mut editor, &run, "unproved");
    assert!(!said["params"]["news"]["review"]["missing"].as_array().unwrap().is_empty());
    assert_eq!(editor.text(&uri), MEAN);
    assert!(!editor.has_seen("workspace/applyEdit"));
    let anyway = json!({
        "runId": run, "choice": "accept", "path": null, "hunks": null, "finish": false, "anyway": true,
    });
    editor.request("bodkin/decide", anyway);
    state(&mut editor, &run, "applied");
    assert!(!editor.text(&uri).contains("total = sum(xs)"));
}

#[test]
fn what_is_rejected_whole_leaves_the_text_alone_and_the_ledger_intact() {
    let project = project();
    let (mut editor, run, _) = offered(&project);
    let review = decide(&mut editor, &run, "reject", Value::Null);
    assert_eq!(review["state"], "declined");
    editor.wait_for_end(&run);
    assert_eq!(editor.text(&project.uri("mean.py")), MEAN);
    let ledger = editor.request("bodkin/ledger", json!({"folder": null, "before": null, "limit": 5}));
    assert_eq!(ledger["result"]["intact"], true, "{ledger}");
    assert_eq!(ledger["result"]["entries"][0]["kind"], "ended");
    let status = editor.request("bodkin/status", Value::Null);
    assert_eq!(status["result"]["folders"][0]["state"], "open", "{status}");
}
