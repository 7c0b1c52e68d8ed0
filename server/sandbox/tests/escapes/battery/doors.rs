//! Doors that others left open: descriptors, process 1, the environment, the conversation with the launcher.

use std::fs;
use std::os::fd::AsFd;

use bodkin_guard::report::Exit;

use super::ground::CANARY;
use super::{Cage, Ground, Kind, Visit};

/// Attempt 35: a folder and a file that the launcher holds open without closing them at exec.
pub(crate) fn no_open_file_is_inherited(cage: &impl Cage) {
    let ground = Ground::new();
    let leaked =
        [ground.path("other"), ground.path("other/secret")].map(|path| fs::File::open(path).unwrap());
    for file in &leaked {
        rustix::io::fcntl_setfd(file.as_fd(), rustix::io::FdFlags::empty()).unwrap();
    }
    let control = ground.outside(&["descriptors", "scan", "secret"]);
    assert!(control.stdout.contains(CANARY), "{control:?}");
    let said = cage.attack(&ground, &["descriptors", "scan", "secret"]);
    let may_be_open = cage.kind() == Kind::Container;
    assert!(said.stdout == "scanned\n" || (may_be_open && !said.stdout.contains(CANARY)), "{said:?}");
}

/// Attempts 9, 10 and 12: the files of the cage's first process.
pub(crate) fn process_1_lends_nothing(cage: &impl Cage) {
    let ground = Ground::new();
    assert!(
        ground.open_room(&["descriptors", "first"]).successes().len() > 5,
        "the control reads its process 1"
    );
    let said = cage.attack(&ground, &["descriptors", "first"]);
    // In a container process 1 is a program of the image in the same file tree; here process 1 is the host's.
    if cage.kind() != Kind::Container && !cage.admits("signals") {
        assert_eq!(said.successes(), Vec::<&str>::new());
    }
    // That these work elsewhere is shown with a process of the host's; one that is stopped as its own first
    // process would hang its room.
    let mut visit = Visit::attack(&["processes", "first"]);
    visit.limits.wall_ms = 20_000;
    let said = cage.visit(&ground, visit);
    if cage.kind() != Kind::Container {
        assert_eq!(said.outcomes().len(), 15, "{said:?}");
        // The limits of process 1 may be lowered where no filter forbids it: it ends, and all with it.
        let through: Vec<&str> = said.successes().into_iter().filter(|it| *it != "prlimit").collect();
        assert_eq!(through, Vec::<&str>::new(), "{said:?}");
    }
}

/// /proc/self/fd turns a descriptor for reading into one for writing where only the mount forbids it.
pub(crate) fn a_file_that_may_be_read_can_not_be_reopened_for_writing(cage: &impl Cage) {
    let ground = Ground::new();
    fs::write(ground.path("other/opened"), "alive").unwrap();
    let control = ground.outside(&["descriptors", "reopen", &ground.text("other/opened")]);
    assert!(control.successes().len() >= 5, "{control:?}");
    assert_ne!(fs::read_to_string(ground.path("other/opened")).unwrap(), "alive");
    // A tool of the host that is shown inside.
    let before = ground.kept("tools", cage);
    let said =
        cage.attack(&ground, &["descriptors", "reopen", &ground.text("tools/tool"), "/proc/self/status"]);
    assert!(ground.kept("tools", cage) == before || cage.admits("written where"), "{said:?}");
    assert_eq!(
        fs::read_to_string(ground.path("tools/tool")).unwrap() == "alive",
        !cage.admits("written where")
    );
}

/// What the helper would say at a good end, written to every descriptor there is. The control is that the same
/// program's own exit code comes through where nothing is forged.
pub(crate) fn the_end_of_the_run_can_not_be_forged(cage: &impl Cage) {
    let ground = Ground::new();
    assert_eq!(cage.shell(&ground, "exit 0").exit, Exit::Code(0));
    let said = cage.attack(&ground, &["descriptors", "forge"]);
    assert_eq!(said.exit, Exit::Code(7), "{said:?}");
    let may_open = cage.kind() == Kind::Container || cage.admits("signals");
    assert!(may_open || !said.stdout.contains("opened /proc/1"), "{said:?}");
}

/// Attempt 10: variables of the launcher, its own or in any process that can be seen.
pub(crate) fn the_hosts_variables_are_nowhere_to_be_read(cage: &impl Cage) {
    let ground = Ground::new();
    let line = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/self/environ 2>/dev/null; true";
    // This process has such a variable from cargo, or from whoever started it again as another user.
    let control = ground.shell_outside(line);
    let secret = ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"].into_iter().find(|it| control.stdout.contains(it));
    let said = cage.shell(&ground, line);
    assert!(said.stdout.contains("BODKIN_ATTEMPT"), "it does see its own");
    let secret = secret.expect("the control sees what cargo sets");
    assert!(!said.stdout.contains(secret) || cage.admits("signals"), "{said:?}");
}

/// A program `#!/proc/self/exe` runs as the program of whoever starts it: the helper of the cage, on the host's
/// disk. Whoever could open it from inside could change it for the next run.
pub(crate) fn the_helpers_own_program_can_not_be_reached_through_an_interpreter_line(cage: &impl Cage) {
    let ground = Ground::new();
    for (name, line) in [("tool", "#!/proc/self/exe lsp\n"), ("init", "#!/proc/self/exe __sandbox-init\n")] {
        fs::write(ground.path("ws").join(name), line).unwrap();
        fs::set_permissions(
            ground.path("ws").join(name),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
    }
    // The control: without walls the program of the one who starts it can be reached and changed.
    let control = ground.outside(&["descriptors", "program"]);
    assert!(control.stdout.contains("changed"), "{control:?}");
    let watch = "(./attack descriptors program; sleep 0.1; ./attack descriptors program) & exec ./tool";
    for visit in [Visit::new(&["./tool"]), Visit::new(&["./init"]), Visit::new(&["/bin/sh", "-c", watch])] {
        let said = cage.visit(&ground, visit);
        let reached = said.stdout.lines().find(|line| {
            (line.contains("bodkin") || line.contains("helper"))
                && (line.ends_with("changed") || line.ends_with("writing"))
        });
        assert_eq!(reached, None, "{said:?}");
        assert_ne!(said.exit, Exit::Code(0), "{said:?}");
    }
}

/// Files named like the tools that a cage itself may call, first on every path.
pub(crate) fn a_file_of_the_workspace_is_not_mistaken_for_a_tool_of_the_cage(cage: &impl Cage) {
    let ground = Ground::new();
    let mark = format!("/tmp/shadow-{}", ground.name());
    for name in
        ["bodkin", "bodkin-sandbox-init", "sh", "git", "tar", "date", "python3", "cp", "rm", "env", "find"]
    {
        ground.put(name, &format!("#!/bin/sh\necho shadow >> {mark}\necho shadowed\n"));
        let path = ground.path("ws").join(name);
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let control = Visit::new(&["./date"]);
    assert_eq!(cage.visit(&ground, control).stdout, "shadowed\n", "they do run when they are asked for");
    let mut visit = Visit::new(&["date"]);
    visit.env.insert("BASH_ENV".to_owned(), "./sh".to_owned());
    let said = cage.visit(&ground, visit);
    assert!(said.exit == Exit::Code(0) && !said.stdout.contains("shadowed"), "{said:?}");
    assert!(fs::remove_file(&mark).is_err() || cage.admits("written where"), "it ran on the host");
}
