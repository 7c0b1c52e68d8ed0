//! How a run ends, and what it offers.

use std::sync::Arc;

use bodkin_guard::action::CommandLine;
use bodkin_guard::report::Isolation;
use bodkin_text::{HunkId, Line1, Patch, PatchError, RelPath};

use crate::testing::Tally;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A patch was proved. Only the proof gate says so.
    Proved,
    /// A patch passes the tests, but part of the evidence is missing.
    Unproved {
        /// What is missing, in sentences.
        missing: Vec<String>,
    },
    /// The tests that were asked for have run.
    Tested(Tally),
    /// Everything within the budget was tried.
    Exhausted {
        /// What was tried and what to do next.
        reason: String,
    },
    /// The run could not be done as asked.
    Refused(Refused),
    /// The user cancelled it.
    Cancelled,
    /// Something broke that is not the user's doing.
    Failed {
        /// What, and the next step.
        reason: String,
    },
}

/// Why a run could not be done as asked: what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What the caller can do about it.
    pub why: Why,
    /// What happened, naming the thing.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// What the caller can do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Ask differently.
    BadRequest,
    /// Consent, or change a rule.
    Policy,
    /// Run it again on the present text.
    Stale,
    /// Wait, or install what is missing.
    Unavailable,
}

/// A patch with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The change, against the texts that the run began with.
    pub patch: Patch,
    /// Each file's text before and after.
    pub files: Vec<OfferedFile>,
    /// What the change does, in a sentence.
    pub summary: String,
    /// Which operator or model proposed it.
    pub proposer: String,
    /// What a reviewer should look at twice.
    pub cautions: Vec<String>,
    /// How many other candidates passed the tests as well.
    pub alternatives: usize,
    /// The evidence.
    pub proof: Proof,
}

/// Some hunks of an offer, with the evidence for them alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The hunks, as they were asked for.
    pub hunks: Vec<HunkId>,
    /// The change reduced to them.
    pub offer: Offer,
}

impl Offer {
    /// The change reduced to some of its hunks, and the files that are left.
    pub fn only(&self, hunks: &[HunkId]) -> Result<(Patch, Vec<OfferedFile>), PatchError> {
        let patch = self.patch.choose(|path| self.before(path), hunks)?;
        let files = patch
            .files
            .iter()
            .map(|edit| {
                let before = self.before(&edit.path).unwrap_or_default();
                let after = edit.apply(&before)?;
                Ok(OfferedFile { path: edit.path.clone(), before: before.to_string(), after })
            })
            .collect::<Result<_, PatchError>>()?;
        Ok((patch, files))
    }

    /// The text that the change was made for.
    pub fn before(&self, path: &RelPath) -> Option<Arc<str>> {
        self.files.iter().find(|it| it.path == *path).map(|it| it.before.as_str().into())
    }
}

/// One file of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedFile {
    /// The file.
    pub path: RelPath,
    /// Its text when the run began.
    pub before: String,
    /// Its text with the patch.
    pub after: String,
}

/// The evidence for a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What was run, word for word.
    pub command: CommandLine,
    /// The folder it ran in; `None` is the root.
    pub cwd: Option<RelPath>,
    /// How it went without the patch.
    pub before: CheckResult,
    /// How it went with the patch.
    pub after: CheckResult,
    /// Tests that failed before and pass now.
    pub mended: Vec<String>,
    /// Tests that failed before and still do.
    pub still_failing: Vec<String>,
    /// Changed lines (of the new text) that the tests ran; by file.
    pub executed: Vec<(RelPath, Vec<Line1>)>,
    /// How many candidates were tried.
    pub candidates: u32,
    /// Milliseconds from the start of the run to the proof.
    pub elapsed_ms: u64,
    /// Where it ran.
    pub isolation: Isolation,
    /// What is missing; empty when proved.
    pub missing: Vec<String>,
}

impl Proof {
    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// How a test command went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// `exit code 1`, `stopped after 60 s` …
    pub ended: String,
    /// Whether it ended with exit code 0.
    pub succeeded: bool,
    /// Tests that passed, where they could be told.
    pub passed: Option<u32>,
    /// Tests that failed, where they could be told.
    pub failed: Vec<String>,
    /// The first failure's kind and message, or the tail of the output.
    pub said: String,
    /// Wall time, milliseconds.
    pub wall_ms: u64,
}
