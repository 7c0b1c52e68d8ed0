//! The model follows the disk.
#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

use std::fs;

use super::kit::{Desk, PATIENCE, Setup, desk_with, rel};

fn watched(files: &[(&str, &str)]) -> Desk {
    let desk = desk_with(files, Setup { watch: true, ..Setup::default() });
    desk.host.listing();
    desk
}

/// That the model comes to hold exactly these texts, and the listing these files and `listed`.
fn becomes(desk: &Desk, texts: &[(&str, &str)], listed: &[&str]) {
    let mut all: Vec<&str> = texts.iter().map(|it| it.0).chain(listed.iter().copied()).collect();
    all.sort_unstable();
    let texts: Vec<(String, String)> =
        texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let held = desk.host.inner().model.becomes(PATIENCE, |snapshot, listing| {
        let now: Vec<(String, String)> =
            snapshot.files().map(|(path, file)| (path.to_string(), file.text().to_string())).collect();
        now == texts && listing.iter().map(bodkin_text::RelPath::as_str).eq(all.iter().copied())
    });
    assert!(held, "not within the deadline: {:?}", desk.host.listing());
}

#[test]
fn a_change_a_new_file_and_a_deletion_are_seen() {
    let desk = watched(&[("a.py", "1\n"), ("b.py", "1\n")]);
    desk.write("a.py", "2\n");
    becomes(&desk, &[("a.py", "2\n"), ("b.py", "1\n")], &[]);
    desk.write("c.py", "3\n");
    desk.write("notes.txt", "x\n");
    becomes(&desk, &[("a.py", "2\n"), ("b.py", "1\n"), ("c.py", "3\n")], &["notes.txt"]);
    fs::remove_file(desk.root.join("b.py")).unwrap();
    becomes(&desk, &[("a.py", "2\n"), ("c.py", "3\n")], &["notes.txt"]);
}

#[test]
fn a_new_folder_is_seen_and_followed() {
    let desk = watched(&[("a.py", "1\n")]);
    desk.write("new/deep/b.py", "1\n");
    becomes(&desk, &[("a.py", "1\n"), ("new/deep/b.py", "1\n")], &[]);
    desk.write("new/deep/b.py", "2\n");
    becomes(&desk, &[("a.py", "1\n"), ("new/deep/b.py", "2\n")], &[]);
    fs::remove_dir_all(desk.root.join("new")).unwrap();
    becomes(&desk, &[("a.py", "1\n")], &[]);
}

#[test]
fn a_renamed_file_and_a_renamed_folder_are_seen_under_their_new_names() {
    let desk = watched(&[("a.py", "1\n"), ("sub/b.py", "1\n"), ("sub/deep/c.py", "1\n")]);
    fs::rename(desk.root.join("a.py"), desk.root.join("z.py")).unwrap();
    becomes(&desk, &[("sub/b.py", "1\n"), ("sub/deep/c.py", "1\n"), ("z.py", "1\n")], &[]);
    fs::rename(desk.root.join("sub"), desk.root.join("other")).unwrap();
    becomes(&desk, &[("other/b.py", "1\n"), ("other/deep/c.py", "1\n"), ("z.py", "1\n")], &[]);
    desk.write("other/deep/c.py", "2\n");
    becomes(&desk, &[("other/b.py", "1\n"), ("other/deep/c.py", "2\n"), ("z.py", "1\n")], &[]);
}

#[test]
fn what_is_ignored_stays_out_when_it_appears() {
    let desk = watched(&[(".gitignore", "out/\nkey.py\n"), ("a.py", "1\n")]);
    desk.write("out/b.py", "1\n");
    desk.write("key.py", "secret\n");
    desk.write(".hidden/c.py", "1\n");
    // Events come in order: once the last is in, the others were looked at.
    desk.write("z.py", "1\n");
    becomes(&desk, &[("a.py", "1\n"), ("z.py", "1\n")], &[]);
}

#[test]
fn a_changed_ignore_file_changes_what_is_there() {
    let desk = watched(&[("a.py", "1\n"), ("b.py", "1\n")]);
    desk.write(".gitignore", "b.py\n");
    becomes(&desk, &[("a.py", "1\n")], &[]);
    desk.write(".gitignore", "\n");
    becomes(&desk, &[("a.py", "1\n"), ("b.py", "1\n")], &[]);
}

#[test]
fn a_buffer_stays_on_top_of_what_the_disk_becomes() {
    let desk = watched(&[("a.py", "1\n"), ("b.py", "1\n")]);
    desk.host.open_buffer(rel("a.py"), 1, "screen\n".to_owned());
    desk.write("a.py", "2\n");
    desk.write("b.py", "2\n");
    becomes(&desk, &[("a.py", "screen\n"), ("b.py", "2\n")], &[]);
    desk.host.close_buffer(&rel("a.py"));
    becomes(&desk, &[("a.py", "2\n"), ("b.py", "2\n")], &[]);
}

#[test]
fn our_own_apply_is_in_the_model_at_once_and_leaves_no_trace_of_its_parts() {
    // invariant: one-writer
    let desk = watched(&[("a.py", "a\n")]);
    desk.host.accept_to_disk(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap();
    assert_eq!(&*desk.host.snapshot().file(&rel("a.py")).unwrap().text(), "A\n");
    desk.write("z.py", "1\n");
    becomes(&desk, &[("a.py", "A\n"), ("z.py", "1\n")], &[]);
}

#[test]
fn a_disk_that_somebody_else_watches_is_read_when_it_is_told_and_can_be_watched_after_all() {
    let desk = desk_with(&[("a.py", "one\n")], Setup { watch: false, ..Setup::default() });
    desk.host.listing();
    desk.write("a.py", "two\n");
    let text = |host: &crate::Host| host.snapshot().file(&rel("a.py")).unwrap().text();
    assert_eq!(&*text(&desk.host), "one\n", "nobody has told it");
    desk.host.files_changed(&[desk.root.join("a.py")].into());
    assert_eq!(&*text(&desk.host), "two\n");
    desk.host.watch_disk();
    let model = &desk.host.inner().model;
    desk.write("b.py", "new\n");
    assert!(model.becomes(PATIENCE, |snapshot, _| snapshot.file(&rel("b.py")).is_some()));
}

#[test]
fn a_workspace_tells_its_walls_and_its_test_command() {
    let desk = desk_with(super::kit::CALC, Setup::default());
    let about = desk.host.about();
    assert_eq!(about.tests.unwrap().0, "python3 -m pytest");
    assert_eq!(about.isolation.backend, "in_memory");
}
