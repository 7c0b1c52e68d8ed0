//! An entry of the ledger in a line for people.
//!
//! Reads the body by its fields, so that an entry of another version still says what it can.

use bodkin_guard::ledger::{Kind, Line};
use serde_json::Value;

/// What an entry says.
pub(super) fn summary(line: &Line) -> String {
    let body = &line.body;
    match line.kind {
        Kind::Genesis => format!("the ledger of {} begins", text(body, "/workspace")),
        Kind::Asked => text(body, "/intent").to_owned(),
        Kind::Questioned => format!("{}: {}", action(body), text(body, "/question")),
        Kind::Permitted => action(body),
        Kind::Refused => format!("{}: {}", action(body), text(body, "/reason")),
        Kind::Did => text(body, "/summary").to_owned(),
        Kind::Decided => format!("{}: {}", text(body, "/decision"), text(body, "/change")),
        Kind::Checkpoint => {
            format!("{} is {}, by {}", text(body, "/checkpoint"), text(body, "/state"), text(body, "/by"))
        }
        Kind::Ended => {
            let tried = body.get("candidates").and_then(Value::as_u64).unwrap_or_default();
            format!("{}, {tried} candidates tried", text(body, "/outcome"))
        }
    }
}

/// What is to be done, of an entry that names an action.
fn action(body: &Value) -> String {
    let action = body.get("action").unwrap_or(&Value::Null);
    match text(action, "/do") {
        "run_command" => format!("run `{}`", command(action.get("command"))),
        "probe" => match action.get("candidates").and_then(Value::as_u64) {
            None | Some(0) => "run the tests as they are".to_owned(),
            Some(1) => "try 1 candidate".to_owned(),
            Some(many) => format!("try {many} candidates"),
        },
        "write_files" => format!("write {}", files(action)),
        "" => "an action".to_owned(),
        other => other.replace('_', " "),
    }
}

fn command(command: Option<&Value>) -> String {
    let Some(command) = command else { return String::new() };
    match command.get("argv").and_then(Value::as_array) {
        Some(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        None => text(command, "/shell").to_owned(),
    }
}

fn files(action: &Value) -> String {
    let files = action.get("files").and_then(Value::as_array).into_iter().flatten();
    files.map(|file| format!("`{}`", text(file, "/path"))).collect::<Vec<_>>().join(", ")
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
