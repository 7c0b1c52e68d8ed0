//! What a test command did, test by test and line by line, told by its runner or read from its output.
//!
//! Python's runners are joined by files on the PYTHONPATH, Jest and Vitest by a file that Node loads first, Node tells
//! its lines by itself, and the output of the other runners is read. A format that is not understood gives no tests rather than wrong ones.

mod cargo;
mod go;
mod javascript;
mod jest;
mod node;
mod python;
mod tap;
mod v8;
mod vitest;

use std::path::Path;
use std::sync::Arc;

use bodkin_guard::action::{Limits, Purpose, RunCommand};
use bodkin_guard::report::{Failure, Frame, TestOutcome, TestResult};
use bodkin_text::{Layer, Line1, RelPath};

use crate::launch::{Ended, Launch};
use crate::text;

/// The most tests that one command can tell of.
const MOST_TESTS: usize = 50_000;

/// Watches one command, or does not.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    is_on: bool,
    /// The layer's files, each with its text.
    targets: Vec<(RelPath, Arc<str>)>,
    /// Of the workspace.
    root: String,
    test_limit_s: f64,
}

impl Observer {
    /// Watches if the action asks for it. The lines of the layer's files are told.
    pub(crate) fn of(action: &RunCommand, root: &Path, layer: &Layer) -> Self {
        Self::within(action, &root.canonicalize().unwrap_or_else(|_| root.to_owned()), layer)
    }

    /// The same for a workspace that stands at `root` where the command runs.
    pub(crate) fn within(action: &RunCommand, root: &Path, layer: &Layer) -> Self {
        let texts = layer.iter().filter_map(|(path, text)| Some((path.clone(), Arc::clone(text?))));
        Self {
            is_on: action.observe,
            targets: texts.collect(),
            root: root.to_string_lossy().into_owned(),
            test_limit_s: test_limit_s(action.purpose, &action.limits),
        }
    }

    /// Puts what it needs beside the command.
    pub(crate) fn join(&self, launch: &mut Launch) {
        if self.is_on {
            launch.collect = true;
            python::join(launch, &self.root, &self.paths(), self.test_limit_s);
            v8::join(launch, &self.paths());
            javascript::join(launch, &self.paths());
        }
    }

    /// What the command has told by its end: each test, and the lines of the targets that ran.
    pub(crate) fn read(&self, ended: &Ended, output: &str) -> Seen {
        if !self.is_on {
            return Seen::default();
        }
        let mut tests = python::tests(&ended.collected);
        if tests.is_empty() {
            tests = javascript::tests(&ended.collected, &self.root);
        }
        if tests.is_empty() {
            tests = tests_of(output, &self.root);
        }
        tests.truncate(MOST_TESTS);
        let mut lines = python::lines(&ended.collected, &self.paths());
        let others = [
            v8::lines(&ended.collected, &self.root, &self.targets),
            javascript::lines(&ended.collected, &self.root, &self.paths()),
        ];
        // A runner's own record counts before the engine's, which knows nothing of what was transformed.
        lines.extend(others.into_iter().rev().find(|found| !found.is_empty()).unwrap_or_default());
        lines.sort();
        Seen { tests, lines }
    }

    fn paths(&self) -> Vec<&RelPath> {
        self.targets.iter().map(|(path, _)| path).collect()
    }
}

/// What was seen of a command.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) tests: Vec<TestResult>,
    pub(crate) lines: Vec<(RelPath, Vec<Line1>)>,
}

/// How long one test may take, seconds. What hangs before any change must not eat up the time in which the others
/// would tell how they go; a change that is to be proved gets more.
fn test_limit_s(purpose: Purpose, limits: &Limits) -> f64 {
    let wall_s = limits.wall_ms as f64 / 1000.0;
    let share_s = match purpose {
        Purpose::Baseline => wall_s / 8.0,
        Purpose::Proof => wall_s / 2.0,
        Purpose::Asked => return 0.0,
    };
    limits.test_ms.map_or(share_s, |test_ms| share_s.min(test_ms as f64 / 1000.0))
}

/// The tests that an output speaks of, where its format is known.
pub fn tests_of(output: &str, root: &str) -> Vec<TestResult> {
    let output = text::plain(output);
    [tap::tests, node::tests, jest::tests, vitest::tests, go::tests, cargo::tests]
        .iter()
        .map(|read| read(&output))
        .find(|found| !found.is_empty())
        .map(|found| found.into_iter().map(|it| it.result(root)).collect())
        .unwrap_or_default()
}

