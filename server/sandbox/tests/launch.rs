//! A command starts over the workspace, sees it with the layer, and leaves no trace.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "tests look at their own files")]

mod kit;

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use bodkin_guard::report::{Exit, IsolationLevel};
use bodkin_sandbox::{Launch, StderrMode, StdinMode};
use bodkin_text::RelPath;
use kit::{Scene, path};

#[test]
fn a_command_sees_the_workspace_at_its_own_path() {
    let scene = Scene::new(&[("a.txt", "hello\n")]);
    let expected = format!("{}\nhello\n", scene.workspace().display());
    assert_eq!(scene.prints("pwd; cat a.txt"), expected);
}

#[test]
fn a_workspace_reached_by_a_link_stands_at_both_paths() {
    let scene = Scene::new(&[("a.txt", "hello\n")]);
    let link = scene.folder.path().join("link");
    symlink(scene.workspace(), &link).unwrap();
    let line = format!("cat {}/a.txt {}/a.txt", link.display(), scene.workspace().display());
    let output = scene.run(Launch::new(&link, ["/bin/sh", "-c", &line]));
    assert_eq!(output.stdout, "hello\nhello\n", "{}", output.stderr);
}

#[test]
fn the_exit_code_and_a_signal_are_told() {
    let scene = Scene::new(&[]);
    assert_eq!(scene.run(scene.shell("exit 7")).ended.exit, Exit::Code(7));
    assert_eq!(scene.run(scene.shell("kill -TERM $$")).ended.exit, Exit::Signal(15));
}

#[test]
fn a_program_that_is_not_there_exits_as_in_a_shell_and_says_so() {
    let scene = Scene::new(&[("text", "x")]);
    let output = scene.run(Launch::new(scene.workspace(), ["no-such-program"]));
    assert_eq!(output.ended.exit, Exit::Code(127));
    assert_eq!(output.stderr, "bodkin: no-such-program: not found in the sandbox\n");
    let output = scene.run(Launch::new(scene.workspace(), ["./text"]));
    assert_eq!(output.ended.exit, Exit::Code(126), "{}", output.stderr);
}

#[test]
fn maven_starts_where_it_is_installed() {
    if !std::path::Path::new("/usr/bin/mvn").exists() {
        eprintln!("skipped: Maven is not installed");
        return;
    }
    // Distributions keep what it starts from below /etc.
    let output = Scene::new(&[]).prints("mvn -B --version");
    assert!(output.contains("Apache Maven "), "{output}");
}

#[test]
fn a_missing_working_folder_is_told() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell("true");
    launch.cwd = Some(path("nowhere"));
    let output = scene.run(launch);
    assert_eq!(output.ended.exit, Exit::Code(126));
    assert!(output.stderr.contains("No such file"), "{}", output.stderr);
}

#[test]
fn the_layer_replaces_adds_and_hides_files() {
    let scene = Scene::new(&[("a", "old"), ("sub/b", "old"), ("sub/c", "kept")]);
    let mut launch = scene.shell("cat a new/deep/d; ls sub");
    launch.layer.put(path("a"), "unsaved\n");
    launch.layer.put(path("new/deep/d"), "added\n");
    launch.layer.hide(path("sub/b"));
    launch.layer.hide(path("not/there"));
    assert_eq!(scene.run(launch).stdout, "unsaved\nadded\nc\n");
    assert_eq!(fs::read_to_string(scene.workspace().join("a")).unwrap(), "old");
    assert!(scene.workspace().join("sub/b").exists() && !scene.workspace().join("new").exists());
}

#[test]
fn a_laid_over_file_keeps_its_permissions_and_is_newer_than_the_original() {
    let scene = Scene::new(&[("run.sh", "#!/bin/sh\necho old\n")]);
    let file = scene.workspace().join("run.sh");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let ahead = SystemTime::now() + Duration::from_secs(3600);
    fs::File::options().write(true).open(&file).unwrap().set_modified(ahead).unwrap();
    let mut launch = scene.shell("./run.sh; stat -c %Y run.sh");
    launch.layer.put(path("run.sh"), "#!/bin/sh\necho new\n");
    let output = scene.run(launch);
    let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let (said, time) = output.stdout.split_once('\n').unwrap();
    assert_eq!(said, "new", "{}", output.stderr);
    assert_eq!(time.trim().parse::<u64>().unwrap(), since(ahead) + 2);
}

