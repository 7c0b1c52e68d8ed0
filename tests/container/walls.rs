//! The walls of a container, each tried from inside.

use std::io::Read;
use std::net::TcpListener;

use bodkin_guard::report::{Exit, IsolationLevel};

use super::Living;

#[test]
fn nobody_inside_is_root_or_can_become_it() {
    let Some(living) = Living::empty("root") else { return };
    assert_eq!(living.said("id -u"), "61000");
    let status = living.said("grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status");
    let words: Vec<&str> = status.split_whitespace().collect();
    let none = "0000000000000000";
    assert_eq!(words, ["CapEff:", none, "CapBnd:", none, "NoNewPrivs:", "1", "Seccomp:", "2"]);
}

#[test]
fn the_image_can_not_be_written_and_no_folder_of_the_host_is_there() {
    let Some(living) = Living::empty("image") else { return };
    for path in ["/bin/new", "/etc/passwd", "/new"] {
        assert_ne!(living.sh(&format!("echo x > {path}")).0, Exit::Code(0), "{path}");
    }
    let mounts = living.said("cat /proc/self/mountinfo");
    assert!(!mounts.contains("/root ") && !mounts.contains("docker.sock"), "{mounts}");
    assert_eq!(living.said("ls /home"), "user");
}

#[test]
fn network_off_unless_permitted_the_host_is_not_reached() {
    let Some(living) = Living::empty("network") else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let dial = format!(
        "import socket\nfor host in ['127.0.0.1', '10.88.0.1']:\n  try: \
         socket.create_connection((host, {port}), 2).sendall(b'out'); print('out')\n  except OSError as e: print(e)"
    );
    // The same program reaches it from outside, so the test can fail.
    let outside = std::net::TcpStream::connect(("127.0.0.1", port));
    assert!(outside.is_ok() && listener.accept().is_ok());
    let order = bodkin_sandbox::session::ProcessOrder::new(["python3", "-c", &dial]);
    let (exit, text) = super::heard(&*living.session.start(order).unwrap());
    assert!(exit == Exit::Code(0) && !text.contains("out\n"), "{text}");
    let mut caught = String::new();
    assert!(listener.accept().map(|(mut stream, _)| stream.read_to_string(&mut caught)).is_err(), "{caught}");
    assert_eq!(living.said("ls /sys/class/net 2>/dev/null || grep -c : /proc/net/dev"), "lo");
}

#[test]
fn disk_memory_and_processes_are_capped() {
    let Some(living) = Living::empty("caps") else { return };
    let full = living.sh("dd if=/dev/zero of=/tmp/full bs=1M count=100 2>&1");
    assert!(full.0 != Exit::Code(0) && full.1.contains("No space left"), "{full:?}");
    living.said("rm /tmp/full");
    let bomb = living.sh("python3 -c \"x = bytearray(1 << 30); print(len(x))\"");
    assert!(bomb.0 != Exit::Code(0) && !bomb.1.contains("1073741824"), "{bomb:?}");
    let forks = "python3 -c \"
import os, sys, time
count = 0
try:
    while count < 500:
        if os.fork() == 0:
            time.sleep(1000)
        count += 1
except OSError: pass
print(count)\"";
    let count: u32 = living.said(forks).parse().unwrap();
    assert!(count < 80, "{count}");
}

#[test]
fn killing_everything_inside_ends_neither_the_session_nor_its_files() {
    let Some(living) = Living::empty("kill") else { return };
    living.said("echo kept > /tmp/kept; setsid sleep 1000 </dev/null >/dev/null 2>&1 & true");
    living.sh("kill -9 -1; kill -9 1; kill -9 $$");
    assert_eq!(living.said("cat /tmp/kept; ps -ef | grep -c '[s]leep 1000' || true"), "kept\n0");
    assert!(living.session.is_alive());
}

#[test]
fn the_walls_say_what_they_lack() {
    let Some(living) = Living::empty("level") else { return };
    let isolation = living.session.isolation();
    assert_eq!(isolation.level, IsolationLevel::Full);
    assert!(isolation.backend.starts_with("container (unix://"), "{isolation:?}");
    assert!(isolation.missing.iter().any(|it| it.contains("user namespaces")), "{isolation:?}");
}
