//! The documents on the screen, as the editor has them.
//!
//! Text and version follow the editor's notifications and nothing else. A document that can not be followed
//! (a version that does not grow, a range that is not in the text) is suspect: its text is no longer known,
//! and nothing is edited in it until the editor sends it whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_host::BufferChange;
use bodkin_text::{Encoding, LineIndex, RelPath};
use tower_lsp::ls_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};

use crate::folders::FolderId;
use crate::positions;

/// Every open document, by path.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    open: BTreeMap<PathBuf, Document>,
}

/// One open document.
#[derive(Debug)]
pub(crate) struct Document {
    /// As the editor writes it; edits are sent under this very name.
    pub(crate) uri: Uri,
    /// The editor's name of the language.
    pub(crate) language: String,
    /// The editor's version.
    pub(crate) version: i32,
    /// The text; of the last known version while the document is suspect.
    pub(crate) text: Arc<str>,
    /// Lines of `text`.
    pub(crate) index: LineIndex,
    /// Why the text is not known.
    pub(crate) suspect: Option<String>,
    /// The folder that it belongs to, and its path there.
    pub(crate) home: Option<(FolderId, RelPath)>,
}

/// What a change of a document means for its engine.
#[derive(Debug, PartialEq)]
pub(crate) enum Followed {
    /// These changes, in order.
    Changes(Vec<BufferChange>),
    /// The whole text anew; the document was suspect.
    Whole,
    /// Nothing: the document is still suspect.
    Still,
    /// The document has become suspect, because of this.
    Lost(String),
}

impl Documents {
    /// Takes in a document, also one that was open already.
    pub(crate) fn open(
        &mut self,
        path: PathBuf,
        item: TextDocumentItem,
        home: Option<(FolderId, RelPath)>,
    ) -> &Document {
        let document = Document {
            uri: item.uri,
            language: item.language_id,
            version: item.version,
            index: LineIndex::new(&item.text),
            text: item.text.into(),
            suspect: None,
            home,
        };
        self.open.remove(&path);
        self.open.entry(path).or_insert(document)
    }

    /// Forgets a document.
    pub(crate) fn close(&mut self, path: &Path) -> Option<Document> {
        self.open.remove(path)
    }

    /// An open document.
    pub(crate) fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    /// The open document that is this file of a folder, and its path.
    pub(crate) fn of_home(&self, folder: FolderId, rel: &RelPath) -> Option<(&PathBuf, &Document)> {
        let is_it = |it: &Document| it.home.as_ref().is_some_and(|home| home.0 == folder && home.1 == *rel);
        self.open.iter().find(|(_, document)| is_it(document))
    }

    /// An open document, to be changed.
    pub(crate) fn get_mut(&mut self, path: &Path) -> Option<&mut Document> {
        self.open.get_mut(path)
    }

    /// Every open document with its path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Document)> {
        self.open.iter()
    }

    /// Every open document with its path, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&PathBuf, &mut Document)> {
        self.open.iter_mut()
    }
}

impl Document {
    /// Follows a change. Versions must grow but may leap: the protocol says so, and Neovim's do.
    pub(crate) fn change(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Followed {
        let whole = changes.iter().rposition(|it| it.range.is_none());
        if self.suspect.is_some() && whole.is_none() {
            self.version = version;
            return Followed::Still;
        }
        if version <= self.version && whole.is_none() {
            return self.lose(format!("version {version} came after version {}", self.version));
        }
        let was_suspect = self.suspect.take().is_some();
        self.version = version;
        let mut followed = Vec::with_capacity(changes.len());
        for change in changes.into_iter().skip(whole.unwrap_or(0)) {
            match self.edit(change, encoding) {
                Ok(change) => followed.push(change),
                Err(reason) => return self.lose(reason),
            }
        }
        if was_suspect { Followed::Whole } else { Followed::Changes(followed) }
    }

    /// Marks the document suspect.
    pub(crate) fn lose(&mut self, reason: String) -> Followed {
        self.suspect = Some(reason.clone());
        Followed::Lost(reason)
    }

    fn edit(
        &mut self,
        change: TextDocumentContentChangeEvent,
        encoding: Encoding,
    ) -> Result<BufferChange, String> {
        let range = match change.range {
            None => None,
            Some(range) => Some(positions::bytes(&self.index, range, encoding).ok_or_else(|| {
                let (start, end) = (range.start, range.end);
                format!(
                    "an edit from {}:{} to {}:{} does not fit a text of {} lines",
                    start.line,
                    start.character,
                    end.line,
                    end.character,
                    self.index.line_count()
                )
            })?),
        };
        self.text = match range {
            None => change.text.as_str().into(),
            Some(range) => {
                let (before, after) = (self.text.get(..range.start), self.text.get(range.end..));
                [before.unwrap_or_default(), &change.text, after.unwrap_or_default()].concat().into()
            }
        };
        self.index = LineIndex::new(&self.text);
        Ok(BufferChange { range, text: change.text })
    }
}
