//! Jest and Vitest: a file that Node loads first has them write down how each test goes.
//!
//! What they print names only what failed, so that nobody could tell a mended test from one that was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bodkin_guard::report::{TestOutcome, TestResult};
use bodkin_text::{Line1, RelPath};
use serde::Deserialize;

use super::Told;
use crate::launch::{Launch, SUPPORT_DIR};
use crate::text;

/// The folder of the observer's files.
const FOLDER: &str = "observe";

const SCRIPTS: [(&str, &str); 2] = [
    ("bodkin_observe.cjs", include_str!("../../runners/observe/bodkin_observe.cjs")),
    ("bodkin_observe_jest.cjs", include_str!("../../runners/observe/bodkin_observe_jest.cjs")),
];

/// Files whose executed lines Jest can tell.
const KINDS: [&str; 8] = ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"];

/// Has every Node that starts load the observer first.
pub(super) fn join(launch: &mut Launch, targets: &[&RelPath]) {
    let files = SCRIPTS.iter().map(|(name, text)| (format!("{FOLDER}/{name}"), Arc::from(text.as_bytes())));
    launch.support.extend(files);
    let load = format!("--require={SUPPORT_DIR}/{FOLDER}/bodkin_observe.cjs");
    let options = match launch.env.get("NODE_OPTIONS") {
        Some(own) => format!("{own} {load}"),
        None => load,
    };
    launch.env.insert("NODE_OPTIONS".to_owned(), options);
    if targets.iter().any(|path| path.extension().is_some_and(|it| KINDS.contains(&it))) {
        launch.env.insert("BODKIN_JS_LINES".to_owned(), "1".to_owned());
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    test_results: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    status: String,
    #[serde(default)]
    message: String,
    assertion_results: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    ancestor_titles: Vec<String>,
    title: String,
    status: String,
    /// Milliseconds.
    duration: Option<f64>,
    #[serde(default)]
    failure_messages: Vec<String>,
}

/// What the runners have written down of each test, in their order.
pub(super) fn tests(collected: &[(String, Vec<u8>)], root: &str) -> Vec<TestResult> {
    collected
        .iter()
        .filter(|(name, _)| name.starts_with("js-") && name.ends_with(".json"))
        .filter_map(|(_, text)| serde_json::from_slice::<Report>(text).ok())
        .flat_map(|report| report.test_results)
        .flat_map(|file| of_file(file, root))
        .map(|told| told.result(root))
        .collect()
}

fn of_file(file: File, root: &str) -> Vec<Told> {
    let within = file.name.strip_prefix(root).map_or(file.name.as_str(), |name| name.trim_start_matches('/'));
    let is_broken =
        file.status == "failed" && !file.assertion_results.iter().any(|test| test.status == "failed");
    // A file that could not be loaded, or broke outside its tests.
    let broken = is_broken.then(|| failed(Told::new(within, TestOutcome::Errored), &file.message));
    let tests = file.assertion_results.iter().filter_map(|test| {
        let path = [within].into_iter().chain(test.ancestor_titles.iter().map(String::as_str));
        let name = path.chain([test.title.as_str()]).collect::<Vec<_>>().join(" > ");
        let outcome = match test.status.as_str() {
            "passed" => TestOutcome::Passed,
            "failed" => TestOutcome::Failed,
            "pending" | "skipped" | "todo" | "disabled" => TestOutcome::Skipped,
            _ => return None,
        };
        let mut told = Told::new(name, outcome);
        told.duration_us = (test.duration.unwrap_or(0.0).clamp(0.0, 1e12) * 1000.0) as u64;
        let message = test.failure_messages.first().map_or("", String::as_str);
        Some(if outcome == TestOutcome::Failed { failed(told, message) } else { told })
    });
    broken.into_iter().chain(tests).collect()
}

/// The kind, the message and the stack that an error is written with.
fn failed(mut told: Told, error: &str) -> Told {
    let error = text::plain(error);
    let is_place = |line: &&str| line.trim_start().starts_with("at ");
    let message = error.lines().take_while(|line| !is_place(line)).collect::<Vec<_>>().join("\n");
    told.stack = error.lines().filter(is_place).collect::<Vec<_>>().join("\n");
    let message = message.trim();
    let (kind, message) = match message.split_once(": ") {
        Some(("Error", said)) if said.starts_with("expect(") => ("AssertionError", said),
        Some((kind, said)) if kind.ends_with("Error") && !kind.contains(' ') => (kind, said),
        _ => ("Failed", message),
    };
    told.failure = Some((kind.to_owned(), message.to_owned()));
    told
}

/// A file of Jest's coverage record, in the format of Istanbul.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Covered {
    statement_map: BTreeMap<String, Span>,
    s: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

#[derive(Deserialize)]
struct Place {
    line: u32,
}

/// The lines of the targets that ran, where a record of coverage tells of them.
pub(super) fn lines(
    collected: &[(String, Vec<u8>)],
    root: &str,
    targets: &[&RelPath],
) -> Vec<(RelPath, Vec<Line1>)> {
    let records = collected.iter().filter(|(name, _)| name == "js-coverage/coverage-final.json");
    let files = records
        .filter_map(|(_, text)| serde_json::from_slice::<BTreeMap<String, Covered>>(text).ok())
        .flatten();
    let of_target = |(file, covered): (String, Covered)| {
        let target = targets.iter().find(|target| format!("{root}/{target}") == file)?;
        Some(((*target).clone(), covered.lines().into_iter().collect()))
    };
    files.filter_map(of_target).collect()
}

impl Covered {
    /// Lines of statements that ran, without those of the statements within them that did not.
    fn lines(&self) -> BTreeSet<Line1> {
        let mut spans: Vec<(&Span, bool)> = self
            .statement_map
            .iter()
            .map(|(name, span)| (span, self.s.get(name).is_some_and(|count| *count > 0)))
            .collect();
        spans.sort_by_key(|(span, _)| std::cmp::Reverse(span.end.line.saturating_sub(span.start.line)));
        let mut lines = BTreeSet::new();
        for (span, ran) in spans {
            for line in span.start.line..=span.end.line.min(span.start.line.saturating_add(100_000)) {
                if ran {
                    lines.insert(Line1(line));
                } else {
                    lines.remove(&Line1(line));
                }
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::tests_of;

    const JEST: &str = include_str!("samples/jest-30.5.2.json");
    const VITEST: &str = include_str!("samples/vitest-4.1.12.json");

    fn shown(report: &str) -> Vec<String> {
        let tests = tests(&[("js-1.json".to_owned(), report.as_bytes().to_vec())], "/w");
        let shown = tests.iter().map(|test| {
            let failure = test.failure.as_ref().map(|it| {
                let place =
                    it.frames.last().map_or_else(String::new, |it| format!(" at {}:{}", it.path, it.line));
                format!(" {}: {}{place}", it.kind, it.message.lines().next().unwrap_or_default())
            });
            format!("{:?} {}{}", test.outcome, test.id, failure.unwrap_or_default())
        });
        shown.collect()
    }

    #[test]
    fn every_test_of_jest_is_told() {
        let said = "AssertionError: expect(received).toBe(expected) // Object.is equality at calc.test.js";
        let expected = [
            format!("Failed calc.test.js > add > adds two numbers {said}:5"),
            "Skipped calc.test.js > add > adds later".to_owned(),
            "Passed calc.test.js > mean of nothing is refused".to_owned(),
            format!("Failed calc.test.js > mean of [2,4] is 3 {said}:15"),
            format!("Failed calc.test.js > mean of [5] is 5 {said}:15"),
        ];
        assert_eq!(shown(JEST), expected);
    }

    #[test]
    fn every_test_of_vitest_is_told() {
        let said =
            |values: &str| format!("AssertionError: expected {values} // Object.is equality at calc.test.js");
        let expected = [
            format!("Failed calc.test.js > add > adds two numbers {}:6", said("-1 to be 3")),
            "Skipped calc.test.js > add > adds later".to_owned(),
            "Passed calc.test.js > mean of nothing is refused".to_owned(),
            format!("Failed calc.test.js > mean of [2,4] is 3 {}:16", said("-3 to be 3")),
            format!("Failed calc.test.js > mean of [5] is 5 {}:16", said("-5 to be 5")),
        ];
        assert_eq!(shown(VITEST), expected);
    }

    #[test]
    fn a_file_that_can_not_be_loaded_is_a_failure_of_its_own() {
        let report = r#"{"testResults": [{"name": "/w/a.test.js", "status": "failed", "assertionResults": [],
            "message": "SyntaxError: no\n    at f (/w/a.js:3:1)"}]}"#;
        assert_eq!(shown(report), ["Errored a.test.js SyntaxError: no at a.js:3"]);
    }

    #[test]
    fn what_they_print_names_what_failed() {
        let names = |output: &str| tests_of(output, "/w").into_iter().map(|it| it.id).collect::<Vec<_>>();
        let jest = names(include_str!("samples/jest-30.5.2.txt"));
        assert_eq!(
            jest,
            [
                "add > adds two numbers",
                "mean of [2,4] is 3",
                "mean of [5] is 5",
                "mean of nothing is refused"
            ]
        );
        let vitest = names(include_str!("samples/vitest-4.1.12.txt"));
        let file = ["add > adds two numbers", "mean of [2,4] is 3", "mean of [5] is 5"];
        assert_eq!(vitest, file.map(|it| format!("calc.test.js > {it}")));
    }

    #[test]
    fn lines_ran_without_the_statements_within_that_did_not() {
        let record = r#"{"/w/a.js": {"statementMap": {
            "0": {"start": {"line": 2}, "end": {"line": 4}}, "1": {"start": {"line": 3}, "end": {"line": 3}},
            "2": {"start": {"line": 6}, "end": {"line": 6}}}, "s": {"0": 2, "1": 0, "2": 1}}}"#;
        let collected = [("js-coverage/coverage-final.json".to_owned(), record.as_bytes().to_vec())];
        let target = RelPath::new("a.js").unwrap();
        let found = lines(&collected, "/w", &[&target]);
        assert_eq!(found, [(target, vec![Line1(2), Line1(4), Line1(6)])]);
    }
}