#[test]
fn a_stale_pyc_is_not_taken_for_the_new_text() {
    let scene = Scene::new(&[("m.py", "print('old')\n")]);
    // Written by an earlier run of the user's: same length, same second as the unsaved text.
    let python = std::process::Command::new("python3")
        .args(["-c", "import m"])
        .current_dir(scene.workspace())
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .status();
    if !python.is_ok_and(|it| it.success()) {
        eprintln!("skipped: no python3 on this machine");
        return;
    }
    assert!(scene.workspace().join("__pycache__").exists());
    let mut launch = scene.shell("python3 -c 'import m'");
    launch.layer.put(path("m.py"), "print('new')\n");
    let output = scene.run(launch);
    assert_eq!(output.stdout, "new\n", "{}", output.stderr);
}

#[test]
fn a_layer_follows_links_within_the_workspace_and_replaces_those_that_lead_out() {
    let scene = Scene::new(&[("real/a", "old")]);
    let outside = scene.folder.path().join("outside");
    fs::write(&outside, "untouched").unwrap();
    symlink("real", scene.workspace().join("linked")).unwrap();
    symlink(&outside, scene.workspace().join("leak")).unwrap();
    let mut launch = scene.shell("cat real/a leak");
    launch.layer.put(path("linked/a"), "new\n");
    launch.layer.put(path("leak"), "inside\n");
    assert_eq!(scene.run(launch).stdout, "new\ninside\n");
    assert_eq!(fs::read_to_string(outside).unwrap(), "untouched");
}

#[test]
fn a_read_only_file_can_be_laid_over() {
    let scene = Scene::new(&[("a", "old")]);
    let file = scene.workspace().join("a");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let mut launch = scene.shell("cat a");
    launch.layer.put(path("a"), "new");
    assert_eq!(scene.run(launch).stdout, "new");
}

#[test]
fn support_files_are_readable_and_not_writable() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell("cat /run/bodkin/tool.py /run/bodkin/hooks/a; echo x > /run/bodkin/tool.py");
    launch.support = vec![
        ("tool.py".to_owned(), b"one\n".as_slice().into()),
        ("hooks/a".to_owned(), b"two\n".as_slice().into()),
    ];
    let output = scene.run(launch);
    assert_eq!(output.stdout, "one\ntwo\n");
    assert!(output.stderr.contains("Read-only"), "{}", output.stderr);
}

#[test]
fn what_is_left_in_the_output_folder_comes_back_and_nothing_else() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell(
        "cd /run/bodkin/out; printf 1 > a; mkdir d; printf 2 > d/b; ln -s /etc/passwd link; mkfifo pipe;
         (sleep 0.05; printf late > late) & exit 0",
    );
    launch.collect = true;
    let collected = scene.run(launch).ended.collected;
    assert_eq!(collected, [("a".to_owned(), b"1".to_vec()), ("d/b".to_owned(), b"2".to_vec())]);
}

#[test]
fn more_than_may_come_back_is_left_out() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell("cd /run/bodkin/out; head -c 33554433 /dev/zero > big; printf 1 > small");
    launch.collect = true;
    assert_eq!(scene.run(launch).ended.collected, [("small".to_owned(), b"1".to_vec())]);
}

#[test]
fn input_is_piped_when_asked_for_and_empty_otherwise() {
    let scene = Scene::new(&[]);
    assert_eq!(scene.prints("cat | wc -c").trim(), "0");
    let mut launch = scene.shell("cat");
    launch.stdin = StdinMode::Piped;
    let mut io = scene.sandbox.launch(launch).unwrap().into_io();
    io.stdin.take().unwrap().write_all(b"hello").unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut io.stdout, &mut said).unwrap();
    assert_eq!(said, "hello");
}

