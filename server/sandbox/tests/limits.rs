//! Whatever a command takes, it gets no more than its limits, and is told apart by what it took.
//!
//! As root the kernel's control groups do it, as an ordinary user the helper's watch: all of this runs as both.
#![cfg(target_os = "linux")]

mod kit;

use std::time::Duration;

use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::Cancel;
use kit::Scene;

/// Long enough for the slowest machine; nothing here waits for it when all is well.
const FOREVER: &str = "sleep 1000";

#[test]
fn a_command_that_takes_too_long_is_stopped() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell(&format!("echo before; {FOREVER}"));
    launch.limits.wall_ms = 150;
    let output = scene.run(launch);
    assert_eq!((output.ended.exit, output.stdout.as_str()), (Exit::Stopped(Stop::WallTime), "before\n"));
}

#[test]
fn the_callers_deadline_stops_a_command_before_its_limit() {
    let scene = Scene::new(&[]);
    let output = scene.run_until(scene.shell(FOREVER), Some(Duration::from_millis(100)), &Cancel::new());
    assert_eq!(output.ended.exit, Exit::Stopped(Stop::WallTime));
}

#[test]
fn a_command_that_ignores_every_signal_is_stopped_with_its_children() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell(
        "trap '' TERM INT HUP QUIT; setsid sh -c \"trap '' TERM INT HUP; sleep 1000\" & (sleep 1000 &) & sleep 1000",
    );
    launch.limits.wall_ms = 150;
    assert_eq!(scene.run(launch).ended.exit, Exit::Stopped(Stop::WallTime));
}

#[test]
fn a_cancelled_command_is_stopped() {
    let scene = Scene::new(&[]);
    let cancel = Cancel::new();
    let running = scene.sandbox.launch(scene.shell(&format!("echo up; {FOREVER}"))).unwrap();
    let ended = running.wait(None, &cancel.clone(), &mut |_, _| cancel.cancel());
    assert_eq!(ended.exit, Exit::Stopped(Stop::Cancelled));
}

#[test]
fn a_command_that_is_cancelled_before_it_starts_is_stopped_too() {
    let scene = Scene::new(&[]);
    let cancel = Cancel::new();
    cancel.cancel();
    let running = scene.sandbox.launch_unless(scene.shell(FOREVER), &cancel).unwrap();
    assert_eq!(running.wait(None, &cancel, &mut |_, _| {}).exit, Exit::Stopped(Stop::Cancelled));
}

#[test]
fn endless_output_is_stopped_and_not_passed_on_beyond_the_limit() {
    let scene = Scene::new(&[]);
    for line in ["yes", "yes >&2", "cat /dev/zero"] {
        let mut launch = scene.shell(line);
        launch.limits.output_bytes = 100_000;
        let output = scene.run(launch);
        assert_eq!(output.ended.exit, Exit::Stopped(Stop::Output), "{line}");
        assert_eq!(output.stdout.len() + output.stderr.len(), 100_000, "{line}");
        assert!(output.ended.output_bytes > 100_000);
    }
}

#[test]
fn a_memory_hog_is_stopped() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell("exec python3 -c \"hog = []\nwhile True: hog.append(b'x' * 1000000)\"");
    launch.limits.memory_bytes = 64 << 20;
    launch.limits.disk_bytes = 16 << 20;
    assert_eq!(scene.run(launch).ended.exit, Exit::Stopped(Stop::Memory));
}

#[test]
fn many_processes_that_are_small_each_but_not_together_are_stopped() {
    let scene = Scene::new(&[(
        "hog.py",
        "import time\nhog = b'x' * 20_000_000\nprint(1, flush=True)\ntime.sleep(1000)\n",
    )]);
    let mut launch =
        scene.shell("for i in 1 2 3 4 5 6 7 8 9 10; do python3 hog.py & done; wait -n; wait -n; exit 1");
    launch.argv[0] = "/bin/bash".into();
    launch.limits.memory_bytes = 96 << 20;
    launch.limits.disk_bytes = 16 << 20;
    assert_eq!(scene.run(launch).ended.exit, Exit::Stopped(Stop::Memory));
}

