//! What is followed is what a scan from nothing finds.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

use bodkin_sync::{FilePath, Status, Tracker, scan};
use bodkin_text::{Layer, RelPath};
use proptest::prelude::*;

use crate::both::{Both, RULES};

fn start(both: &Both) -> Tracker {
    let tracker = Tracker::start(&both.here(""), RULES, None).unwrap();
    assert_eq!(tracker.status(), Status::Watching);
    tracker
}

fn same(both: &Both, tracker: &Tracker) {
    let (followed, found) = (tracker.settle().unwrap(), scan(&both.here(""), &RULES, None).unwrap());
    let differences = found.manifest().ops_to(followed.manifest());
    assert!(differences.is_empty(), "followed beyond found: {differences:?}");
    assert_eq!(followed.told, found.told);
}

#[test]
fn every_kind_of_change_is_seen_at_the_next_question() {
    let both = Both::new();
    for path in ["a", "d/x", "d/e/y", ".git/index", "ignored/z"] {
        both.write(path, path);
    }
    let tracker = start(&both);
    let run = |change: &dyn Fn()| {
        change();
        same(&both, &tracker);
    };
    run(&|| both.write("a", "other"));
    run(&|| both.write("new/folder/file", "f"));
    run(&|| both.write("new/folder/second", "f"));
    run(&|| fs::rename(both.here("d"), both.here("moved")).unwrap());
    run(&|| both.write("moved/e/y", "after the move"));
    run(&|| both.write("d/e/y", "at the old place"));
    run(&|| {
        fs::rename(both.here("moved"), both.here("third")).unwrap();
        fs::rename(both.here("new"), both.here("moved")).unwrap();
    });
    run(&|| both.write("third/e/y", "once more"));
    run(&|| both.write("moved/folder/file", "once more"));
    run(&|| fs::set_permissions(both.here("a"), fs::Permissions::from_mode(0o755)).unwrap());
    run(&|| symlink("a", both.here("l")).unwrap());
    run(&|| both.write(".gitignore", "ignored\n*.log\n"));
    run(&|| both.write("third/x.log", "ignored"));
    run(&|| both.write("third/.gitignore", "!x.log\ny\n"));
    run(&|| fs::remove_file(both.here(".gitignore")).unwrap());
    run(&|| both.write(".env", "secret"));
    run(&|| fs::remove_dir_all(both.here("third")).unwrap());
    run(&|| both.write("third", "a file now"));
    run(&|| {
        fs::create_dir_all(both.here(".git/info")).unwrap();
    });
    run(&|| drop(fs::remove_dir_all(both.here("moved"))));
}

#[test]
fn a_change_wakes_who_waits_and_an_own_edit_and_a_buffer_do_so_too() {
    let both = Both::new();
    both.write("a", "a");
    let tracker = start(&both);
    assert!(!tracker.wait(Duration::ZERO));
    both.write("a", "b");
    assert!(tracker.wait(Duration::from_secs(60)));
    same(&both, &tracker);
    assert!(!tracker.wait(Duration::ZERO));
    tracker.push(&FilePath::new(*b"a").unwrap());
    assert!(tracker.wait(Duration::from_secs(60)));
    tracker.settle().unwrap();
    tracker.lay(Layer::empty());
    assert!(tracker.wait(Duration::from_secs(60)));
}

#[test]
fn an_unsaved_text_travels_in_place_of_the_file_and_a_secret_does_not() {
    let mut both = Both::new();
    both.write("a", "on disk");
    both.write("gone", "g");
    both.write(".gitignore", "*.log");
    let tracker = start(&both);
    let mut layer = Layer::empty();
    let rel = |path: &str| RelPath::new(path).unwrap();
    for path in ["a", "new", ".env", "x.log"] {
        layer.put(rel(path), "in the editor");
    }
    layer.hide(rel("gone"));
    tracker.lay(layer);
    let scanned = tracker.settle().unwrap();
    let files: Vec<String> = scanned.manifest().leaves().iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(files, [".gitignore", "a", "new"]);
    let replica = both.replica();
    let post = |frame: &[u8]| Ok::<_, std::convert::Infallible>(replica.receive(frame).encode().unwrap());
    bodkin_sync::sync(&mut both.sender, &scanned.state, post).unwrap();
    assert_eq!(fs::read_to_string(replica.pin().folder().join("a")).unwrap(), "in the editor");
    tracker.lay_one(&rel("a"), None);
    tracker.lay(Layer::empty());
    same(&both, &tracker);
}

#[test]
fn a_file_that_git_tracks_although_it_is_ignored_travels() {
    let both = Both::new();
    both.write(".gitignore", "*.log\n");
    both.write("kept.log", "k");
    both.write("other.log", "o");
    both.write(".git/HEAD", "ref: refs/heads/main\n");
    both.write(".git/index", "");
    let tracker = start(&both);
    let files = |tracker: &Tracker| tracker.settle().unwrap().manifest().leaves().len();
    assert_eq!(files(&tracker), 1);
    both.write(".git/index", index("kept.log"));
    same(&both, &tracker);
    assert_eq!(files(&tracker), 2);
    both.write("kept.log", "changed");
    same(&both, &tracker);
    both.write(".git/index", index("nothing"));
    same(&both, &tracker);
    assert_eq!(files(&tracker), 1);
}

