//! Judges what a sandbox wrote: plain, to be asked about by name, or not to be taken at all.
//!
//! Pure. Looks at paths, kinds, permissions and link targets; contents are outside data for whoever takes them.
//! invariant: only-deltas-cross

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use bodkin_guard::sensitive;
use bodkin_text::RelPath;

use super::{Change, Found, Verdict, What, runs_later};

/// Folders within folders that may be taken.
const DEPTH: usize = 64;

/// Bytes of a path that may be taken.
const PATH_BYTES: usize = 4000;

/// Setuid and setgid.
const SET_ID: u32 = 0o6000;

/// Judges each difference, and all of them together; ordered by path, and stripped of setuid, setgid and sticky.
pub fn judged(found: Vec<Found>) -> Vec<Change> {
    let mut by_path: BTreeMap<PathBuf, Found> =
        found.into_iter().map(|found| (found.path.clone(), found)).collect();
    let collisions = collisions(&by_path);
    let judged = std::mem::take(&mut by_path).into_values().map(|found| {
        let verdict = match judge(&found) {
            Verdict::Taken => collisions.get(&found.path).map_or(Verdict::Taken, |other| {
                Verdict::Held(format!("its name differs from `{}` only in case", other.display()))
            }),
            other @ (Verdict::Held(_) | Verdict::Refused(_)) => other,
        };
        Change { path: found.path, what: plain(found.what), verdict }
    });
    judged.collect()
}

fn plain(what: What) -> What {
    match what {
        What::File { content, size, mode } => What::File { content, size, mode: mode & 0o777 },
        What::Link(_) | What::Folder | What::Gone | What::Other(_) => what,
    }
}

fn judge(found: &Found) -> Verdict {
    match refusal(found) {
        Some(why) => Verdict::Refused(why),
        None => hold(found).map_or(Verdict::Taken, Verdict::Held),
    }
}

/// Why it can not be taken at all.
fn refusal(found: &Found) -> Option<String> {
    let path = path_refusal(&found.path);
    if path.is_some() || found.trouble.is_some() {
        return path.or_else(|| found.trouble.clone());
    }
    match &found.what {
        What::Other(kind) => Some(format!("it is a {kind}")),
        What::File { mode, .. } if mode & SET_ID != 0 => Some("it is setuid or setgid".to_owned()),
        What::File { content: None, .. } => Some("its content did not come back".to_owned()),
        What::Link(target) => match target.to_str() {
            None => Some("it is a link to a name that is not UTF-8".to_owned()),
            Some("") => Some("it is a link to nothing".to_owned()),
            Some(text) if has_hidden(text) => {
                Some("it is a link to a name with control characters".to_owned())
            }
            Some(_) => None,
        },
        What::File { .. } | What::Folder | What::Gone => None,
    }
}

fn path_refusal(path: &Path) -> Option<String> {
    let Some(text) = path.to_str() else { return Some("its name is not UTF-8".to_owned()) };
    if has_hidden(text) {
        return Some("its name holds control characters".to_owned());
    }
    // A name of many folders could not be written to most disks, and not be shown.
    if text.len() > PATH_BYTES || path.components().count() > DEPTH {
        return Some(format!("it lies deeper than {DEPTH} folders, or its path is too long"));
    }
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
    if text.is_empty() || !is_below || RelPath::new(text).is_err() {
        return Some("its path leads out of the workspace".to_owned());
    }
    None
}

/// Control characters, and those that turn the direction of writing or take no room.
fn has_hidden(text: &str) -> bool {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().any(is_hidden)
}

/// Why it is taken only by name.
fn hold(found: &Found) -> Option<String> {
    let parts = lower(&found.path);
    let path = RelPath::new(found.path.to_str()?).ok()?;
    // A link or folder in the place of such a folder opens all of it.
    let within = match &found.what {
        What::Link(_) => RelPath::new(&format!("{path}/x")).ok(),
        What::File { .. } | What::Folder | What::Gone | What::Other(_) => None,
    };
    let sensitive = || [Some(path), within].into_iter().flatten().find_map(|path| sensitive::why(&path));
    let runs = || match &found.what {
        What::Link(_) => {
            let within = parts.iter().cloned().chain([String::new()]).collect::<Vec<_>>();
            runs_later::why(&parts).or_else(|| runs_later::why(&within))
        }
        What::File { .. } | What::Gone | What::Other(_) => runs_later::why(&parts),
        What::Folder => None,
    };
    match &found.what {
        // An empty folder does nothing, whatever its name.
        What::Folder if !parts.iter().any(|part| part == ".git") => None,
        What::Folder | What::File { .. } | What::Link(_) | What::Gone | What::Other(_) => {
            let named = sensitive().map(|why| why.to_string()).or_else(runs);
            named.or_else(|| by_kind(found))
        }
    }
}

