//! What a program said at its end, as it is compared in tests.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use serde_json::Value;

use crate::binary;

/// How a program ended, and all that it said.
#[derive(Debug)]
pub struct Said {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    scene: PathBuf,
}

impl Said {
    pub(crate) fn new(scene: &Path, status: ExitStatus, stdout: &[u8], stderr: &[u8]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("only UTF-8 is printed");
        let (stdout, stderr, scene) = (text(stdout), text(stderr), scene.to_owned());
        Self { code: status.code(), signal: status.signal(), stdout, stderr, scene }
    }

    /// Both streams and the exit code, with times, counts of candidates and folders made equal everywhere.
    pub fn shown(&self) -> String {
        let code = self.code.map_or_else(|| format!("signal {:?}", self.signal), |code| code.to_string());
        let mut text = String::new();
        for (name, said) in [("stderr", &self.stderr), ("stdout", &self.stdout)] {
            if !said.is_empty() {
                text.push_str(&format!("--- {name}\n{}", self.normal(said)));
            }
        }
        format!("{text}--- exit {code}\n")
    }

    /// The last word: the failure on standard error, or the end of the text.
    pub fn failure(&self) -> String {
        let from = self.stderr.find("bodkin: ").unwrap_or(self.stderr.len());
        let code = self.code.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        format!("{}exit {code}\n", self.normal(&self.stderr[from..]))
    }

    /// The one envelope on standard output, checked against a schema of `docs/schema`.
    pub fn envelope(&self, schema: &str) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "one line for programs, not:\n{}", self.stdout);
        let value: Value = serde_json::from_str(&self.stdout).expect("standard output is JSON");
        for name in ["envelope", schema] {
            let faults = faults(name, &value);
            assert!(faults.is_empty(), "{name}.schema.json: {faults:?}\n{value:#}");
        }
        let (code, ok) = (self.code, value.get("ok").and_then(Value::as_bool));
        assert_eq!(code == Some(0), ok == Some(true), "the exit code {code:?} agrees with `ok`: {value:#}");
        value
    }

    fn normal(&self, text: &str) -> String {
        let text = numbers(&text.replace(self.scene.to_str().unwrap(), "<scene>"));
        // Space at the end of a line is not seen by a reader, and not kept by editors.
        text.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n")
    }
}

fn faults(schema: &str, value: &Value) -> Vec<String> {
    let path = binary::repository().join(format!("docs/schema/{schema}.schema.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    validator.iter_errors(value).map(|error| error.to_string()).collect()
}

/// Numbers that differ from run to run: times, and how much was tried until something passed.
fn numbers(text: &str) -> String {
    let words: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
    let mut out = String::new();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_end().trim_start_matches('(');
        let unit = words.get(at + 1).map_or("", |next| next.trim_end());
        let unit = unit.trim_end_matches([',', ')', ';', '.', ':']);
        let is_time = is_number(bare) && unit == "s";
        let is_size = is_number(bare) && unit == "MB" && at > 0 && words.get(at - 1) == Some(&"printed ");
        let is_count =
            is_number(bare) && ["tried", "passed", "candidate", "candidates", "other"].contains(&unit);
        if is_time || is_count || is_size {
            out.push_str(&word.replace(bare, "<n>"));
        } else {
            out.push_str(word);
        }
    }
    out
}

fn is_number(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_digit())
        && text.chars().all(|it| it.is_ascii_digit() || it == '.')
}
