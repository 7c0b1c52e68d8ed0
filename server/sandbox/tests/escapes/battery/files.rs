//! Files of the host: none can be read that is not shown, none can be written.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::ground::CANARY;
use super::{Cage, Ground, Kind, Visit};

/// Attempts 1 and 2: keys, other projects, what is root's.
pub(crate) fn keys_and_other_projects_can_not_be_read(cage: &impl Cage) {
    let ground = Ground::new();
    let keys: Vec<String> = ground.keys().iter().map(|key| key.display().to_string()).collect();
    let ways: Vec<String> = keys
        .iter()
        .flat_map(|key| {
            ["", "/proc/self/root", "/proc/1/root", "/proc/1/cwd", "/proc/thread-self/root"]
                .map(|way| format!("{way}{key}"))
        })
        .chain(["../home/.ssh/id_rsa".to_owned(), "../other/secret".to_owned()])
        .collect();
    let line =
        format!("cat {} 2>/dev/null; ln {} hard 2>/dev/null && cat hard; true", ways.join(" "), keys[0]);
    assert!(
        ground.shell_outside(&line).stdout.matches(CANARY).count() >= keys.len() * 2,
        "the control reads them"
    );
    let said = cage.shell(&ground, &line);
    assert!(!said.stdout.contains(CANARY) || cage.admits("can be read"), "{said:?}");
    let system = cage.shell(&ground, "cat /etc/shadow /etc/gshadow; ls /root /var/lib /var/log /boot; true");
    let shown = cage.admits("can be read") || cage.kind() == Kind::Container;
    // The names of folders are those of the question.
    let told = system.stdout.lines().find(|line| !line.is_empty() && !line.ends_with(':'));
    assert!(told.is_none() || shown, "{system:?}");
}

/// Attempts 5 and 6, and a workspace that is itself full of links.
pub(crate) fn links_of_the_workspace_lead_nowhere(cage: &impl Cage) {
    let ground = Ground::new();
    ground.link("key", ground.path("home/.ssh/id_rsa"));
    ground.link("home", ground.path("home"));
    ground.link("up", "../home/.ssh/id_rsa");
    ground.link("root", "/proc/1/root");
    let line = format!(
        "cat key up home/.aws/credentials root{}; echo dead > home/written; cp attack home/copied; true",
        ground.text("other/secret")
    );
    let control = ground.shell_outside(&line);
    assert!(
        control.stdout.matches(CANARY).count() >= 3 && ground.path("home/written").exists(),
        "{control:?}"
    );
    fs::remove_file(ground.path("home/written")).unwrap();
    fs::remove_file(ground.path("home/copied")).unwrap();
    let before = ground.manifest("home");
    let said = cage.shell(&ground, &line);
    assert!(!said.stdout.contains(CANARY) || cage.admits("can be read"), "{said:?}");
    assert!(
        ground.manifest("home") == before || cage.admits("written where"),
        "the home folder was written to"
    );
}

/// Attempt 3: the home folder, the system, its devices.
pub(crate) fn nothing_can_be_written_outside(cage: &impl Cage) {
    let ground = Ground::new();
    let folder = ground.text("");
    let line = |mark: &str| {
        format!(
            "for d in {folder} {folder}/home {folder}/home/.ssh {folder}/other /usr/bin /etc /opt /var /run /dev /proc/self /; do
               echo dead > $d/{mark}; mkdir $d/{mark}-d; ln -s x $d/{mark}-l; mkfifo $d/{mark}-f; done 2>/dev/null
             echo dead > {folder}/other/secret; rm -rf {folder}/home/.aws; mv {folder}/home/.ssh {folder}/home/moved
             true"
        )
    };
    // The control harms only what is the ground's own.
    let own = format!(
        "echo dead > {folder}/other/control; mkdir {folder}/home/control; mv {folder}/home/.config {folder}/home/moved"
    );
    ground.shell_outside(&own);
    assert!(
        ground.path("other/control").exists() && ground.path("home/moved").exists(),
        "the control writes"
    );
    fs::remove_dir(ground.path("home/moved")).unwrap();
    let before = ["home", "other", "tools"].map(|it| ground.kept(it, cage));
    let device = || fs::metadata("/dev/null").unwrap().mode();
    let before_device = device();
    let mark = format!("escape-{}", ground.name());
    cage.shell(&ground, &line(&mark));
    cage.shell(
        &ground,
        &format!(
            "chmod 777 /dev/null {folder}/tools/tool; echo dead > {folder}/tools/tool; rm -rf {folder}/tools"
        ),
    );
    let is_written = ["home", "other", "tools"].map(|it| ground.kept(it, cage)) != before;
    assert!(!is_written || cage.admits("written where"), "the ground was written to");
    assert_eq!(device(), before_device);
    for folder in ["/usr/bin", "/etc", "/opt", "/var", "/run", "/dev", "/"] {
        assert!(!Path::new(folder).join(&mark).exists() || cage.admits("written where"), "{folder}");
        assert!(
            !Path::new(folder).join(format!("{mark}-l")).is_symlink() || cage.admits("written where"),
            "{folder}"
        );
    }
    assert!(fs::symlink_metadata(ground.path(&mark)).is_err() || cage.admits("written where"));
}

