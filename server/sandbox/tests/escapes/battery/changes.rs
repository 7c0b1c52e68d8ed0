//! What comes back: all of it is hostile until it was judged.

use std::path::Path;

use bodkin_guard::report::Exit;
use bodkin_sandbox::changes::{Change, Changes, Verdict, What};

use super::ground::CANARY;
use super::{Cage, Ground, Visit};

/// Makes a visit and brings back what it changed.
fn changes(cage: &impl Cage, ground: &Ground, argv: &[&str]) -> Changes {
    let mut visit = Visit::new(argv);
    visit.changes = true;
    let said = cage.visit(ground, visit);
    assert_eq!(said.exit, Exit::Code(0), "{} {}", said.stdout, said.stderr);
    said.changes
}

fn at<'a>(all: &'a Changes, path: &str) -> Option<&'a Change> {
    all.changes.iter().find(|it| it.path == Path::new(path))
}

fn is_taken(all: &Changes, path: &str) -> bool {
    at(all, path).is_some_and(|it| it.verdict == Verdict::Taken)
}

/// Attempts 8 and 40: every kind of trap. The control is that they were all made, and that the one plain file
/// among them comes back as it is.
pub(crate) fn traps_come_back_as_what_they_are_or_not_at_all(cage: &impl Cage) {
    let ground = Ground::new();
    let key = ground.text("home/.ssh/id_rsa");
    let all = changes(cage, &ground, &["./attack", "files", "traps", &key]);
    let plain = at(&all, "traps/plain").unwrap();
    assert!(matches!(&plain.what, What::File { content: Some(text), .. } if text == b"plain\n"), "{plain:?}");
    let through: Vec<_> =
        all.changes.iter().filter(|it| it.verdict == Verdict::Taken).map(|it| &it.path).collect();
    // One of two names that differ in case only may go through, where the other is held.
    let harmless = ["traps", "traps/plain", "traps/closed", "traps/pit"].map(Path::new);
    let through: Vec<_> = through
        .into_iter()
        .filter(|path| {
            !harmless.contains(&path.as_path())
                && !path.starts_with("traps/pit")
                && path.as_os_str().len() < 255
        })
        .collect();
    assert!(through.is_empty(), "{through:?}");
    for change in &all.changes {
        match &change.what {
            What::File { content, mode, .. } => {
                let text = content.as_deref().unwrap_or_default();
                assert!(!text.windows(CANARY.len()).any(|it| it == CANARY.as_bytes()), "{:?}", change.path);
                assert!(text.len() < 64 << 20 && mode & 0o7000 == 0, "{:?}", change.path);
            }
            What::Link(_) | What::Folder | What::Gone | What::Other(_) => {}
        }
    }
    for name in ["key", "settings", "hook"] {
        let path = format!("traps/{name}");
        if let Some(link) = at(&all, &path) {
            assert!(matches!(link.what, What::Link(_)) && link.verdict != Verdict::Taken, "{link:?}");
        }
    }
}

/// Attempts 36 and 37: what would run outside when a tool comes across it. The control is the file beside them.
pub(crate) fn what_would_run_outside_later_is_held_back(cage: &impl Cage) {
    let ground = Ground::new();
    let files = [
        ".git/hooks/pre-commit",
        ".git/config",
        ".git/HEAD",
        ".gitattributes",
        ".gitmodules",
        "sub/.git",
        ".githooks/x",
        ".husky/pre-push",
        ".vscode/tasks.json",
        ".vscode/settings.json",
        ".idea/workspace.xml",
        ".envrc",
        ".mcp.json",
        ".cargo/config.toml",
        "build.rs",
        "conftest.py",
        "tests/conftest.py",
        "package.json",
        "Makefile",
        "setup.py",
        "sitecustomize.py",
        "lib/x.pth",
        ".pre-commit-config.yaml",
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        ".devcontainer/devcontainer.json",
        "Dockerfile",
        ".npmrc",
        ".env",
        "gradlew",
        ".bashrc",
        ".exrc",
        "vite.config.ts",
    ];
    let mut line = "mkdir -p src; echo plain > src/plain.py".to_owned();
    for file in files {
        line.push_str(&format!("; mkdir -p \"$(dirname {file})\"; echo evil > {file}"));
    }
    line.push_str("; echo '#!/bin/sh' > src/tool; chmod +x src/tool");
    let all = changes(cage, &ground, &["/bin/sh", "-c", &line]);
    assert!(is_taken(&all, "src/plain.py"), "{:?}", at(&all, "src/plain.py"));
    let taken: Vec<&str> =
        files.into_iter().chain(["src/tool"]).filter(|file| is_taken(&all, file)).collect();
    assert_eq!(taken, Vec::<&str>::new());
}

