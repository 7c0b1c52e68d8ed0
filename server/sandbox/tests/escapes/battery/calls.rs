//! The kernel itself: calls that no test of a program needs, privileges, devices.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Cage, Ground, Kind, Visit, is_root};

/// Calls that this machine's kernel does not have, or that no user may make here: their refusal inside shows
/// nothing, and is not held against anybody.
const UNSHOWN: [&str; 3] = ["AF_ALG", "AF_KEY", "x32 call"];

/// Attempts 16, 20, 21, 23, 24, 25 and more of that kind: each is refused inside. The control: without walls it
/// works, or is refused for its arguments, which is to say after privilege was found.
pub(crate) fn no_call_opens_more_of_the_kernel(cage: &impl Cage) {
    let ground = Ground::new();
    let control = ground.open_room(&["calls"]);
    let said = cage.attack(&ground, &["calls"]);
    let held_by_namespaces = |name: &str| {
        ["network", "sockets", "AF_", "ICMP"].iter().any(|it| name.contains(it)) && cage.admits("network")
    };
    let mut shown = 0;
    let mut through = Vec::new();
    for (name, outcome) in said.outcomes() {
        let outside = control.outcome(name);
        shown += usize::from(outside != outcome);
        if UNSHOWN.contains(&name) {
            continue;
        }
        // Nothing may go through; and what is refused for its arguments has come too far.
        let refused = ["EPERM", "ENOSYS", "EACCES", "EAFNOSUPPORT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT"];
        let is_refused = refused.contains(&outcome)
            || outcome.starts_with("killed by 31")
            || (outcome == "ENOENT" && name == "setns mounts of process 1")
            || (outcome == "EINVAL" && name.starts_with("become"));
        if !is_refused && !held_by_namespaces(name) && !is_own_matter(cage.kind(), name) {
            through.push((name.to_owned(), outcome.to_owned(), outside.to_owned()));
        }
    }
    assert_eq!(through, [], "name, inside, outside");
    assert!(shown > if is_root() { 50 } else { 30 }, "only {shown} controls show a difference");
}

/// What a cage may allow because it changes only what is the cage's own.
fn is_own_matter(kind: Kind, name: &str) -> bool {
    match kind {
        Kind::Local | Kind::Session | Kind::Reduced | Kind::Daemon => false,
        // What the engine's own filter lets through; none leads out, and the sandbox's notes say so.
        Kind::Container => {
            let by_engine = [
                "perf_event_open",
                "io_uring_setup",
                "io_uring_enter",
                "io_uring_register",
                "vhangup",
                "userfaultfd user mode",
                "i386 call",
                "keyctl",
                "raise the limit on file sizes",
                "real-time disk priority",
                "ptrace process 1",
                "unshare user",
                "clone user",
                "clone3 user",
                "AF_VSOCK",
            ];
            by_engine.contains(&name)
        }
    }
}

/// Attempt 22: no capability, none to be had, and no new one by running a program.
pub(crate) fn there_is_no_privilege_and_no_way_to_one(cage: &impl Cage) {
    let ground = Ground::new();
    let said = cage.attack(&ground, &["escalations", "who"]);
    let field =
        |name: &str| said.stdout.lines().find_map(|it| it.strip_prefix(name)).unwrap().trim().to_owned();
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
        assert!(
            field(set) == "0000000000000000"
                || (set == "CapBnd:" && cage.kind() == Kind::Reduced && !is_root()),
            "{said:?}"
        );
    }
    assert_eq!(field("NoNewPrivs:"), "1");
    assert_eq!(field("Seccomp:"), "2", "a filter looks at every call");
}

/// Attempt 22: a program that belongs to root and says so. Shown where this user is root: nobody else can make
/// one. The control is a user without rights who runs the same file without walls.
pub(crate) fn a_setuid_program_gives_nothing(cage: &impl Cage) {
    let ground = Ground::new();
    for folder in ["ws", "control"] {
        let file = ground.path(folder).join("suid");
        fs::copy(ground.path("ws/attack"), &file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o6755)).unwrap();
    }
    if is_root() {
        fs::rename(ground.path("control/attack"), ground.path("control/plain")).unwrap();
        fs::rename(ground.path("control/suid"), ground.path("control/attack")).unwrap();
        let control = ground.as_nobody(&["escalations", "who"]);
        assert!(control.stdout.starts_with("users 65534 0 groups 65534 0\n"), "{control:?}");
    }
    let plain = cage.attack(&ground, &["escalations", "who"]);
    let said = cage.visit(&ground, Visit::new(&["./suid", "escalations", "who"]));
    assert_eq!(said.stdout, plain.stdout, "it is who it was");
    let said = cage.shell(&ground, "cp attack mine && chmod 6755 mine && ./mine escalations who");
    assert_eq!(said.stdout, plain.stdout, "nor by one of its own");
    let tools =
        "for tool in 'su -c id' 'sudo -n id' 'newgrp root' 'pkexec id'; do $tool < /dev/null; done; true";
    let said = cage.shell(&ground, tools);
    assert!(!said.stdout.contains("uid=0"), "{said:?}");
}

/// A map of users is written once, by the helper.
pub(crate) fn users_can_not_be_mapped_anew(cage: &impl Cage) {
    let ground = Ground::new();
    assert_eq!(cage.attack(&ground, &["escalations", "map"]).successes(), Vec::<&str>::new());
}

/// Attempts 26 and 28, and the system's own programs for writing.
pub(crate) fn devices_and_switches_of_the_host_can_not_be_opened(cage: &impl Cage) {
    let ground = Ground::new();
    let control = ground.outside(&["unseen"]);
    // As root nearly all that there are can be opened; as another user some.
    assert!(control.successes().len() >= if is_root() { 20 } else { 3 }, "{control:?}");
    let said = cage.attack(&ground, &["unseen"]);
    let mut through = said.successes();
    through.retain(|name| match cage.kind() {
        Kind::Local | Kind::Session => true,
        // Root's home is an empty folder where the user's tools hang in it.
        Kind::Daemon => *name != "/root",
        Kind::Reduced => !cage.admits("can be read"),
        // Folders of the image, and what an engine shows of itself.
        Kind::Container => {
            let shown = ["/root", "/var/lib", "/var/log", "/run/lock", "/boot", "/sys/", "/proc/1/"];
            !shown.iter().any(|it| name.starts_with(it))
        }
    });
    // Its own attributes are not a switch of anybody else.
    through.retain(|name| *name != "/proc/self/attr/current");
    assert_eq!(through, Vec::<&str>::new());
}
