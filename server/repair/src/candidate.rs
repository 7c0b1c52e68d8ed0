//! What a search gives and what it is told.

use bodkin_text::{FileEdit, Line0, RelPath};

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: RelPath,
    /// First and last line, both included.
    pub lines: (Line0, Line0),
    /// How sure it is that the fault is there.
    pub certainty: Certainty,
}

/// How sure a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The user selected it: its lines come first, the rest of the function much later.
    Selected,
    /// It was worked out: earlier places before later ones, neighbours a little later.
    Suspected,
}

/// How far a search goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Changes the order of candidates of nearly equal cost; zero leaves it as it is.
    pub seed: u64,
    /// Candidates drawn at most.
    pub max_candidates: usize,
    /// Proposals worked out at most; the bound of time and memory.
    pub max_proposals: usize,
    /// How much likelier the seed may make a candidate, in nats.
    pub jitter: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 0, max_candidates: 20_000, max_proposals: 100_000, jitter: 0.3 }
    }
}

/// Names a candidate within its search, counted from zero in the order of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CandidateId(pub u32);

/// One change that may be the fix. Nothing is known of it but that the result parses.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its name in the search.
    pub id: CandidateId,
    /// The operator that proposed it.
    pub operator: &'static str,
    /// The change, bound to the content that it was made for.
    pub edits: FileEdit,
    /// Negative logarithm of its probability, in nats; lower is likelier.
    pub cost: f32,
    /// One short sentence for the user: "use `<=` instead of `<`".
    pub why: String,
    /// What speaks against offering it; it is drawn late and must be shown marked.
    pub cautions: Vec<Caution>,
}

/// A form of change that often passes tests without being a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Caution {
    /// It deletes a statement.
    DeletesStatement,
    /// It leaves early without a reason: a bare `return`, `break`, `continue`.
    LeavesEarly,
    /// It makes a condition always true or always false.
    ConstantCondition,
    /// It deletes what makes a loop progress.
    DeletesLoopUpdate,
    /// It deletes a call that may have had an effect.
    DeletesCall,
    /// It writes down the value that the test expects.
    FitsTheTest,
    /// It changes a test or an assertion.
    WeakensCheck,
}

impl Caution {
    /// Nats that it adds to the cost.
    pub(crate) fn cost(self) -> f32 {
        match self {
            Self::DeletesStatement | Self::LeavesEarly | Self::ConstantCondition | Self::DeletesCall => 4.0,
            Self::DeletesLoopUpdate | Self::FitsTheTest => 5.0,
            Self::WeakensCheck => 6.0,
        }
    }

    /// For the user.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::DeletesStatement => "it deletes a statement",
            Self::LeavesEarly => "it leaves the function or loop early, without a value",
            Self::ConstantCondition => "it makes a condition constant",
            Self::DeletesLoopUpdate => "it deletes what makes a loop progress",
            Self::DeletesCall => "it deletes a call",
            Self::FitsTheTest => "it writes down the value that the test expects",
            Self::WeakensCheck => "it changes a check",
        }
    }
}

/// How a candidate went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Which one.
    pub id: CandidateId,
    /// How it went.
    pub result: FeedbackResult,
}

/// How a candidate went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedbackResult {
    /// Every selected test passed.
    Passed,
    /// A test failed.
    Failed {
        /// How many tests that failed before pass now.
        mended: u32,
        /// Kind of the first failure.
        kind: String,
        /// Its message.
        message: String,
        /// How many tests ran.
        ran: u32,
    },
    /// It did not end within its budget.
    TimedOut,
    /// The changed file could not be loaded.
    Broken,
    /// The process died.
    Crashed,
}

/// Why there is nothing to search.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSearch {
    /// No place was given and no failure points at one.
    #[error("no line was given and no failure points at one")]
    NoPlace,
    /// The file is not in the snapshot.
    #[error("`{0}` is not in the workspace")]
    NoFile(RelPath),
    /// No operators for it.
    #[error("the language of `{0}` is not known to the repair engine yet")]
    UnknownLanguage(RelPath),
    /// The parser gave it up.
    #[error("`{0}` is too large to be searched")]
    TooLarge(RelPath),
    /// A syntax error at the place.
    #[error("`{0}` does not parse near line {line}; fix the syntax error first", line = .1.0 + 1)]
    DoesNotParse(RelPath, Line0),
    /// The line is past the end, or holds nothing to change.
    #[error("there is no code near line {line} of `{0}`", line = .1.0 + 1)]
    NoCode(RelPath, Line0),
}
