//! Changes of several files, each bound to the content that it was made for.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{ContentHash, EditError, Edits, Hunk, HunkId, Layer, RelPath, diff};

/// Edits of one file, bound to the content that they were made for.
///
/// A file that does not exist yet counts as an empty one: its base is the hash of the empty text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileEdit {
    /// The file.
    pub path: RelPath,
    /// Hash of the content that the ranges speak of.
    pub base: ContentHash,
    /// What changes.
    pub edits: Edits,
}

impl FileEdit {
    /// The edits from `old` to `new`, bound to `old`.
    pub fn between(path: RelPath, old: &str, new: &str) -> Self {
        Self { path, base: ContentHash::of(old), edits: Edits::between(old, new) }
    }

    /// The new content of the file, the present content of which is `old`.
    pub fn apply(&self, old: &str) -> Result<String, PatchError> {
        if ContentHash::of(old) != self.base {
            return Err(PatchError::Stale(self.path.clone()));
        }
        self.edits.apply(old).map_err(|error| PatchError::Edit(self.path.clone(), error))
    }
}

/// A change of one or more files; at most one [`FileEdit`] a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Patch {
    /// The files, ordered by path.
    pub files: Vec<FileEdit>,
}

/// Why a patch can not be made or applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatchError {
    /// Two edits of one file.
    #[error("the patch speaks twice of `{0}`")]
    Twice(RelPath),
    /// The file is gone.
    #[error("`{0}` does not exist any more")]
    Missing(RelPath),
    /// The file's content is not the one that the edits were made for.
    #[error("`{0}` has changed since the patch was made")]
    Stale(RelPath),
    /// The edits do not fit the content.
    #[error("the patch does not fit `{0}`: {1}")]
    Edit(RelPath, EditError),
    /// No hunk of the patch has this id.
    #[error("no hunk `{0}` in this patch")]
    UnknownHunk(HunkId),
}

/// A hunk and its file; its id is unique within the patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchHunk {
    /// The file.
    pub path: RelPath,
    /// The hunk.
    pub hunk: Hunk,
}

impl Patch {
    /// Orders the files; refuses two edits of one.
    pub fn new(mut files: Vec<FileEdit>) -> Result<Self, PatchError> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        match files.iter().zip(files.iter().skip(1)).find(|(one, next)| one.path == next.path) {
            Some((twice, _)) => Err(PatchError::Twice(twice.path.clone())),
            None => Ok(Self { files }),
        }
    }

    /// A change of one file.
    pub fn one(file: FileEdit) -> Self {
        Self { files: vec![file] }
    }

    /// The new contents as a layer. `read` gives the present content of a file, `None` where it is absent.
    pub fn apply_to(&self, read: impl Fn(&RelPath) -> Option<Arc<str>>) -> Result<Layer, PatchError> {
        let mut layer = Layer::empty();
        for file in &self.files {
            layer.put(file.path.clone(), file.apply(&present(file, &read)?)?);
        }
        Ok(layer)
    }

    /// The hunks of all files, by path and position.
    pub fn hunks(&self, read: impl Fn(&RelPath) -> Option<Arc<str>>) -> Result<Vec<PatchHunk>, PatchError> {
        let mut all = Vec::new();
        for file in &self.files {
            let hunks = hunks_of(file, &present(file, &read)?)?;
            all.extend(hunks.into_iter().map(|hunk| PatchHunk { path: file.path.clone(), hunk }));
        }
        Ok(all)
    }

    /// The patch reduced to the chosen hunks; files without one are left out.
    /// An id that names no hunk is an error.
    pub fn choose(
        &self,
        read: impl Fn(&RelPath) -> Option<Arc<str>>,
        ids: &[HunkId],
    ) -> Result<Self, PatchError> {
        let mut files = Vec::new();
        let mut unknown: Vec<&HunkId> = ids.iter().collect();
        for file in &self.files {
            let mut hunks = hunks_of(file, &present(file, &read)?)?;
            hunks.retain(|it| ids.contains(&it.id));
            unknown.retain(|id| !hunks.iter().any(|it| it.id == **id));
            if !hunks.is_empty() {
                files.push(FileEdit { edits: Edits::joined(hunks), ..file.clone() });
            }
        }
        match unknown.first() {
            Some(id) => Err(PatchError::UnknownHunk((*id).clone())),
            None => Ok(Self { files }),
        }
    }

    /// The patch as a unified diff with `context` lines around each change.
    pub fn unified(
        &self,
        read: impl Fn(&RelPath) -> Option<Arc<str>>,
        context: usize,
    ) -> Result<String, PatchError> {
        let mut text = String::new();
        for file in &self.files {
            let old = present(file, &read)?;
            let before = read(&file.path).map(|_| &file.path);
            text.push_str(&diff::unified(before, Some(&file.path), &old, &file.apply(&old)?, context));
        }
        Ok(text)
    }
}

