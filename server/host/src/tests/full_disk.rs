//! A full disk while applying: the old content stands, and nothing is left beside it.
#![expect(clippy::disallowed_methods, reason = "the child reads where it works from its environment")]

use std::collections::BTreeMap;
use std::path::Path;

use super::kit::{Setup, again, files, offer, open, put};

const NAME: &str = "tests::full_disk::a_full_disk_shows_before_anything_has_changed";

/// In the child: the work tree is a small file system of its own, which the second file does not fit on.
fn fill(place: &Path) {
    let (work, state) = (place.join("work"), place.join("state"));
    let (a, b) = ("a".repeat(100_000), "b".repeat(100_000));
    put(&work, "a.py", &a);
    put(&work, "b.py", &b);
    let host = open(&work, &state, Setup::default()).unwrap();
    let (new_a, new_b) = ("A".repeat(100_000), "B".repeat(100_000));
    let run = offer(&host, &[("a.py", &a, &new_a), ("b.py", &b, &new_b)]);
    let error = host.accept_to_disk(run).unwrap_err();
    assert!(error.message.starts_with("writing beside"), "{error}");
    assert_eq!(error.hint, "Make room on that disk, then run this again; nothing was changed.");
    assert_eq!(files(&work), ["a.py", "b.py"]);
    let read = |name: &str| std::fs::read_to_string(work.join(name)).unwrap();
    assert!(read("a.py") == a && read("b.py") == b);
    assert_eq!(host.inner().state.list("journal").unwrap(), Vec::<String>::new());
    assert_eq!(host.undo_on_disk(None).unwrap_err().message, "there is nothing to take back");
}

#[test]
fn a_full_disk_shows_before_anything_has_changed() {
    if let Some(place) = std::env::var_os("BODKIN_TEST_FULL_DISK") {
        return fill(Path::new(&place));
    }
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap().to_owned();
    std::fs::create_dir(dir.path().join("work")).unwrap();
    let mount = "mount -t tmpfs -o size=320k none \"$BODKIN_TEST_FULL_DISK/work\" || exit 77; exec \"$@\"";
    let variables = BTreeMap::from([("BODKIN_TEST_FULL_DISK", place)]);
    let found = std::process::Command::new("unshare").args(["-m", "true"]).status();
    if !found.is_ok_and(|status| status.success()) {
        println!("skipped: a private mount needs root and `unshare`");
        return;
    }
    let child = again(NAME, &variables, &["unshare", "-m", "sh", "-c", mount, "sh"]);
    if child.status.code() == Some(77) {
        println!("skipped: no small file system could be mounted");
        return;
    }
    let said = [child.stdout, child.stderr].concat();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&said));
}
