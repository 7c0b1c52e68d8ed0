//! `go test`: the marks of tests that failed, and with `-v` of all.

use bodkin_guard::report::TestOutcome;

use super::{Told, us};

/// The tests of `go test`'s output; none if it is not that.
pub(super) fn tests(output: &str) -> Vec<Told> {
    let is_package = |line: &str| ["ok  \t", "FAIL\t", "?   \t"].iter().any(|it| line.starts_with(it));
    if !output.lines().any(is_package) {
        return Vec::new();
    }
    let mut tests: Vec<Told> = Vec::new();
    for line in output.lines() {
        if let Some((name, outcome, took)) = mark(line.trim_start()) {
            let mut told = Told::new(name, outcome);
            told.duration_us = took;
            if outcome == TestOutcome::Failed {
                told.failure = Some(("Failed".to_owned(), String::new()));
            }
            tests.push(told);
        } else if let Some(((_, message), text)) =
            tests.last_mut().and_then(|test| test.failure.as_mut()).zip(line.strip_prefix("    "))
        {
            message.push_str(text.trim());
            message.push('\n');
        }
    }
    // A test with failing subtests only sums them up.
    let parents: Vec<String> =
        tests.iter().filter_map(|test| Some(test.name.rsplit_once('/')?.0.to_owned())).collect();
    tests.retain(|test| !parents.contains(&test.name));
    tests
}

/// `--- FAIL: TestName/sub (0.01s)`.
fn mark(text: &str) -> Option<(&str, TestOutcome, u64)> {
    let marks = [
        ("--- FAIL: ", TestOutcome::Failed),
        ("--- PASS: ", TestOutcome::Passed),
        ("--- SKIP: ", TestOutcome::Skipped),
    ];
    let (outcome, rest) =
        marks.into_iter().find_map(|(mark, outcome)| Some((outcome, text.strip_prefix(mark)?)))?;
    let (name, took) = rest.strip_suffix("s)")?.rsplit_once(" (")?;
    Some((name, outcome, us(took).saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use crate::observe::tests_of;

    #[test]
    fn failing_tests_and_subtests_are_named_with_what_they_said() {
        let output = "--- FAIL: TestAdd (0.02s)\n    --- FAIL: TestAdd/one (0.01s)\n        add_test.go:9: got 3\n--- FAIL: TestB (0.00s)\n    b_test.go:3: bad\nFAIL\nFAIL\texample.com/add\t0.003s\nFAIL\n";
        let tests = tests_of(output, "/w");
        let seen: Vec<String> = tests
            .iter()
            .map(|test| {
                format!("{} {}us {}", test.id, test.duration_us, test.failure.as_ref().unwrap().message)
            })
            .collect();
        assert_eq!(seen, ["TestAdd/one 10000us add_test.go:9: got 3", "TestB 0us b_test.go:3: bad"]);
    }
}
