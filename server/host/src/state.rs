//! The state folder of one workspace: outside the work tree, keyed by its root, shared under file locks.
#![expect(
    clippy::disallowed_methods,
    reason = "the state folder is on disk, and this is where it is touched"
)]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bodkin_guard::RunId;
use bodkin_text::ContentHash;

use crate::error::HostError;

/// Where everything about one workspace is kept.
#[derive(Debug, Clone)]
pub(crate) struct StateDir {
    dir: PathBuf,
}

/// Holds a lock file; the lock goes with it, also when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl StateDir {
    /// Opens or makes the folder for the workspace at `root` below `state_home`.
    pub(crate) fn open(state_home: &Path, root: &Path) -> io::Result<Self> {
        let dir = Self::path_for(state_home, root);
        fs::create_dir_all(&dir)?;
        restrict(&dir)?;
        let state = Self { dir };
        for name in ["blobs", "checkpoints", "editing", "journal", "runs"] {
            fs::create_dir_all(state.at(name))?;
        }
        let note = state.at("root");
        if !note.exists() {
            write_durably(&note, root.as_os_str().as_encoded_bytes())?;
        }
        Ok(state)
    }

    /// A folder that is not made when it is missing; for reading.
    pub(crate) fn at_path(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Where the folder for `root` is, made or not.
    pub(crate) fn path_for(state_home: &Path, root: &Path) -> PathBuf {
        let name: String = root
            .file_name()
            .map(|name| {
                name.to_string_lossy()
                    .chars()
                    .filter(|it| it.is_ascii_alphanumeric() || "-_.".contains(*it))
                    .take(40)
                    .collect()
            })
            .unwrap_or_default();
        let key: String =
            ContentHash::of(root.as_os_str().as_encoded_bytes()).to_string().chars().take(16).collect();
        state_home.join(format!("{name}-{key}"))
    }

    /// A file or folder in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Waits for an exclusive lock between processes.
    pub(crate) fn lock(&self, name: &str) -> io::Result<Lock> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.at(name))?;
        file.lock()?;
        Ok(Lock { _file: file })
    }

    /// The same without waiting: `None` while another holds it.
    pub(crate) fn try_lock(&self, name: &str) -> io::Result<Option<Lock>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.at(name))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// A number that no other run of this workspace has had.
    pub(crate) fn next_run(&self) -> io::Result<RunId> {
        let _lock = self.lock("counter.lock")?;
        let path = self.at("counter");
        let last: u64 = match fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().unwrap_or_else(|_| self.highest_run()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let next = last.saturating_add(1);
        // Not synced: a number that is lost in a power cut is found again from the ledger's length.
        fs::write(&path, next.to_string())?;
        Ok(RunId(next))
    }

    /// Names of the files in one of its folders, sorted.
    pub(crate) fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names: Vec<String> = fs::read_dir(self.at(folder))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        Ok(names)
    }

    /// For a counter that was lost: the ledger's length is above every run's number.
    fn highest_run(&self) -> u64 {
        fs::metadata(self.at("ledger.jsonl")).map(|it| it.len()).unwrap_or(0)
    }
}

/// Replaces a file whole: a reader sees the old content or the new, also after a power cut.
pub(crate) fn write_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temp = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    temp.write_all(content)?;
    temp.as_file().sync_data()?;
    temp.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Makes renames in a folder survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Nobody else may read what is kept: it holds the user's sources.
fn restrict(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

/// A workspace's folder without links in it, as its state is keyed by.
pub fn real_folder(root: &Path) -> Result<PathBuf, HostError> {
    let bad = |what: &str| {
        HostError::bad(
            format!("the workspace `{}` {what}", root.display()),
            "Name the folder that holds the project (--root).",
        )
    };
    let real = fs::canonicalize(root).map_err(|error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        if missing { bad("does not exist") } else { HostError::io("opening the workspace", root, &error) }
    })?;
    if fs::metadata(&real).is_ok_and(|it| it.is_dir()) { Ok(real) } else { Err(bad("is not a folder")) }
}
