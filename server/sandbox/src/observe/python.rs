//! Python: a sitecustomize on the PYTHONPATH joins pytest and unittest in every interpreter that starts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bodkin_guard::report::{Failure, TestOutcome, TestResult};
use bodkin_text::{Line1, RelPath};
use serde::Deserialize;

use super::result;
use crate::launch::{Launch, OUT_DIR, SUPPORT_DIR};

/// The folder of the observer's files.
const FOLDER: &str = "observe";

/// The observer's own files.
const SCRIPTS: [(&str, &str); 12] = [
    ("sitecustomize.py", include_str!("../../runners/observe/sitecustomize.py")),
    ("bodkin_observe.py", include_str!("../../runners/observe/bodkin_observe.py")),
    ("bodkin_observe_lines.py", include_str!("../../runners/observe/bodkin_observe_lines.py")),
    ("bodkin_observe_pytest.py", include_str!("../../runners/observe/bodkin_observe_pytest.py")),
    ("bodkin_observe_tests.py", include_str!("../../runners/observe/bodkin_observe_tests.py")),
    ("bodkin_observe_unittest.py", include_str!("../../runners/observe/bodkin_observe_unittest.py")),
    ("bodkin_failure.py", include_str!("../../runners/python/bodkin_failure.py")),
    ("bodkin_fuel.py", include_str!("../../runners/python/bodkin_fuel.py")),
    ("bodkin_lines.py", include_str!("../../runners/python/bodkin_lines.py")),
    ("bodkin_imports.py", include_str!("../../runners/python/bodkin_imports.py")),
    ("bodkin_source.py", include_str!("../../runners/python/bodkin_source.py")),
    ("bodkin_wire.py", include_str!("../../runners/python/bodkin_wire.py")),
];

/// Puts the observer beside the command.
pub(super) fn join(launch: &mut Launch, root: &str, targets: &[&RelPath], test_limit_s: f64) {
    let files = SCRIPTS.iter().map(|(name, text)| (format!("{FOLDER}/{name}"), Arc::from(text.as_bytes())));
    launch.support.extend(files);
    let folder = format!("{SUPPORT_DIR}/{FOLDER}");
    let path = match launch.env.get("PYTHONPATH") {
        Some(own) => format!("{folder}:{own}"),
        None => folder,
    };
    let targets: Vec<&str> =
        targets.iter().filter(|path| path.extension() == Some("py")).map(|path| path.as_str()).collect();
    launch.env.insert("PYTHONPATH".to_owned(), path);
    launch.env.insert("BODKIN_OUT".to_owned(), OUT_DIR.to_owned());
    launch.env.insert("BODKIN_ROOT".to_owned(), root.to_owned());
    launch.env.insert("BODKIN_TARGETS".to_owned(), targets.join("\n"));
    if test_limit_s > 0.0 {
        launch.env.entry("BODKIN_TEST_TIMEOUT_S".to_owned()).or_insert_with(|| test_limit_s.to_string());
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    /// A test has started.
    Started(String),
    /// A test has ended.
    Test(TestResult),
}

/// What the runners have told, in their order. A test that started and was never heard of again died or hung.
pub(super) fn tests(collected: &[(String, Vec<u8>)]) -> Vec<TestResult> {
    collected
        .iter()
        .filter(|(name, _)| is_ours(name, "tests-", ".jsonl"))
        .flat_map(|(_, text)| session(text))
        .collect()
}

fn session(text: &[u8]) -> Vec<TestResult> {
    let mut tests: Vec<TestResult> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut running = None;
    for line in text.split(|byte| *byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(Entry::Started(name)) => running = Some(name),
            Ok(Entry::Test(test)) => {
                running = None;
                // A test that is run again counts as it went last.
                match places.get(&test.id).and_then(|at| tests.get_mut(*at)) {
                    Some(known) => *known = test,
                    None => {
                        places.insert(test.id.clone(), tests.len());
                        tests.push(test);
                    }
                }
            }
            Err(_) => {}
        }
    }
    let lost = "the test did not end: it was killed, or it ended the process";
    tests.extend(running.map(|name| result(&name, TestOutcome::TimedOut, 0, Some(("TimedOut", lost)))));
    tests.into_iter().map(bounded).collect()
}

/// The files were written by the command: nothing in them is taken at its word.
fn bounded(test: TestResult) -> TestResult {
    let again = test.failure.as_ref().map(|failure| (failure.kind.as_str(), failure.message.as_str()));
    let mut clean = result(&test.id, test.outcome, test.duration_us, again);
    if let (Some(clean), Some(Failure { mut frames, .. })) = (&mut clean.failure, test.failure) {
        frames.truncate(100);
        clean.frames = frames;
    }
    clean
}

/// The lines that ran, of all processes together.
pub(super) fn lines(collected: &[(String, Vec<u8>)], targets: &[&RelPath]) -> Vec<(RelPath, Vec<Line1>)> {
    let mut found: BTreeMap<RelPath, BTreeSet<Line1>> = BTreeMap::new();
    for (_, text) in collected.iter().filter(|(name, _)| is_ours(name, "lines-", ".txt")) {
        for line in String::from_utf8_lossy(text).lines() {
            let Some((path, numbers)) = line.split_once('\t') else { continue };
            let Some(path) = targets.iter().find(|target| target.as_str() == path) else { continue };
            let numbers = numbers.split(' ').filter_map(|number| number.parse().ok()).map(Line1);
            found.entry((*path).clone()).or_default().extend(numbers);
        }
    }
    found.into_iter().map(|(path, lines)| (path, lines.into_iter().collect())).collect()
}

fn is_ours(name: &str, start: &str, end: &str) -> bool {
    name.starts_with(start) && name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_never_ended_has_timed_out_and_a_repeated_one_counts_as_it_went_last() {
        let text = br#"{"started":"a"}
{"test":{"id":"a","outcome":"failed","duration_us":1,"failure":{"kind":"E","message":"x\u001b[1m","frames":[]}}}
{"started":"a"}
{"test":{"id":"a","outcome":"passed","duration_us":2,"failure":null}}
{"test":{"id":"../b","outcome":"nonsense"}}
{"started":"c"}
"#;
        let tests = tests(&[("tests-1.jsonl".to_owned(), text.to_vec())]);
        let seen: Vec<_> = tests.iter().map(|test| (test.id.as_str(), test.outcome)).collect();
        assert_eq!(seen, [("a", TestOutcome::Passed), ("c", TestOutcome::TimedOut)]);
    }

    #[test]
    fn lines_of_all_processes_count_and_only_those_of_targets() {
        let target = RelPath::new("a b.py").unwrap();
        let files = [
            ("lines-1.txt".to_owned(), b"a b.py\t1 3\n/etc/passwd\t1\n".to_vec()),
            ("lines-2.txt".to_owned(), b"a b.py\t2 x 3\n".to_vec()),
        ];
        let lines = lines(&files, &[&target]);
        assert_eq!(lines, [(target, vec![Line1(1), Line1(2), Line1(3)])]);
    }
}
