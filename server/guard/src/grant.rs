//! What the user consented to.

use std::collections::BTreeSet;
use std::fmt;

use bodkin_text::{ContentHash, RelPath};
use serde::{Deserialize, Serialize};

/// At whose wish an act is done, which says whether a question can be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asker {
    /// A person at a terminal.
    Terminal,
    /// A person in an editor.
    Editor,
    /// Nobody is there to answer: what would be a question is refused.
    Headless,
}

/// One consent, as narrow as the thing that it allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "grant", rename_all = "snake_case")]
pub enum Grant {
    /// Put exactly these files in place: the identity is [`crate::action::WriteFiles::identity`].
    Apply {
        /// Identity of the write.
        patch: ContentHash,
    },
    /// Finish or roll back the write whose permit is on the ledger at this place.
    Resume {
        /// Place of the permit on the ledger.
        permit: u64,
    },
    /// Run commands although the walls of the sandbox are weaker than they should be.
    ReducedIsolation,
    /// Let this variable into the sandbox although its name looks like a secret's.
    Env {
        /// The variable's name.
        name: String,
    },
    /// Let commands reach these hosts, as [`crate::action::Network::Hosts`] names them.
    Reach {
        /// The hosts.
        hosts: BTreeSet<String>,
    },
    /// Send the workspace's files to this machine.
    SendTo {
        /// Its address, as [`crate::action::SendFiles::to`].
        to: String,
    },
    /// Write this file although it is a sensitive one.
    Path {
        /// The file.
        path: RelPath,
    },
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply { patch } => write!(f, "apply the patch {}", patch.short()),
            Self::Resume { permit } => write!(f, "finish or roll back the write of ledger line {permit}"),
            Self::ReducedIsolation => f.write_str("run in a reduced sandbox"),
            Self::Env { name } => write!(f, "let the variable `{name}` into the sandbox"),
            Self::Reach { hosts } => {
                let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
                write!(f, "let commands reach {}", hosts.join(", "))
            }
            Self::SendTo { to } => write!(f, "send the workspace's files to {to}"),
            Self::Path { path } => write!(f, "write `{path}`"),
        }
    }
}

/// All that the user consented to for one run. Starts with nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(BTreeSet<Grant>);

impl Grants {
    /// No consent to anything.
    pub fn none() -> Self {
        Self::default()
    }

    /// These and one more.
    #[must_use]
    pub fn with(mut self, grant: Grant) -> Self {
        self.0.insert(grant);
        self
    }

    /// Adds one.
    pub fn add(&mut self, grant: Grant) {
        self.0.insert(grant);
    }

    /// Whether the user consented to this.
    pub fn has(&self, grant: &Grant) -> bool {
        self.0.contains(grant)
    }

    /// Each, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = &Grant> {
        self.0.iter()
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().collect())
    }
}
