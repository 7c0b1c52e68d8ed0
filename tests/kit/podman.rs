//! A container engine of the tests' own: Debian's podman with runc, serving Docker's API on a socket in a temporary
//! folder, with one small image made of programs of this machine.
//!
//! It ends with the test program, whichever way that ends, and takes its containers and its store with it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The image's name in the engine.
pub const IMAGE: &str = "localhost/bodkin-tests:1";

/// What the image is made of: what a session needs, and what the tests run.
const PROGRAMS: [&str; 32] = [
    "sh", "cat", "chmod", "cp", "date", "dd", "echo", "find", "grep", "head", "id", "kill", "ln", "ls",
    "mkdir", "mkfifo", "mv", "od", "ps", "readlink", "rm", "seq", "setsid", "sleep", "stat", "stty", "tar",
    "touch", "tty", "wc", "mount", "python3",
];

/// Serves until its standard input ends, then clears all away.
const SERVE: &str = r#"
here=$1; shift
podman "$@" system service --time 0 "unix://$here/engine.sock" >"$here/log" 2>&1 </dev/null &
service=$!
cat >/dev/null
kill "$service"; wait "$service"
podman "$@" system reset --force >/dev/null 2>&1
# podman leaves its store mounted over itself.
umount "$here/root/overlay" 2>/dev/null
rm -rf -- "$here"
"#;

/// A running engine.
#[derive(Debug)]
pub struct Podman {
    socket: PathBuf,
}

impl Podman {
    /// The engine of this test program; `None`, with a line that says so, where there can be none.
    pub fn get(test: &str) -> Option<&'static Self> {
        static ENGINE: OnceLock<Result<Podman, String>> = OnceLock::new();
        match ENGINE.get_or_init(Self::start) {
            Ok(engine) => Some(engine),
            Err(why) => {
                eprintln!("skipped: {test}: {why}");
                None
            }
        }
    }

    /// Its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    fn start() -> Result<Self, String> {
        for program in ["podman", "runc"] {
            if find(program).is_none() {
                return Err(format!("this machine has no {program}"));
            }
        }
        if !rustix::process::geteuid().is_root() {
            return Err("podman without root needs more of the machine than can be asked for".to_owned());
        }
        let here = tempfile::Builder::new().prefix("bodkin-engine-").tempdir().unwrap().keep();
        let options = options(&here);
        let server = Command::new("/bin/sh")
            .args(["-c", SERVE, "sh"])
            .arg(&here)
            .args(&options)
            .env_remove("CONTAINER_HOST")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Held open until this program ends; the shell must not be waited for then.
        std::mem::forget(server);
        let socket = here.join("engine.sock");
        wait_for(&socket, &here)?;
        import(&here, &options)?;
        Ok(Self { socket })
    }
}

/// Options of every podman of this engine. crun fails on a mixed tree of control groups; runc does not.
fn options(here: &Path) -> Vec<String> {
    let folder = |name: &str| here.join(name).to_string_lossy().into_owned();
    let mut all = ["--cgroup-manager=cgroupfs", "--runtime", "runc"].map(str::to_owned).to_vec();
    for (option, name) in [("--root", "root"), ("--runroot", "runroot"), ("--tmpdir", "tmp")] {
        all.extend([option.to_owned(), folder(name)]);
    }
    all
}

fn wait_for(socket: &Path, here: &Path) -> Result<(), String> {
    let until = Instant::now() + Duration::from_secs(60);
    while UnixStream::connect(socket).is_err() {
        if Instant::now() > until {
            let log = fs::read_to_string(here.join("log")).unwrap_or_default();
            return Err(format!("podman does not begin to serve: {log}"));
        }
        // The socket appears in its folder; nothing tells when it is listened to.
        std::thread::park_timeout(Duration::from_millis(20));
    }
    Ok(())
}

/// Makes the image.
fn import(here: &Path, options: &[String]) -> Result<(), String> {
    let root = here.join("image");
    for folder in ["bin", "usr/bin", "tmp", "proc", "dev", "sys", "etc", "home"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0::/:/bin/sh\n").unwrap();
    let mut files = BTreeSet::new();
    for program in PROGRAMS {
        if let Some(path) = find(program) {
            files.extend(libraries(&path));
            install(&path, &root.join("bin").join(program));
        }
    }
    for library in files {
        install(&library, &root.join(library.strip_prefix("/").unwrap()));
    }
    python(&root);
    let archive = here.join("image.tar");
    let packed = Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&archive).arg(".").status().unwrap();
    assert!(packed.success());
    let said = Command::new("podman")
        .args(options)
        .args(["import", "--quiet"])
        .arg(&archive)
        .arg(IMAGE)
        .output()
        .unwrap();
    fs::remove_dir_all(&root).unwrap();
    fs::remove_file(&archive).unwrap();
    if said.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said.stderr).into_owned()) }
}

/// Python's own library, where Debian has it.
fn python(root: &Path) {
    let Ok(folders) = fs::read_dir("/usr/lib") else { return };
    for folder in folders.map(|it| it.unwrap().file_name().into_string().unwrap_or_default()) {
        if folder.starts_with("python3.") {
            fs::create_dir_all(root.join("usr/lib")).unwrap();
            let copied = Command::new("cp")
                .args(["-a", "--"])
                .arg(Path::new("/usr/lib").join(&folder))
                .arg(root.join("usr/lib"))
                .status()
                .unwrap();
            assert!(copied.success());
        }
    }
}

fn install(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    if !to.exists() {
        fs::copy(from, to).unwrap();
    }
}

/// The program of the distribution: one from elsewhere has its own ideas of where its parts are.
fn find(program: &str) -> Option<PathBuf> {
    ["/bin", "/usr/bin", "/sbin", "/usr/sbin"]
        .iter()
        .map(|it| Path::new(it).join(program))
        .find(|it| it.is_file())
}

/// What the loader would load for it.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let said = Command::new("ldd").arg(program).output().unwrap();
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let words = text.split_whitespace().filter(|word| word.starts_with('/'));
    words.map(|word| PathBuf::from(word.trim_end_matches(':'))).filter(|it| it.is_file()).collect()
}

/// Tells the engine's log to whoever debugs a test.
pub fn tell_log(engine: &Podman, to: &mut dyn Write) {
    let log = engine.socket.parent().map(|it| fs::read_to_string(it.join("log")).unwrap_or_default());
    to.write_all(log.unwrap_or_default().as_bytes()).unwrap();
}
