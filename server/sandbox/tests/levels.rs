//! Weaker walls where stronger ones are refused: still a run, and always said.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests look at their own files and processes, and fail by panicking"
)]

mod kit;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use bodkin_guard::report::{Exit, IsolationLevel, Stop};
use bodkin_sandbox::{Cancel, Force, LocalOptions, LocalSandbox};
use kit::{Scene, path};

const FILES: [(&str, &str); 4] =
    [("a", "old"), ("sub/b", "kept"), ("node_modules/m/index.js", "module"), (".git/config", "git")];

#[test]
fn a_copied_workspace_stands_at_its_own_path_and_is_said_to_be_one() {
    let scene = Scene::with(&FILES, Some(Force::Copy));
    let isolation = scene.sandbox.isolation();
    assert_eq!(isolation.level, IsolationLevel::Full);
    assert!(isolation.missing.iter().any(|it| it.contains("copy made for each run")), "{isolation:?}");
    let mut launch =
        scene.shell("pwd; cat a sub/b node_modules/m/index.js; echo x > sub/b; echo x > node_modules/y");
    launch.layer.put(path("a"), "new\n");
    let output = scene.run(launch);
    assert_eq!(output.stdout, format!("{}\nnew\nkeptmodule", scene.workspace().display()));
    assert!(output.stderr.contains("node_modules/y: Read-only"), "{}", output.stderr);
    assert_eq!(fs::read_to_string(scene.workspace().join("sub/b")).unwrap(), "kept");
}

#[test]
fn a_reduced_sandbox_runs_in_a_copy_and_says_what_is_missing() {
    let scene = Scene::with(&FILES, Some(Force::Reduced));
    let isolation = scene.sandbox.isolation();
    assert_eq!(isolation.level, IsolationLevel::Reduced);
    assert!(isolation.missing.iter().any(|it| it.contains("No socket can be opened")), "{isolation:?}");
    let mut launch = scene.shell(
        "cat a sub/b node_modules/m/index.js $FILE /run/bodkin/tool 2>/dev/null; rm -rf sub a; ls -A; pwd > $HOME/p; cat $HOME/p; env | cut -d= -f1 | sort | tr '\\n' ' '",
    );
    launch.layer.put(path("a"), "new\n");
    launch.layer.put(path("c"), "added");
    launch.support = vec![("tool".to_owned(), b"tool\n".as_slice().into())];
    launch.env.insert("FILE".to_owned(), "/run/bodkin/tool".to_owned());
    let output = scene.run(launch);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines[..2], ["new", "keptmoduletool"], "{} {}", output.stdout, output.stderr);
    assert_eq!(lines[2..5], ["tool", "c", "node_modules"], "the shell's text names the folder, too");
    assert!(lines[5].starts_with(&*scene.folder.path().join("scratch").to_string_lossy()));
    assert_eq!(lines[6].trim(), "FILE HOME LANG LOGNAME PATH PWD PYTHONDONTWRITEBYTECODE TMPDIR USER");
    assert_eq!(fs::read_to_string(scene.workspace().join("a")).unwrap(), "old");
    assert!(scene.workspace().join("sub/b").exists());
    assert_eq!(fs::read_dir(scene.folder.path().join("scratch")).unwrap().count(), 0);
}

#[test]
fn a_reduced_sandbox_brings_files_back() {
    let scene = Scene::with(&[], Some(Force::Reduced));
    let mut launch = scene.shell("printf 1 > /run/bodkin/out/a");
    launch.collect = true;
    assert_eq!(scene.run(launch).ended.collected, [("a".to_owned(), b"1".to_vec())]);
}

#[test]
fn a_layer_never_writes_through_a_copied_link() {
    let scene = Scene::with(&[], Some(Force::Reduced));
    let outside = scene.folder.path().join("outside");
    fs::write(&outside, "untouched").unwrap();
    symlink(&outside, scene.workspace().join("leak")).unwrap();
    let mut launch = scene.shell("cat leak");
    launch.layer.put(path("leak"), "inside");
    assert_eq!(scene.run(launch).stdout, "inside");
    assert_eq!(fs::read_to_string(outside).unwrap(), "untouched");
}

#[test]
fn a_reduced_sandbox_kills_every_descendant() {
    let scene = Scene::with(&[], Some(Force::Reduced));
    let mark = format!("mark-{}", scene.folder.path().file_name().unwrap().to_str().unwrap());
    let one = format!("python3 -c 'import time; time.sleep(1000)' {mark}");
    let line = format!("{one} & setsid {one} & (setsid {one} > /dev/null 2>&1 &) ; echo up; wait");
    let cancel = Cancel::new();
    let running = scene.sandbox.launch(scene.shell(&line)).unwrap();
    let mut seen = 0;
    let ended = running.wait(None, &cancel.clone(), &mut |_, _| {
        seen = kit::marked(&mark).len();
        cancel.cancel();
    });
    assert_eq!(ended.exit, Exit::Stopped(Stop::Cancelled));
    assert!(seen > 0);
    assert_eq!(kit::marked(&mark), [], "a-killed-run-leaves-no-process");
}

