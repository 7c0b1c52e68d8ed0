//! The proof gate: the one place that may say `proved`.
//!
//! A fix is proved by: a check that failed without it and passes with it, in fresh sandboxes; no test that
//! passed before failing after; the changed lines executed; no test changed; no smell of a test special-cased.
//! invariant: only-the-gate-says-proved

use std::collections::BTreeSet;

use bodkin_guard::report::{Exit, Finished, Stop, TestOutcome, TestResult};
use bodkin_text::{Edits, Line1, RelPath};

use crate::outcome::CheckResult;

mod executed;
mod missing;
#[cfg(test)]
mod tests;

pub use missing::Missing;

use executed::Execution;

/// What the gate judges.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The test command without the change, in a fresh sandbox.
    pub before: &'a Finished,
    /// The same with the change.
    pub after: &'a Finished,
    /// Tests that were seen failing before probing began; empty where only an exit code is known.
    pub failing: &'a [String],
    /// The changed file, its text before and its edits.
    pub file: &'a RelPath,
    /// Its text before.
    pub old: &'a str,
    /// What changes.
    pub edits: &'a Edits,
    /// Whether the file is a test.
    pub is_test: bool,
    /// Reasons to think that the change fits the test instead of the task.
    pub smells: &'a [String],
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// All the evidence is there.
    Proved(Findings),
    /// The check passes, but some of the evidence is missing.
    Unproved(Findings, Vec<Missing>),
    /// The check does not pass with the change.
    Rejected(String),
}

/// What the evidence shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Tests that failed before and pass now.
    pub mended: Vec<String>,
    /// Tests that failed before and still do.
    pub still_failing: Vec<String>,
    /// Changed lines of the new text that were executed.
    pub executed: Vec<Line1>,
}

/// Judges a change by its evidence.
pub fn judge(evidence: &Evidence<'_>) -> Judgement {
    let tests = Tests::of(evidence);
    if let Some(reason) = rejected(evidence, &tests) {
        return Judgement::Rejected(reason);
    }
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let still_failing = owned(tests.failed_before.intersection(&tests.failed_after).copied().collect());
    let mended = owned(tests.mended().collect());
    let execution = execution(evidence);
    let missing = missing(evidence, execution.as_ref());
    let executed = execution.map(|it| it.executed).unwrap_or_default();
    let findings = Findings { mended, still_failing, executed };
    if missing.is_empty() { Judgement::Proved(findings) } else { Judgement::Unproved(findings, missing) }
}

/// Names of tests by how they went.
struct Tests<'e> {
    passed_before: BTreeSet<&'e str>,
    failed_before: BTreeSet<&'e str>,
    passed_after: BTreeSet<&'e str>,
    failed_after: BTreeSet<&'e str>,
    /// Not tests but files and set-ups that could not be loaded: they vanish when they are mended.
    unloaded_before: BTreeSet<&'e str>,
    /// The check passes with the change, and its runner, which names what fails, names no test.
    is_untold: bool,
}

impl<'e> Tests<'e> {
    fn of(evidence: &Evidence<'e>) -> Self {
        let passed = |outcome| outcome == TestOutcome::Passed;
        Self {
            passed_before: names(&evidence.before.tests, passed),
            failed_before: names(&evidence.before.tests, is_failure),
            passed_after: names(&evidence.after.tests, passed),
            failed_after: names(&evidence.after.tests, is_failure),
            unloaded_before: names(&evidence.before.tests, |outcome| outcome == TestOutcome::Errored),
            is_untold: is_untold(evidence),
        }
    }

    fn mended(&self) -> impl Iterator<Item = &'e str> {
        let loaded = self.loads_more();
        self.failed_before
            .iter()
            .copied()
            .filter(move |test| self.passed_after.contains(test) || (loaded && self.is_now_loaded(test)))
    }

    /// Whether tests pass that could not be seen before.
    fn loads_more(&self) -> bool {
        self.passed_after
            .iter()
            .any(|it| !self.passed_before.contains(it) && !self.failed_before.contains(it))
    }

    fn is_now_loaded(&self, test: &str) -> bool {
        self.unloaded_before.contains(test) && !self.failed_after.contains(test)
    }

    /// A test that failed or passed before and now did neither.
    fn lost(&self) -> Option<&'e str> {
        if self.is_untold {
            return None;
        }
        let loaded = self.loads_more();
        let accounted = |test: &str| {
            self.passed_after.contains(test)
                || self.failed_after.contains(test)
                || (loaded && self.is_now_loaded(test))
        };
        self.passed_before.union(&self.failed_before).copied().find(|test| !accounted(test))
    }
}

