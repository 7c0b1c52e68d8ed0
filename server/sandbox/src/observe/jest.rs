//! Jest: the failures that it details at `●`, checked against its own count.

use bodkin_guard::report::TestOutcome;

use super::{Told, us};

/// Headings at `●` that are no tests.
const NO_TESTS: [&str; 4] = ["Console", "Deprecation Warning", "Validation Warning", "Validation Error"];

/// The tests of a Jest report; none if it is no such report, or if its numbers do not agree with what was found.
pub(super) fn tests(output: &str) -> Vec<Told> {
    let Some(counts) = output.lines().rev().find_map(|line| line.strip_prefix("Tests: ")) else {
        return Vec::new();
    };
    let report = output.split_once("Summary of all failing tests").map_or(output, |(report, _)| report);
    let mut tests = failing(report);
    let failed = tests.iter().filter(|test| test.outcome == TestOutcome::Failed).count();
    if count(counts, "failed") != failed {
        return Vec::new();
    }
    let passed: Vec<Told> = listed(report);
    if passed.len() == count(counts, "passed") {
        tests.extend(passed);
    }
    tests
}

/// The number before a word in `1 failed, 2 passed, 3 total`.
pub(super) fn count(counts: &str, word: &str) -> usize {
    let of = |part: &str| part.trim().strip_suffix(word).and_then(|number| number.trim().parse().ok());
    counts.split([',', '|']).find_map(of).unwrap_or(0)
}

fn failing(report: &str) -> Vec<Told> {
    let mut tests: Vec<Told> = Vec::new();
    let mut file = "";
    let mut lines = report.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("FAIL ") {
            file = name.split(" (").next().unwrap_or(name).trim();
        }
        let Some(name) = line.strip_prefix("  ● ") else { continue };
        if NO_TESTS.iter().any(|it| name.trim_end_matches(':') == *it) {
            continue;
        }
        let mut body = Vec::new();
        while let Some(next) = lines.next_if(|next| next.is_empty() || next.starts_with("    ")) {
            body.push(next.strip_prefix("    ").unwrap_or(next));
        }
        let could_not_load = name == "Test suite failed to run";
        let outcome = if could_not_load { TestOutcome::Errored } else { TestOutcome::Failed };
        let mut told =
            Told::new(if could_not_load { file.to_owned() } else { name.replace(" › ", " > ") }, outcome);
        let body = body.join("\n");
        told.failure = Some(failure(&body));
        told.stack =
            body.lines().filter(|line| line.trim_start().starts_with("at ")).collect::<Vec<_>>().join("\n");
        tests.push(told);
    }
    tests
}

/// The kind before the first colon, if it looks like one, and the text before the code frame.
fn failure(body: &str) -> (String, String) {
    let ends = |line: &&str| !line.trim_start().starts_with("at ") && !is_code(line);
    let message = body.trim().lines().take_while(ends).collect::<Vec<_>>().join("\n");
    match message.split_once(": ") {
        Some((kind, rest)) if kind.ends_with("Error") && !kind.contains(' ') => {
            (kind.to_owned(), rest.to_owned())
        }
        _ => ("AssertionError".to_owned(), message),
    }
}

/// `  > 3 | code`, `    4 | code`.
fn is_code(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("> ").trim_start();
    line.split_once(" |").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

/// Tests that the verbose report lists as passed.
fn listed(report: &str) -> Vec<Told> {
    let mut tests: Vec<Told> = Vec::new();
    let mut suites: Vec<&str> = Vec::new();
    for line in report.lines() {
        let text = line.trim_start();
        let depth = (line.len() - text.len()) / 2;
        if depth == 0 || text.is_empty() || text.starts_with('●') {
            suites.clear();
            continue;
        }
        suites.truncate(depth - 1);
        match text.strip_prefix("✓ ") {
            Some(test) => {
                let timed = test.strip_suffix(" ms)").and_then(|test| test.rsplit_once(" ("));
                let (name, took) = timed.map_or((test, 0), |(name, ms)| (name, us(ms)));
                let path: Vec<&str> = suites.iter().copied().chain([name]).collect();
                let mut told = Told::new(path.join(" > "), TestOutcome::Passed);
                told.duration_us = took;
                tests.push(told);
            }
            None => suites.push(text),
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use crate::observe::tests_of;

    const OUTPUT: &str = "FAIL ./a.test.js\n  suite\n    ✕ adds (3 ms)\n    ✓ zero (1 ms)\n\n  ● suite › adds\n\n    expect(received).toBe(expected) // Object.is equality\n\n    Expected: 3\n    Received: 2\n\n      1 | test\n    > 2 | expect\n        |      ^\n\n      at Object.toBe (a.test.js:2:40)\n\n  ● suite › throws\n\n    TypeError: f is not a function\n\n      at Object.f (src/a.js:7:1)\n\nTest Suites: 1 failed, 1 total\nTests:       2 failed, 1 passed, 3 total\n";

    #[test]
    fn failures_are_read_with_kind_message_and_place() {
        let tests = tests_of(OUTPUT, "/w");
        let seen: Vec<String> = tests.iter().map(|test| format!("{} {:?}", test.id, test.outcome)).collect();
        assert_eq!(seen, ["suite > adds Failed", "suite > throws Failed", "suite > zero Passed"]);
        let failure = tests.first().unwrap().failure.as_ref().unwrap();
        assert_eq!(failure.kind, "AssertionError");
        assert!(failure.message.ends_with("Expected: 3\nReceived: 2"), "{}", failure.message);
        assert_eq!(failure.frames.first().unwrap().path.as_str(), "a.test.js");
        assert_eq!(tests.get(1).unwrap().failure.as_ref().unwrap().kind, "TypeError");
    }

    #[test]
    fn a_report_whose_numbers_do_not_agree_tells_nothing() {
        assert_eq!(tests_of(&OUTPUT.replace("2 failed, 1 passed", "3 failed, 1 passed"), "/w"), []);
    }
}
