//! rsync's daemon on this machine, TCP_NODELAY at both ends.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A daemon; it ends with this.
pub(crate) struct Daemon {
    child: Child,
    port: u16,
    to: PathBuf,
}

impl Daemon {
    /// `None` where there is no rsync.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        Command::new("rsync")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .ok()
            .filter(std::process::ExitStatus::success)?;
        let to = folder.join("rsync");
        fs::create_dir(&to).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = folder.join("rsyncd.conf");
        let text = format!(
            "port = {port}\naddress = 127.0.0.1\nuse chroot = no\nsocket options = TCP_NODELAY\n\
             log file = /dev/null\n[to]\npath = {}\nread only = no\n{}",
            to.display(),
            if rustix::process::getuid().is_root() { "uid = 0\ngid = 0\n" } else { "" }
        );
        fs::write(&settings, text).unwrap();
        let mut command = Command::new("rsync");
        command.args(["--daemon", "--no-detach", "--config"]).arg(&settings);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Some(Self { child, port, to })
    }

    /// From nothing, milliseconds.
    pub(crate) fn first(&self, root: &Path) -> f64 {
        fs::remove_dir_all(&self.to).unwrap();
        fs::create_dir(&self.to).unwrap();
        self.all(root)
    }

    /// The whole tree.
    pub(crate) fn all(&self, root: &Path) -> f64 {
        self.run(root, |_| {})
    }

    /// One file that is named.
    pub(crate) fn named(&self, root: &Path, path: &Path) -> f64 {
        let list = self.to.with_extension("list");
        fs::write(&list, format!("{}\n", path.strip_prefix(root).unwrap().display())).unwrap();
        self.run(root, |command| {
            command.arg("--files-from").arg(&list);
        })
    }

    fn run(&self, root: &Path, more: impl Fn(&mut Command)) -> f64 {
        let mut command = Command::new("rsync");
        command.args(["-a", "--delete", "--sockopts=TCP_NODELAY"]);
        more(&mut command);
        command.arg(format!("{}/", root.display())).arg(format!("rsync://127.0.0.1:{}/to/", self.port));
        let begin = Instant::now();
        let status = command.status().unwrap();
        let took = begin.elapsed().as_secs_f64() * 1000.0;
        assert!(status.success(), "{command:?}");
        took
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
