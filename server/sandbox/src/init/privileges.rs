//! Gives up everything that the walls took to build, and lays the filters that hold from then on.
//!
//! All of it is inherited: whatever the first process starts, has it from its first instruction.

use std::path::Path;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
};

use super::delta::Delta;
use super::landlock::{self, Open};
use super::seccomp::{self, Filter};
use super::trouble::{During, Trouble};
use crate::local::wire::{Place, What};

/// No capability now, none by running a program, no other process may look into this one, no file but `open`,
/// no system call that `filter` refuses.
pub(super) fn drop_all(open: &Open<'_>, filter: Filter) -> Result<(), Trouble> {
    // The kernel refuses the first number that it has no capability for.
    for number in 0..63_u32 {
        if remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << number)).is_err() {
            break;
        }
    }
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, sets).during("giving up privileges")?;
    set_no_new_privs(true).during("giving up privileges")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).during("hiding from the command")?;
    landlock::close_all_but(open)?;
    seccomp::lay(filter).during("filtering system calls")
}

/// What is open where these places stand: all can be read, since nothing else is there, and what is the
/// command's own can be written.
pub(super) fn open_places<'a>(places: &'a [Place], delta: Option<&'a Delta>) -> Open<'a> {
    let write = places.iter().filter(|place| match place.what {
        What::Fresh(_) | What::Private(_) | What::Workspace => true,
        What::ReadOnly(_)
        | What::Device(_)
        | What::Link(_)
        | What::Text(_)
        | What::Processes
        | What::Terminals
        | What::Support => false,
    });
    Open {
        read: vec![Path::new("/")],
        devices: vec![Path::new("/dev")],
        write: write.map(|place| place.at.path()).collect(),
        held: delta.into_iter().flat_map(Delta::folders).collect(),
    }
}
