//! Puts texts in place of files, all or none, and survives being killed half-way.
//!
//! Every new text is first written whole beside its file and synced; then a journal names what is about to happen;
//! then each is renamed over its file. A full disk or a refusal shows before anything has changed. After a crash
//! [`crate::recover`] reads the journal. The base of every file is checked at the last moment, under a lock.
#![expect(clippy::disallowed_methods, reason = "this is where the work tree is written")]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bodkin_guard::Permit;
use bodkin_guard::action::{FileWrite, WriteFiles};
use bodkin_text::{ContentHash, RelPath};
use serde::{Deserialize, Serialize};

use crate::error::HostError;
use crate::state::{StateDir, sync_folder, write_durably};

/// One file and the text that it is to have; `None` removes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewText {
    pub(crate) path: RelPath,
    pub(crate) text: Option<String>,
}

/// What is about to happen, durable before it does.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// The ledger line that permits it.
    pub(crate) permit: u64,
    pub(crate) files: Vec<JournalFile>,
}

/// One file of a journal.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JournalFile {
    pub(crate) path: RelPath,
    /// The file that is really written, where `path` is a link inside the workspace.
    pub(crate) target: PathBuf,
    /// The new text, whole and synced, beside the target.
    pub(crate) staged: Option<PathBuf>,
    pub(crate) before: Option<ContentHash>,
    pub(crate) after: Option<ContentHash>,
}

/// Uses up the permit: writes exactly the files that it names, with exactly the contents that it names.
pub(crate) fn write_all(
    root: &Path,
    state: &StateDir,
    permit: Permit<WriteFiles>,
    texts: &[NewText],
) -> Result<(), HostError> {
    let lock_path = state.at("apply.lock");
    let _lock = state.lock("apply.lock").map_err(|error| HostError::io("locking", &lock_path, &error))?;
    let seq = permit.seq();
    let action = permit.into_action();
    let mut staged = Staged::default();
    for write in &action.files {
        let text = texts.iter().find(|it| it.path == write.path).ok_or_else(|| mismatch(&write.path))?;
        if text.text.as_ref().map(|it| ContentHash::of(it.as_bytes())) != write.after {
            return Err(mismatch(&write.path));
        }
        let target = resolve(root, &write.path)?;
        check_base(&target, write)?;
        staged.add(&target, write, text.text.as_deref())?;
    }
    let journal = Journal { permit: seq, files: std::mem::take(&mut staged.files) };
    let journal_path = state.at(&format!("journal/{seq}.json"));
    let bytes = serde_json::to_vec_pretty(&journal)
        .map_err(|error| HostError::unavailable(error.to_string(), "Report this."))?;
    if let Err(error) = write_durably(&journal_path, &bytes) {
        remove_staged(&journal);
        return Err(HostError::io("writing", &journal_path, &error));
    }
    crash_point("journal");
    let done = put_in_place(&journal);
    if let Err((at, error)) = &done {
        let path = journal.files.get(*at).map_or(Path::new("?"), |file| file.target.as_path());
        let left = crate::recover::roll_back(state, &journal);
        let error = HostError::io("replacing", path, error);
        if let Some(sentence) = left.trouble.first() {
            return Err(HostError { hint: format!("{} {sentence}", error.hint), ..error });
        }
        forget(&journal_path);
        return Err(error);
    }
    forget(&journal_path);
    Ok(())
}

/// The new texts beside their files; removed again unless they were put in place.
#[derive(Default)]
struct Staged {
    files: Vec<JournalFile>,
}

impl Staged {
    fn add(&mut self, target: &Path, write: &FileWrite, text: Option<&str>) -> Result<(), HostError> {
        let staged = match text {
            Some(text) => {
                Some(stage(target, text).map_err(|error| HostError::io("writing beside", target, &error))?)
            }
            None => None,
        };
        let (path, target) = (write.path.clone(), target.to_owned());
        self.files.push(JournalFile { path, target, staged, before: write.before, after: write.after });
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for file in &self.files {
            if let Some(staged) = &file.staged {
                let _ = fs::remove_file(staged);
            }
        }
    }
}

/// Writes a text whole beside its file, with that file's permissions and owner, and syncs it.
fn stage(target: &Path, text: &str) -> io::Result<PathBuf> {
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{}.bodkin-", name.chars().take(40).collect::<String>());
    let mut temp = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder)?;
    temp.write_all(text.as_bytes())?;
    match fs::metadata(target) {
        Ok(metadata) => like(temp.as_file(), &metadata)?,
        Err(_) => usual_permissions(temp.as_file())?,
    }
    temp.as_file().sync_all()?;
    let (_, path) = temp.keep().map_err(|error| error.error)?;
    Ok(path)
}

fn like(file: &File, metadata: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(metadata.permissions())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Not ours to keep when we are not its owner; the content is what counts.
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
    }
    Ok(())
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
            format!("Make it writable (`chmod u+w {path}`) and accept again."),
        ));
    }
    Ok(())
}

fn put_in_place(journal: &Journal) -> Result<(), (usize, io::Error)> {
    for (at, file) in journal.files.iter().enumerate() {
        let done = match &file.staged {
            Some(staged) => fs::rename(staged, &file.target),
            None => fs::remove_file(&file.target),
        };
        done.and_then(|()| file.target.parent().map_or(Ok(()), sync_folder)).map_err(|error| (at, error))?;
        crash_point("rename");
    }
    Ok(())
}

/// Replaces one file whole, durably; for a roll-back.
pub(crate) fn replace(target: &Path, text: Option<&str>) -> io::Result<()> {
    match text {
        Some(text) => fs::rename(stage(target, text)?, target)?,
        None => fs::remove_file(target)?,
    }
    target.parent().map_or(Ok(()), sync_folder)
}

pub(crate) fn remove_staged(journal: &Journal) {
    for staged in journal.files.iter().filter_map(|file| file.staged.as_ref()) {
        let _ = fs::remove_file(staged);
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
