//! Where `cargo xtask setup` puts the official E2B clients.

use std::path::PathBuf;

use crate::binary;

/// The versions of PyPI's `e2b` that the daemon is tried with.
pub const PYTHON: [&str; 2] = ["2.20.0", "2.63.0"];
/// The folder of npm's, below the repository.
pub const NODE_FOLDER: &str = "target/tools/e2b/js";

/// The folder of a Python with PyPI's `e2b` of this version, below the repository.
pub fn python_folder(version: &str) -> PathBuf {
    PathBuf::from(format!("target/tools/e2b/python-{version}"))
}

/// A Python that has PyPI's `e2b` of this version. None, with a sentence on standard error, where there is none.
pub fn python(version: &str) -> Option<PathBuf> {
    let program = binary::repository().join(python_folder(version)).join("bin/python3");
    here(&program, &format!("PyPI's e2b {version}"))
}

/// The folder in which Node finds npm's `e2b`. None, with a sentence on standard error, where there is none.
pub fn node() -> Option<PathBuf> {
    let folder = binary::repository().join(NODE_FOLDER);
    here(&folder.join("node_modules/e2b/package.json"), "npm's e2b").map(|_| folder)
}

fn here(file: &std::path::Path, what: &str) -> Option<PathBuf> {
    if file.is_file() {
        return Some(file.to_owned());
    }
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    eprintln!("skipped: {test}: {what} is not set up; `cargo xtask setup` does it");
    None
}