/// What the workspace's own links would turn into writes elsewhere: a change below a link is not below the
/// workspace. The control: without walls the same line does write there.
pub(crate) fn no_change_lies_behind_a_link(cage: &impl Cage) {
    let ground = Ground::new();
    ground.link("out", ground.path("home"));
    ground.put("dir/file", "old\n");
    let line = "rm -rf dir; ln -s ../home dir; echo x > new; echo dead > dir/through 2>/dev/null; echo dead > out/through 2>/dev/null; true";
    assert_eq!(ground.shell_outside(line).exit, Exit::Code(0));
    assert!(std::fs::remove_file(ground.path("home/through")).is_ok(), "the control writes there");
    let all = changes(cage, &ground, &["/bin/sh", "-c", line]);
    assert!(is_taken(&all, "new"));
    assert!(at(&all, "dir").is_none_or(|it| it.verdict != Verdict::Taken), "{all:?}");
    let below = |path: &Path, of: &str| path.starts_with(of) && path != Path::new(of);
    let through: Vec<_> = all
        .changes
        .iter()
        .filter(|it| (below(&it.path, "dir") && it.what != What::Gone) || below(&it.path, "out"))
        .collect();
    assert!(through.is_empty(), "{through:?}");
    assert!(!ground.path("home/through").exists());
}

/// Whiteouts and opaque folders are the overlay's own words; forged ones hide nothing of the host's and come back
/// as what they look like, at worst as files that are gone.
pub(crate) fn forged_words_of_the_overlay_come_back_as_no_more_than_removals(cage: &impl Cage) {
    let ground = Ground::new();
    for name in ["file", "folder/inner", "whited", "left", "right", "removed", "renamed", "exec"] {
        ground.put(name, "alive\n");
    }
    let before = ground.manifest("ws");
    let all = changes(cage, &ground, &["./attack", "lower"]);
    assert!(ground.manifest("ws") == before, "only-deltas-cross");
    assert_eq!(at(&all, "removed").map(|it| &it.what), Some(&What::Gone));
    for change in &all.changes {
        let is_plain = !matches!(&change.what, What::Other(_)) || change.verdict != Verdict::Taken;
        assert!(is_plain, "{change:?}");
    }
    assert!(all.changes.iter().all(|it| it.path.components().all(|part| part.as_os_str() != "..")));
}

/// More files than anybody looks at, and more bytes: bounded, and said.
pub(crate) fn more_than_may_come_back_is_left_out_and_told(cage: &impl Cage) {
    let ground = Ground::new();
    let mut visit = Visit::new(&["/bin/sh", "-c", "./attack limits names . > /dev/null; rm -f name-0; true"]);
    visit.changes = true;
    visit.limits.disk_bytes = 64 << 20;
    visit.limits.wall_ms = 100_000;
    let said = cage.visit(&ground, visit);
    let count = said.changes.changes.len();
    assert!(count < 60_000, "{count} changes came back");
    assert!(
        count > 10 && (count > 15_000 || !said.changes.left_out.is_empty()),
        "{count} {:?}",
        said.changes.left_out
    );
}
