//! What the failing tests say, for the repair engine and for the plan.

use bodkin_guard::report::{Baseline, TestOutcome, TestResult};
use bodkin_repair::Symptom;

/// At most this many failures are looked at: the first ones say most.
const MOST: usize = 24;

/// Each different failure once.
pub(super) fn of(baseline: &Baseline) -> Vec<Symptom> {
    let mut symptoms: Vec<Symptom> = Vec::new();
    for test in failures(baseline).take(MOST) {
        let symptom = match &test.failure {
            Some(failure) => Symptom {
                kind: failure.kind.clone(),
                message: failure.message.clone(),
                expected_actual: compared(&failure.message),
                frames: failure.frames.iter().map(|frame| (frame.path.clone(), frame.line)).collect(),
            },
            None => {
                let kind = if test.outcome == TestOutcome::TimedOut { "TimedOut" } else { "Failed" };
                Symptom {
                    kind: kind.to_owned(),
                    message: String::new(),
                    expected_actual: None,
                    frames: Vec::new(),
                }
            }
        };
        if !symptoms.iter().any(|it| it.kind == symptom.kind && it.message == symptom.message) {
            symptoms.push(symptom);
        }
    }
    symptoms
}

/// The names of the failing tests.
pub(super) fn failing(baseline: &Baseline) -> Vec<String> {
    failures(baseline).map(|test| test.id.clone()).collect()
}

/// One line for the plan: `2 of 7 tests fail, first test_a: AssertionError: assert 1 == 2`.
pub(super) fn summary(baseline: &Baseline) -> String {
    let (failing, all) = (failures(baseline).count(), baseline.tests.len());
    let Some(first) = failures(baseline).next() else { return "the test command fails".to_owned() };
    let said = first.failure.as_ref().map(|failure| {
        let message: String = failure.message.lines().next().unwrap_or_default().chars().take(120).collect();
        if message.is_empty() { failure.kind.clone() } else { format!("{}: {message}", failure.kind) }
    });
    let said = said.unwrap_or_else(|| "failed".to_owned());
    format!("{failing} of {all} tests fail, first {}: {said}", first.id)
}

fn failures(baseline: &Baseline) -> impl Iterator<Item = &TestResult> {
    baseline.tests.iter().filter(|test| match test.outcome {
        TestOutcome::Failed | TestOutcome::Errored | TestOutcome::TimedOut => true,
        TestOutcome::Passed | TestOutcome::Skipped => false,
    })
}

/// The two values of `assert A == B` or `A != B`, as the runner prints them: (expected, actual).
fn compared(message: &str) -> Option<(String, String)> {
    let line = message.lines().find(|line| line.contains(" == ") || line.contains(" != "))?;
    let line = line.trim().trim_start_matches("assert ").trim_start_matches("AssertionError: ");
    let (left, right) = line.split_once(" == ").or_else(|| line.split_once(" != "))?;
    let clean = |text: &str| text.trim().chars().take(200).collect::<String>();
    Some((clean(right), clean(left)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_values_of_a_comparison_are_found() {
        let found = compared("assert 3 == 4\n +  where 3 = f(1)");
        assert_eq!(found, Some(("4".to_owned(), "3".to_owned())));
        assert_eq!(compared("no values here"), None);
    }
}
