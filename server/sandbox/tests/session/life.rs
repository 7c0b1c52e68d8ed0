//! The life of a session: freezing, limits, many at once, and an end that leaves nothing.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;

use bodkin_guard::action::Limits;
use bodkin_guard::report::{Exit, IsolationLevel};
use bodkin_sandbox::session::{Backend, Base, Session, SessionOrder};
use bodkin_sandbox::{Cancel, Force, SandboxError};

use crate::kit::{Scene, again_as_ordinary_user, marked};
use crate::scene::{LONG, create, empty, hear, hear_until, home, order, prints, shell, start, text};

#[test]
fn freezing_stops_every_clock_and_thawing_goes_on() {
    let (_scene, session) = empty();
    let count = "i=0; while true; do i=$((i+1)); echo $i > n.new; mv n.new n; [ $i = 1 ] && echo on; done";
    let counting = start(&*session, count);
    hear_until(&mut *counting.listen(), "on");
    let mut watch = session.watch(&home(""), false).unwrap();
    watch.next(LONG).unwrap();
    session.freeze().unwrap();
    session.freeze().unwrap();
    // Files are worked on while nothing moves; two looks with much between them see the same.
    let before = text(&*session, home("n"));
    for number in 0..200 {
        session.make_dir(&home(&format!("d{number}"))).unwrap();
    }
    assert_eq!(text(&*session, home("n")), before);
    assert!(session.is_alive());
    session.thaw().unwrap();
    while text(&*session, home("n")) == before {
        watch.next(LONG).unwrap();
    }
    assert_eq!(counting.exit(), None);
}

#[test]
fn a_process_that_is_started_in_a_frozen_session_waits() {
    let (_scene, session) = empty();
    session.freeze().unwrap();
    let process = start(&*session, "echo on");
    let mut listener = process.listen();
    assert_eq!(listener.next(std::time::Duration::from_millis(50)), None);
    session.thaw().unwrap();
    assert_eq!(hear(&mut *listener).stdout, "on\n");
}

#[test]
fn what_was_stopped_before_the_freeze_is_stopped_after_it() {
    let (_scene, session) = empty();
    let line =
        "sleep 1000 & kill -STOP $!; while ! grep -q '^State:.T' /proc/$!/status; do :; done; echo $! > pid";
    prints(&*session, &format!("({line}) >/dev/null 2>&1"));
    session.freeze().unwrap();
    session.thaw().unwrap();
    assert!(prints(&*session, "grep ^State /proc/$(cat pid)/status").contains("stopped"));
}

#[test]
fn a_session_is_found_and_listed_until_it_is_destroyed_and_then_it_says_so() {
    let (scene, session) = empty();
    let found = scene.sandbox.connect(session.id()).unwrap();
    assert_eq!(found.id(), session.id());
    let all = scene.sandbox.list().unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].backend.as_str(), all[0].metadata["name"].as_str()), ("local", "test"));
    assert_eq!(session.isolation().level, IsolationLevel::Full);
    session.destroy().unwrap();
    session.destroy().unwrap();
    assert!(!found.is_alive() && scene.sandbox.list().unwrap().is_empty());
    for gone in [
        session.stat(&home("")).map(drop),
        session.start(shell("true")).map(drop),
        scene.sandbox.connect(session.id()).map(drop),
    ] {
        assert!(matches!(&gone, Err(SandboxError::Unavailable { why, .. }) if why.contains("was not found")));
    }
}

#[test]
fn a_killed_run_leaves_no_process_whatever_was_started_in_it() {
    let (_scene, session) = empty();
    let mark = format!("mark-{}", session.id());
    let hide =
        format!("setsid sh -c 'trap \"\" TERM INT HUP; while true; do sleep 1; done' {mark} & echo on");
    hear(&mut *start(&*session, &hide).listen());
    let blocked = start(&*session, &format!("sh -c 'yes' {mark}"));
    assert!(!marked(&mark).is_empty());
    session.destroy().unwrap();
    assert_eq!(marked(&mark), []);
    assert_eq!(hear(&mut *blocked.listen()).exit, Exit::Signal(9));
}

#[test]
fn dropping_the_last_who_holds_it_destroys_it() {
    let (scene, session) = empty();
    let mark = format!("mark-{}", session.id());
    let process = start(&*session, &format!("sh -c 'echo on; sleep 1000; true' {mark}"));
    hear_until(&mut *process.listen(), "on");
    let other = scene.sandbox.connect(session.id()).unwrap();
    drop(session);
    assert!(!marked(&mark).is_empty());
    drop(other);
    assert_eq!(marked(&mark), []);
    assert_eq!(process.exit().or_else(|| Some(hear(&mut *process.listen()).exit)), Some(Exit::Signal(9)));
}

