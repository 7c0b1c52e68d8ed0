//! From a runner's own names to ours, and from its failures to lines.
//!
//! Runners name tests in their own ways (`tests/test_a.py::test_b[1]`, `test_a.B.test_c`, `suite > does this`), some
//! with their file and some without. What fits no test that is written down is told of its file, so that no
//! failure is lost.

use std::collections::{BTreeMap, BTreeSet};

use bodkin_guard::report::{Exit, Failure, Finished, Frame, TestOutcome, TestResult};
use bodkin_text::{Line0, LineIndex, RelPath};

use super::listed::{Listed, ListedKind, TestId};
use super::report::{TestReport, TestState};
use crate::proof;

/// A file of tests: its path, its text, and what is written down in it.
type Written<'a> = (&'a RelPath, &'a str, &'a [Listed]);

/// How the tests in `files` went by what a command told; one report for each that is in `wanted`, or all.
pub fn reports(
    files: &[Written<'_>],
    wanted: Option<&BTreeSet<TestId>>,
    finished: &Finished,
) -> Vec<TestReport> {
    let known = Known::of(files);
    let mut told: BTreeMap<&TestId, Vec<&TestResult>> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut strays: Vec<&TestResult> = Vec::new();
    for result in &finished.tests {
        match known.find(result, &taken) {
            Some(listed) => {
                taken.insert(&listed.id);
                told.entry(&listed.id).or_default().push(result);
            }
            None => strays.push(result),
        }
    }
    let mut reports = Vec::new();
    for (path, text, listed) in files {
        let lines = LineIndex::new(text);
        let Some(file) = listed.first().map(|listed| Place { path, lines: &lines, listed }) else { continue };
        let of_file: Vec<&TestResult> =
            strays.iter().copied().filter(|it| is_failure(it.outcome) && speaks_of(it, path)).collect();
        let unloaded = told.get(&file.listed.id).map(|results| file.ended(results, Title::Own));
        let is_wanted = |it: &Listed| wanted.is_none_or(|wanted| wanted.contains(&it.id));
        for it in listed.iter().filter(|it| is_wanted(it) && it.kind != ListedKind::File) {
            let place = Place { path, lines: &lines, listed: it };
            match (told.get(&it.id), it.kind) {
                (Some(results), _) => reports.push(place.ended(results, Title::Own)),
                (None, ListedKind::Test) => match &unloaded {
                    Some(report) => reports.push(place.unloaded(report, is_wanted(file.listed))),
                    None => reports.push(place.untold(finished)),
                },
                (None, ListedKind::File | ListedKind::Group) => {}
            }
        }
        match unloaded {
            Some(report) if is_wanted(file.listed) => reports.push(report),
            _ if of_file.is_empty() => {}
            _ => reports.push(file.ended(&of_file, Title::Theirs)),
        }
    }
    reports
}

/// The results that speak of one test, of all in a group or file, or of a file of it that could not be loaded.
pub fn results_of<'r>(
    path: &RelPath,
    listed: &[Listed],
    id: &TestId,
    results: &'r [TestResult],
) -> Vec<&'r TestResult> {
    let known = Known::of(&[(path, "", listed)]);
    let Some(meant) = listed.iter().find(|it| it.id == *id) else { return Vec::new() };
    let speaks = |result: &&TestResult| match known.find(result, &BTreeSet::new()) {
        Some(it) => it.kind == ListedKind::File || it.names.starts_with(&meant.names),
        None => meant.kind == ListedKind::File && speaks_of(result, path),
    };
    results.iter().filter(speaks).collect()
}

/// Whether a test is among those that a runner named.
pub fn is_named(path: &RelPath, listed: &[Listed], id: &TestId, names: &[String]) -> bool {
    let outcome = TestOutcome::Passed;
    let results =
        names.iter().map(|name| TestResult { id: name.clone(), outcome, duration_us: 0, failure: None });
    !results_of(path, listed, id, &results.collect::<Vec<_>>()).is_empty()
}

/// Tests by the names that runners may give them.
struct Known<'a> {
    by_name: BTreeMap<String, Vec<(&'a RelPath, &'a Listed)>>,
}

