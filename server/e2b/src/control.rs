//! JSON of the control plane: make, list, keep alive and end sandboxes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::null_is_zero;

/// Life of a sandbox that was made without one, seconds (`POST /v2/sandboxes`).
pub const DEFAULT_TIMEOUT_S: u64 = 300;
/// The same for `POST /sandboxes`.
pub const DEFAULT_TIMEOUT_V1_S: u64 = 15;

/// Asks for a sandbox.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSandbox {
    /// What it is made from: `base`.
    #[serde(rename = "templateID")]
    pub template_id: String,
    /// Its life, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// The caller's words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_is_zero")]
    pub metadata: BTreeMap<String, String>,
    /// Variables of every command.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_is_zero")]
    pub env_vars: BTreeMap<String, String>,
    /// Freeze it instead of ending it when its time is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_pause: Option<bool>,
    /// Whether calls reach it only with its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure: Option<bool>,
    /// Whether it may reach the internet.
    #[serde(default, rename = "allow_internet_access", skip_serializing_if = "Option::is_none")]
    pub allow_internet_access: Option<bool>,
    /// What it may reach in detail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkRules>,
    /// Volumes to mount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_mounts: Option<Vec<serde_json::Value>>,
    /// Servers of the model context protocol to run inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcp: Option<serde_json::Value>,
}

/// What a sandbox may reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkRules {
    /// Hosts and networks that it may reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_out: Option<Vec<String>>,
    /// Hosts and networks that it may not reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deny_out: Option<Vec<String>>,
    /// Whether its ports can be reached without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_public_traffic: Option<bool>,
}

/// A sandbox as create, connect and resume answer it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// What it was made from.
    #[serde(rename = "templateID")]
    pub template_id: String,
    /// Its name.
    #[serde(rename = "sandboxID")]
    pub sandbox_id: String,
    /// Of no meaning any more, and required.
    #[serde(rename = "clientID")]
    pub client_id: String,
    /// Version of the in-sandbox API.
    pub envd_version: String,
    /// The token of its in-sandbox API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envd_access_token: Option<String>,
    /// The domain below which its ports have hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Another name of the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// Whether a sandbox runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It runs.
    #[default]
    Running,
    /// It is frozen.
    Paused,
}

/// A sandbox as list and detail answer it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// What it was made from.
    #[serde(rename = "templateID")]
    pub template_id: String,
    /// Its name.
    #[serde(rename = "sandboxID")]
    pub sandbox_id: String,
    /// Of no meaning any more, and required.
    #[serde(rename = "clientID")]
    pub client_id: String,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub end_at: String,
    /// Processors.
    pub cpu_count: u32,
    /// Memory, MiB.
    #[serde(rename = "memoryMB")]
    pub memory_mb: u64,
    /// What may be written, MiB.
    #[serde(rename = "diskSizeMB")]
    pub disk_size_mb: u64,
    /// Whether it runs.
    pub state: State,
    /// Version of the in-sandbox API.
    pub envd_version: String,
    /// The caller's words.
    #[serde(default, deserialize_with = "null_is_zero")]
    pub metadata: BTreeMap<String, String>,
    /// The token of its in-sandbox API; not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envd_access_token: Option<String>,
    /// Whether it may reach the internet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_internet_access: Option<bool>,
    /// The domain below which its ports have hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// Sets how long a sandbox lives from now; body of `/timeout`, `/connect`, `/resume` and `/refreshes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Timeout {
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// Seconds, as `/refreshes` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
}

/// What a sandbox used at one time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    /// RFC 3339.
    pub timestamp: String,
    /// Seconds since 1970, UTC.
    pub timestamp_unix: i64,
    /// Processors.
    pub cpu_count: u32,
    /// Share of them in use, percent.
    pub cpu_used_pct: f32,
    /// Bytes.
    pub mem_used: u64,
    /// Bytes.
    pub mem_total: u64,
    /// Bytes.
    pub mem_cache: u64,
    /// Bytes.
    pub disk_used: u64,
    /// Bytes.
    pub disk_total: u64,
}

/// An error of the control plane and of the file routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// The HTTP status again.
    pub code: u16,
    /// In words.
    pub message: String,
}

impl ApiError {
    /// The error of a sandbox that is not there, in the words by which clients know it: status 502 in front of a
    /// sandbox's own API, 404 on the control plane.
    pub fn sandbox_not_found(code: u16, id: &str) -> Self {
        Self { code, message: format!("The sandbox {id} was not found") }
    }

    /// Whether it says that the sandbox is not there.
    pub fn says_not_found(&self) -> bool {
        self.message.contains("was not found")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_a_later_version_is_read_with_what_is_known() {
        let text = r#"{"templateID":"base","timeout":300,"metadata":null,"autoPauseMemory":true,"lifecycle":{"x":1},
            "envVars":{"A":"b"},"allow_internet_access":false}"#;
        let new: NewSandbox = serde_json::from_str(text).unwrap();
        assert_eq!((new.template_id.as_str(), new.timeout), ("base", Some(300)));
        assert_eq!(new.env_vars.get("A").map(String::as_str), Some("b"));
        assert_eq!(new.allow_internet_access, Some(false));
    }

    #[test]
    fn names_are_the_protocols() {
        let created = Created { template_id: "base".into(), sandbox_id: "i1".into(), ..Created::default() };
        assert_eq!(
            serde_json::to_string(&created).unwrap(),
            r#"{"templateID":"base","sandboxID":"i1","clientID":"","envdVersion":""}"#
        );
        assert_eq!(serde_json::to_string(&State::Paused).unwrap(), r#""paused""#);
    }

    #[test]
    fn a_dead_sandbox_is_told_in_the_words_that_clients_know() {
        assert!(ApiError::sandbox_not_found(502, "i1").says_not_found());
    }
}
