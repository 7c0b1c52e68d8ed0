//! What is said to the Python runner and what it answers, as types. Private to this crate and its scripts.

use std::collections::BTreeMap;

use bodkin_guard::report::{Baseline, Probed, Verdict};
use serde::{Deserialize, Serialize};

use super::edits::Splice;

/// A request.
#[derive(Debug, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Ask<'a> {
    /// Load the tests and look at them as they are.
    Load {
        /// `pytest` or `unittest`.
        kind: &'a str,
        /// The runner's own arguments.
        args: &'a [String],
        /// The files that candidates will change.
        targets: Vec<&'a str>,
        /// How many candidates at once.
        jobs: u32,
        /// Bytes that a candidate's process may take above what the loaded tests take.
        memory: u64,
        /// How many failing tests are looked at line by line.
        traced: u32,
        /// Seconds that loading may take.
        load_s: f64,
        /// What one test may use up as it is.
        budget: Budget,
    },
    /// Try candidates.
    Try {
        /// The texts that the candidates are splices of.
        base: BTreeMap<&'a str, &'a str>,
        /// The candidates.
        candidates: Vec<Candidate<'a>>,
    },
    /// End the batch.
    Stop,
}

/// What a test may use up.
#[derive(Debug, Serialize)]
pub(super) struct Budget {
    pub(super) cpu_s: f64,
    pub(super) wall_s: f64,
    pub(super) ticks: u64,
}

/// One candidate: its files, each as a splice, or `None` where it is removed.
#[derive(Debug, Serialize)]
pub(super) struct Candidate<'a> {
    pub(super) index: u32,
    pub(super) files: BTreeMap<&'a str, Option<Splice>>,
}

/// An answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// The tests as they are.
    Baseline(Baseline),
    /// One candidate.
    Probed(Tried),
    /// The batch is over.
    Done(()),
}

/// One candidate, as the runner tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Tried {
    pub(super) index: u32,
    verdict: Said,
    mended: u32,
    ran: u32,
    cpu_us: u64,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Said {
    Passed,
    Failed { test: String, failure: String, message: String },
    TimedOut,
    Broken { why: String },
    Crashed { why: String },
}

impl From<Tried> for Probed {
    fn from(tried: Tried) -> Self {
        let verdict = match tried.verdict {
            Said::Passed => Verdict::Passed,
            Said::Failed { test, failure, message } => Verdict::Failed { test, failure, message },
            Said::TimedOut => Verdict::TimedOut,
            Said::Broken { why } => Verdict::Broken(why),
            Said::Crashed { why } => Verdict::Crashed(why),
        };
        Self { index: tried.index, verdict, mended: tried.mended, ran: tried.ran, cpu_us: tried.cpu_us }
    }
}
