//! What the official clients sent, read and written by our types: nothing of it is lost.
//!
//! Recorded by `tests/sandboxd/clients/python/record.py`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use bodkin_e2b::{control, filesystem, process};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a message and writes it again.
fn through<T: DeserializeOwned + Serialize>(message: &Value) -> Value {
    let read: T =
        serde_json::from_value(message.clone()).unwrap_or_else(|error| panic!("{message}: {error}"));
    serde_json::to_value(read).unwrap()
}

/// As our type for this address understands it; `None`: the message has no content of ours.
fn understood(path: &str, message: &Value) -> Option<Value> {
    Some(match path {
        process::path::START => through::<process::StartRequest>(message),
        process::path::CONNECT | process::path::CLOSE_STDIN => through::<process::ConnectRequest>(message),
        process::path::UPDATE => through::<process::UpdateRequest>(message),
        process::path::SEND_INPUT => through::<process::SendInputRequest>(message),
        process::path::SEND_SIGNAL => through::<process::SendSignalRequest>(message),
        process::path::LIST => through::<process::ListRequest>(message),
        filesystem::path::STAT | filesystem::path::MAKE_DIR | filesystem::path::REMOVE => {
            through::<filesystem::PathRequest>(message)
        }
        filesystem::path::MOVE => through::<filesystem::MoveRequest>(message),
        filesystem::path::LIST_DIR => through::<filesystem::ListDirRequest>(message),
        filesystem::path::WATCH_DIR | filesystem::path::CREATE_WATCHER => {
            through::<filesystem::WatchRequest>(message)
        }
        filesystem::path::GET_WATCHER_EVENTS | filesystem::path::REMOVE_WATCHER => {
            through::<filesystem::Watcher>(message)
        }
        "/sandboxes" | "/v2/sandboxes" => through::<control::NewSandbox>(message),
        _ if path.ends_with("/timeout") || path.ends_with("/connect") => through::<control::Timeout>(message),
        _ if path.ends_with("/pause") => return None,
        other => panic!("an address that is not known: {other}"),
    })
}

/// Every word of `part` stands in `whole`, but for words of which the daemon makes nothing.
fn check(path: &str, whole: &Value, part: &Value) {
    const UNUSED: [&str; 5] = ["autoPauseMemory", "autoResume", "memory", "lifecycle", "secure"];
    if let (Value::Object(whole), Value::Object(part)) = (whole, part) {
        for (name, value) in part.iter().filter(|(name, _)| !UNUSED.contains(&name.as_str())) {
            let ours = whole.get(name);
            let is_zero =
                matches!(value, Value::Bool(false) | Value::String(_) | Value::Object(_) if ours.is_none());
            let is_empty = value == &Value::String(String::new())
                || value.as_object().is_some_and(serde_json::Map::is_empty);
            if is_zero && (is_empty || value == &Value::Bool(false)) {
                continue;
            }
            check(&format!("{path}.{name}"), ours.unwrap_or(&Value::Null), value);
        }
    } else {
        assert_eq!(whole, part, "{path}");
    }
}

fn replay(text: &str) {
    let acts: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut messages = 0;
    for request in acts.iter().flat_map(|act| act.get("requests").unwrap().as_array().unwrap()) {
        let path = request.get("path").unwrap().as_str().unwrap();
        let body = request.get("body").unwrap();
        let enveloped = body.get("envelopes").and_then(Value::as_array).into_iter().flatten();
        let all = body.get("json").into_iter().chain(enveloped.map(|it| it.get("message").unwrap()));
        for message in all {
            if let Some(ours) = understood(path, message) {
                check(path, &ours, message);
            }
            messages += 1;
        }
    }
    assert!(messages > 10, "nothing was recorded");
}

#[test]
fn requests_of_the_python_client_are_understood() {
    replay(include_str!("recorded/python-2.63.0.json"));
}

#[test]
fn requests_of_the_older_python_client_are_understood() {
    replay(include_str!("recorded/python-2.20.0.json"));
}

#[test]
fn requests_of_the_javascript_client_are_understood() {
    replay(include_str!("recorded/js-2.51.0.json"));
}
