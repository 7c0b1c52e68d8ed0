//! The proof gate: the one place that may say `proved`.
//!
//! A fix is proved by: a check that failed without it and passes with it, in fresh sandboxes; no test that
//! passed before failing after; the changed lines executed; no test changed; no smell of a test special-cased.
//! invariant: only-the-gate-says-proved

use std::collections::BTreeSet;

use bodkin_guard::report::{Exit, Finished, Stop, TestOutcome, TestResult};
use bodkin_text::{Edits, Line0, Line1, LineIndex, RelPath};

use crate::outcome::CheckResult;

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
    Unproved(Findings, Vec<String>),
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
    let before_failed = names(&evidence.before.tests, is_failure);
    let after_failed = names(&evidence.after.tests, is_failure);
    if let Some(reason) = rejected(evidence, &before_failed, &after_failed) {
        return Judgement::Rejected(reason);
    }
    let mended = before_failed.difference(&after_failed).map(|it| (*it).to_owned()).collect();
    let still_failing = before_failed.intersection(&after_failed).map(|it| (*it).to_owned()).collect();
    let (executed, unexecuted) = executed_changes(evidence);
    let findings = Findings { mended, still_failing, executed };
    let missing = missing(evidence, unexecuted);
    if missing.is_empty() { Judgement::Proved(findings) } else { Judgement::Unproved(findings, missing) }
}

fn rejected(evidence: &Evidence<'_>, before: &BTreeSet<&str>, after: &BTreeSet<&str>) -> Option<String> {
    let ended = &evidence.after.exit;
    if matches!(ended, Exit::Stopped(_) | Exit::Signal(_)) {
        return Some(format!("with the change the test command {}", how_it_ended(ended)));
    }
    let newly: Vec<&str> = after.difference(before).copied().collect();
    if let Some(first) = newly.first() {
        return Some(format!("{} test(s) that did not fail before fail with it, first {first}", newly.len()));
    }
    if let Some(test) = evidence.failing.iter().find(|test| after.contains(test.as_str())) {
        return Some(format!("{test} still fails with it in a fresh sandbox"));
    }
    let passed_after = names(&evidence.after.tests, |outcome| outcome == TestOutcome::Passed);
    let passed_before = names(&evidence.before.tests, |outcome| outcome == TestOutcome::Passed);
    if let Some(lost) = passed_before.difference(&passed_after).next() {
        return Some(format!("{lost} passed before and was not run or skipped with it"));
    }
    if evidence.after.succeeded() {
        return None;
    }
    // Failing all the same: only tests that failed before may be the cause, and something must be mended.
    if after.is_empty() {
        return Some(format!("with the change the test command {}", how_it_ended(ended)));
    }
    if before.difference(after).next().is_none() {
        return Some("no failing test passes with it".to_owned());
    }
    None
}

fn missing(evidence: &Evidence<'_>, unexecuted: Option<Vec<Line1>>) -> Vec<String> {
    let mut missing = Vec::new();
    if evidence.before.succeeded() {
        missing.push("the test command passed without the change, in a fresh sandbox".to_owned());
    }
    if evidence.is_test {
        missing.push(format!(
            "`{}` is itself a test: a change to it proves nothing about the code",
            evidence.file
        ));
    }
    match unexecuted {
        None => {
            missing.push("which lines the tests executed could not be told for this test command".to_owned())
        }
        Some(lines) if !lines.is_empty() => {
            let lines: Vec<String> = lines.iter().map(Line1::to_string).collect();
            missing.push(format!("changed lines that no test executed: {}", lines.join(", ")));
        }
        Some(_) => {}
    }
    missing.extend(evidence.smells.iter().cloned());
    missing
}

/// The changed lines that were executed, and those places that were not; `None` where it could not be told.
///
/// A statement may span lines of which an interpreter reports only the first, and a header such as `else:`
/// none: each run of changed lines counts as executed when one of its lines was, or, where it only deletes,
/// the line before or after it.
fn executed_changes(evidence: &Evidence<'_>) -> (Vec<Line1>, Option<Vec<Line1>>) {
    let lines = evidence.after.lines.iter().find(|(path, _)| path == evidence.file).map(|(_, lines)| lines);
    let Some(ran) = lines else { return (Vec::new(), None) };
    let ran: BTreeSet<Line1> = ran.iter().copied().collect();
    let Ok(new) = evidence.edits.apply(evidence.old) else { return (Vec::new(), None) };
    let index = LineIndex::new(&new);
    let (mut executed, mut unexecuted) = (Vec::new(), Vec::new());
    for (first, last) in changed_lines(evidence.edits, &index) {
        let span = (first.0..=last.0).map(|line| Line1::from(Line0(line)));
        let hit: Vec<Line1> = span.filter(|line| ran.contains(line)).collect();
        let near = [first.0, first.0 + 2].map(Line1);
        let statement = enclosing_start(&new, &index, first).is_some_and(|line| ran.contains(&line));
        if hit.is_empty()
            && !statement
            && !(is_deletion(evidence.edits, first, &index) && near.iter().any(|it| ran.contains(it)))
        {
            unexecuted.push(Line1::from(first));
        }
        executed.extend(hit);
    }
    executed.dedup();
    (executed, Some(unexecuted))
}

/// Runs of lines of the new text that the edits touch.
fn changed_lines(edits: &Edits, new: &LineIndex) -> Vec<(Line0, Line0)> {
    let mut shift = 0isize;
    let mut runs: Vec<(Line0, Line0)> = Vec::new();
    for edit in edits.iter() {
        let start = edit.range.start.saturating_add_signed(shift);
        let lead = edit.text.len() - edit.text.trim_start_matches(['\n', '\r']).len();
        let body = edit.text.trim_end().len().max(lead);
        let (from, to) = (start + lead, start + body.saturating_sub(1).max(lead));
        let line = |offset| new.position(offset, bodkin_text::Encoding::Utf8).line;
        let (first, last) = (line(from), line(to));
        match runs.last_mut() {
            Some(run) if first.0 <= run.1.0 => run.1 = run.1.max(last),
            _ => runs.push((first, last)),
        }
        shift += edit.text.len().cast_signed() - edit.range.len().cast_signed();
    }
    runs
}

fn is_deletion(edits: &Edits, line: Line0, new: &LineIndex) -> bool {
    let mut shift = 0isize;
    for edit in edits.iter() {
        let start = edit.range.start.saturating_add_signed(shift);
        if new.position(start, bodkin_text::Encoding::Utf8).line == line && edit.text.trim().is_empty() {
            return true;
        }
        shift += edit.text.len().cast_signed() - edit.range.len().cast_signed();
    }
    false
}

/// The first line of a statement that a bracket or a trailing backslash carries over to `line`.
fn enclosing_start(new: &str, index: &LineIndex, line: Line0) -> Option<Line1> {
    let text_of = |line: u32| index.line_range(Line0(line)).and_then(|range| range.of(new));
    let mut depth = 0i32;
    for above in (0..line.0).rev().take(60) {
        let text = text_of(above)?;
        for character in text.chars().rev() {
            match character {
                ')' | ']' | '}' => depth += 1,
                '(' | '[' | '{' => depth -= 1,
                _ => {}
            }
        }
        if depth < 0 {
            let opens_block = text.trim_end().ends_with('{') || text.trim_end().ends_with("=> {");
            return (!opens_block).then(|| Line1::from(Line0(above)));
        }
        if depth == 0 && text.trim_end().ends_with('\\') {
            return Some(Line1::from(Line0(above)));
        }
    }
    None
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
