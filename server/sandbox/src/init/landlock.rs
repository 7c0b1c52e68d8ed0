//! The second line around files: what may be opened at all, whatever a namespace or a leaked descriptor shows.
//!
//! Behind namespaces it says again what the mounts say; without them it is the wall. Laid on the sandbox's first
//! process and inherited. Kernels without it (before 5.13, or switched off) leave it out; the launcher tells.
//! Limits: names, sizes, permissions and times of files can be asked and changed as the user may.

use std::os::fd::OwnedFd;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::io::Errno;

use super::sys;
use super::trouble::{During, Trouble};

/// What stays open.
#[derive(Debug, Default)]
pub(super) struct Open<'a> {
    /// Files and folders whose content may be read and run.
    pub(super) read: Vec<&'a Path>,
    /// Devices and folders of them that may be read and written.
    pub(super) devices: Vec<&'a Path>,
    /// Folders below which everything may be made, but for device files.
    pub(super) write: Vec<&'a Path>,
    /// Folders without a path here whose content may be read.
    pub(super) held: Vec<&'a OwnedFd>,
}

/// The newest interface that these rules were tried with.
const NEWEST: ABI = ABI::V6;

/// Closes all files but `open` to this process and all that it will start; signals and abstract sockets reach
/// only what is inside (from interface 6 on). `false`: this kernel has no Landlock.
pub(super) fn close_all_but(open: &Open<'_>) -> Result<bool, Trouble> {
    if sys::landlock_interface() == 0 {
        return Ok(false);
    }
    match restrict(open) {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Ok(true),
        Ok(RulesetStatus::NotEnforced) | Err(_) => {
            Err(Errno::OPNOTSUPP).during("closing all other files with Landlock")
        }
    }
}

fn restrict(open: &Open<'_>) -> Result<RulesetStatus, RulesetError> {
    let read = AccessFs::from_read(NEWEST);
    let nodes: BitFlags<AccessFs> = AccessFs::MakeChar | AccessFs::MakeBlock;
    let device = AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::IoctlDev;
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for (paths, access) in [
        (&open.read, read),
        (&open.devices, device),
        (&open.write, AccessFs::from_all(NEWEST) & !(nodes | AccessFs::IoctlDev)),
    ] {
        rules = paths.iter().try_fold(rules, |rules, path| add(rules, path, access))?;
    }
    for folder in &open.held {
        rules = rules.add_rule(PathBeneath::new(folder, read))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}

/// What is not there needs no rule.
fn add(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(path) => rules.add_rule(PathBeneath::new(path, access)),
        Err(_) => Ok(rules),
    }
}