#[test]
fn a_session_ends_with_its_time_and_takes_all_with_it() {
    let scene = Scene::new(&[]);
    let limits = Limits { wall_ms: 500, ..Limits::default() };
    let session = create(&scene, SessionOrder { limits, ..order(Base::Empty) });
    match session.start(shell("sleep 1000")) {
        Ok(process) => assert_eq!(hear(&mut *process.listen()).exit, Exit::Signal(9)),
        // On a machine so busy that its time was over before.
        Err(gone) => assert!(matches!(gone, SandboxError::Unavailable { .. }), "{gone}"),
    }
    assert!(session.stat(&home("")).is_err() && !session.is_alive());
}

#[test]
fn a_fork_bomb_stops_at_the_limit_and_the_session_answers_on() {
    let scene = Scene::new(&[]);
    let limits = Limits { processes: 20, ..order(Base::Empty).limits };
    let session = create(&scene, SessionOrder { limits, ..order(Base::Empty) });
    let bomb = start(&*session, "for i in $(seq 100); do sleep 1000 & done; wait");
    let said = hear(&mut *bomb.listen());
    assert!(said.exit != Exit::Code(0) || said.stderr.contains("fork"), "{:?} {}", said.exit, said.stderr);
    assert!(session.usage().unwrap().processes <= 22);
    assert!(session.stat(&home("")).unwrap().is_some());
}

#[test]
fn usage_tells_processes_memory_time_and_disk() {
    let (_scene, session) = empty();
    let process = start(
        &*session,
        "head -c 3000000 /dev/zero > f; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo on; sleep 1000",
    );
    hear_until(&mut *process.listen(), "on");
    let usage = session.usage().unwrap();
    assert!(usage.processes >= 1 && usage.memory_bytes > 100_000 && usage.cpu_ms > 0, "{usage:?}");
    assert!(usage.disk_bytes >= 3_000_000 && usage.disk_limit_bytes == 512 << 20, "{usage:?}");
}

#[test]
fn fifty_at_once_do_not_get_into_each_others_way() {
    let scene = Scene::new(&[]);
    let sandbox = &scene.sandbox;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..50)
            .map(|number| {
                scope.spawn(move || {
                    let session = sandbox.create(order(Base::Empty), &Cancel::new()).unwrap();
                    let line = format!("echo {number} > n; cat n; ls | wc -l");
                    assert_eq!(prints(&*session, &line), format!("{number}\n1\n"));
                    session
                })
            })
            .collect();
        let sessions: Vec<Arc<dyn Session>> = threads.into_iter().map(|it| it.join().unwrap()).collect();
        assert_eq!(sandbox.list().unwrap().len(), 50);
        drop(sessions);
    });
    assert!(sandbox.list().unwrap().is_empty());
}

#[test]
fn a_machine_without_namespaces_refuses_sessions() {
    let scene = Scene::with(&[], Some(Force::Reduced));
    let refused = scene.sandbox.create(order(Base::Empty), &Cancel::new()).map(drop);
    assert!(matches!(refused, Err(SandboxError::Unavailable { .. })));
}

/// Not a test of its own: the launcher that the next test kills.
#[test]
fn launcher_to_be_killed() {
    let Ok(mark) = std::env::var("BODKIN_TEST_MARK") else { return };
    let (_scene, session) = empty();
    let process = start(&*session, &format!("setsid sh -c 'echo on; sleep 1000; true' {mark} & wait"));
    hear_until(&mut *process.listen(), "on");
    println!("started");
    loop {
        std::thread::park();
    }
}

#[test]
fn the_death_of_the_launcher_kills_all() {
    let folder = tempfile::tempdir().unwrap();
    let mark = format!("mark-{}", folder.path().display());
    let mut launcher = Command::new(std::env::current_exe().unwrap())
        .args(["life::launcher_to_be_killed", "--exact", "--nocapture", "--test-threads=1"])
        .env("BODKIN_TEST_MARK", &mark)
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = launcher.stdout.take().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(stdout));
    assert!(lines.map_while(Result::ok).any(|line| line.contains("started")));
    assert!(!marked(&mark).is_empty());
    launcher.kill().unwrap();
    launcher.wait().unwrap();
    // The kernel takes a moment; each look gives it one.
    let is_gone = (0..10_000).any(|_| {
        std::thread::yield_now();
        marked(&mark).is_empty()
    });
    assert!(is_gone, "{:?}", marked(&mark));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_ordinary_user_has_the_same() {
    again_as_ordinary_user("an_ordinary_user_has_the_same");
}
