//! The one thing that changes.
//!
//! Every change makes a new revision; a snapshot that was taken before does not see it.
//! invariants: snapshot-is-frozen, typing-in-a-body-keeps-other-files-facts

use std::sync::Arc;

use bodkin_text::RelPath;

use crate::buffer::{Change, Draft, Lines, Suspect};
use crate::content::Content;
use crate::file::{File, Open};
use crate::languages::Language;
use crate::snapshot::{Files, Snapshot};

/// The files of a workspace, as they are pushed in.
#[derive(Debug, Default)]
pub struct Workspace {
    now: Snapshot,
}

impl Workspace {
    /// A workspace without files, at revision 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The present revision; grows on every change, not when a file is given the text that it has.
    pub fn revision(&self) -> u64 {
        self.now.revision
    }

    /// The files as they are now. Costs the same however many there are.
    pub fn snapshot(&self) -> Snapshot {
        self.now.clone()
    }

    /// A file is on disk, with this text.
    pub fn set_disk(&mut self, path: RelPath, text: Arc<str>) {
        if self.now.disk.get(&path).is_some_and(|it| *it.content.text() == text) {
            return;
        }
        let content = self.content(&path, text);
        let path = self.key(path);
        self.now.revision += 1;
        put(&mut self.now.disk, File { path, content, open: None });
    }

    /// A file is no longer on disk.
    pub fn remove_disk(&mut self, path: &RelPath) {
        if self.now.disk.contains_key(path) {
            Arc::make_mut(&mut self.now.disk).remove(path);
            self.now.revision += 1;
        }
    }

    /// An editor opened a document, or told its whole text anew: it is no longer suspect.
    pub fn open(&mut self, path: RelPath, version: i32, text: Arc<str>) {
        let content = self.content(&path, text);
        let path = self.key(path);
        self.now.revision += 1;
        put(&mut self.now.open, File { path, content, open: Some(Open { version, suspect: None }) });
    }

    /// An editor closed a document: the disk's text counts again.
    pub fn close(&mut self, path: &RelPath) {
        if self.now.open.contains_key(path) {
            Arc::make_mut(&mut self.now.open).remove(path);
            self.now.revision += 1;
        }
    }

    /// An editor changed a document: all of the changes, or none if one of them is impossible.
    /// Then, and when the version does not grow, the document is suspect until its whole text is told.
    pub fn change(&mut self, path: &RelPath, version: i32, changes: &[Change]) -> Result<(), Suspect> {
        self.change_by(path, version, changes, |change, _| Some(change.clone()))
    }

    /// As [`Workspace::change`], where a change is given in the editor's words: `resolve` is shown the lines as the
    /// change before left them; `None` from it is an impossible position.
    pub fn change_by<T>(
        &mut self,
        path: &RelPath,
        version: i32,
        changes: &[T],
        resolve: impl Fn(&T, Lines<'_>) -> Option<Change>,
    ) -> Result<(), Suspect> {
        let old = self.now.open.get(path).ok_or(Suspect::NotOpen)?.clone();
        let changed = changed(&old, version, changes, resolve);
        let failed = changed.as_ref().err().cloned();
        let (content, suspect) = match changed {
            Ok(content) => (content, None),
            Err(suspect) => (old.content.clone(), Some(suspect)),
        };
        self.now.revision += 1;
        put(
            &mut self.now.open,
            File { path: old.path.clone(), content, open: Some(Open { version, suspect }) },
        );
        failed.map_or(Ok(()), Err)
    }

    /// Lets go of the trees of files that are not open; their facts are kept. Snapshots that are about keep theirs.
    pub fn forget_trees(&mut self) {
        let disk = Arc::make_mut(&mut self.now.disk);
        for file in disk.values_mut().filter(|it| it.content.has_tree()) {
            let content = Arc::new(file.content.without_tree());
            *file = Arc::new(File { path: file.path.clone(), content, open: None });
        }
    }

    /// What is known of `text` at `path`, if it is the text of the disk or of the buffer; else nothing yet.
    fn content(&self, path: &RelPath, text: Arc<str>) -> Arc<Content> {
        let known = [self.now.open.get(path), self.now.disk.get(path)];
        let same = known.into_iter().flatten().find(|it| *it.content.text() == text);
        same.map(|it| it.content.clone())
            .unwrap_or_else(|| Arc::new(Content::whole(Language::of(path, &text), text)))
    }

    /// The path as it is shared by all that is kept under it.
    fn key(&self, path: RelPath) -> Arc<RelPath> {
        let known = self.now.disk.get(&path).or_else(|| self.now.open.get(&path));
        known.map(|it| it.path.clone()).unwrap_or_else(|| Arc::new(path))
    }
}

fn put(files: &mut Arc<Files>, file: File) {
    Arc::make_mut(files).insert(file.path.clone(), Arc::new(file));
}

/// The content after some changes.
fn changed<T>(
    old: &File,
    version: i32,
    changes: &[T],
    resolve: impl Fn(&T, Lines<'_>) -> Option<Change>,
) -> Result<Arc<Content>, Suspect> {
    let mut draft = Draft { rope: old.content.rope(), tree: old.content.latest_tree() };
    let mut trouble = trouble(old, version);
    for change in changes {
        match (resolve(change, draft.lines()), &trouble) {
            (Some(change @ Change::Whole(_)), _) => {
                trouble = None;
                draft.change(&change)?;
            }
            (Some(change), None) => draft.change(&change)?,
            (None, None) => return Err(Suspect::Position),
            (_, Some(_)) => {}
        }
    }
    trouble.map_or(Ok(()), Err)?;
    Ok(if changes.is_empty() { old.content.clone() } else { edited(old, draft) })
}

/// Why a change at `version` can not be taken on trust; a change of the whole text can.
fn trouble(old: &File, version: i32) -> Option<Suspect> {
    let open = old.open.as_ref()?;
    let grows = version > open.version;
    let doubt = (!grows).then_some(Suspect::Version { had: open.version, got: version });
    open.suspect.clone().or(doubt)
}

fn edited(old: &File, draft: Draft) -> Arc<Content> {
    let content = Content::edited(old.content.language, draft.rope, draft.tree);
    if old.path.extension().is_some() {
        return Arc::new(content);
    }
    // Its first line tells the language, and may have changed.
    let language = Language::of(&old.path, content.text());
    if language == old.content.language {
        return Arc::new(content);
    }
    Arc::new(Content::whole(language, content.text().clone()))
}