/// An index of git's of version 2 with one file.
fn index(name: &str) -> Vec<u8> {
    let mut bytes = [b"DIRC".as_slice(), &2u32.to_be_bytes(), &1u32.to_be_bytes(), &[0; 60]].concat();
    bytes.extend_from_slice(&(name.len() as u16).to_be_bytes());
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(&vec![0; 8 - (62 + name.len()) % 8]);
    bytes
}

#[test]
fn what_was_known_is_kept_and_a_file_written_within_the_clocks_grain_is_read_again() {
    let both = Both::new();
    both.write("a", "first");
    both.write("old", "old");
    let past = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(both.here("old")).unwrap().set_modified(past).unwrap();
    let saved = both.folder.path().join("saved");
    let begin = || Tracker::start(&both.here(""), RULES, Some(saved.clone())).unwrap();
    let root = begin().settle().unwrap().manifest().root();
    assert!(saved.exists());
    assert_eq!(begin().settle().unwrap().manifest().root(), root);
    // Same size, and as good as the same time.
    both.write("a", "later");
    same(&both, &begin());
    fs::write(&saved, "damaged").unwrap();
    same(&both, &begin());
}

/// Faults, "a clock that jumps": times that go back or lie in the future prove nothing.
#[test]
fn times_that_jump_hide_no_change() {
    let both = Both::new();
    both.write("a", "first");
    let saved = both.folder.path().join("saved");
    let begin = || Tracker::start(&both.here(""), RULES, Some(saved.clone())).unwrap();
    let far = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(9_000_000_000);
    let set =
        |time| fs::File::options().write(true).open(both.here("a")).unwrap().set_modified(time).unwrap();
    for time in [far, std::time::SystemTime::UNIX_EPOCH] {
        set(time);
        drop(begin());
        both.write("a", "later");
        set(time);
        same(&both, &begin());
        both.write("a", "first");
    }
}

/// Faults, "100,000 files changed at once", with fewer.
#[test]
fn a_branch_switch_is_followed() {
    let both = Both::new();
    for turn in 0..400 {
        both.write(&format!("d{}/f{turn}", turn % 7), format!("{turn}"));
    }
    let tracker = start(&both);
    for turn in 0..400 {
        both.write(&format!("d{}/f{turn}", turn % 7), format!("{turn} on the other branch"));
    }
    fs::remove_dir_all(both.here("d3")).unwrap();
    fs::rename(both.here("d4"), both.here("d3")).unwrap();
    same(&both, &tracker);
    tracker.doubt();
    same(&both, &tracker);
}

#[test]
fn a_workspace_that_is_gone_is_an_error_and_not_an_empty_one() {
    let both = Both::new();
    both.write("a", "a");
    let tracker = start(&both);
    fs::rename(both.here(""), both.folder.path().join("elsewhere")).unwrap();
    assert!(tracker.settle().is_err());
    fs::rename(both.folder.path().join("elsewhere"), both.here("")).unwrap();
    same(&both, &tracker);
}

#[derive(Debug, Clone)]
enum Act {
    Write(String, u8),
    Remove(String),
    Move(String, String),
    Folder(String),
    Ignore(String, String),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let path = || "[abc](/[abc]){0,2}";
    let act = prop_oneof![
        4 => (path(), any::<u8>()).prop_map(|(path, text)| Act::Write(path, text)),
        2 => path().prop_map(Act::Remove),
        3 => (path(), path()).prop_map(|(from, to)| Act::Move(from, to)),
        1 => path().prop_map(Act::Folder),
        1 => ("([abc]/)?", "!?[abc]/?").prop_map(|(folder, line)| Act::Ignore(folder, line)),
    ];
    prop::collection::vec(act, 1..12)
}

fn act(both: &Both, act: &Act) {
    // Some acts do not fit what stands there; then nothing happens.
    let _ = match act {
        Act::Write(path, text) => {
            let full = both.here(path);
            fs::create_dir_all(full.parent().unwrap()).and_then(|()| fs::write(full, [*text]))
        }
        Act::Remove(path) => {
            fs::remove_dir_all(both.here(path)).or_else(|_| fs::remove_file(both.here(path)))
        }
        Act::Move(from, to) => fs::rename(both.here(from), both.here(to)),
        Act::Folder(path) => fs::create_dir_all(both.here(path)),
        Act::Ignore(folder, line) => fs::write(both.here(&format!("{folder}.gitignore")), line),
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// invariant: what is answered is what a scan from nothing would find
    #[test]
    fn whatever_happens_what_is_followed_is_what_a_scan_finds(rounds in prop::collection::vec(acts(), 1..4)) {
        let mut both = Both::new();
        let tracker = start(&both);
        for acts in rounds {
            for it in &acts {
                act(&both, it);
            }
            same(&both, &tracker);
            both.sync();
        }
    }
}
