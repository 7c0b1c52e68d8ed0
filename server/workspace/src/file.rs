//! One file of a snapshot.

use std::sync::Arc;

use bodkin_text::{ContentHash, RelPath};

use crate::buffer::Suspect;
use crate::content::Content;
use crate::facts::Facts;
use crate::languages::Language;
use crate::problem::Problem;
use crate::syntax::Syntax;

/// A file as it is in one snapshot: the editor's buffer where it is open, else the disk's text.
#[derive(Debug)]
pub struct File {
    pub(crate) path: Arc<RelPath>,
    pub(crate) content: Arc<Content>,
    pub(crate) open: Option<Open>,
}

/// What an open document has beside its text.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) version: i32,
    pub(crate) suspect: Option<Suspect>,
}

impl File {
    /// Where it is.
    pub fn path(&self) -> &RelPath {
        &self.path
    }

    /// Its text, line ends and byte order mark as they are.
    pub fn text(&self) -> Arc<str> {
        self.content.text().clone()
    }

    /// The identity of its text.
    pub fn hash(&self) -> ContentHash {
        self.content.hash()
    }

    /// Its language, if it is one that we understand.
    pub fn language(&self) -> Option<Language> {
        self.content.language
    }

    /// Whether an editor has it open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The editor's version of it; `None` if it is not open.
    pub fn version(&self) -> Option<i32> {
        self.open.as_ref().map(|it| it.version)
    }

    /// Why the text may not be what the editor shows; no edit may be built on it then.
    pub fn suspect(&self) -> Option<&Suspect> {
        self.open.as_ref().and_then(|it| it.suspect.as_ref())
    }

    /// Its tree; parsed when first asked for. `None`: not a language that we understand, or given up.
    pub fn syntax(&self) -> Option<Arc<Syntax>> {
        self.content.syntax()
    }

    /// What it defines; worked out when first asked for. `None` as for [`File::syntax`].
    pub fn facts(&self) -> Option<Arc<Facts>> {
        self.content.facts()
    }

    /// Where its syntax is broken, in order; at most [`Problem::MOST`].
    pub fn problems(&self) -> Vec<Problem> {
        match (self.language(), self.syntax()) {
            (_, Some(syntax)) => Problem::all_of(&syntax),
            (Some(language), None) => vec![Problem::given_up(language, self.content.text().len())],
            (None, None) => Vec::new(),
        }
    }
}
