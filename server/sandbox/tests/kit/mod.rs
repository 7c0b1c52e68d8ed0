//! A workspace in a temporary folder, a sandbox over it, and what a command there printed.
#![allow(dead_code, reason = "each test program uses a part of it, some all")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests make their own files, and fail by panicking"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bodkin_guard::report::Exit;
use bodkin_sandbox::{Cancel, Ended, Force, Launch, LocalOptions, LocalSandbox, Stream};
use bodkin_text::RelPath;
use rustix::process::Pid;

const HELPER: &str = env!("CARGO_BIN_EXE_bodkin-sandbox-init");

pub(crate) struct Scene {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) sandbox: LocalSandbox,
}

pub(crate) struct Output {
    pub(crate) ended: Ended,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::new(text).unwrap()
}

impl Scene {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, None)
    }

    pub(crate) fn with(files: &[(&str, &str)], force: Option<Force>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "scratch", "ws"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        for (path, text) in files {
            let path = folder.path().join("ws").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let sandbox = LocalSandbox::new(options_in(folder.path(), force));
        Self { folder, sandbox }
    }

    /// The options of its sandbox, for another one.
    pub(crate) fn options(&self) -> LocalOptions {
        options_in(self.folder.path(), None)
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.folder.path().join("ws")
    }

    pub(crate) fn shell(&self, line: &str) -> Launch {
        Launch::new(self.workspace(), ["/bin/sh", "-c", line])
    }

    pub(crate) fn run(&self, launch: Launch) -> Output {
        self.run_until(launch, None, &Cancel::new())
    }

    pub(crate) fn run_until(&self, launch: Launch, deadline: Option<Duration>, cancel: &Cancel) -> Output {
        let running = self.sandbox.launch(launch).unwrap_or_else(|error| panic!("{error}"));
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let deadline = deadline.map(|after| Instant::now() + after);
        let ended = running.wait(deadline, cancel, &mut |stream, bytes| match stream {
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        });
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Output { ended, stdout: text(stdout), stderr: text(stderr) }
    }

    /// What a shell line prints; it must succeed.
    pub(crate) fn prints(&self, line: &str) -> String {
        let output = self.run(self.shell(line));
        assert_eq!(output.ended.exit, Exit::Code(0), "{line}\n{}\n{}", output.stdout, output.stderr);
        output.stdout
    }
}

fn options_in(folder: &Path, force: Option<Force>) -> LocalOptions {
    LocalOptions {
        helper: helper(),
        scratch: folder.join("scratch"),
        path_env: "/usr/local/bin:/usr/bin:/bin".into(),
        home: Some(folder.join("home")),
        force,
        ..LocalOptions::default()
    }
}

/// Runs every other test of this program again as a user without any rights. `myself` is the caller's name.
pub(crate) fn again_as_ordinary_user(myself: &str) {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: these tests run as an ordinary user already");
        return;
    }
    // The build folder may be closed to others.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::copy(HELPER, folder.path().join("bodkin-sandbox-init")).unwrap();
    let output = Command::new(&program)
        .args(["--skip", myself])
        .current_dir("/")
        .uid(65534)
        .gid(65534)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The helper beside this program, where it was copied, or the one that cargo built.
pub(crate) fn helper() -> PathBuf {
    let beside = std::env::current_exe().unwrap().with_file_name("bodkin-sandbox-init");
    if beside.exists() { beside } else { HELPER.into() }
}

/// Processes whose command line holds `mark`.
pub(crate) fn marked(mark: &str) -> Vec<Pid> {
    let pids =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let holds = |pid: &i32| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|it| String::from_utf8_lossy(&it).contains(mark))
    };
    pids.filter(holds).filter_map(Pid::from_raw).collect()
}
