//! Nothing escapes, shown by attempts: every one is a real program that works without walls and does not within.
//!
//! `battery` holds the attempts and what a cage is; each other module is one cage. docs/threats.md tells which
//! attempt is which.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests look at their own files and processes, and fail by panicking"
)]

mod battery;
#[path = "../kit/mod.rs"]
mod kit;
mod launcher;
mod local;
mod sessions;

mod whole {
    crate::battery::whole_battery!(crate::local::WHOLE);
}

mod copied {
    crate::battery::whole_battery!(crate::local::COPIED);
}

mod what_comes_back {
    mod over_an_overlay {
        crate::battery::hostile_changes!(crate::local::WHOLE);
    }

    mod over_a_copy {
        crate::battery::hostile_changes!(crate::local::COPIED);
    }
}

/// Only when [`what_reduced_walls_do_not_hold_they_say`] starts them: as root, and among the host's own processes
/// and mounts, an attempt that succeeds would do harm.
mod reduced {
    crate::battery::whole_battery!(crate::local::REDUCED);
}

#[test]
fn what_reduced_walls_do_not_hold_they_say() {
    local::again(&["reduced::"], true);
}

#[test]
fn all_of_this_holds_for_an_ordinary_user() {
    if battery::is_root() {
        local::again(&["whole::", "copied::", "sessions::"], false);
    }
}