fn by_kind(found: &Found) -> Option<String> {
    // `..\x` and `c:x` are names here and paths out of the workspace there.
    let is_path_elsewhere = |part: &std::ffi::OsStr| {
        let name = part.as_encoded_bytes();
        name.contains(&b'\\')
            || (name.get(1) == Some(&b':') && name.first().is_some_and(u8::is_ascii_alphabetic))
    };
    if found.path.iter().any(is_path_elsewhere) {
        return Some("its name is a path on Windows".to_owned());
    }
    match &found.what {
        What::Link(target) => link(&found.path, target),
        What::File { mode, .. } if mode & 0o111 != 0 && found.mode_before.unwrap_or(0) & 0o111 == 0 => {
            Some("it became a program (its executable bit is new)".to_owned())
        }
        What::File { .. } | What::Folder | What::Gone | What::Other(_) => None,
    }
}

/// Why a link is not taken as it is: followed by a tool outside it would lead to what is none of the workspace's.
fn link(path: &Path, target: &Path) -> Option<String> {
    let outside = || Some(format!("it is a link that leads out of the workspace, to `{}`", target.display()));
    let mut at: Vec<&std::ffi::OsStr> = path.parent().into_iter().flat_map(Path::iter).collect();
    for part in target.components() {
        match part {
            Component::Normal(name) => at.push(name),
            Component::CurDir => {}
            Component::ParentDir if at.pop().is_some() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return outside(),
        }
    }
    let there = RelPath::new(at.iter().collect::<PathBuf>().join("x").to_str()?).ok();
    let why = there.and_then(|there| sensitive::why(&there))?;
    Some(format!("it is a link to `{}`: {why}", target.display()))
}

fn lower(path: &Path) -> Vec<String> {
    path.iter().map(|part| part.to_string_lossy().to_lowercase()).collect()
}