/// Attempt 4: folders that every process may write to are the cage's own.
pub(crate) fn what_is_written_to_shared_folders_is_seen_by_nobody(cage: &impl Cage) {
    let ground = Ground::new();
    let mark = format!("escape-{}", ground.name());
    let folders = ["/tmp", "/var/tmp", "/dev/shm"];
    let line = format!("for d in {}; do echo x > $d/{mark}; done 2>/dev/null; true", folders.join(" "));
    let seen = || folders.map(|folder| fs::remove_file(Path::new(folder).join(&mark)).is_ok());
    ground.shell_outside(&line);
    assert_eq!(seen(), [true; 3], "the control writes there");
    cage.shell(&ground, &line);
    assert!(seen() == [false; 3] || cage.admits("written where"), "{mark} is on the host");
}

/// Attempts 7 and 38, whiteouts and attributes of overlays forged: whatever is done to its files inside, the
/// workspace stays as it was, to the bit. invariant: only-deltas-cross
pub(crate) fn no_way_of_changing_a_file_changes_the_workspace(cage: &impl Cage) {
    let ground = Ground::new();
    for name in [
        "file",
        "mapped",
        "punched",
        "cloned",
        "frozen",
        "truncated",
        "removed",
        "renamed",
        "left",
        "right",
        "whited",
        "linked",
        "permitted",
        "dated",
        "marked",
        "overwritten",
        "exec",
        "folder/inner",
        ".git/hooks/sample",
    ] {
        ground.put(name, &"alive\n".repeat(1000));
    }
    let before = [ground.manifest("ws"), ground.manifest("control")];
    let control = ground.outside(&["lower"]);
    assert_ne!(ground.manifest("control"), before[1]);
    let harmless =
        ["overlay's metacopy", "trusted redirect", "file capability", "made immutable", "copied over"];
    for (name, outcome) in control.outcomes() {
        assert!(outcome == "ok" || harmless.contains(&name), "the control can not do {name}: {outcome}");
    }
    ground.shell_outside("chattr -i frozen");
    cage.attack(&ground, &["lower"]);
    cage.shell(
        &ground,
        "rm -rf ./* ./.git; mkdir folder; echo x > folder/inner; echo dead > file; ls -la >&2",
    );
    cage.shell(
        &ground,
        "for f in *; do echo dead >> \"$f\"; done; chmod -R 777 .; find . -exec touch {} +; true",
    );
    assert!(ground.manifest("ws") == before[0], "only-deltas-cross");
}

/// Attempt 41: two at once over the same workspace.
pub(crate) fn what_another_sandbox_writes_is_not_seen(cage: &(impl Cage + Sync)) {
    let ground = Ground::new();
    ground.put("file", "base\n");
    let line = |own: &str, other: &str| {
        let (own, other) = (format!("{own}-{}", ground.name()), format!("{other}-{}", ground.name()));
        format!(
            "echo {own} > file; echo {own} > {own}; echo {own} > /tmp/{own}
             for i in 1 2 3 4 5 6 7 8 9 10; do cat file; ls {other} /tmp/{other} 2>/dev/null; sleep 0.02; done"
        )
    };
    let [first, second] = cage.two_at_once(&ground, [&line("first", "second"), &line("second", "first")]);
    if !cage.admits("written where") {
        assert_eq!(first.stdout, format!("first-{}\n", ground.name()).repeat(10));
        assert_eq!(second.stdout, format!("second-{}\n", ground.name()).repeat(10));
    }
    assert_eq!(fs::read_to_string(ground.path("ws/file")).unwrap(), "base\n");
}

/// A workspace whose folders carry the overlay's own attributes, as an archive could bring them. The control is
/// only that they can be set: no overlay of ours follows them, and none that does can be mounted here by a user.
pub(crate) fn attributes_for_the_overlay_that_came_with_the_workspace_open_nothing(cage: &impl Cage) {
    let ground = Ground::new();
    ground.put("folder/inner", "shown\n");
    ground.put("file", "shown\n");
    let folder = fs::File::open(ground.path("ws/folder")).unwrap();
    let file = fs::File::open(ground.path("ws/file")).unwrap();
    let set = |on: &fs::File, name: &str, value: &str| {
        rustix::fs::fsetxattr(on, name, value.as_bytes(), rustix::fs::XattrFlags::empty()).is_ok()
    };
    let all = [
        set(&folder, "user.overlay.redirect", "/../home"),
        set(&folder, "user.overlay.origin", "x"),
        set(&file, "user.overlay.metacopy", ""),
        set(&file, "user.overlay.redirect", "/../home/.ssh/id_rsa"),
    ];
    assert!(all.contains(&true), "the control sets them");
    let said = cage.shell(
        &ground,
        "find folder file -type f -exec cat {} + ; cat folder/.ssh/id_rsa folder/.aws/credentials; true",
    );
    assert!(!said.stdout.contains(CANARY), "{said:?}");
}

/// `..` out of a folder that was renamed away below a process, O_PATH and every `root` and `cwd` of /proc.
pub(crate) fn a_folder_that_moves_away_leads_no_process_out(cage: &impl Cage) {
    let ground = Ground::new();
    let key = ground.text("other/secret");
    let control = ground.outside(&["descriptors", "up", &key]);
    assert!(control.stdout.matches(CANARY).count() > 4, "{control:?}");
    let said = cage.visit(&ground, Visit::attack(&["descriptors", "up", &key]));
    assert!(said.stdout.ends_with("walked\n"), "{said:?}");
    assert!(!said.stdout.contains(CANARY) || cage.admits("can be read"), "{said:?}");
}
