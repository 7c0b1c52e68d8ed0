//! What the user set, from their own settings file; the command line and the editor lay theirs over it.
#![expect(clippy::disallowed_methods, reason = "settings are a file")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// What runs obey.
    pub agent: bodkin_agent::Settings,
    /// Run in a reduced sandbox without asking.
    pub allow_reduced: bool,
    /// Run even where the kernel offers no walls at all.
    pub allow_unwalled: bool,
    /// Keep what runs write into the caches of tools, for later runs over the same workspace.
    pub keep_caches: bool,
    /// Variables that enter the sandbox, by name and value.
    pub env: BTreeMap<String, String>,
    /// Where commands run.
    pub sandbox: SandboxChoice,
}

/// Where commands run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SandboxChoice {
    /// Which kind of sandbox.
    pub backend: BackendKind,
    /// The container engine's address, as `DOCKER_HOST` has it; `None`: what that variable says, else the usual sockets.
    pub engine: Option<String>,
    /// The image of containers; `None`: what the workspace's devcontainer names.
    pub image: Option<String>,
    /// The engine's runtime instead of its default: `runsc`, `kata`.
    pub runtime: Option<String>,
}

/// A kind of sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// Namespaces of this machine.
    #[default]
    Local,
    /// A container of an engine that serves Docker's API.
    Container,
}

/// Why the settings can not be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file is there and can not be read.
    #[error("the settings file `{0}` can not be read: {1}")]
    Unreadable(PathBuf, io::Error),
    /// The file says something that is no setting.
    #[error("the settings file `{0}` is wrong: {1}")]
    Wrong(PathBuf, String),
}

/// The settings file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    test_command: Option<String>,
    test_timeout_seconds: Option<u64>,
    run_timeout_seconds: Option<u64>,
    max_candidates: Option<u32>,
    seed: Option<u64>,
    allow_reduced: Option<bool>,
    allow_unwalled: Option<bool>,
    keep_caches: Option<bool>,
    sandbox: SandboxChoice,
}

impl File {
    /// A limit that would let nothing be done.
    fn zero(&self) -> Option<&'static str> {
        let limits = [
            ("test_timeout_seconds", self.test_timeout_seconds),
            ("run_timeout_seconds", self.run_timeout_seconds),
            ("max_candidates", self.max_candidates.map(u64::from)),
        ];
        limits.into_iter().find(|(_, value)| *value == Some(0)).map(|(name, _)| name)
    }
}

impl Settings {
    /// Reads `settings.toml` of the user's configuration folder; the defaults where there is none.
    pub fn load(config_home: &Path) -> Result<Self, SettingsError> {
        let path = config_home.join("settings.toml");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(SettingsError::Unreadable(path, error)),
        };
        let wrong = |what: &str| SettingsError::Wrong(path.clone(), what.trim_end().to_owned());
        let file: File = toml::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
        if let Some(name) = file.zero() {
            return Err(wrong(&format!("`{name}` must be at least 1")));
        }
        let mut settings = Self {
            allow_reduced: file.allow_reduced.unwrap_or_default(),
            allow_unwalled: file.allow_unwalled.unwrap_or_default(),
            keep_caches: file.keep_caches.unwrap_or_default(),
            ..Self::default()
        };
        let agent = &mut settings.agent;
        agent.test_command = file.test_command;
        agent.test_wall_ms =
            file.test_timeout_seconds.map_or(agent.test_wall_ms, |seconds| seconds.saturating_mul(1000));
        agent.run_wall_ms =
            file.run_timeout_seconds.map_or(agent.run_wall_ms, |seconds| seconds.saturating_mul(1000));
        agent.max_candidates = file.max_candidates.unwrap_or(agent.max_candidates);
        agent.seed = file.seed.unwrap_or(agent.seed);
        settings.sandbox = file.sandbox;
        Ok(settings)
    }
}
