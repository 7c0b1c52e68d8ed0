//! A container engine for the tests of the container backend: Debian's podman with runc. The tests start it
//! themselves, with folders of their own.

use super::apt;
use crate::tool;

/// Installs both unless they are there; an error in words when they can not be had.
pub(super) fn install() -> Result<(), String> {
    let missing: Vec<&str> =
        ["podman", "runc"].into_iter().filter(|program| !tool::works(program, &["--version"])).collect();
    if missing.is_empty() {
        return Ok(());
    }
    apt::install("podman", &missing).map_err(|error| {
        format!(
            "podman can not be installed ({error:#}), so the tests of the container backend skip themselves"
        )
    })
}
