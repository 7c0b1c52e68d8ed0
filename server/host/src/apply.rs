//! Puts texts in place of files, all or none, and survives being killed half-way.
//!
//! First a journal names what is about to happen; then every new text is written whole beside its file and synced;
//! then each is renamed over its file. A full disk or a refusal shows before anything has changed. After a crash
//! [`crate::recover`] reads the journal. The base of every file is checked at the last moment, under a lock.
//! Permissions and owner are kept; hard links, extended attributes and access lists are not.
#![expect(clippy::disallowed_methods, reason = "this is where the work tree is written")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bodkin_guard::action::{FileWrite, WriteFiles};
use bodkin_guard::{Permit, RunId};
use bodkin_text::{ContentHash, RelPath};
use serde::{Deserialize, Serialize};

use crate::checkpoint::{CheckpointId, State};
use crate::content::Content;
use crate::error::HostError;
use crate::state::{Lock, StateDir, sync_folder, write_durably};

/// One file and what it is to hold; `None` removes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewContent {
    pub(crate) path: RelPath,
    pub(crate) content: Option<Content>,
}

/// Whose change it is, and what becomes of its checkpoint.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Marks {
    pub(crate) run: RunId,
    pub(crate) checkpoint: CheckpointId,
    /// When everything is in place.
    pub(crate) done: State,
    /// When the old texts stand.
    pub(crate) failed: State,
}

/// What is about to happen, durable before it does.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// The ledger line that permits it.
    pub(crate) permit: u64,
    pub(crate) marks: Marks,
    pub(crate) files: Vec<JournalFile>,
}

/// One file of a journal.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JournalFile {
    pub(crate) path: RelPath,
    /// The file that is really written, where `path` is a link inside the workspace.
    pub(crate) target: PathBuf,
    /// Where a text is written whole and synced before it is renamed over the target.
    pub(crate) staged: PathBuf,
    pub(crate) before: Option<ContentHash>,
    pub(crate) after: Option<ContentHash>,
}

/// A change that stands and is not settled: until it is, its journal says how.
#[derive(Debug)]
pub(crate) struct Written {
    journal: PathBuf,
    _lock: Lock,
}

impl Written {
    /// The ledger and the checkpoint know of it; the journal is not needed any more.
    pub(crate) fn settle(self) {
        forget(&self.journal);
    }
}

/// Uses up the permit: writes exactly the files that it names, with exactly the contents that it names.
pub(crate) fn write_all(
    root: &Path,
    state: &StateDir,
    permit: Permit<WriteFiles>,
    contents: &[NewContent],
    marks: Marks,
) -> Result<Written, HostError> {
    let lock_path = state.at("apply.lock");
    let lock = state.lock("apply.lock").map_err(|error| HostError::io("locking", &lock_path, &error))?;
    let seq = permit.seq();
    let action = permit.into_action();
    let files =
        action.files.iter().map(|write| planned(root, seq, write)).collect::<Result<Vec<_>, HostError>>()?;
    let journal = Journal { permit: seq, marks, files };
    let path = state.at(&format!("journal/{seq}.json"));
    let bytes = serde_json::to_vec_pretty(&journal)
        .map_err(|error| HostError::unavailable(error.to_string(), "Report this."))?;
    write_durably(&path, &bytes).map_err(|error| HostError::io("writing", &path, &error))?;
    crash_point("journal");
    let done = stage_all(&journal, contents).and_then(|()| {
        crash_point("staged");
        put_in_place(&action, &journal)
    });
    match done {
        Ok(()) => Ok(Written { journal: path, _lock: lock }),
        Err(error) => Err(taken_back(state, &journal, &path, error)),
    }
}

fn planned(root: &Path, seq: u64, write: &FileWrite) -> Result<JournalFile, HostError> {
    let target = resolve(root, &write.path)?;
    check_base(&target, write)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let name = format!(".{}.bodkin-{seq}", name.chars().take(40).collect::<String>());
    let staged = target.with_file_name(name);
    Ok(JournalFile { path: write.path.clone(), target, staged, before: write.before, after: write.after })
}

/// Puts the old texts back where new ones stand; the error that led here, with what could not be put right.
fn taken_back(state: &StateDir, journal: &Journal, path: &Path, error: HostError) -> HostError {
    let left = crate::recover::roll_back(state, journal);
    match left.trouble.first() {
        Some(sentence) => HostError { hint: format!("{} {sentence}", error.hint), ..error },
        None => {
            forget(path);
            error
        }
    }
}

