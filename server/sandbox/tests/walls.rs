//! The walls behind the namespaces: another user, a filter on system calls, Landlock.
//!
//! Each attempt is first shown to work outside, where this machine allows it there.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests look at their own files and processes, and fail by panicking"
)]

mod kit;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Command;

use bodkin_guard::report::Exit;
use bodkin_sandbox::{Force, LocalOptions, LocalSandbox};
use kit::Scene;

/// Calls that must be refused, by name, number and the arguments that would make them do something, and the
/// error that says so. Numbers are those of x86-64.
const REFUSED: &str = r#"
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
page = ctypes.create_string_buffer(4096)
me = os.getpid()
calls = {
    'ptrace': (101, 0, 0, 0, 0), 'process_vm_readv': (310, me, page, 0, page, 0, 0),
    'pidfd_getfd': (438, os.pidfd_open(me), 0, 0), 'kcmp': (312, me, me, 0, 0, 1),
    'io_uring_setup': (425, 1, page), 'userfaultfd': (323, 0x80001), 'bpf': (321, 0, page, 48),
    'perf_event_open': (298, page, 0, -1, -1, 0), 'add_key': (248, b'user', b'bodkin', b'x', 1, -2),
    'keyctl': (250, 0, -2, 0), 'unshare user': (272, 0x10000000), 'unshare net': (272, 0x40000000),
    'unshare time': (272, 0x80), 'setns': (308, 0, 0), 'mount': (165, b'x', b'/tmp', b'tmpfs', 0, 0),
    'fsopen': (430, b'tmpfs', 0), 'open_tree': (428, -100, b'/', 1), 'chroot': (161, b'/'),
    'open_by_handle_at': (304, -100, page, 0), 'kexec_load': (246, 0, 0, 0, 0), 'init_module': (175, page, 0, b''),
    'fanotify_init': (300, 0, 0), 'modify_ldt': (154, 0, page, 16), 'personality': (135, 0x0400000),
    'clone user': (56, 0x10000000 | 17, 0, 0, 0, 0), 'clone3': (435, page, 64), 'x32 getpid': (0x40000000 + 39,),
    'a call of tomorrow': (470, 0, 0), 'TIOCSTI': (16, 0, 0x5412, b'x'), 'TIOCLINUX': (16, 0, 0x541c, page),
    'syslog': (103, 10, 0, 0),
}
for name, (number, *arguments) in calls.items():
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(it) if isinstance(it, int) else it for it in arguments])
    if answer == 0 and name.startswith('clone'):
        os._exit(0)
    print(name, errno.errorcode.get(ctypes.get_errno(), 'done') if answer == -1 else 'done')
for family, kind in [(40, 1), (38, 5), (17, 3), (16, 3), (29, 3), (21, 5)]:
    try:
        socket.socket(family, kind, 4 if family == 16 else 0); print('family', family, 'done')
    except OSError as error:
        print('family', family, errno.errorcode[error.errno])
"#;

#[test]
#[cfg(target_arch = "x86_64")]
fn calls_that_attack_the_kernel_or_other_processes_are_refused() {
    let scene = Scene::new(&[("calls.py", REFUSED)]);
    let outside = Command::new("python3").arg(scene.workspace().join("calls.py")).output().unwrap();
    let outside = String::from_utf8(outside.stdout).unwrap();
    for works in ["ptrace", "kcmp", "io_uring_setup", "add_key", "unshare user", "modify_ldt", "personality"]
    {
        assert!(outside.contains(&format!("{works} done")), "{works}\n{outside}");
    }
    for said in scene.prints("python3 calls.py").lines() {
        let (name, error) = said.rsplit_once(' ').unwrap();
        let expected =
            if ["clone3", "x32 getpid", "a call of tomorrow"].contains(&name) { "ENOSYS" } else { "EPERM" };
        assert_eq!(error, expected, "{name}");
    }
}

#[test]
fn what_programs_need_is_not_refused() {
    let scene = Scene::new(&[]);
    let said = scene.prints(
        "python3 -c \"
import socket, threading, multiprocessing, subprocess, os, pty
threading.Thread(target=lambda: print('thread')).start()
server = socket.create_server(('127.0.0.1', 0))
with socket.create_connection(server.getsockname()): print('socket')
print([name for _, name in socket.if_nameindex()])
with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1]))
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); a.send(b'x'); print(b.recv(1))
first, second = pty.openpty(); print(os.isatty(second))
os.mkdir('dir'); open('a', 'w').close(); os.rename('a', 'dir/a')
os.link('dir/a', 'b'); os.symlink('b', 'c'); os.mkfifo('d'); os.truncate('b', 10); os.chmod('b', 0o700)
print(sorted(os.listdir('.')))\"",
    );
    assert_eq!(said, "thread\nsocket\n['lo']\n[1]\nb'x'\nTrue\n['b', 'c', 'd', 'dir']\n");
}

