//! Gives up everything that the walls took to build.
//!
//! System call filters (seccomp, Landlock) belong here, after the capabilities.

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
};

use super::trouble::{During, Trouble};

/// No capability now, none by running a program, and no other process may look into this one.
pub(super) fn drop_all() -> Result<(), Trouble> {
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
    set_dumpable_behavior(DumpableBehavior::NotDumpable).during("hiding from the command")
}
