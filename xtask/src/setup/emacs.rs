//! Emacs with eglot for the tests of an editor that knows nothing of Bodkin: from the distribution, without a screen.

use bodkin_tests::tools::Tool;

use super::apt;
use crate::tool;

/// Installs Emacs unless it is there; an error in words when it can not be had.
pub(super) fn install() -> Result<(), String> {
    if Tool::Eglot.look() {
        return Ok(());
    }
    let skipped = |error| {
        format!("Emacs with eglot can not be installed ({error:#}), so the tests in it skip themselves")
    };
    if !tool::works("emacs", &["--version"]) {
        apt::install("Emacs", &["emacs-nox"]).map_err(skipped)?;
    }
    // From 29 on Emacs brings it along.
    if !Tool::Eglot.look() {
        apt::install("eglot", &["elpa-eglot"]).map_err(skipped)?;
    }
    if Tool::Eglot.look() {
        Ok(())
    } else {
        Err(skipped(anyhow::anyhow!("it is not found where it was put")))
    }
}