impl<'a> Known<'a> {
    fn of(files: &[Written<'a>]) -> Self {
        let mut by_name: BTreeMap<String, Vec<(&RelPath, &Listed)>> = BTreeMap::new();
        for (path, _, listed) in files {
            for it in *listed {
                let keys: BTreeSet<String> = match it.kind {
                    ListedKind::File => BTreeSet::from([String::new()]),
                    ListedKind::Group | ListedKind::Test => {
                        ["::", ".", " > "].iter().map(|mark| it.names.join(mark)).collect()
                    }
                };
                for key in keys {
                    by_name.entry(key).or_default().push((path, it));
                }
            }
        }
        Self { by_name }
    }

    /// The test that a result speaks of; of several with one name the one that its failure names, else the next.
    fn find(&self, result: &TestResult, taken: &BTreeSet<&TestId>) -> Option<&'a Listed> {
        let mut fitting: Vec<(&RelPath, &Listed)> = Vec::new();
        for (file, name) in readings(&result.id) {
            let with_name = self.by_name.get(&name).into_iter().flatten();
            fitting.extend(with_name.filter(|(path, _)| file.as_ref().is_none_or(|it| it.fits(path))));
            if !fitting.is_empty() {
                break;
            }
        }
        let named = result.failure.as_ref().and_then(|failure| {
            fitting.iter().find(|(path, _)| failure.frames.iter().any(|frame| frame.path == **path))
        });
        let free = || fitting.iter().find(|(_, it)| !taken.contains(&it.id));
        named.or_else(free).or_else(|| fitting.first()).map(|(_, it)| *it)
    }
}

/// How a runner may write a file.
enum FileName {
    Path(String),
    Module(String),
}

impl FileName {
    /// Whether one is the end of the other: runners count paths from other folders than we do.
    fn fits(&self, path: &RelPath) -> bool {
        let is_end = |long: &str, short: &str, mark: char| {
            long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with(mark))
        };
        match self {
            Self::Path(name) => {
                let (name, path) = (name.trim_start_matches("./"), path.as_str());
                is_end(name, path, '/') || is_end(path, name, '/')
            }
            Self::Module(name) => {
                let module = path.as_str().trim_end_matches(".py").replace('/', ".");
                is_end(name, &module, '.') || is_end(&module, name, '.')
            }
        }
    }
}

/// What a runner's name may mean, likeliest first: a file where it tells one, and the names below it.
fn readings(id: &str) -> Vec<(Option<FileName>, String)> {
    if let Some((file, names)) = id.split_once("::") {
        let names = names.split('[').next().unwrap_or(names);
        return vec![(Some(FileName::Path(file.to_owned())), names.to_owned())];
    }
    let mut readings = vec![(None, id.to_owned())];
    if let Some((file, names)) = id.split_once(" > ") {
        readings.push((Some(FileName::Path(file.to_owned())), names.to_owned()));
    }
    let dotted = id.strip_prefix("unittest.loader._FailedTest.").unwrap_or(id);
    // Of `tests.test_a.B.test_c` the module may end at any dot.
    for (at, _) in dotted.match_indices('.') {
        if let (Some(module), Some(names)) = (dotted.get(..at), dotted.get(at + 1..)) {
            readings.push((Some(FileName::Module(module.to_owned())), names.to_owned()));
        }
    }
    readings.push((Some(FileName::Path(dotted.to_owned())), String::new()));
    readings.push((Some(FileName::Module(dotted.to_owned())), String::new()));
    readings
}

/// Whether a report needs its runner's name of the test beside our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Title {
    Own,
    Theirs,
}

/// One test where it is written.
struct Place<'a> {
    path: &'a RelPath,
    lines: &'a LineIndex,
    listed: &'a Listed,
}

