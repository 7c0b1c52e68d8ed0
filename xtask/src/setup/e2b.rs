//! The official E2B clients for the tests of `bodkin sandboxd`: two of PyPI's `e2b`, and npm's.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use bodkin_tests::clients;

use crate::tool;

/// Installs what is missing; an error in words for what can not be had.
pub(super) fn install() -> Result<(), String> {
    let mut missing = Vec::new();
    for version in clients::PYTHON {
        if let Err(error) = python(version) {
            missing.push(format!("PyPI's e2b {version} ({error:#})"));
        }
    }
    if let Err(error) = node() {
        missing.push(format!("npm's e2b ({error:#})"));
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("the tests with {} skip themselves", missing.join(" and ")))
}

fn python(version: &str) -> Result<()> {
    let venv = tool::root().join(clients::python_folder(version));
    let program = venv.join("bin/python3");
    let shown = program.to_string_lossy();
    let probe = format!("import importlib.metadata as m, e2b; assert m.version('e2b') == '{version}'");
    if tool::works(&shown, &["-c", &probe]) {
        return Ok(());
    }
    println!("setting up PyPI's e2b {version} in {}", venv.display());
    tool::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    tool::retry("installing e2b", || {
        let mut pip = Command::new(&program);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
        ]);
        pip.arg(format!("e2b=={version}"));
        pip
    })
}

fn node() -> Result<()> {
    let folder = tool::root().join(clients::NODE_FOLDER);
    let here = tool::root().join("tests/sandboxd/clients/js");
    let lock = fs::read(here.join("package-lock.json")).context("the lock file")?;
    // npm writes this last, so it is there only when all is.
    let done = folder.join("node_modules/.package-lock.json");
    let is_same = fs::read(folder.join("package-lock.json")).is_ok_and(|it| it == lock);
    if is_same && done.is_file() {
        return Ok(());
    }
    println!("setting up npm's e2b in {}", folder.display());
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        copy(&here.join(file), &folder.join(file))?;
    }
    tool::retry("installing npm's e2b", || {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
        npm.current_dir(&folder);
        npm
    })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).with_context(|| format!("{} can not be copied", from.display()))
}
