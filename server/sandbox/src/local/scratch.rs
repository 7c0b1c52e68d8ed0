//! Folders for copies of a workspace, one for each run; removed with all that the command put there.
#![expect(clippy::disallowed_methods, reason = "the scratch folder belongs to the sandbox")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes a folder for each run.
#[derive(Debug)]
pub(crate) struct Runs {
    folder: PathBuf,
}

/// Counts runs, of whichever sandbox of this process.
static RUNS: AtomicU64 = AtomicU64::new(0);

/// A number that no other run of this process has.
pub(super) fn number() -> u64 {
    RUNS.fetch_add(1, Ordering::Relaxed)
}

/// One run's folder. Dropping a [`Kept`] removes it.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    folder: PathBuf,
}

/// Removes a run's folder when dropped.
#[derive(Debug)]
pub(crate) struct Kept(Run);

impl Runs {
    pub(super) fn below(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// A fresh folder; sweeps away those that dead processes left.
    pub(super) fn start(&self) -> io::Result<Kept> {
        fs::create_dir_all(&self.folder)?;
        self.sweep();
        let folder = self.folder.join(format!("run-{}-{}", std::process::id(), number()));
        if folder.exists() {
            remove(&folder)?;
        }
        fs::create_dir(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        Ok(Kept(Run { folder: folder.canonicalize()? }))
    }

    fn sweep(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let owner = name
                .to_str()
                .and_then(|name| name.strip_prefix("run-")?.split('-').next()?.parse::<u32>().ok());
            if owner.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
                // Another process may be sweeping as well.
                let _ = remove(&entry.path());
            }
        }
    }
}

impl Run {
    /// The run whose folder this is.
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.folder.join("workspace")
    }

    pub(crate) fn support(&self) -> PathBuf {
        self.folder.join("support")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.join("support/out")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    /// Its folders, each after the one that holds it.
    pub(crate) fn folders(&self) -> [PathBuf; 5] {
        [self.workspace(), self.support(), self.out(), self.home(), self.tmp()]
    }
}

impl Kept {
    pub(super) fn run(&self) -> &Run {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What stays is swept at the next start.
        let _ = remove(&self.0.folder);
    }
}

/// Removes a folder however deep it is and whatever permissions stand in it, following no link:
/// folders below the top are first moved up, so that no path grows too long and few files are open.
pub(super) fn remove(top: &Path) -> io::Result<()> {
    let mut count = 0_u64;
    let mut folders = vec![OsString::new()];
    while let Some(name) = folders.pop() {
        let folder = if name.is_empty() { top.to_path_buf() } else { top.join(&name) };
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        if !name.is_empty() {
            empty(&folder, top, &mut count, &mut folders)?;
            fs::remove_dir(&folder)?;
        } else {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.file_name());
                } else {
                    fs::remove_file(entry.path())?;
                }
            }
        }
    }
    fs::remove_dir(top)
}

fn empty(folder: &Path, top: &Path, count: &mut u64, folders: &mut Vec<OsString>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            *count += 1;
            let name = OsString::from(format!("\u{1}{count}"));
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700))?;
            fs::rename(entry.path(), top.join(OsStr::new(&name)))?;
            folders.push(name);
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_deeper_than_paths_and_open_files_reach_is_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let kept = Runs::below(scratch.path()).start().unwrap();
        let mut folder = fs::File::open(kept.run().folder()).unwrap();
        for _ in 0..1100 {
            use rustix::fs::{Mode, OFlags, mkdirat, openat};
            mkdirat(&folder, "deeper", Mode::from(0o700)).unwrap();
            folder =
                openat(&folder, "deeper", OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap().into();
        }
        drop(kept);
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_link_points_to_is_not_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join("kept"), "").unwrap();
        let kept = Runs::below(scratch.path()).start().unwrap();
        std::os::unix::fs::symlink(other.path(), kept.run().folder().join("link")).unwrap();
        drop(kept);
        assert!(other.path().join("kept").exists());
    }

    #[test]
    fn what_a_dead_process_left_is_swept_and_a_living_one_is_not() {
        let scratch = tempfile::tempdir().unwrap();
        let (dead, living) = ("run-4294967294-0", "run-1-7");
        for name in [dead, living] {
            fs::create_dir(scratch.path().join(name)).unwrap();
        }
        let _kept = Runs::below(scratch.path()).start().unwrap();
        assert!(!scratch.path().join(dead).exists());
        assert!(scratch.path().join(living).exists());
    }
}