/// The content that the edits are to be applied to.
fn present(file: &FileEdit, read: &impl Fn(&RelPath) -> Option<Arc<str>>) -> Result<Arc<str>, PatchError> {
    match read(&file.path) {
        Some(text) => Ok(text),
        None if file.base == ContentHash::of("") => Ok("".into()),
        None => Err(PatchError::Missing(file.path.clone())),
    }
}

fn hunks_of(file: &FileEdit, old: &str) -> Result<Vec<Hunk>, PatchError> {
    if ContentHash::of(old) != file.base {
        return Err(PatchError::Stale(file.path.clone()));
    }
    let hunks = file.edits.hunks_named(old, file.path.as_str());
    hunks.map_err(|error| PatchError::Edit(file.path.clone(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelPath {
        RelPath::new(text).unwrap()
    }

    fn read(at: &RelPath) -> Option<Arc<str>> {
        match at.as_str() {
            "a.py" => Some("x\n1\n2\nx\n".into()),
            "b.py" => Some("x\n".into()),
            _ => None,
        }
    }

    fn patch() -> Patch {
        let a = FileEdit::between(path("a.py"), "x\n1\n2\nx\n", "y\n1\n2\ny\n");
        let b = FileEdit::between(path("b.py"), "x\n", "y\n");
        let new = FileEdit::between(path("new.py"), "", "n\n");
        Patch::new(vec![new, b, a]).unwrap()
    }

    fn texts(layer: &Layer) -> Vec<(&str, &str)> {
        layer.iter().map(|(path, text)| (path.as_str(), text.map_or("-", |it| &**it))).collect()
    }

    #[test]
    fn a_patch_becomes_a_layer_of_new_contents() {
        let layer = patch().apply_to(read).unwrap();
        assert_eq!(texts(&layer), [("a.py", "y\n1\n2\ny\n"), ("b.py", "y\n"), ("new.py", "n\n")]);
    }

    #[test]
    fn a_file_that_changed_or_vanished_is_named() {
        let stale = patch().apply_to(|_| Some("other".into())).unwrap_err();
        assert_eq!(stale, PatchError::Stale(path("a.py")));
        assert_eq!(patch().hunks(|_| None).unwrap_err(), PatchError::Missing(path("a.py")));
        let twice = vec![FileEdit::between(path("a"), "", "x"); 2];
        assert_eq!(Patch::new(twice), Err(PatchError::Twice(path("a"))));
    }

    #[test]
    fn hunks_are_chosen_over_all_files() {
        let hunks = patch().hunks(read).unwrap();
        let mut ids: Vec<HunkId> = hunks.iter().map(|it| it.hunk.id.clone()).collect();
        let chosen = patch().choose(read, &[ids[1].clone(), ids[3].clone()]).unwrap();
        let layer = chosen.apply_to(read).unwrap();
        assert_eq!(texts(&layer), [("a.py", "x\n1\n2\ny\n"), ("new.py", "n\n")]);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 4);
        let error = patch().choose(read, &["nothing".into()]).unwrap_err();
        assert_eq!(error, PatchError::UnknownHunk("nothing".into()));
    }

    #[test]
    fn a_patch_reads_as_one_diff() {
        let text = patch().unified(read, 0).unwrap();
        let heads: Vec<&str> = text.lines().filter(|it| it.starts_with("---")).collect();
        assert_eq!(heads, ["--- a/a.py", "--- a/b.py", "--- /dev/null"]);
    }
}
