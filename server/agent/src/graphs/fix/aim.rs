//! What a fix is about: lines of a file, or a test that fails wherever the fault may be.

use std::collections::BTreeSet;
use std::sync::Arc;

use bodkin_guard::action::Runner;
use bodkin_guard::report::{Baseline, TestOutcome, TestResult};
use bodkin_repair::Place;
use bodkin_text::RelPath;

use super::{Turn, search, suspects, understand};
use crate::discover::{self, Chosen};
use crate::graphs::test::Part;
use crate::intent::{Fix, FixTest};
use crate::outcome::{Outcome, Refused, Why};
use crate::run::Start;
use crate::testing::{self, Listed, TestId};

/// What a fix is about.
#[derive(Debug)]
pub(super) enum Aim {
    /// Lines of a file.
    Lines(Fix, Arc<str>),
    /// What makes a test fail, in any file but tests.
    Test(TestAim),
}

/// A test that is to be mended.
#[derive(Debug)]
pub(super) struct TestAim {
    id: TestId,
    part: Part,
    /// How it is run alone.
    alone: Runner,
}

impl Aim {
    /// Where the search looks.
    pub(super) fn places(&self, start: &Start, chosen: &Chosen, baseline: &Baseline) -> Vec<Place> {
        match self {
            Self::Lines(fix, text) => search::places(fix, text, baseline),
            Self::Test(aim) => suspects::places(start, chosen, &aim.part.path, baseline),
        }
    }
}

impl TestAim {
    /// The test as it is written, how all tests are run, and how those of its file are.
    pub(super) fn of(fix: &FixTest, start: &Start) -> Result<(Self, Chosen, Runner), Refused> {
        let (path, part) = crate::graphs::test::find(&fix.test, start)?;
        let chosen = understand::tests(&path, fix.command.as_deref(), fix.command_dir.as_ref(), start)?;
        let selected = |id: &TestId| {
            let listed = part.listed.iter().find(|it| it.id == *id);
            let tests: Vec<(&RelPath, &Listed)> = listed.map(|it| (&path, it)).into_iter().collect();
            let read = |path: &RelPath| start.snapshot.file(path).map(bodkin_workspace::File::text);
            let exists = |path: &RelPath| start.listing.binary_search(path).is_ok();
            let tree = discover::Tree { files: &start.listing, read: &read, exists: &exists };
            discover::select(tree, &chosen, &tests).runner
        };
        let alone = selected(&fix.test);
        let file = selected(&TestId::of_file(&path));
        Ok((Self { id: fix.test.clone(), part, alone }, chosen, file))
    }

    /// The results that speak of the test.
    fn results<'r>(&self, tests: &'r [TestResult]) -> Vec<&'r TestResult> {
        testing::results_of(&self.part.path, &self.part.listed, &self.id, tests)
    }
}

impl Turn<'_> {
    /// The tests of the file have been looked at: only what makes the one fail is looked for.
    pub(super) fn looked_at_test(&mut self, baseline: Baseline) -> Result<(), Outcome> {
        let Aim::Test(aim) = &self.work.aim else { return Ok(()) };
        let failing: BTreeSet<&str> = aim
            .results(&baseline.tests)
            .iter()
            .filter(|it| has_failed(it))
            .map(|it| it.id.as_str())
            .collect();
        if failing.is_empty() {
            self.work.looked = Some(baseline);
            return Ok(());
        }
        let others = baseline.tests.iter().any(|it| has_failed(it) && !failing.contains(it.id.as_str()));
        if others {
            // What else fails in the file can not be mended along with it.
            self.work.runner = aim.alone.clone();
        }
        let is_meant = |it: &TestResult| !has_failed(it) || failing.contains(it.id.as_str());
        let tests = baseline.tests.iter().filter(|it| is_meant(it)).cloned().collect();
        self.hurry(&baseline);
        self.begin_hunt(&Baseline { tests, ..baseline })
    }

    /// The look did not show the test failing: the whole measurement may, else it passes.
    pub(super) fn reconcile_test(&mut self) -> Result<(), Outcome> {
        let (Aim::Test(aim), Some(before)) = (&self.work.aim, &self.work.before) else { return Ok(()) };
        let problem = self.work.looked.as_ref().and_then(|it| it.problem.clone());
        let meant = aim.results(&before.tests);
        let failing: Vec<TestResult> =
            meant.iter().filter(|it| has_failed(it)).map(|it| (*it).clone()).collect();
        let id = aim.id.clone();
        if failing.is_empty() {
            let message = match (problem, meant.is_empty()) {
                (Some(problem), true) => format!("`{id}` can not be run: {problem}"),
                (None, true) => format!("`{id}` was not run by the test command, or is not told apart by it"),
                (_, false) => format!("`{id}` passes already: nothing fails that a fix could mend"),
            };
            let hint = "Run the test to see how it goes; a fix is for one that fails.".to_owned();
            return Err(Outcome::Refused(Refused { why: Why::BadRequest, message, hint }));
        }
        let lines = before.lines.clone();
        let command = discover::by_hand(&aim.alone, &self.work.chosen.env);
        self.work.runner = Runner::Command { command, cwd: self.work.chosen.cwd.clone() };
        self.begin_hunt(&Baseline { tests: failing, passed: false, problem: None, lines })
    }
}

fn has_failed(test: &TestResult) -> bool {
    match test.outcome {
        TestOutcome::Failed | TestOutcome::Errored | TestOutcome::TimedOut => true,
        TestOutcome::Passed | TestOutcome::Skipped => false,
    }
}