#[test]
fn root_becomes_an_ordinary_user_and_goes_on_working_on_its_files() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root has another user to become");
        return;
    }
    let scene = Scene::new(&[("private", "mine"), ("dir/a", "1")]);
    fs::set_permissions(scene.workspace().join("private"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(scene.workspace(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(scene.sandbox.isolation().missing, [""; 0]);
    let said = scene.prints(
        "id -u; cat private; echo x > dir/a; rm private; stat -c %u dir/a . $HOME; touch $HOME/y; ls",
    );
    assert_eq!(said, "65534\nmine65534\n65534\n65534\ndir\n");
    assert_eq!(fs::read_to_string(scene.workspace().join("private")).unwrap(), "mine");
}

#[test]
fn the_owner_of_the_workspace_is_who_the_command_is_where_root_runs_it() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root has another user to become");
        return;
    }
    let scene = Scene::new(&[("theirs", "1"), ("roots", "2")]);
    for name in ["", "theirs"] {
        chown(scene.workspace().join(name), Some(1234), Some(1234)).unwrap();
    }
    fs::set_permissions(scene.workspace().join("roots"), fs::Permissions::from_mode(0o600)).unwrap();
    let said = scene.prints("id -u; echo x > theirs; cat theirs; cat roots || echo closed");
    assert_eq!(said, "1234\nx\nclosed\n");
}

#[test]
fn a_file_that_only_root_may_read_is_not_read_in_a_folder_of_tools() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: an ordinary user's own files are shown to nobody else");
        return;
    }
    let scene = Scene::new(&[]);
    let tools = scene.folder.path().join("home/.cargo/bin");
    fs::create_dir_all(&tools).unwrap();
    for (name, mode) in [("tool", 0o755), ("secret", 0o600)] {
        fs::write(tools.join(name), format!("#!/bin/sh\necho {name}\n")).unwrap();
        fs::set_permissions(tools.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let said = scene.prints(&format!("{0}/tool; cat {0}/secret; true", tools.display()));
    assert_eq!(said, "tool\n");
}

#[test]
fn a_cache_of_roots_is_read_and_written_by_the_command_and_stays_as_it_is() {
    let scene = Scene::new(&[]);
    let cache = scene.folder.path().join("home/.cargo/registry");
    fs::create_dir_all(&cache).unwrap();
    fs::write(cache.join("lock"), "old").unwrap();
    let said = scene.prints(&format!("cd {}; echo new >> lock; cat lock; mkdir x; ls", cache.display()));
    assert_eq!(said, "oldnew\nlock\nx\n");
    assert_eq!(fs::read_to_string(cache.join("lock")).unwrap(), "old");
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);
}

#[test]
fn a_layer_over_a_cache_is_kept_for_the_same_workspace_where_that_is_wished() {
    let mut scene = Scene::new(&[]);
    let cache = scene.folder.path().join("home/.cargo/registry");
    fs::create_dir_all(cache.join("old")).unwrap();
    fs::write(cache.join("old/a"), "1").unwrap();
    scene.sandbox = LocalSandbox::new(LocalOptions { keep_caches: true, ..scene.options() });
    let line = format!(
        "cd {}; ls; echo x > new; rm -rf old; echo y > over; mkdir -p old/b; ls old",
        cache.display()
    );
    assert_eq!(scene.prints(&line), "old\nb\n");
    assert_eq!(scene.prints(&line), "new\nold\nover\nb\n");
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);

    // One that starts while another has them gets layers of its own.
    let first = scene.sandbox.launch(scene.shell("sleep 1000")).unwrap();
    assert_eq!(scene.prints(&line), "old\nb\n");
    drop(first);

    let other = scene.folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let mut launch = scene.shell(&line);
    launch.root = other;
    assert_eq!(scene.run(launch).stdout, "old\nb\n");
}

