//! What a hostile command tries and does not reach.
//!
//! The host sets a canary, the command tries, and the host looks at the canary; where the attempt would work
//! without walls, that is shown first.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests look at their own files and processes, and fail by panicking"
)]

mod kit;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::Cancel;
use kit::{Scene, marked};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, pidfd_open};

/// What a line prints when run without walls.
fn outside(line: &str) -> String {
    let output = Command::new("/bin/sh").args(["-c", line]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn keys_and_other_projects_can_not_be_read() {
    let scene = Scene::new(&[]);
    let (key, other) =
        (scene.folder.path().join("home/.ssh/id_rsa"), scene.folder.path().join("other/secret"));
    for file in [&key, &other] {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "canary").unwrap();
    }
    symlink(&key, scene.workspace().join("link")).unwrap();
    let line = format!(
        "cd {ws}; cat {key} {other} link ../other/secret /proc/1/root{key} /proc/self/root{key} /proc/1/cwd{key}; ln {key} hard; true",
        ws = scene.workspace().display(),
        key = key.display(),
        other = other.display(),
    );
    assert!(outside(&line).contains("canarycanarycanary"));
    fs::remove_file(scene.workspace().join("hard")).unwrap();
    assert_eq!(scene.prints(&line), "");
    assert_eq!(scene.prints("ls /root /etc/shadow /home /work 2>/dev/null; ls .. "), "home\nws\n");
}

#[test]
fn nothing_can_be_written_outside() {
    let scene = Scene::new(&[]);
    fs::write(scene.folder.path().join("canary"), "alive").unwrap();
    let ground = scene.folder.path().display().to_string();
    scene.prints(&format!(
        "for f in {ground}/home/a {ground}/b {ground}/canary /usr/bin/bodkin-canary /etc/bodkin-canary \
         /tmp/bodkin-canary /var/tmp/bodkin-canary /opt/bodkin-canary /proc/sys/kernel/bodkin-canary; \
         do echo dead > $f; done; chmod 000 /dev/null /usr /etc/passwd; rm -rf /usr/bin/env {ground}/canary; true"
    ));
    let left: Vec<String> = fs::read_dir(scene.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["home", "scratch", "ws"].contains(&name.as_str()))
        .collect();
    assert_eq!(left, ["canary"]);
    assert_eq!(fs::read_to_string(scene.folder.path().join("canary")).unwrap(), "alive");
    assert_eq!(fs::read_dir(scene.folder.path().join("home")).unwrap().count(), 0);
    for folder in ["/usr/bin", "/etc", "/tmp", "/var/tmp", "/opt"] {
        assert!(!Path::new(folder).join("bodkin-canary").exists(), "{folder}");
    }
    assert_eq!(fs::metadata("/dev/null").unwrap().mode() & 0o777, 0o666);
    assert!(Path::new("/usr/bin/env").exists());
}

/// Every path below a folder with its kind, permissions, time and content.
fn manifest(folder: &Path) -> BTreeMap<PathBuf, (u32, i64, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let about = fs::symlink_metadata(&path).unwrap();
            let content = match about.file_type() {
                kind if kind.is_symlink() => path.read_link().unwrap().into_os_string().into_encoded_bytes(),
                kind if kind.is_file() => fs::read(&path).unwrap(),
                _ => Vec::new(),
            };
            if about.is_dir() {
                folders.push(path.clone());
            }
            all.insert(path, (about.mode(), about.mtime_nsec() + about.mtime() * 1_000_000_000, content));
        }
    }
    all
}