#[test]
fn merged_output_keeps_its_order() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell("echo 1; echo 2 >&2; echo 3");
    launch.stderr = StderrMode::Merged;
    assert_eq!(scene.run(launch).stdout, "1\n2\n3\n");
}

#[test]
fn only_named_variables_enter() {
    let scene = Scene::new(&[]);
    let mut launch = scene.shell("env | cut -d= -f1 | sort | tr '\\n' ' '; echo; echo $NAMED");
    launch.env.insert("NAMED".to_owned(), "yes".to_owned());
    let said = scene.run(launch).stdout;
    // PWD is the shell's own.
    assert_eq!(said, "HOME LANG LOGNAME NAMED PATH PWD PYTHONDONTWRITEBYTECODE TMPDIR USER \nyes\n");
}

#[test]
fn home_and_tmp_are_empty_and_writable() {
    let scene = Scene::new(&[]);
    fs::write(scene.folder.path().join("home/mine"), "").unwrap();
    assert_eq!(
        scene.prints("ls -A $HOME; touch $HOME/a $TMPDIR/b /dev/shm/c /var/tmp/d && echo fine"),
        "fine\n"
    );
    assert_eq!(fs::read_dir(scene.folder.path().join("home")).unwrap().count(), 1);
}

#[test]
fn a_server_and_its_client_reach_each_other_inside() {
    let scene = Scene::new(&[]);
    let line = "python3 -c \"
import socket, threading
server = socket.create_server(('127.0.0.1', 0))
threading.Thread(target=lambda: server.accept()[0].sendall(b'hi')).start()
print(socket.create_connection(server.getsockname()).recv(2).decode())\"";
    assert_eq!(scene.prints(line), "hi\n");
}

#[test]
fn a_pseudo_terminal_can_be_opened() {
    let scene = Scene::new(&[]);
    assert_eq!(scene.prints("python3 -c \"import os; os.openpty(); print('fine')\""), "fine\n");
}

#[test]
fn a_whole_home_is_no_workspace() {
    let scene = Scene::new(&[]);
    for root in [scene.folder.path().join("home"), scene.folder.path().to_path_buf(), "/".into()] {
        let refused = scene.sandbox.launch(Launch::new(root, ["true"])).unwrap_err().to_string();
        assert!(refused.contains("open the folder of the project itself"), "{refused}");
    }
}

#[test]
fn odd_names_are_no_trouble() {
    let scene = Scene::new(&[("a:b,c\\d/x y\n", "odd")]);
    let root = scene.workspace().join("a:b,c\\d");
    let mut launch = Launch::new(&root, ["/bin/sh", "-c", "cat x*; cat ü"]);
    launch.layer.put(RelPath::new("ü").unwrap(), "laid");
    assert_eq!(scene.run(launch).stdout, "oddlaid");
}

#[test]
fn two_sandboxes_over_one_workspace_do_not_see_each_other() {
    let scene = Scene::new(&[("a", "0")]);
    let mut first = scene.shell("echo 1 > a; touch new; echo ready; read line; cat a");
    first.stdin = StdinMode::Piped;
    let mut first = scene.sandbox.launch(first).unwrap().into_io();
    let mut ready = [0; 6];
    std::io::Read::read_exact(&mut first.stdout, &mut ready).unwrap();
    assert_eq!(scene.prints("cat a; ls"), "0a\n");
    drop(first.stdin.take());
}

#[test]
fn the_walls_are_full_where_the_kernel_allows_namespaces() {
    let allowed = std::process::Command::new("unshare").args(["-Urmpf", "true"]).status();
    if !allowed.is_ok_and(|it| it.success()) {
        eprintln!("skipped: this machine refuses user namespaces");
        return;
    }
    let isolation = Scene::new(&[]).sandbox.isolation();
    assert_eq!((isolation.level, isolation.missing), (IsolationLevel::Full, Vec::<String>::new()));
}

#[test]
fn all_of_this_holds_for_an_ordinary_user() {
    kit::again_as_ordinary_user("all_of_this_holds_for_an_ordinary_user");
}