#[test]
fn the_process_that_helpers_are_forked_from_is_replaced_when_it_was_killed() {
    let scene = Scene::new(&[]);
    assert_eq!(scene.prints("echo first"), "first\n");
    let own = std::process::id();
    let is_ours = |pid: &rustix::process::Pid| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        stat.rsplit(')').next().unwrap().split(' ').nth(2) == Some(&own.to_string())
    };
    // Those of tests that run beside this one are replaced as well.
    let stems: Vec<_> = kit::marked("__sandbox-init\0stem").into_iter().filter(is_ours).collect();
    assert!(!stems.is_empty());
    for stem in stems {
        rustix::process::kill_process(stem, rustix::process::Signal::KILL).unwrap();
    }
    assert_eq!(scene.prints("echo second"), "second\n");
}

/// A reduced sandbox whose home, tools and workspace lie in one folder, beside a secret.
fn reduced() -> Scene {
    let scene = Scene::with(&[("a", "here")], Some(Force::Reduced));
    fs::write(scene.folder.path().join("home/secret"), "canary").unwrap();
    scene
}

#[test]
fn without_namespaces_files_outside_are_neither_read_nor_written() {
    let scene = reduced();
    let home = scene.folder.path().join("home");
    let line = format!(
        "cat a; cat {home}/secret; echo dead > {home}/secret; echo x > {home}/new; rm {home}/secret; \
         ln {home}/secret hard && cat hard; mv a {home}/moved; truncate -s 0 {home}/secret; ls {home}; \
         echo x > {ws}/a; python3 -c \"import os; os.truncate('{home}/secret', 0)\"; true",
        home = home.display(),
        ws = scene.workspace().display(),
    );
    let output = scene.run(scene.shell(&line));
    assert_eq!((output.ended.exit, output.stdout.as_str()), (Exit::Code(0), "here"), "{}", output.stderr);
    assert_eq!(fs::read_to_string(home.join("secret")).unwrap(), "canary");
    assert_eq!(fs::read_dir(&home).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(scene.workspace().join("a")).unwrap(), "here");
}

#[test]
fn without_namespaces_no_socket_of_the_host_is_reached() {
    let scene = reduced();
    let path = scene.folder.path().join("home/socket");
    let datagrams = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    datagrams.set_nonblocking(true).unwrap();
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let program = format!(
        "
import socket
def attempt(name, act):
    try: act(); print(name, 'done')
    except OSError as error: print(name, error.errno)
attempt('tcp', lambda: socket.create_connection(('127.0.0.1', {}), 1))
attempt('unix', lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '{path}'))
attempt('pair', lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', '{path}'))
a, b = socket.socketpair(); attempt('own pair', lambda: a.send(b'x'))
",
        server.local_addr().unwrap().port(),
        path = path.display(),
    );
    let outside = Command::new("python3").args(["-c", &program]).output().unwrap();
    let outside = String::from_utf8(outside.stdout).unwrap();
    assert_eq!(outside, "tcp done\nunix done\npair done\nown pair done\n");
    assert!(
        server.accept().is_ok() && datagrams.recv(&mut [0; 9]).is_ok() && datagrams.recv(&mut [0; 9]).is_ok()
    );
    fs::write(scene.workspace().join("attempt.py"), &program).unwrap();
    assert_eq!(scene.prints("python3 attempt.py"), "tcp 1\nunix 1\npair 1\nown pair done\n");
    assert!(server.accept().is_err() && datagrams.recv(&mut [0; 9]).is_err());
}

#[test]
fn without_namespaces_other_processes_are_not_sent_signals() {
    let scene = reduced();
    let mut victim = Command::new("sleep").arg("1000").spawn().unwrap();
    // The helper is the parent, and would not kill its descendants if it were gone.
    let line = format!("kill -9 {} $PPID 2>/dev/null; cat /proc/{0}/environ; echo alive", victim.id());
    let said = scene.prints(&format!("{line} 2>/dev/null"));
    assert!(said.ends_with("alive\n") && !said.contains("CARGO"), "{said}");
    assert!(victim.try_wait().unwrap().is_none());
    victim.kill().unwrap();
    victim.wait().unwrap();
}

#[test]
fn without_namespaces_there_is_no_privilege_either() {
    let scene = reduced();
    let said = scene.prints("grep -E 'CapEff|CapPrm|NoNewPrivs|Seccomp:' /proc/self/status | tr -d '\\n\\t'");
    assert_eq!(said, "CapPrm:0000000000000000CapEff:0000000000000000NoNewPrivs:1Seccomp:2");
}

#[test]
fn all_of_this_holds_for_an_ordinary_user() {
    kit::again_as_ordinary_user("all_of_this_holds_for_an_ordinary_user");
}
