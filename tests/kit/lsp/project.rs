//! A folder with files, and a home and a state folder beside it.

use std::fs;
use std::path::PathBuf;

/// A folder with files, with a home and a state folder beside it, that goes when it is dropped.
pub struct Project {
    pub(super) folder: tempfile::TempDir,
}

impl Project {
    /// A project of these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// Where it is, without links.
    pub fn root(&self) -> PathBuf {
        let root = self.folder.path().join("work");
        fs::create_dir_all(&root).unwrap();
        root.canonicalize().unwrap()
    }

    /// Puts a file on the disk.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What stands on the disk.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// What the ledger holds; nothing before there is one.
    pub fn ledger(&self) -> String {
        let folders = fs::read_dir(self.folder.path().join("state/bodkin")).into_iter().flatten();
        let ledgers = folders.filter_map(|it| fs::read_to_string(it.ok()?.path().join("ledger.jsonl")).ok());
        ledgers.collect()
    }

    /// The editor's name of a file.
    pub fn uri(&self, path: &str) -> String {
        format!("file://{}", self.root().join(path).display())
    }
}
