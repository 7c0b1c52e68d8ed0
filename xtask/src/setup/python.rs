//! Python and its packages: pytest for the tests, and wheels that hold programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::tool;

/// A folder to put first on the path when pytest had to be installed; an error in words when it can not be had.
pub(super) fn pytest() -> Result<Option<PathBuf>, String> {
    if !tool::works("python3", &["--version"]) {
        return Err("`python3` is not installed, so the Python tests skip themselves".to_owned());
    }
    if tool::works("python3", &["-m", "pytest", "--version"]) {
        return Ok(None);
    }
    let venv = tool::root().join("target/tools/python");
    let bin = venv.join("bin");
    if tool::works(&bin.join("python3").to_string_lossy(), &["-m", "pytest", "--version"]) {
        return Ok(Some(bin));
    }
    install_pytest(&venv, &bin).map_err(|error| {
        format!("pytest can not be installed ({error}), so the pytest tests skip themselves")
    })?;
    Ok(Some(bin))
}

fn install_pytest(venv: &Path, bin: &Path) -> Result<()> {
    println!("setting up pytest in {}", venv.display());
    tool::run(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
    tool::retry("installing pytest", || {
        let mut pip = Command::new(bin.join("python3"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pytest>=8,<10"]);
        pip
    })
}

/// A Python that has pip: the machine's, else one of our own.
pub(super) fn with_pip() -> Result<PathBuf> {
    let own = tool::root().join("target/tools/python");
    let program = own.join("bin/python3");
    let has_pip = |it: &Path| tool::works(&it.to_string_lossy(), &["-m", "pip", "--version"]);
    if let Some(found) = [PathBuf::from("python3"), program.clone()].into_iter().find(|it| has_pip(it)) {
        return Ok(found);
    }
    tool::run(Command::new("python3").args(["-m", "venv"]).arg(own))?;
    Ok(program)
}

/// What takes the wheels of a list apart into a folder; only those with the right hash.
pub(super) fn wheel(python: &Path, folder: &Path, list: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade"]);
    pip.args(["--require-hashes", "--only-binary", ":all:"]).arg("--target").arg(folder);
    pip.arg("--requirement").arg(list);
    pip
}