#[test]
fn a_reduced_sandbox_keeps_its_limits() {
    let scene = Scene::with(&[], Some(Force::Reduced));
    let mut launch = scene.shell("yes");
    launch.limits.output_bytes = 1000;
    assert_eq!(scene.run(launch).ended.exit, Exit::Stopped(Stop::Output));
    let mut launch = scene.shell("sleep 1000");
    launch.limits.wall_ms = 100;
    assert_eq!(scene.run(launch).ended.exit, Exit::Stopped(Stop::WallTime));
    let mut launch = scene.shell("exec python3 -c \"hog = []\nwhile True: hog.append(b'x' * 1000000)\"");
    (launch.limits.memory_bytes, launch.limits.disk_bytes) = (64 << 20, 16 << 20);
    assert_eq!(scene.run(launch).ended.exit, Exit::Stopped(Stop::Memory));
    let mut launch = scene.shell(
        "exec python3 -c \"
import os, signal
try:
    while True:
        if not os.fork(): signal.pause()
except BlockingIOError: print('wall')\"",
    );
    launch.limits.processes = 40;
    let output = scene.run(launch);
    assert!(
        output.stdout == "wall\n" || output.stderr.contains("more than 40 processes"),
        "{}",
        output.stderr
    );
}

/// Runs a test of this program where the kernel refuses user namespaces.
fn where_namespaces_are_refused(test: &str) {
    let line = format!(
        "echo 0 > /proc/sys/user/max_user_namespaces && exec '{}' --exact {test} --nocapture",
        std::env::current_exe().unwrap().display()
    );
    let output =
        Command::new("unshare").args(["-Ur", "sh", "-c", &line]).env("BODKIN_TEST_REFUSED", "1").output();
    match output {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains("running 1 test") => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        other => eprintln!("skipped: can not make a namespace to refuse namespaces in: {other:?}"),
    }
}

#[test]
fn where_the_kernel_refuses_namespaces_the_walls_are_reduced_and_the_reason_is_told() {
    if std::env::var_os("BODKIN_TEST_REFUSED").is_none() {
        return where_namespaces_are_refused(
            "where_the_kernel_refuses_namespaces_the_walls_are_reduced_and_the_reason_is_told",
        );
    }
    let scene = Scene::new(&[("a", "here")]);
    let isolation = scene.sandbox.isolation();
    assert_eq!(isolation.level, IsolationLevel::Reduced);
    assert!(isolation.missing.iter().any(|it| it.contains("entering new namespaces")), "{isolation:?}");
    assert!(
        isolation.missing.iter().any(|it| it.contains("sysctl user.max_user_namespaces")),
        "{isolation:?}"
    );
    assert_eq!(scene.prints("cat a"), "here");
}

#[test]
fn limits_hold_where_the_kernel_refuses_namespaces() {
    where_namespaces_are_refused("a_reduced_sandbox_keeps_its_limits");
}

#[test]
fn without_a_helper_nothing_runs_and_the_reason_is_told() {
    let scene = Scene::new(&[]);
    let sandbox = LocalSandbox::new(LocalOptions {
        helper: "/no/such/helper".into(),
        scratch: scene.folder.path().join("scratch"),
        ..LocalOptions::default()
    });
    let refused = sandbox.launch(scene.shell("true")).unwrap_err().to_string();
    assert!(refused.contains("/no/such/helper") && refused.contains("bodkin doctor"), "{refused}");
}

#[test]
fn a_workspace_that_can_not_be_a_lower_layer_is_copied() {
    // A mount within the workspace hides under an overlay; the kernel refuses such a lower layer.
    if std::env::var_os("BODKIN_TEST_MOUNTED").is_none() {
        let line = format!(
            "exec '{}' --exact a_workspace_that_can_not_be_a_lower_layer_is_copied --nocapture",
            std::env::current_exe().unwrap().display()
        );
        let output = Command::new("unshare")
            .args(["-Urm", "sh", "-c", &line])
            .env("BODKIN_TEST_MOUNTED", "1")
            .output();
        match output {
            Ok(output) if String::from_utf8_lossy(&output.stdout).contains("running 1 test") => {
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
            other => eprintln!("skipped: can not make a mount: {other:?}"),
        }
        return;
    }
    let scene = Scene::new(&[("a", "here"), ("mounted/b", "hidden")]);
    let mounted = scene.workspace().join("mounted");
    assert!(Command::new("mount").args(["-t", "tmpfs", "none"]).arg(&mounted).status().unwrap().success());
    fs::write(mounted.join("b"), "shown").unwrap();
    let running = scene.sandbox.launch(scene.shell("cat a mounted/b")).unwrap();
    assert!(
        running.isolation().missing.iter().any(|it| it.contains("copy made for each run")),
        "{:?}",
        running.isolation()
    );
    let mut said = Vec::new();
    running.wait(None, &Cancel::new(), &mut |_, bytes| said.extend_from_slice(bytes));
    assert_eq!(String::from_utf8_lossy(&said), "hereshown");
    assert!(Command::new("umount").arg(&mounted).status().unwrap().success());
}

#[test]
fn all_of_this_holds_for_an_ordinary_user() {
    kit::again_as_ordinary_user("all_of_this_holds_for_an_ordinary_user");
}
