//! Cancelling, leaving and dying: no process stays.

use bodkin_tests::lsp::{Editor, Project};
use serde_json::json;

use crate::{RIGHT, WRONG, till};

/// A project, and a test command that never ends and is found by its own words.
fn endless(mark: &str) -> (Project, String) {
    (Project::new(&[("till.py", WRONG)]), format!("sleep {}{mark}", std::process::id()))
}

/// Whether a process of this machine was started with these words.
#[cfg(target_os = "linux")]
fn is_running(words: &str) -> bool {
    let wanted = words.replace(' ', "\0");
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut lines = entries.filter_map(|it| std::fs::read(it.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).trim_end_matches('\0') == wanted)
}

#[test]
#[cfg(target_os = "linux")]
fn the_cross_beside_the_progress_ends_the_run_and_its_processes() {
    let (project, test) = endless("1");
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let answer =
        editor.command("bodkin.fix", json!({"uri": uri, "lines": {"first": 1, "last": 1}, "test": test}));
    let run = answer["result"]["runId"].as_str().unwrap().to_owned();
    editor.wait_until("the tests run", || is_running(&test));
    editor.notify("window/workDoneProgress/cancel", json!({"token": format!("bodkin/{run}")}));
    let said = editor.progress(&run);
    assert_eq!(said.last().unwrap(), &json!({"kind": "end", "message": "Cancelled."}));
    editor.wait_until("the tests are gone", || !is_running(&test));
    assert_eq!(editor.quit(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_client_that_hangs_up_leaves_no_process_behind() {
    let (project, test) = endless("2");
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.command("bodkin.fix", json!({"uri": uri, "test": test}));
    editor.wait_until("the tests run", || is_running(&test));
    assert_eq!(editor.hang_up(), 1);
    editor.wait_until("the tests are gone", || !is_running(&test));
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_is_killed_takes_its_processes_along_and_the_next_one_works() {
    let (project, test) = endless("3");
    project.write("test_till.py", crate::TESTS);
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.command("bodkin.fix", json!({"uri": uri, "test": test}));
    editor.wait_until("the tests run", || is_running(&test));
    editor.kill();
    editor.wait_until("the tests are gone", || !is_running(&test));
    let mut next = Editor::start(&project);
    next.open(&uri, "python", WRONG);
    next.fix_line(&uri, 1);
    next.wait_for_method("workspace/applyEdit");
    assert_eq!(next.text(&uri), RIGHT);
}

#[test]
fn requests_are_answered_while_a_run_is_going() {
    let project = till();
    let uri = project.uri("till.py");
    let mut editor = Editor::start(&project);
    editor.open(&uri, "python", WRONG);
    let run = editor.fix_line(&uri, 1);
    editor.wait_for_plan(&run);
    for _ in 0..50 {
        assert_eq!(editor.actions(&uri, 0, 1)[0]["title"], "Bodkin: Fix these lines");
    }
    editor.wait_for_method("workspace/applyEdit");
    assert_eq!(editor.quit(), 0);
}