#[test]
fn memory_that_forked_processes_share_is_counted_once() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell(
        "exec python3 -c \"
import gc, os, time
gc.disable(); gc.freeze()
shared = b'x' * 40_000_000
children = []
for _ in range(8):
    child = os.fork()
    if not child:
        time.sleep(0.3)
        os._exit(0)
    children.append(child)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
\"",
    );
    launch.limits.memory_bytes = 150 << 20;
    launch.limits.disk_bytes = 16 << 20;
    let output = scene.run(launch);
    assert_eq!(output.ended.exit, Exit::Code(0), "{}", output.stderr);
}

#[test]
fn a_fork_bomb_finds_a_wall_and_dies_with_the_command() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell(
        "exec python3 -c \"
import os, signal, time
count = 0
try:
    while True:
        if not os.fork():
            signal.pause()
        count += 1
except BlockingIOError:
    print(count, flush=True)
\"",
    );
    launch.limits.processes = 40;
    let output = scene.run(launch);
    assert_eq!(output.ended.exit, Exit::Code(0), "{}", output.stderr);
    let count: u32 = output.stdout.trim().parse().unwrap();
    assert!((30..=41).contains(&count), "{count}");
}

#[test]
fn processes_that_spend_more_cpu_time_than_they_have_together_are_stopped() {
    let scene = Scene::new(&[]);
    for line in [
        "for i in 1 2 3 4; do (while :; do :; done) & done; wait",
        "while :; do (i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done); done",
    ] {
        let mut launch = scene.shell(line);
        launch.limits.cpu_ms = Some(300);
        assert_eq!(scene.run(launch).ended.exit, Exit::Stopped(Stop::CpuTime), "{line}");
    }
}

#[test]
fn a_command_that_only_waits_spends_no_cpu_time() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell("sleep 0.4; echo done");
    launch.limits.cpu_ms = Some(300);
    assert_eq!(scene.run(launch).stdout, "done\n");
}

#[test]
fn a_file_larger_than_its_limit_is_not_written_while_the_disk_has_room() {
    let scene = Scene::new(&[]);
    let mut launch =
        scene.shell("for i in a b; do head -c 3000000 /dev/zero > $i; stat -c %s $i; done 2>/dev/null");
    launch.limits.file_bytes = Some(1 << 20);
    assert_eq!(scene.run(launch).stdout, "1048576\n1048576\n");
}

#[test]
fn files_without_content_fill_the_disk_too() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell(
        "exec python3 -c \"
import itertools
try:
    for i in itertools.count(): open(f'/dev/shm/{i}', 'w').close()
except OSError as error: print(error.errno, i < 20000)\"",
    );
    launch.limits.disk_bytes = 1 << 20;
    assert_eq!(scene.run(launch).stdout, "28 True\n");
}

#[test]
fn a_disk_that_is_full_is_the_commands_own_error() {
    let scene = Scene::new(&[("old", "kept")]);
    let mut launch = scene.shell(
        "head -c 6000000 /dev/zero > a && head -c 6000000 /dev/zero > $TMPDIR/b && head -c 6000000 /dev/zero > $HOME/c; echo $?",
    );
    launch.limits.disk_bytes = 16 << 20;
    let output = scene.run(launch);
    assert_eq!((output.ended.exit, output.stdout.as_str()), (Exit::Code(0), "1\n"), "{}", output.stderr);
    assert!(output.stderr.contains("No space left"), "{}", output.stderr);
}

#[test]
fn a_file_larger_than_the_disk_limit_is_not_written() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell("dd if=/dev/zero of=a bs=1M count=64 2>/dev/null; stat -c %s a");
    launch.limits.disk_bytes = 16 << 20;
    let size: u64 = scene.run(launch).stdout.trim().parse().unwrap();
    assert!(size <= 16 << 20, "{size}");
}

#[test]
fn all_of_this_holds_for_an_ordinary_user() {
    kit::again_as_ordinary_user("all_of_this_holds_for_an_ordinary_user");
}