fn rejected(evidence: &Evidence<'_>, tests: &Tests<'_>) -> Option<String> {
    let ended = || Some(format!("with the change the test command {}", how_it_ended(&evidence.after.exit)));
    match evidence.after.exit {
        Exit::Stopped(_) | Exit::Signal(_) => return ended(),
        Exit::Code(_) => {}
    }
    let newly: Vec<&str> = tests.failed_after.difference(&tests.failed_before).copied().collect();
    if let Some(first) = newly.first() {
        return Some(format!("{} test(s) that did not fail before fail with it, first {first}", newly.len()));
    }
    if let Some(test) = evidence.failing.iter().find(|test| tests.failed_after.contains(test.as_str())) {
        return Some(format!("{test} still fails with it in a fresh sandbox"));
    }
    if let Some(lost) = tests.lost() {
        return Some(format!("{lost} was run before and is skipped or gone with it"));
    }
    if evidence.after.succeeded() {
        return None;
    }
    // Failing all the same: only tests that failed before may be the cause, and something must be mended.
    if tests.failed_after.is_empty() {
        return ended();
    }
    if tests.mended().next().is_none() {
        return Some("no failing test passes with it".to_owned());
    }
    None
}

/// What ran of the change; `None` where nobody recorded lines.
fn execution(evidence: &Evidence<'_>) -> Option<Execution> {
    let recorded = &evidence.after.lines;
    if recorded.is_empty() {
        return None;
    }
    // Lines of other files only: this one was never loaded.
    let of_file = recorded.iter().filter(|(path, _)| path == evidence.file).flat_map(|(_, lines)| lines);
    let ran = of_file.copied().collect();
    let new = evidence.edits.apply(evidence.old).ok()?;
    Some(executed::of(evidence.file, evidence.old, &new, &ran))
}

/// Whether the check passes with the change, and its runner, which named only what fails, names no test any more.
fn is_untold(evidence: &Evidence<'_>) -> bool {
    let before = &evidence.before.tests;
    let only_failures = !before.is_empty() && before.iter().all(|test| is_failure(test.outcome));
    only_failures && evidence.after.succeeded() && evidence.after.tests.is_empty()
}

fn missing(evidence: &Evidence<'_>, execution: Option<&Execution>) -> Vec<Missing> {
    let mut missing = Vec::new();
    if evidence.before.succeeded() {
        missing.push(Missing::FailureBefore);
    }
    if evidence.is_test {
        missing.push(Missing::CodeChange(evidence.file.clone()));
    }
    if is_untold(evidence) {
        missing.push(Missing::TestRecord);
    }
    match execution {
        None => missing.push(Missing::LineRecord),
        Some(execution) if !execution.unexecuted.is_empty() => {
            missing.push(Missing::Execution(execution.unexecuted.clone()));
        }
        Some(_) => {}
    }
    missing.extend(evidence.smells.iter().cloned().map(Missing::CleanChange));
    missing
}

fn is_failure(outcome: TestOutcome) -> bool {
    match outcome {
        TestOutcome::Failed | TestOutcome::Errored | TestOutcome::TimedOut => true,
        TestOutcome::Passed | TestOutcome::Skipped => false,
    }
}

fn names(tests: &[TestResult], which: impl Fn(TestOutcome) -> bool) -> BTreeSet<&str> {
    tests.iter().filter(|test| which(test.outcome)).map(|test| test.id.as_str()).collect()
}

/// A finished check in the words of the proof.
pub fn summarise(finished: &Finished) -> CheckResult {
    let passed = finished.tests.iter().filter(|test| test.outcome == TestOutcome::Passed).count();
    let failed: Vec<&TestResult> = finished.tests.iter().filter(|test| is_failure(test.outcome)).collect();
    let said = failed
        .iter()
        .find_map(|test| test.failure.as_ref())
        .map(|failure| format!("{}: {}", failure.kind, failure.message))
        .unwrap_or_else(|| if finished.succeeded() { String::new() } else { tail(&finished.output) });
    CheckResult {
        ended: how_it_ended(&finished.exit),
        succeeded: finished.succeeded(),
        passed: (!finished.tests.is_empty()).then(|| u32::try_from(passed).unwrap_or(u32::MAX)),
        failed: failed.iter().map(|test| test.id.clone()).collect(),
        said,
        wall_ms: finished.wall_us / 1000,
    }
}

/// How a command ended, in words that follow "the command".
pub fn how_it_ended(exit: &Exit) -> String {
    match exit {
        Exit::Code(code) => format!("ended with exit code {code}"),
        Exit::Signal(signal) => format!("died of signal {signal}"),
        Exit::Stopped(Stop::WallTime) => "did not end within its time".to_owned(),
        Exit::Stopped(Stop::CpuTime) => "took more CPU time than it may".to_owned(),
        Exit::Stopped(Stop::Output) => "printed more than it may".to_owned(),
        Exit::Stopped(Stop::Memory) => "took more memory than it may".to_owned(),
        Exit::Stopped(Stop::Cancelled) => "was cancelled".to_owned(),
    }
}

/// The last lines of an output, at most 600 characters.
fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let from = lines.len().saturating_sub(6);
    let last = lines.get(from..).unwrap_or_default().join("\n");
    let skip = last.chars().count().saturating_sub(600);
    last.chars().skip(skip).collect()
}
