//! JSON of the file routes: what was written, and files put together of others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where files are read and written.
pub const PATH: &str = "/files";
/// Where files are put together.
pub const COMPOSE_PATH: &str = "/files/compose";
/// Headers with this prefix are the user's words about an uploaded file.
pub const METADATA_PREFIX: &str = "x-metadata-";

/// One file that was written; the answer is a list of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The last part of its path.
    pub name: String,
    /// Where it stands, absolute.
    pub path: String,
    /// `file`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The user's words about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// Puts a file together of others, which are gone afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compose {
    /// The parts in order.
    pub source_paths: Vec<String>,
    /// The whole.
    pub destination: String,
    /// In whose name.
    #[serde(default)]
    pub username: Option<String>,
}

/// What a sandbox uses, as its own API tells it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OwnMetrics {
    /// Seconds since 1970, UTC.
    pub ts: i64,
    /// Processors.
    pub cpu_count: u32,
    /// Share of them in use, percent.
    pub cpu_used_pct: f32,
    /// Bytes.
    pub mem_total: u64,
    /// Bytes.
    pub mem_used: u64,
    /// Bytes.
    pub disk_total: u64,
    /// Bytes.
    pub disk_used: u64,
}