#[test]
fn only_deltas_cross_and_none_comes_back() {
    let scene = Scene::new(&[
        ("a", "1"),
        ("b", "2"),
        ("dir/c", "3"),
        ("dir/d", "4"),
        ("map", "5555"),
        (".git/hooks/x", ""),
    ]);
    symlink("a", scene.workspace().join("link")).unwrap();
    let before = manifest(&scene.workspace());
    let said = scene.prints(
        "echo x > a; rm b; mv dir moved; chmod 777 map; ln -sf /etc/passwd link; echo evil > .git/hooks/pre-commit
         python3 -c \"
import mmap
with open('map', 'r+b') as file:
    view = mmap.mmap(file.fileno(), 0)
    view[:] = b'6666'
    view.flush()\"
         cat a map moved/c; ls; rm -rf ./* .git; ls -A",
    );
    assert_eq!(said, "x\n66663a\nlink\nmap\nmoved\n");
    assert_eq!(manifest(&scene.workspace()), before, "only-deltas-cross");
}

#[test]
fn the_network_is_off() {
    let scene = Scene::new(&[]);
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let port = server.local_addr().unwrap().port();
    let try_it = format!(
        "python3 -c \"
import socket
for address in [('127.0.0.1', {port}), ('192.0.2.1', 80)]:
    try:
        socket.create_connection(address, 1).close(); print('connected')
    except OSError as error:
        print(type(error).__name__)
try:
    socket.getaddrinfo('example.com', 80); print('resolved')
except OSError as error:
    print(type(error).__name__)
\""
    );
    let probe =
        format!("python3 -c \"import socket; socket.create_connection(('127.0.0.1', {port}))\" && echo in");
    assert_eq!(outside(&probe), "in\n");
    assert!(server.accept().is_ok());
    assert_eq!(
        scene.prints(&try_it),
        "ConnectionRefusedError\nOSError\ngaierror\n",
        "network-off-unless-permitted"
    );
    assert_eq!(server.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn sockets_of_the_host_can_not_be_reached() {
    let scene = Scene::new(&[]);
    let in_workspace = UnixListener::bind(scene.workspace().join("socket")).unwrap();
    let name = format!("bodkin-{}", scene.folder.path().display());
    let hidden = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let line = format!(
        "cd {}; python3 -c \"
import socket
for address in ['socket', b'\\\\0{name}']:
    try:
        socket.socket(socket.AF_UNIX).connect(address); print('connected')
    except OSError as error:
        print('refused')
\"",
        scene.workspace().display()
    );
    assert_eq!(outside(&line), "connected\nconnected\n");
    assert_eq!(scene.prints(&line), "refused\nrefused\n");
    drop((in_workspace, hidden));
}

#[test]
fn the_hosts_variables_are_nowhere_to_be_read() {
    let scene = Scene::new(&[]);
    assert!(std::env::var_os("CARGO_PKG_NAME").is_some() && outside("env").contains("CARGO_PKG_NAME"));
    let said =
        scene.prints("cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'; env");
    assert!(!said.contains("CARGO_PKG_NAME") && !said.contains("target"), "{said}");
}

#[test]
fn no_open_file_of_the_launcher_is_inherited() {
    let scene = Scene::new(&[]);
    fs::write(scene.folder.path().join("canary"), "leaked").unwrap();
    let open = fs::File::open(scene.folder.path().join("canary")).unwrap();
    rustix::io::fcntl_setfd(open.as_fd(), rustix::io::FdFlags::empty()).unwrap();
    let line = "for f in /proc/self/fd/*; do readlink $f; done | grep -c canary; ls /proc/self/fd | wc -l";
    assert!(!outside(line).starts_with("0\n"));
    // Its three streams, and the folder that `ls` reads.
    assert_eq!(scene.prints(&format!("{line}; true")), "0\n4\n");
}

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
fn a_run_that_ends_takes_its_daemons_along() {
    let scene = Scene::new(&[]);
    let (mark, line) = tree(&scene);
    assert_eq!(scene.prints(&line), "up\n");
    assert_eq!(marked(&mark), []);
}

#[test]
fn no_mount_is_left_on_the_host() {
    let mounts = || fs::read_to_string("/proc/self/mountinfo").unwrap();
    let before = mounts();
    Scene::new(&[]).prints("true");
    assert_eq!(mounts(), before);
}

/// Not a test of its own: what the next one starts, and kills.
#[test]
fn a_launcher_that_hangs_when_told_to() {
    if std::env::var_os("BODKIN_TEST_HANG").is_none() {
        return;
    }
    let scene = Scene::new(&[]);
    let (mark, line) = tree(&scene);
    let running = scene.sandbox.launch(scene.shell(&format!("{line}; wait"))).unwrap();
    running.wait(None, &Cancel::new(), &mut |_, _| eprintln!("{mark}"));
}

#[test]
fn when_the_launcher_is_killed_everything_below_it_dies() {
    let mut launcher = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_launcher_that_hangs_when_told_to", "--nocapture"])
        .env("BODKIN_TEST_HANG", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(launcher.stderr.take().unwrap()).lines();
    let mark = lines.map(Result::unwrap).find(|line| line.starts_with("mark-")).unwrap();
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

#[test]
fn the_first_process_can_not_be_touched() {
    let scene = Scene::new(&[]);
    let said = scene.prints(
        "kill -KILL 1; kill -STOP 1; for f in environ maps root/etc cwd fd/0 mem; do cat /proc/1/$f && echo read; done 2>/dev/null
         python3 -c \"
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.ptrace(16, 1, 0, 0), libc.syscall(438, libc.syscall(434, 1, 0), 0, 0))\"",
    );
    assert_eq!(said, "-1 -1\n");
}

#[test]
fn there_is_no_privilege_and_no_way_to_one() {
    let scene = Scene::new(&[]);
    let limit = fs::read_to_string("/proc/sys/user/max_user_namespaces").unwrap();
    let said = scene.prints(
        "grep -E 'CapPrm|CapEff|CapBnd|CapInh|CapAmb|NoNewPrivs' /proc/self/status | tr -d '\\n\\t'; echo
         for try in 'unshare -U true' 'unshare -m true' 'unshare -n true' 'mount -t tmpfs x /tmp' 'umount /proc' \
                    'mount -o remount,rw /' 'mknod node b 8 0' 'chroot / true' 'setpriv --reuid 1 true' \
                    'nsenter -t 1 -m true' 'hostname evil' 'ip link set lo down'; do
           $try 2>/dev/null && echo \"$try works\"
         done; echo done",
    );
    assert_eq!(
        said,
        "CapInh:0000000000000000CapPrm:0000000000000000CapEff:0000000000000000CapBnd:0000000000000000\
         CapAmb:0000000000000000NoNewPrivs:1\ndone\n"
    );
    assert_eq!(fs::read_to_string("/proc/sys/user/max_user_namespaces").unwrap(), limit);
}

#[test]
fn switches_of_the_host_can_not_be_turned() {
    let scene = Scene::new(&[]);
    let switches =
        ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory"];
    let before = switches.map(|file| fs::read_to_string(file).unwrap());
    let said = scene.prints(&format!(
        "for f in {} /proc/sysrq-trigger /proc/sys/user/max_user_namespaces; do echo 1 > $f && echo $f; done 2>/dev/null; \
         ls /sys /sys/fs/cgroup /dev/kvm /dev/mem /dev/vda /dev/fuse 2>/dev/null; true",
        switches.join(" ")
    ));
    assert_eq!(said, "");
    assert_eq!(switches.map(|file| fs::read_to_string(file).unwrap()), before);
}

#[test]
fn there_is_no_terminal_to_type_into() {
    let scene = Scene::new(&[]);
    let said = scene.prints("tty; (exec < /dev/tty) 2>/dev/null || echo none; [ $$ = $(ps -o sid= -p $$ | tr -d ' ') ] && echo leader; true");
    assert!(said.starts_with("not a tty\nnone\n"), "{said}");
}

#[test]
fn all_of_this_holds_for_an_ordinary_user() {
    kit::again_as_ordinary_user("all_of_this_holds_for_an_ordinary_user");
}
