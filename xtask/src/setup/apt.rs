//! Packages of the distribution, where that can be done without asking anybody: as root, on Debian and its like.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Result, bail, ensure};

use crate::tool;

/// Installs packages; `what` is for whoever watches. What they only recommend is left out.
pub(super) fn install(what: &str, packages: &[&str]) -> Result<()> {
    ensure!(tool::works("apt-get", &["--version"]), "there is no apt-get");
    let id = Command::new("id").arg("-u").output()?;
    ensure!(id.stdout.starts_with(b"0\n"), "only root can install it");
    println!("setting up {what}");
    // A folder of its own for archives: two that install at once delete each other's.
    let archives = tempfile::tempdir()?;
    fs::create_dir_all(archives.path().join("partial"))?;
    let apt = |words: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-qq", "-o", "DPkg::Lock::Timeout=300", "-o"])
            .arg(format!("Dir::Cache::archives={}", archives.path().display()))
            .args(words);
        apt
    };
    static UPDATED: OnceLock<bool> = OnceLock::new();
    let updated = || tool::retry("updating the list of packages", || apt(&["update"])).is_ok();
    if !UPDATED.get_or_init(updated) {
        bail!("the list of packages can not be had");
    }
    tool::retry(&format!("installing {what}"), || {
        let mut install = apt(&["install", "-y", "--no-install-recommends"]);
        install.args(packages).stdout(Stdio::null());
        install
    })
}
