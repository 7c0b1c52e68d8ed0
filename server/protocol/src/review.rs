//! Deciding about an offer, hunk by hunk.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Argument of the request that decides about an offer. With neither `path` nor `hunks` it speaks of all that is
/// undecided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DecideArguments {
    /// The run, as in `r12`.
    pub run_id: String,
    /// What is decided.
    pub choice: Choice,
    /// Only hunks of this file; null: of every file.
    pub path: Option<String>,
    /// Only these hunks, decided before or not; null: all that are undecided.
    pub hunks: Option<Vec<String>>,
    /// Whether the review ends with this: what is still undecided counts as rejected.
    #[serde(default)]
    pub finish: bool,
    /// Whether a part that could not be proved is to be put in place all the same.
    #[serde(default)]
    pub anyway: bool,
}

/// What is decided about hunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// They are wanted.
    Accept,
    /// They are not.
    Reject,
}

/// How far the decision about an offer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The run, as in `r12`.
    pub run_id: String,
    /// How far it is.
    pub state: ReviewState,
    /// What the accepted part lacks for a proof, in sentences; of the whole offer while nothing is rejected.
    pub missing: Vec<String>,
    /// The files of the offer, by path.
    pub files: Vec<ReviewedFile>,
}

/// How far the decision about an offer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Hunks are undecided.
    Open,
    /// The accepted part is being proved, because it is not the whole.
    Proving,
    /// The accepted part is not proved: it is put in place only if that is wanted all the same.
    Unproved,
    /// It is with the editor.
    Applying,
    /// It stands.
    Applied,
    /// Nothing of it is wanted.
    Declined,
    /// It could not be put in place; the message says why. It may be decided again.
    Withheld,
}

/// One file of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewedFile {
    /// The file, below the workspace's folder, with `/` between parts.
    pub path: String,
    /// The file, as the client names it.
    pub uri: String,
    /// Its hunks, in order of position.
    pub hunks: Vec<ReviewedHunk>,
}

/// One hunk of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewedHunk {
    /// The hunk, as the offer names it.
    pub id: String,
    /// What is decided about it.
    pub state: HunkState,
}

/// What is decided about a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HunkState {
    /// Nothing yet.
    Undecided,
    /// It is wanted.
    Accepted,
    /// It is not.
    Rejected,
}

/// Argument of the request for a text of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContentArguments {
    /// The run, as in `r12`.
    pub run_id: String,
    /// The file, below the workspace's folder.
    pub path: String,
    /// Which of its texts.
    pub side: ContentSide,
}

/// Which text of a file of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentSide {
    /// The text that the patch was made for.
    Before,
    /// The text with the whole patch.
    After,
    /// The text with every hunk that is not rejected.
    Accepted,
}

/// A text of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// The text, line ends as they are.
    pub text: String,
}
