//! What is left when the one who started a run cancels it, drops it, or dies.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::Cancel;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, pidfd_open};

use crate::kit::{Scene, marked};

/// A mark that no other process carries, and a tree of processes that all carry it: children, a session of
/// its own, a daemon whose parents are gone.
fn tree(scene: &Scene) -> (String, String) {
    let mark = format!("mark-{}", scene.folder.path().file_name().unwrap().to_str().unwrap());
    let one = format!("python3 -c 'import time; time.sleep(1000)' {mark}");
    let line = format!("{one} & setsid {one} & (setsid {one} > /dev/null 2>&1 < /dev/null &) ; echo up");
    (mark, line)
}

#[test]
fn a_killed_run_leaves_no_process() {
    let scene = Scene::new(&[]);
    let (mark, line) = tree(&scene);
    let cancel = Cancel::new();
    let running = scene.sandbox.launch(scene.shell(&format!("{line}; wait"))).unwrap();
    let mut seen = 0;
    let ended = running.wait(None, &cancel.clone(), &mut |_, _| {
        seen = marked(&mark).len();
        cancel.cancel();
    });
    assert_eq!(ended.exit, Exit::Stopped(Stop::Cancelled));
    assert!(seen > 0);
    assert_eq!(marked(&mark), [], "a-killed-run-leaves-no-process");
}

#[test]
fn a_running_command_that_is_dropped_leaves_no_process() {
    let scene = Scene::new(&[]);
    let (mark, line) = tree(&scene);
    let mut io = scene.sandbox.launch(scene.shell(&format!("{line}; wait"))).unwrap().into_io();
    io.stdout.read_exact(&mut [0; 3]).unwrap();
    assert!(!marked(&mark).is_empty());
    drop(io);
    assert_eq!(marked(&mark), []);
}

#[test]
fn no_mount_is_left_on_the_host() {
    let mounts = || fs::read_to_string("/proc/self/mountinfo").unwrap();
    let before = mounts();
    Scene::new(&[]).prints("true");
    assert_eq!(mounts(), before);
}

/// Not a test of its own: what the next ones start. It runs a command to its end, then one that stays.
#[test]
fn a_launcher_that_hangs_when_told_to() {
    if std::env::var_os("BODKIN_TEST_HANG").is_none() {
        return;
    }
    let scene = Scene::new(&[]);
    scene.prints("true");
    let (mark, line) = tree(&scene);
    let running = scene.sandbox.launch(scene.shell(&format!("{line}; wait"))).unwrap();
    running.wait(None, &Cancel::new(), &mut |_, _| eprintln!("{mark}"));
}

/// Starts that launcher and waits until its tree is up; gives it with the mark of the tree.
fn hanging_launcher() -> (std::process::Child, String) {
    let mut launcher = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "launcher::a_launcher_that_hangs_when_told_to", "--nocapture"])
        .env("BODKIN_TEST_HANG", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(launcher.stderr.take().unwrap()).lines();
    let mark = lines.map(Result::unwrap).find(|line| line.starts_with("mark-")).unwrap();
    (launcher, mark)
}

/// Attempt 43.
#[test]
fn when_the_launcher_is_killed_everything_below_it_dies() {
    let (mut launcher, mark) = hanging_launcher();
    let tree: Vec<_> =
        marked(&mark).into_iter().filter_map(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()).collect();
    assert!(!tree.is_empty());
    launcher.kill().unwrap();
    launcher.wait().unwrap();
    let patience = Timespec { tv_sec: 60, tv_nsec: 0 };
    for process in &tree {
        assert_eq!(poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&patience)), Ok(1), "it lives on");
    }
}

/// Control groups are named after the process that made them, so that of another process's runs none is mistaken
/// for one's own: of a launcher that lives only those of the run that goes on are there.
#[test]
fn no_control_group_is_left_of_a_run_that_has_ended() {
    let (mut launcher, _) = hanging_launcher();
    let own = format!("bodkin-{}-", launcher.id());
    let groups = || {
        let mut found = Vec::new();
        let mut folders = vec![std::path::PathBuf::from("/sys/fs/cgroup")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|it| it.is_dir()) {
                    found.extend(
                        entry.file_name().to_str().filter(|it| it.starts_with(&own)).map(str::to_owned),
                    );
                    folders.push(entry.path());
                }
            }
        }
        found.sort();
        found.dedup();
        found
    };
    // One run has ended and one goes on, so at most one name is there.
    assert!(groups().len() <= 1, "{:?}", groups());
    launcher.kill().unwrap();
    launcher.wait().unwrap();
}
