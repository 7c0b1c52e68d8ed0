//! Watches: what happens is told, in order, wherever it comes from.

use std::path::Path;
use std::time::Duration;

use bodkin_sandbox::session::{FileEvent, ProcessOrder, Watch};

use crate::scene::{LONG, empty, home, kind, prints, put};

/// All events until one for `last`.
fn until(watch: &mut dyn Watch, last: &FileEvent) -> Vec<FileEvent> {
    let mut all = Vec::new();
    while all.last() != Some(last) {
        all.push(watch.next(LONG).unwrap_or_else(|| panic!("only {all:?}")));
    }
    all
}

#[test]
fn what_happens_in_a_folder_is_told_by_kind() {
    let (_scene, session) = empty();
    let mut watch = session.watch(&home(""), false).unwrap();
    prints(&*session, "echo x > a; mv a b; chmod 600 b; rm b; mkdir d; echo x > d/deep; echo y > end");
    let all = until(&mut *watch, &FileEvent::Written(home("end")));
    let expected = [
        FileEvent::Created(home("a")),
        FileEvent::Written(home("a")),
        FileEvent::Renamed(home("a")),
        FileEvent::Renamed(home("b")),
        FileEvent::ModeChanged(home("b")),
        FileEvent::Removed(home("b")),
        FileEvent::Created(home("d")),
        FileEvent::Created(home("end")),
        FileEvent::Written(home("end")),
    ];
    assert_eq!(all, expected);
}

#[test]
fn a_file_that_is_put_in_place_is_told_as_created_and_written_once() {
    let (_scene, session) = empty();
    let mut watch = session.watch(&home(""), false).unwrap();
    put(&*session, home("a"), "one");
    put(&*session, home("a"), "two");
    put(&*session, home("end"), "");
    let all = until(&mut *watch, &FileEvent::Written(home("end")));
    let expected = [
        FileEvent::Created(home("a")),
        FileEvent::Written(home("a")),
        FileEvent::Written(home("a")),
        FileEvent::Created(home("end")),
        FileEvent::Written(home("end")),
    ];
    assert_eq!(all, expected);
}

#[test]
fn folders_that_come_later_are_watched_as_well() {
    let (_scene, session) = empty();
    session.make_dir(&home("old/er")).unwrap();
    let mut watch = session.watch(&home(""), true).unwrap();
    prints(&*session, "echo x > old/er/a; mkdir -p new/er; mv new newer");
    until(&mut *watch, &FileEvent::Renamed(home("newer")));
    prints(&*session, "echo x > newer/er/b");
    let all = until(&mut *watch, &FileEvent::Written(home("newer/er/b")));
    assert!(all.contains(&FileEvent::Created(home("newer/er/b"))), "{all:?}");
}

#[test]
fn a_flood_that_nobody_hears_ends_in_a_word_that_something_was_lost() {
    let (_scene, session) = empty();
    let mut watch = session.watch(&home(""), false).unwrap();
    prints(
        &*session,
        "i=0; while [ $i -lt 60 ]; do seq $((i*1000+100000)) $((i*1000+100999)) | xargs touch; i=$((i+1)); done",
    );
    let mut count = 0;
    while watch.next(LONG).unwrap() != FileEvent::Lost {
        count += 1;
    }
    assert!(count > 100, "{count}");
    put(&*session, home("after"), "");
    until(&mut *watch, &FileEvent::Written(home("after")));
}

#[test]
fn two_who_watch_the_same_folder_hear_the_same_and_the_one_goes_on_without_the_other() {
    let (_scene, session) = empty();
    let mut deep = session.watch(Path::new("/home"), true).unwrap();
    let mut flat = session.watch(&home(""), false).unwrap();
    put(&*session, home("a"), "x");
    let expected = [FileEvent::Created(home("a")), FileEvent::Written(home("a"))];
    assert_eq!(until(&mut *flat, &FileEvent::Written(home("a"))), expected);
    assert_eq!(until(&mut *deep, &FileEvent::Written(home("a"))), expected);
    drop(deep);
    put(&*session, home("a"), "y");
    put(&*session, home("b"), "y");
    assert_eq!(until(&mut *flat, &FileEvent::Written(home("b"))).len(), 3);
}

#[test]
fn watches_are_to_be_had_when_a_hostile_process_has_taken_all_that_its_user_may_have() {
    let (_scene, session) = empty();
    let code = "import ctypes, time
c = ctypes.CDLL(None)
for i in range(5000): c.inotify_init()
print('on', flush=True)
time.sleep(1000)";
    let hostile = session.start(ProcessOrder::new(["python3", "-c", code])).unwrap();
    crate::scene::hear_until(&mut *hostile.listen(), "on");
    let mut watch = session.watch(&home(""), false).unwrap();
    put(&*session, home("a"), "x");
    until(&mut *watch, &FileEvent::Written(home("a")));
}

#[test]
fn what_can_not_be_watched_is_refused_and_a_quiet_folder_says_nothing() {
    let (_scene, session) = empty();
    assert_eq!(kind(session.watch(&home("none"), true).map(drop)), std::io::ErrorKind::NotFound);
    let mut watch = session.watch(&home(""), true).unwrap();
    assert_eq!(watch.next(Duration::ZERO), None);
    session.destroy().unwrap();
    assert_eq!(watch.next(LONG), None);
}