fn stage_all(journal: &Journal, contents: &[NewContent]) -> Result<(), HostError> {
    for file in &journal.files {
        let new = contents.iter().find(|it| it.path == file.path).ok_or_else(|| mismatch(&file.path))?;
        if new.content.as_ref().map(Content::hash) != file.after {
            return Err(mismatch(&file.path));
        }
        if let Some(content) = &new.content {
            stage(file, content).map_err(|error| HostError::io("writing beside", &file.target, &error))?;
        }
    }
    Ok(())
}

/// Writes a content whole beside its file, with that file's permissions and owner, and syncs it.
fn stage(file: &JournalFile, content: &Content) -> io::Result<()> {
    let folder = file.target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut staged = create(&file.staged)?;
    staged.write_all(content.bytes())?;
    match fs::metadata(&file.target) {
        Ok(metadata) => like(&staged, &metadata)?,
        Err(_) => usual_permissions(&staged)?,
    }
    staged.sync_all()
}

/// A new file that only its owner may read yet. What stands there was left by nobody alive: we hold the lock.
fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn like(file: &File, metadata: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Not ours to keep when we are not its owner; the content is what counts.
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
    }
    file.set_permissions(metadata.permissions())
}

fn usual_permissions(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// The file that a path really names; a link that leads out of the workspace is refused.
pub(crate) fn resolve(root: &Path, path: &RelPath) -> Result<PathBuf, HostError> {
    let plain = root.join(path.as_str());
    let outside = || {
        HostError::bad(
            format!("`{path}` leads out of the workspace through a link"),
            "Open the folder that really holds it as the workspace.",
        )
    };
    match fs::canonicalize(&plain) {
        Ok(real) => real.starts_with(root).then_some(real).ok_or_else(outside),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = plain.ancestors().skip(1).find(|it| it.exists()).unwrap_or(root);
            let real = fs::canonicalize(folder).map_err(|error| HostError::io("reading", folder, &error))?;
            real.starts_with(root).then_some(plain).ok_or_else(outside)
        }
        Err(error) => Err(HostError::io("reading", &plain, &error)),
    }
}

fn check_base(target: &Path, write: &FileWrite) -> Result<(), HostError> {
    let path = &write.path;
    let present = match fs::read(target) {
        Ok(bytes) => Some(ContentHash::of(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(HostError::io("reading", target, &error)),
    };
    if present != write.before {
        return Err(HostError::stale(
            format!("`{path}` was changed by something else at the last moment; nothing was written"),
            "Run it again on the present text.",
        ));
    }
    let read_only = fs::metadata(target).is_ok_and(|it| it.permissions().readonly());
    if read_only {
        return Err(HostError::refused(
            format!("`{path}` is read-only; nothing was written"),
            format!("Make it writable (`chmod u+w {path}`), then run this again."),
        ));
    }
    Ok(())
}

fn put_in_place(action: &WriteFiles, journal: &Journal) -> Result<(), HostError> {
    for (write, file) in action.files.iter().zip(&journal.files) {
        check_base(&file.target, write)?;
    }
    for file in &journal.files {
        let done = match file.after {
            Some(_) => fs::rename(&file.staged, &file.target),
            None => fs::remove_file(&file.target),
        };
        done.and_then(|()| file.target.parent().map_or(Ok(()), sync_folder))
            .map_err(|error| HostError::io("replacing", &file.target, &error))?;
        crash_point("rename");
    }
    Ok(())
}

/// Puts one file back as it was, durably.
pub(crate) fn put_back(file: &JournalFile, content: Option<&Content>) -> io::Result<()> {
    match content {
        Some(content) => {
            stage(file, content)?;
            fs::rename(&file.staged, &file.target)?;
        }
        None => fs::remove_file(&file.target)?,
    }
    file.target.parent().map_or(Ok(()), sync_folder)
}

pub(crate) fn remove_staged(journal: &Journal) {
    for file in &journal.files {
        let _ = fs::remove_file(&file.staged);
    }
}

pub(crate) fn forget(journal: &Path) {
    let _ = fs::remove_file(journal);
}

/// Hash of what stands at a path; `None` where nothing does.
pub(crate) fn hash_on_disk(target: &Path) -> io::Result<Option<ContentHash>> {
    match fs::read(target) {
        Ok(bytes) => Ok(Some(ContentHash::of(bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn mismatch(path: &RelPath) -> HostError {
    HostError::refused(
        format!("what is to be written to `{path}` is not what was permitted"),
        "Report this: it is a fault of Bodkin.",
    )
}

/// Where a test build dies when it is told to, so that recovery is tested on a process that was really killed.
fn crash_point(name: &str) {
    #[cfg(debug_assertions)]
    if std::env::var_os("BODKIN_TEST_CRASH_AT").is_some_and(|it| it == name) {
        std::process::abort();
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