/// New names that a file system which knows no case takes for one, each with the other.
fn collisions(found: &BTreeMap<PathBuf, Found>) -> BTreeMap<PathBuf, PathBuf> {
    let mut seen: BTreeMap<String, &Path> = BTreeMap::new();
    let mut collisions = BTreeMap::new();
    for (path, _) in found.iter().filter(|(_, found)| found.what != What::Gone) {
        let Some(text) = path.to_str() else { continue };
        if let Some(other) = seen.insert(text.to_lowercase(), path) {
            collisions.insert(path.clone(), other.to_path_buf());
            collisions.insert(other.to_path_buf(), path.clone());
        }
    }
    collisions
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn file(path: impl AsRef<Path>, mode: u32) -> Found {
        let what = What::File { content: Some(Vec::new()), size: 0, mode };
        Found { path: path.as_ref().to_path_buf(), what, mode_before: None, trouble: None }
    }

    fn of(path: impl AsRef<Path>, what: What) -> Found {
        Found { what, ..file(path, 0) }
    }

    fn verdict(found: Found) -> Verdict {
        judged(vec![found]).remove(0).verdict
    }

    fn is_held(found: Found) -> bool {
        matches!(verdict(found), Verdict::Held(_))
    }

    fn is_refused(found: Found) -> bool {
        matches!(verdict(found), Verdict::Refused(_))
    }

    #[test]
    fn a_name_that_is_a_path_elsewhere_is_held() {
        for name in ["..\\..\\up", "d/a\\b", "c:x", "C:"] {
            assert!(is_held(file(name, 0o644)), "{name}");
        }
        assert!(!is_held(file("Some::Module.md", 0o644)));
    }

    #[test]
    fn everyday_files_are_taken() {
        for path in ["src/main.py", "a.txt", "src/build/mod.rs", "docs/Makefile.md", "tests/test_a.py"] {
            assert_eq!(verdict(file(path, 0o644)), Verdict::Taken, "{path}");
        }
        assert_eq!(verdict(of("a", What::Gone)), Verdict::Taken);
        assert_eq!(verdict(of("new", What::Folder)), Verdict::Taken);
    }

    #[test]
    fn what_would_run_later_outside_is_held_back() {
        for path in [
            ".git/hooks/pre-commit",
            "sub/.git/config",
            ".githooks/pre-push",
            ".vscode/tasks.json",
            ".vscode/settings.json",
            ".idea/workspace.xml",
            ".envrc",
            ".mcp.json",
            ".cargo/config.toml",
            "crate/build.rs",
            "tests/conftest.py",
            "sitecustomize.py",
            "lib/evil.pth",
            "package.json",
            "sub/Makefile",
            "rules.mk",
            ".github/workflows/ci.yml",
            ".gitlab-ci.yml",
            "Jenkinsfile",
            ".pre-commit-config.yaml",
            "setup.py",
            "pyproject.toml",
            "gradlew",
            "gradle/wrapper/gradle-wrapper.properties",
            ".mvn/wrapper/maven-wrapper.properties",
            "mvnw",
            ".bashrc",
            ".profile",
            "jest.config.js",
            ".eslintrc.js",
            ".gitattributes",
            ".env",
            "id_rsa",
            "MAKEFILE",
        ] {
            assert!(is_held(file(path, 0o644)), "{path}");
        }
        assert!(is_held(of("package.json", What::Gone)));
    }

    #[test]
    fn a_file_that_becomes_a_program_is_held_and_one_that_was_one_is_not() {
        assert!(is_held(file("run.sh", 0o755)));
        let was = Found { mode_before: Some(0o755), ..file("run.sh", 0o755) };
        assert_eq!(verdict(was), Verdict::Taken);
    }

    #[test]
    fn links_within_the_workspace_are_taken_and_others_held() {
        let to = |path: &str, target: &str| of(path, What::Link(target.into()));
        assert_eq!(verdict(to("a/b", "../c")), Verdict::Taken);
        for (path, target) in [
            ("a", "/etc/passwd"),
            ("a/b", "../../x"),
            ("a", ".."),
            ("a", "sub/../../x"),
            ("a", ".git"),
            ("a", ".git/config"),
            ("a/b", "../.ssh"),
            (".vscode", "elsewhere"),
            (".git", "x"),
            (".cargo", "x"),
        ] {
            assert!(is_held(to(path, target)), "{path} -> {target}");
        }
    }

    #[test]
    fn what_is_no_file_folder_or_link_is_refused() {
        for kind in ["FIFO", "socket", "device"] {
            assert!(is_refused(of("a", What::Other(kind))));
        }
        assert!(is_refused(file("a", 0o4755)) && is_refused(file("a", 0o2755)));
        assert!(is_refused(of("a", What::File { content: None, size: 1 << 40, mode: 0o644 })));
        let holes = Found { trouble: Some("it has holes".to_owned()), ..file("a", 0o644) };
        assert_eq!(verdict(holes), Verdict::Refused("it has holes".to_owned()));
    }

    #[test]
    fn paths_that_mislead_are_refused() {
        for path in ["", "/etc/passwd", "../x", "a/../../x", "a\nb", "a\u{1b}]52;c;x\u{7}", "a\u{202e}b"] {
            assert!(is_refused(file(path, 0o644)), "{path:?}");
        }
        assert!(is_refused(file(OsStr::from_bytes(b"a\xff"), 0o644)));
        assert!(is_refused(file("d/".repeat(3000) + "x", 0o644)));
        assert!(is_refused(of("a", What::Link("b\u{1b}[2J".into()))));
        assert!(is_refused(of("a", What::Link(OsStr::from_bytes(b"\xff").into()))));
    }

    #[test]
    fn names_that_differ_only_in_case_are_held() {
        let both = judged(vec![file("a/README", 0o644), file("A/readme", 0o644), file("b", 0o644)]);
        let held = both.iter().filter(|change| matches!(change.verdict, Verdict::Held(_)));
        assert_eq!(
            held.map(|it| it.path.display().to_string()).collect::<Vec<_>>(),
            ["A/readme", "a/README"]
        );
        let renamed = judged(vec![file("README", 0o644), of("readme", What::Gone)]);
        assert!(renamed.iter().all(|change| change.verdict == Verdict::Taken));
    }

    #[test]
    fn permissions_come_back_without_their_special_bits_in_the_order_of_paths() {
        let changes = judged(vec![file("b", 0o1644), file("a", 0o644)]);
        assert_eq!(changes[0].path, Path::new("a"));
        assert_eq!(changes[1].what, What::File { content: Some(Vec::new()), size: 0, mode: 0o644 });
    }
}
