//! How the tests of each folder went last, kept in step with what is typed.
//!
//! Only tests that have ended are kept; one that is run again stands as before until it ends.

use std::collections::BTreeMap;

use bodkin_host::code::{TestId, TestReport, TestState};
use bodkin_text::{Bias, Edits, Line0, LineIndex, RelPath};

use crate::folders::FolderId;

/// The tests of every folder that have run.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    files: BTreeMap<(FolderId, RelPath), BTreeMap<TestId, TestReport>>,
}

impl Outcomes {
    /// Takes in how tests stand; the files of which something has changed.
    pub(crate) fn take(&mut self, folder: FolderId, reports: &[TestReport]) -> Vec<RelPath> {
        let mut changed: Vec<RelPath> = Vec::new();
        for report in reports.iter().filter(|it| has_ended(it.state)) {
            let known = self.files.entry((folder, report.file.clone())).or_default();
            if !changed.contains(&report.file) {
                changed.push(report.file.clone());
                // What was wrong with the file as a whole is told anew or is over.
                known.remove(&TestId::of_file(&report.file));
            }
            known.insert(report.id.clone(), report.clone());
        }
        changed
    }

    /// The tests of one file that have run.
    pub(crate) fn of(&self, folder: FolderId, file: &RelPath) -> impl Iterator<Item = &TestReport> {
        self.files.get(&(folder, file.clone())).into_iter().flat_map(BTreeMap::values)
    }

    /// Every test of a folder that has run.
    pub(crate) fn in_folder(&self, folder: FolderId) -> impl Iterator<Item = &TestReport> {
        self.files.iter().filter(move |(key, _)| key.0 == folder).flat_map(|(_, tests)| tests.values())
    }

    /// How a test went last.
    pub(crate) fn state(&self, folder: FolderId, file: &RelPath, id: &TestId) -> Option<TestState> {
        self.files.get(&(folder, file.clone()))?.get(id).map(|it| it.state)
    }

    /// The lines of a file move with its text.
    pub(crate) fn follow(&mut self, folder: FolderId, file: &RelPath, old: &str, new: &str) {
        let Some(known) = self.files.get_mut(&(folder, file.clone())) else { return };
        let (was, is) = (LineIndex::new(old), LineIndex::new(new));
        let edits = Edits::between(old, new);
        for line in known.values_mut().filter_map(|it| it.line.as_mut()) {
            // The end of a line moves with it even where something is put in front of it.
            if let Some(range) = was.line_range(*line) {
                *line = is.line(edits.map_offset(range.end, Bias::Left));
            }
        }
    }

    /// Forgets the tests of a folder.
    pub(crate) fn forget(&mut self, folder: FolderId) -> Vec<RelPath> {
        let gone: Vec<_> = self.files.keys().filter(|it| it.0 == folder).cloned().collect();
        gone.into_iter()
            .map(|key| {
                self.files.remove(&key);
                key.1
            })
            .collect()
    }
}

/// Whether a test is over.
fn has_ended(state: TestState) -> bool {
    match state {
        TestState::Passed | TestState::Failed | TestState::Skipped | TestState::TimedOut => true,
        TestState::Queued | TestState::Running => false,
    }
}

/// Whether a test is in want of a fix.
pub(crate) fn has_failed(state: TestState) -> bool {
    match state {
        TestState::Failed | TestState::TimedOut => true,
        TestState::Passed | TestState::Skipped | TestState::Queued | TestState::Running => false,
    }
}

/// The line of a report as an editor counts it.
pub(crate) fn line_of(report: &TestReport) -> Option<u32> {
    report.line.map(|Line0(line)| line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str, state: TestState, line: u32) -> TestReport {
        let id = TestId::parse(id).unwrap();
        let file = id.file().unwrap();
        TestReport { line: Some(Line0(line)), ..TestReport::waiting(id, file, state) }
    }

    fn rel(path: &str) -> RelPath {
        RelPath::new(path).unwrap()
    }

    #[test]
    fn a_test_stands_as_before_until_it_has_ended_again() {
        let (folder, mut outcomes) = (FolderId(0), Outcomes::default());
        let id = TestId::parse("a.py::t").unwrap();
        outcomes.take(folder, &[report("a.py::t", TestState::Failed, 3)]);
        assert_eq!(outcomes.take(folder, &[report("a.py::t", TestState::Running, 0)]), []);
        assert_eq!(outcomes.state(folder, &rel("a.py"), &id), Some(TestState::Failed));
        assert_eq!(outcomes.take(folder, &[report("a.py::t", TestState::Passed, 0)]), [rel("a.py")]);
        assert_eq!(outcomes.state(folder, &rel("a.py"), &id), Some(TestState::Passed));
        assert_eq!(outcomes.state(FolderId(1), &rel("a.py"), &id), None);
    }

    #[test]
    fn what_was_wrong_with_a_file_is_over_when_its_tests_run() {
        let (folder, mut outcomes) = (FolderId(0), Outcomes::default());
        outcomes.take(folder, &[report("a.py", TestState::Failed, 0)]);
        outcomes.take(folder, &[report("a.py::t", TestState::Passed, 0)]);
        let ids: Vec<&str> = outcomes.of(folder, &rel("a.py")).map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["a.py::t"]);
    }

    #[test]
    fn a_failure_stays_at_its_line_while_the_user_types() {
        let follow = |old: &str, new: &str| {
            let (folder, mut outcomes) = (FolderId(0), Outcomes::default());
            outcomes.take(folder, &[report("a.py::t", TestState::Failed, 1)]);
            outcomes.follow(folder, &rel("a.py"), old, new);
            outcomes.of(folder, &rel("a.py")).next().and_then(line_of).unwrap()
        };
        assert_eq!(follow("a\nb\nc\n", "new\na\nb\nc\n"), 2);
        assert_eq!(follow("a\nb\nc\n", "a\nnew\nb\nc\n"), 2);
        assert_eq!(follow("a\nb\nc\n", "b\nc\n"), 0);
        assert_eq!(follow("a\nb\nc\n", "a\nb\nnew\nc\n"), 1);
        assert_eq!(follow("a\nb\nc\n", "a\nb changed\nc\n"), 1);
    }
}
