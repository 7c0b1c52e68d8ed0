//! One file of a search: its tree, its facts and its identity, taken from a snapshot.

use std::sync::Arc;

use bodkin_text::{ContentHash, Line0, RelPath};
use bodkin_workspace::{Language, Snapshot, Syntax};

use crate::candidate::NoSearch;
use crate::facts::Facts;
use crate::surface::Family;
use crate::tree::{self, Tree};

/// Larger files are not searched: they are made by programs, and each candidate would cost a copy of them.
const MAX_BYTES: usize = 1 << 20;

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: RelPath,
    pub(crate) hash: ContentHash,
    pub(crate) syntax: Arc<Syntax>,
    pub(crate) tree: Arc<Tree>,
    pub(crate) facts: Arc<Facts>,
    /// Whether its first line ends in a carriage return and a newline.
    crlf: bool,
    /// How many lines.
    pub(crate) lines: u32,
}

impl Source {
    /// Reads a file of the snapshot.
    pub(crate) fn read(snapshot: &Snapshot, path: &RelPath) -> Result<Self, NoSearch> {
        let file = snapshot.file(path).ok_or_else(|| NoSearch::NoFile(path.clone()))?;
        let language = file.language().ok_or_else(|| NoSearch::UnknownLanguage(path.clone()))?;
        let text = file.text();
        if text.len() > MAX_BYTES {
            return Err(NoSearch::TooLarge(path.clone()));
        }
        let syntax = file.syntax().ok_or_else(|| NoSearch::TooLarge(path.clone()))?;
        let tree = tree::build(family(language), &syntax);
        let facts = Facts::of(&tree);
        let lines = u32::try_from(text.split('\n').count()).unwrap_or(u32::MAX);
        let crlf = text.split_inclusive('\n').next().is_some_and(|it| it.ends_with("\r\n"));
        let (path, hash) = (path.clone(), file.hash());
        Ok(Self { path, hash, syntax, tree: Arc::new(tree), facts: Arc::new(facts), crlf, lines })
    }

    /// Writes line ends as the file does.
    pub(crate) fn keep_line_ends(&self, text: &mut String) {
        if self.crlf && text.contains('\n') {
            *text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        }
    }

    /// Whether the line is in the file.
    pub(crate) fn has_line(&self, line: Line0) -> bool {
        line.0 < self.lines
    }
}

fn family(language: Language) -> Family {
    match language {
        Language::Python => Family::Python,
        Language::JavaScript => Family::JavaScript { typed: false },
        Language::TypeScript | Language::Tsx => Family::JavaScript { typed: true },
    }
}