impl Place<'_> {
    /// The report of a test that ran, with each set of its parameters.
    fn ended(&self, results: &[&TestResult], title: Title) -> TestReport {
        let failed: Vec<&&TestResult> = results.iter().filter(|it| is_failure(it.outcome)).collect();
        let state = match failed.first().map(|it| it.outcome) {
            Some(TestOutcome::TimedOut) => TestState::TimedOut,
            Some(_) => TestState::Failed,
            None if results.iter().any(|it| it.outcome == TestOutcome::Passed) => TestState::Passed,
            None => TestState::Skipped,
        };
        let failure = failed.iter().find_map(|it| it.failure.as_ref());
        let duration_us: u64 = results.iter().map(|it| it.duration_us).sum();
        TestReport {
            message: self.message(&failed, results.len(), title),
            line: (!failed.is_empty()).then(|| self.line(failure)),
            cause: failure.and_then(|it| cause(&it.frames)),
            duration_ms: Some(duration_us / 1000),
            ..TestReport::waiting(self.listed.id.clone(), self.path.clone(), state)
        }
    }

    /// The report of a test whose file could not be loaded: told as the file's, where that is told.
    fn unloaded(&self, file: &TestReport, is_file_told: bool) -> TestReport {
        let state = if is_file_told { TestState::Skipped } else { file.state };
        let message = format!("Its file could not be loaded: {}", file.message);
        let line = if is_file_told { None } else { file.line };
        let report = TestReport::waiting(self.listed.id.clone(), self.path.clone(), state);
        TestReport { message, line, cause: file.cause.clone().filter(|_| !is_file_told), ..report }
    }

    /// The report of a test of which the runner said nothing.
    fn untold(&self, finished: &Finished) -> TestReport {
        let tells_passes = finished.tests.iter().any(|it| it.outcome == TestOutcome::Passed);
        let tells_failures = finished.tests.iter().any(|it| is_failure(it.outcome));
        let ended = matches!(finished.exit, Exit::Code(_));
        let (state, message) = match (finished.succeeded(), tells_passes, tells_failures) {
            // Some runners list only what fails; then the rest passed.
            (true, false, _) => (TestState::Passed, String::new()),
            (false, false, true) if ended => (TestState::Passed, String::new()),
            (_, true, _) | (false, false, true) => (TestState::Skipped, "It was not run.".to_owned()),
            (false, false, false) => (TestState::Failed, proof::summarise(finished).said),
        };
        let line = (state == TestState::Failed).then(|| self.lines.line(self.listed.selection.start));
        let report = TestReport::waiting(self.listed.id.clone(), self.path.clone(), state);
        TestReport { message, line, ..report }
    }

    fn message(&self, failed: &[&&TestResult], all: usize, title: Title) -> String {
        let Some(first) = failed.first() else { return String::new() };
        let said = match &first.failure {
            Some(Failure { kind, message, .. }) if message.is_empty() => kind.clone(),
            Some(Failure { kind, message, .. }) => format!("{kind}: {message}"),
            None => "It failed.".to_owned(),
        };
        let parameters = first.id.split_once('[').map(|(_, rest)| format!("[{rest} "));
        match (parameters, self.listed.kind) {
            (Some(parameters), ListedKind::Test) if all > 1 => {
                format!("{} of {all} fail, first {parameters}{said}", failed.len())
            }
            (Some(parameters), ListedKind::Test) => format!("{parameters}{said}"),
            (_, ListedKind::File | ListedKind::Group | ListedKind::Test) => match title {
                Title::Own => said,
                Title::Theirs => format!("{}: {said}", first.id),
            },
        }
    }

    /// The innermost line of the test that failed; its own where its runner names none.
    fn line(&self, failure: Option<&Failure>) -> Line0 {
        let (first, last) =
            (self.lines.line(self.listed.range.start), self.lines.line(self.listed.range.end));
        let frames = failure.map(|it| it.frames.as_slice()).unwrap_or_default();
        let here = || frames.iter().rev().filter(|it| it.path == *self.path).map(|it| Line0::from(it.line));
        let inside = here().find(|line| (first..=last).contains(line));
        inside.or_else(|| here().next()).unwrap_or_else(|| self.lines.line(self.listed.selection.start))
    }
}

/// The innermost place outside of tests.
fn cause(frames: &[Frame]) -> Option<(RelPath, Line0)> {
    let outside = frames.iter().rev().find(|it| !crate::is_test_file(&it.path))?;
    Some((outside.path.clone(), Line0::from(outside.line)))
}

fn is_failure(outcome: TestOutcome) -> bool {
    match outcome {
        TestOutcome::Failed | TestOutcome::Errored | TestOutcome::TimedOut => true,
        TestOutcome::Passed | TestOutcome::Skipped => false,
    }
}

/// Whether a result that fits no test is one of this file.
fn speaks_of(result: &TestResult, path: &RelPath) -> bool {
    let frames = result.failure.as_ref().map(|it| it.frames.as_slice()).unwrap_or_default();
    let by_name = readings(&result.id).iter().any(|(file, _)| file.as_ref().is_some_and(|it| it.fits(path)));
    by_name || frames.iter().any(|frame| frame.path == *path)
}
