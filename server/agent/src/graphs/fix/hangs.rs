//! Tests that hang before any change: how long the measurement waits for them.
//!
//! The warm runner knows soon which tests hang and what the others need. A measurement that would wait for each hang
//! as long as anything may take is made again with a limit that follows from that. What the look did not see hang is
//! never counted as hung by such a limit.

use bodkin_guard::report::{Baseline, Finished, TestOutcome, TestResult};

use super::Turn;
use crate::run::Act;

/// A test may take so many times what the slowest of those took that ended.
const TIMES_THE_SLOWEST: u64 = 20;

/// No test gets less time than this, milliseconds.
const LEAST_MS: u64 = 1_000;

/// What is known of tests that hang.
#[derive(Debug)]
pub(super) struct Hangs {
    /// Tests that did not end.
    hung: Vec<String>,
    /// Wall time that one test gets in the measurement, milliseconds.
    pub(super) test_ms: u64,
}

impl Hangs {
    /// `None` where every test ended.
    fn of(baseline: &Baseline) -> Option<Self> {
        let hung: Vec<String> = hung(&baseline.tests).map(|test| test.id.clone()).collect();
        let ended = baseline.tests.iter().filter(|test| test.outcome != TestOutcome::TimedOut);
        let slowest_ms = ended.map(|test| test.duration_us / 1000).max().unwrap_or(0);
        let test_ms = slowest_ms.saturating_mul(TIMES_THE_SLOWEST).max(LEAST_MS);
        (!hung.is_empty()).then_some(Self { hung, test_ms })
    }
}

impl Turn<'_> {
    /// Begins a measurement anew that has hangs before it.
    pub(super) fn hurry(&mut self, looked: &Baseline) {
        let (Some(hangs), Some(id)) = (Hangs::of(looked), self.work.measuring) else { return };
        self.acts.add(|_| Act::Stop(id));
        self.work.hangs = Some(hangs);
        self.work.measure(self.acts);
    }

    /// Whether a test that the look did not see hang was not given the time that it needs.
    pub(super) fn was_hurried_too_much(&self, before: &Finished) -> bool {
        let Some(hangs) = &self.work.hangs else { return false };
        hung(&before.tests).any(|test| !hangs.hung.contains(&test.id))
    }
}

fn hung(tests: &[TestResult]) -> impl Iterator<Item = &TestResult> {
    tests.iter().filter(|test| test.outcome == TestOutcome::TimedOut)
}
