//! A folder of files with a home, a state and a configuration folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::binary;
use crate::running::Call;

/// Files on disk that nobody else knows of; gone when it is dropped.
#[derive(Debug)]
pub struct Scene {
    dir: TempDir,
}

/// The content of every file of a folder, by path; a link by what it points to.
pub type Tree = BTreeMap<String, Vec<u8>>;

impl Scene {
    /// Lays out files written as `=== path` and their lines.
    pub fn new(files: &str) -> Self {
        let scene = Self::empty();
        let mut path: Option<&str> = None;
        let mut text = String::new();
        for line in files.split_inclusive('\n') {
            match line.strip_prefix("=== ") {
                Some(next) => {
                    if let Some(path) = path.replace(next.trim()) {
                        scene.write(path, &text);
                    }
                    text.clear();
                }
                None if path.is_some() => text.push_str(line),
                None => assert!(line.trim().is_empty(), "a scene begins with `=== path`, not {line:?}"),
            }
        }
        if let Some(path) = path {
            scene.write(path, &text);
        }
        scene
    }

    /// A copy of a project below `tests/samples`, which is left alone.
    pub fn of_sample(name: &str) -> Self {
        let scene = Self::empty();
        let from = binary::repository().join("tests/samples").join(name);
        assert!(from.is_dir(), "there is no sample {name}");
        copy(&from, &scene.root());
        scene
    }

    /// A workspace without files.
    pub fn empty() -> Self {
        let dir = tempfile::Builder::new().prefix("bodkin-test-").tempdir().expect("a folder can be made");
        for name in ["work", "home", "state", "config/bodkin"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    /// The folder that holds everything of the scene.
    pub fn dir(&self) -> PathBuf {
        fs::canonicalize(self.dir.path()).unwrap()
    }

    /// The workspace.
    pub fn root(&self) -> PathBuf {
        self.dir().join("work")
    }

    /// A file or folder of the workspace.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file of the workspace.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.path(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }

    /// Writes the user's settings.
    pub fn settings(&self, toml: &str) {
        fs::write(self.dir().join("config/bodkin/settings.toml"), toml).unwrap();
    }

    /// The bytes of a file of the workspace.
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    /// The text of a file of the workspace.
    pub fn text(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path)).unwrap()
    }

    /// Every file of the workspace, to compare with later.
    pub fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        collect(&self.root(), &self.root(), &mut tree);
        tree
    }

    /// The folder in which Bodkin keeps what belongs to the workspace.
    pub fn state(&self) -> PathBuf {
        let folders = fs::read_dir(self.dir().join("state/bodkin")).expect("something was recorded");
        let mut folders =
            folders.map(|entry| entry.unwrap().path()).filter(|path| path.join("root").is_file());
        let found = folders.next().expect("there is a state folder");
        assert!(folders.next().is_none(), "the scene has one workspace");
        found
    }

    /// The lines of the ledger.
    pub fn ledger(&self) -> Vec<String> {
        let text = fs::read_to_string(self.state().join("ledger.jsonl")).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Puts other lines into the ledger.
    pub fn set_ledger(&self, lines: &[String]) {
        fs::write(self.state().join("ledger.jsonl"), format!("{}\n", lines.join("\n"))).unwrap();
    }

    /// A call of `bodkin` in the workspace's folder.
    pub fn bodkin(&self, words: &[&str]) -> Call {
        self.call(&binary::bodkin(), words)
    }

    /// A call of some program in the workspace's folder, with the scene's home.
    pub fn call(&self, program: &Path, words: &[&str]) -> Call {
        Call::new(&self.dir(), program, words)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        // What a test runner left behind is no part of a sample.
        if ["__pycache__", ".pytest_cache"].iter().any(|it| name == *it) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

fn collect(root: &Path, folder: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            tree.insert(name, fs::read_link(&path).unwrap().display().to_string().into_bytes());
        } else if kind.is_dir() {
            tree.insert(format!("{name}/"), Vec::new());
            collect(root, &path, tree);
        } else {
            tree.insert(name, fs::read(&path).unwrap());
        }
    }
}
