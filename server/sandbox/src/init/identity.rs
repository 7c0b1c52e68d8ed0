//! Who the command is: an ordinary user of the host, also where root started the helper.
//!
//! For root two user namespaces stand one in the other. The outer one, which owns the mounts and the network, knows
//! one user, number 0, who is an ordinary one outside; files of root's that belong inside are shown as his by a mapped
//! mount. The inner one, which the command lives in, gives him his own number and no power over the outer.
//! An ordinary user needs one alone, that maps him to himself.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{DumpableBehavior, Gid, Pid, Uid, set_dumpable_behavior};
use rustix::thread::{set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::sys;
use super::trouble::{During, Trouble};
use crate::local::wire::Identity;

/// The stage whose failure means that root can not be left behind here.
pub(crate) const OWNERS: &str = "becoming an ordinary user";

/// Lets go of root's groups, while that is possible.
pub(super) fn leave_groups() -> Result<(), Trouble> {
    set_thread_groups(&[]).during(OWNERS)
}

/// The numbers of this user and group; not to be had any more in a new namespace.
pub(super) fn own() -> (u32, u32) {
    (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
}

/// Maps the user of this new namespace to himself.
pub(super) fn map_to_itself((user, group): (u32, u32)) -> Result<(), Trouble> {
    let folder = own_process().during("opening /proc/self")?;
    map(&folder, [(user, user), (group, group)], true).during("mapping the user into the sandbox")
}

/// Maps number 0 of the namespace of `first` to the user and group outside; gives the namespace.
pub(super) fn map_from_outside(first: Pid, user: u32, group: u32) -> Result<OwnedFd, Trouble> {
    let folder = format!("/proc/{}", first.as_raw_nonzero());
    let folder = openat(CWD, folder, folder_flags(), Mode::empty()).during(OWNERS)?;
    map(&folder, [(0, user), (0, group)], true).during(OWNERS)?;
    openat(&folder, "ns/user", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).during(OWNERS)
}

/// In the first process, once it is mapped: takes number 0 of its namespace.
pub(super) fn become_mapped() -> Result<(), Trouble> {
    become_user(0, 0).during(OWNERS)?;
    // The change has closed our own folder of /proc to us.
    set_dumpable_behavior(DumpableBehavior::Dumpable).during(OWNERS)
}

/// In the process that only waits: no power is kept for that.
pub(super) fn retire(identity: &Identity) -> Result<(), Trouble> {
    if let Identity::Other { user, group } = *identity {
        become_user(user, group).during(OWNERS)?;
    }
    set_no_new_privs(true).during(OWNERS)
}

/// The folder of this process in the `/proc` that is mounted now, for [`settle`] when it is gone.
pub(super) fn own_process() -> io::Result<OwnedFd> {
    Ok(openat(CWD, "/proc/self", folder_flags(), Mode::empty())?)
}

/// When the walls stand: enters the inner namespace, where the user has his own number.
pub(super) fn settle(identity: &Identity, process: &OwnedFd) -> Result<(), Trouble> {
    let Identity::Other { user, group } = *identity else { return Ok(()) };
    sys::unshare_user().during("entering the inner user namespace")?;
    // What groups may do was settled in the outer one.
    map(process, [(user, 0), (group, 0)], false).during("mapping the user into the sandbox")
}

fn become_user(user: u32, group: u32) -> rustix::io::Result<()> {
    let (user, group) = (Uid::from_raw(user), Gid::from_raw(group));
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)
}

/// Maps one user and one group, `(inside, outside)` each.
fn map(process: &OwnedFd, ids: [(u32, u32); 2], forbid_groups: bool) -> io::Result<()> {
    let write = |file: &str, text: &str| {
        let file = openat(process, file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
        File::from(file).write_all(text.as_bytes())
    };
    if forbid_groups {
        write("setgroups", "deny")?;
    }
    let [(user, outside), (group, group_outside)] = ids;
    write("uid_map", &format!("{user} {outside} 1"))?;
    write("gid_map", &format!("{group} {group_outside} 1"))
}

fn folder_flags() -> OFlags {
    OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC
}
