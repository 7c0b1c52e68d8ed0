//! The `spec` report of Node's test runner, which people see.

use std::collections::BTreeMap;

use bodkin_guard::report::TestOutcome;

use super::{Told, us};

/// The tests of a spec report; none if it is no such report.
pub(super) fn tests(output: &str) -> Vec<Told> {
    let (report, rest) = output.split_once("\nℹ tests ").unwrap_or(("", ""));
    let failing = rest.split_once("✖ failing tests:").map_or("", |(_, failing)| failing);
    let mut failures = failures(failing);
    let mut tests: Vec<Told> = Vec::new();
    let mut suites: Vec<&str> = Vec::new();
    for line in report.lines() {
        let text = line.trim_start();
        let depth = (line.len() - text.len()) / 2;
        if let Some(name) = text.strip_prefix("▶ ") {
            let (name, took) = timed(name);
            suites.truncate(depth);
            // Older versions close a suite with the mark that opens it, and its time.
            if took.is_none() {
                suites.push(name);
            }
            continue;
        }
        let Some((outcome, rest)) = mark(text) else { continue };
        let (name, Some(took)) = timed(rest) else { continue };
        if suites.get(depth) == Some(&name) {
            suites.truncate(depth);
            continue;
        }
        suites.truncate(depth);
        let path: Vec<&str> = suites.iter().copied().chain([name]).collect();
        let mut told = Told::new(path.join(" > "), outcome);
        told.duration_us = took;
        if outcome == TestOutcome::Failed {
            let (kind, message, stack) = failures.get_mut(name).and_then(Vec::pop).unwrap_or_default();
            told.failure = Some((kind, message));
            told.stack = stack;
        }
        tests.push(told);
    }
    tests
}

fn mark(text: &str) -> Option<(TestOutcome, &str)> {
    [("✔ ", TestOutcome::Passed), ("✖ ", TestOutcome::Failed), ("﹣ ", TestOutcome::Skipped)]
        .into_iter()
        .find_map(|(mark, outcome)| Some((outcome, text.strip_prefix(mark)?)))
}

/// `name (1.5ms)`, perhaps with a directive behind it.
fn timed(text: &str) -> (&str, Option<u64>) {
    let text = text.split_once(" # ").map_or(text, |(text, _)| text);
    let parts = text.strip_suffix("ms)").and_then(|text| text.rsplit_once(" ("));
    parts.filter(|(_, ms)| ms.parse::<f64>().is_ok()).map_or((text, None), |(name, ms)| (name, Some(us(ms))))
}

/// Kind, message and stack of each name, the last first.
fn failures(section: &str) -> BTreeMap<&str, Vec<(String, String, String)>> {
    let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for part in section.split("\n✖ ").skip(1) {
        let (head, body) = part.split_once('\n').unwrap_or((part, ""));
        let (message, stack) = body.split_once("\n      at ").unwrap_or((body, ""));
        let stack: Vec<&str> = stack
            .lines()
            .enumerate()
            .take_while(|(at, line)| *at == 0 || line.trim().starts_with("at "))
            .map(|(_, line)| line)
            .collect();
        let message = message
            .lines()
            .map(|line| line.strip_prefix("  ").unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n");
        let (kind, message) = message.split_once(": ").unwrap_or(("Failed", &message));
        let kind = kind.split(' ').next().unwrap_or(kind);
        found
            .entry(timed(head).0)
            .or_default()
            .insert(0, (kind.to_owned(), message.to_owned(), stack.join("\n")));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::observe::tests_of;

    const OUTPUT: &str = "✖ adds (18.6ms)\n  AssertionError [ERR_ASSERTION]: Expected\n\n✔ zero (0.1ms)\n▶ suite\n  ✖ inner (0.1ms)\n    TypeError [Error]: x\n  ✔ ok one (0.1ms)\n  ﹣ sk (0.08ms) # SKIP\n✖ suite (0.8ms)\nℹ tests 5\nℹ fail 2\n\n✖ failing tests:\n\ntest at a.test.js:2:1\n✖ adds (18.6ms)\n  AssertionError [ERR_ASSERTION]: Expected values:\n  \n  2 !== 3\n  \n      at f (/w/a.js:2:29)\n      at g (/w/a.test.js:3:4) {\n    code: 'ERR_ASSERTION'\n  }\n\ntest at a.test.js:4:37\n✖ inner (0.1ms)\n  TypeError [Error]: x\n  y\n      at /w/a.test.js:4:63\n";

    #[test]
    fn a_spec_report_tells_tests_and_why_they_fail() {
        let tests = tests_of(OUTPUT, "/w");
        let seen: Vec<String> = tests.iter().map(|test| format!("{} {:?}", test.id, test.outcome)).collect();
        assert_eq!(
            seen,
            [
                "adds Failed",
                "zero Passed",
                "suite > inner Failed",
                "suite > ok one Passed",
                "suite > sk Skipped"
            ]
        );
        let failure = tests.first().unwrap().failure.as_ref().unwrap();
        assert_eq!(
            (failure.kind.as_str(), failure.message.as_str()),
            ("AssertionError", "Expected values:\n\n2 !== 3")
        );
        assert_eq!(failure.frames.len(), 2);
        let failure = tests.get(2).unwrap().failure.as_ref().unwrap();
        assert_eq!((failure.kind.as_str(), failure.message.as_str()), ("TypeError", "x\ny"));
        assert_eq!(failure.frames.len(), 1);
    }
}