/// The first test that an output says has failed.
pub(crate) fn first_failing(output: &str) -> Option<String> {
    let is_bad = |outcome| match outcome {
        TestOutcome::Failed | TestOutcome::Errored | TestOutcome::TimedOut => true,
        TestOutcome::Passed | TestOutcome::Skipped => false,
    };
    tests_of(output, "").into_iter().find(|test| is_bad(test.outcome)).map(|test| test.id)
}

/// A test as an output tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    name: String,
    outcome: TestOutcome,
    duration_us: u64,
    /// Kind and message.
    failure: Option<(String, String)>,
    /// Lines that may name places, innermost first.
    stack: String,
}

impl Told {
    fn new(name: impl Into<String>, outcome: TestOutcome) -> Self {
        Self { name: name.into(), outcome, duration_us: 0, failure: None, stack: String::new() }
    }

    fn result(self, root: &str) -> TestResult {
        let failure = self.failure.as_ref().map(|(kind, message)| (kind.as_str(), message.as_str()));
        let mut result = result(&self.name, self.outcome, self.duration_us, failure);
        if let Some(failure) = &mut result.failure {
            failure.frames = frames(&self.stack, root);
        }
        result
    }
}

/// A test whose name and message are fit to be shown.
fn result(name: &str, outcome: TestOutcome, duration_us: u64, failure: Option<(&str, &str)>) -> TestResult {
    TestResult {
        id: text::cut(name, 500),
        outcome,
        duration_us,
        failure: failure.map(|(kind, message)| Failure {
            kind: text::cut(kind, 200),
            message: text::bounded(message.trim()),
            frames: Vec::new(),
        }),
    }
}

/// The places that a stack names within the workspace, outermost first.
fn frames(stack: &str, root: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = stack.lines().filter_map(|line| frame(line, root)).take(100).collect();
    frames.reverse();
    frames
}

/// `at name (path:line:column)`, `at path:line:column`, `❯ name path:line:column`.
fn frame(line: &str, root: &str) -> Option<Frame> {
    let line = line.trim().trim_end_matches(" {").trim_start_matches("at ").trim_start_matches("❯ ");
    let (name, place) = match line.strip_suffix(')').and_then(|line| line.rsplit_once('(')) {
        Some((name, place)) => (name, place),
        None => line.rsplit_once(' ').unwrap_or(("", line)),
    };
    let mut parts = place.rsplitn(3, ':');
    let (_column, number, path): (u32, u32, &str) =
        (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    let path = path.trim_start_matches("file://");
    let path = path
        .strip_prefix(root)
        .filter(|_| !root.is_empty())
        .map_or(path, |path| path.trim_start_matches('/'));
    let path = RelPath::new(path).ok()?;
    if path.parts().any(|part| part == "node_modules" || part.starts_with("node:")) {
        return None;
    }
    let name = name.trim();
    Some(Frame { path, line: Line1(number), function: (!name.is_empty()).then(|| text::cut(name, 200)) })
}

/// Milliseconds with a fraction, as outputs have them, in microseconds.
fn us(milliseconds: &str) -> u64 {
    let ms: f64 = milliseconds.trim().parse().unwrap_or(0.0);
    (ms.clamp(0.0, 1e12) * 1000.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_has_its_share_of_the_time_or_less_where_that_is_said() {
        let limit_s = |purpose, test_ms| {
            test_limit_s(purpose, &Limits { wall_ms: 60_000, test_ms, ..Limits::default() })
        };
        assert_eq!(limit_s(Purpose::Baseline, None), 7.5);
        assert_eq!(limit_s(Purpose::Baseline, Some(1_500)), 1.5);
        assert_eq!(limit_s(Purpose::Baseline, Some(90_000)), 7.5);
        assert_eq!(limit_s(Purpose::Proof, None), 30.0);
        assert_eq!(limit_s(Purpose::Asked, Some(1_500)), 0.0, "what the user runs is not interrupted");
    }

    #[test]
    fn places_of_a_stack_are_read_in_the_ways_of_node() {
        let stack = "at f (/w/src/a.js:2:3)\nat /w/b.js:4:5\nat x (node:internal/a:1:1)\n\
            at y (/w/node_modules/z.js:1:1)\nat z (file:///w/c.mjs:6:7) {\n❯ g d.ts:8:9\nat w (/elsewhere/q.js:1:1)\n";
        let seen: Vec<String> = frames(stack, "/w")
            .iter()
            .map(|it| format!("{}:{} {}", it.path, it.line, it.function.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(seen, ["d.ts:8 g", "c.mjs:6 z", "b.js:4 -", "src/a.js:2 f"]);
    }
}
