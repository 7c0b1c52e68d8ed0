//! What would travel to another machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Payload of `bodkin sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncPayload {
    /// Hash of all that would travel; 64 hexadecimal digits. The same files give the same hash.
    pub root: String,
    /// Bytes of all that would travel, before compression.
    pub bytes: u64,
    /// What would travel, ordered by path.
    pub files: Vec<SyncFile>,
    /// What stays here for another reason than that version control ignores it.
    pub left_out: Vec<SyncLeft>,
    /// What would travel and is worth a word.
    pub remarks: Vec<SyncLeft>,
}

/// A file or a link that would travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncFile {
    /// Path below the workspace's folder; what could deceive a reader is escaped.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Whether it is a symbolic link, of which only the text travels.
    pub is_link: bool,
}

/// A path and what there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncLeft {
    /// Path below the workspace's folder; what could deceive a reader is escaped.
    pub path: String,
    /// Why, in words.
    pub reason: String,
}
