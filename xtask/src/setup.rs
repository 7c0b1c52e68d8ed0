//! Gets what the tests need: takes what is there, installs what may be installed, says what is skipped and why.

mod apt;
mod container;
mod e2b;
mod emacs;
mod neovim;
mod node;
mod python;
pub(crate) mod vscode;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use crate::tool;

/// What the tests run with.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The search path for the tests: ours first, then the caller's.
    pub(crate) path: OsString,
    /// Further variables for the tests: where to find what was set up.
    pub(crate) variables: Vec<(&'static str, PathBuf)>,
    /// What could not be had, in sentences.
    pub(crate) skipped: Vec<String>,
}

/// `cargo xtask setup`: the same without the tests, and what a test is to be run with by hand.
pub(crate) fn run() -> Result<()> {
    let tools = tools()?;
    for sentence in &tools.skipped {
        println!("skipped: {sentence}");
    }
    for (name, path) in &tools.variables {
        println!("export {name}={}", path.display());
    }
    println!("export PATH={}", tools.path.to_string_lossy());
    Ok(())
}

/// Looks for each tool and installs what is missing.
pub(crate) fn tools() -> Result<Tools> {
    tool::retry("fetching the dependencies", || {
        let mut fetch = tool::cargo();
        fetch.args(["fetch", "--locked"]);
        fetch
    })?;
    let mut skipped = Vec::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    match python::pytest() {
        Ok(Some(folder)) => folders.push(folder),
        Ok(None) => {}
        Err(reason) => skipped.push(reason),
    }
    for install in [neovim::install, emacs::install, container::install, e2b::install] {
        if let Err(reason) = install() {
            skipped.push(reason);
        }
    }
    let variables = vscode::set_up().unwrap_or_else(|reason| {
        skipped.push(reason);
        Vec::new()
    });
    for (program, args, what) in [
        ("node", ["--version"], "the JavaScript tests"),
        ("git", ["--version"], "the tests that compare with `git apply`"),
        ("unshare", ["--version"], "the tests of a kernel without namespaces"),
    ] {
        if !tool::works(program, &args) {
            skipped.push(format!("`{program}` is not installed, so {what} skip themselves"));
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    Ok(Tools { path: std::env::join_paths(folders)?, variables, skipped })
}
