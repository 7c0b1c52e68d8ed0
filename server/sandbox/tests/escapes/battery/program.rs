//! The one program of all attempts, compiled once for all tests of this process.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

macro_rules! sources {
    ($($name:literal)+) => { [$(($name, include_str!(concat!("../programs/", $name)))),+] };
}

const SOURCES: [(&str, &str); 13] = sources!(
    "attempt.h" "calls.c" "descriptors.c" "escalations.c" "files.c" "limits.c" "lower.c" "main.c" "network.c"
    "processes.c" "shared.c" "terminal.c" "unseen.c"
);

/// The compiled program. Static where the C library can be, so that it runs wherever a kernel does.
pub(super) fn program() -> PathBuf {
    static PROGRAM: OnceLock<TempDir> = OnceLock::new();
    PROGRAM
        .get_or_init(|| build().unwrap_or_else(|why| panic!("cc, which Rust links with, {why}")))
        .path()
        .join("attack")
}

fn build() -> Result<TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for (name, text) in SOURCES {
        let path = folder.path().join(name);
        std::fs::write(&path, text).map_err(|error| error.to_string())?;
        files.extend(name.ends_with(".c").then_some(path));
    }
    let compile = |flags: &[&str]| {
        let output = Command::new("cc")
            .args(flags)
            .args(["-O1", "-o"])
            .arg(folder.path().join("attack"))
            .args(&files)
            .args(["-lpthread", "-lutil", "-lrt"])
            .output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(format!("says: {}", String::from_utf8_lossy(&output.stderr))),
            Err(error) => Err(format!("can not be started: {error}")),
        }
    };
    compile(&["-static"]).or_else(|_| compile(&[]))?;
    Ok(folder)
}
