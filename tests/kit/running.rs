//! A program under way: started in a scene, listened to, waited for with a deadline.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::said::Said;

/// Longest that a program may take: far above what any of them needs.
const DEADLINE: Duration = Duration::from_secs(150);

/// Variables of the machine that programs are found by; all others are kept out of a scene.
const KEPT: &[&str] = &[
    "PATH",
    "LANG",
    "TMPDIR",
    "PYENV_ROOT",
    "NVM_DIR",
    "VOLTA_HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "VIRTUAL_ENV",
];

/// A program that is about to be started.
#[derive(Debug)]
pub struct Call {
    scene: PathBuf,
    program: PathBuf,
    words: Vec<OsString>,
    folder: PathBuf,
    env: Vec<(OsString, OsString)>,
}

impl Call {
    pub(crate) fn new(scene: &Path, program: &Path, words: &[&str]) -> Self {
        let mut env: Vec<(OsString, OsString)> =
            KEPT.iter().filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?))).collect();
        for (name, folder) in [("HOME", "home"), ("XDG_STATE_HOME", "state"), ("XDG_CONFIG_HOME", "config")] {
            env.push((name.into(), scene.join(folder).into()));
        }
        let words = words.iter().map(OsString::from).collect();
        let (scene, program) = (scene.to_owned(), program.to_owned());
        Self { folder: scene.join("work"), scene, program, words, env }
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Types the call in another folder.
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// The same call as words for `sh -c` and its like: the program and what follows it.
    pub fn line(&self) -> Vec<OsString> {
        std::iter::once(self.program.clone().into_os_string()).chain(self.words.iter().cloned()).collect()
    }

    /// Starts it, its input empty.
    pub fn start(self) -> Running {
        let mut command = self.command();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", self.program.display()));
        let (sender, heard) = channel();
        listen(child.stdout.take().unwrap(), From::Stdout, sender.clone());
        listen(child.stderr.take().unwrap(), From::Stderr, sender);
        Running { scene: self.scene, child, heard, deadline: deadline(), said: [Vec::new(), Vec::new()] }
    }

    /// Runs it to its end.
    pub fn run(self) -> Said {
        self.start().end()
    }

    /// The command with its words, folder and environment, streams not yet set.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.words).current_dir(&self.folder).env_clear().envs(self.env.iter().cloned());
        command
    }
}

/// Which of its streams a program spoke on.
#[derive(Debug, Clone, Copy)]
enum From {
    Stdout = 0,
    Stderr = 1,
}

/// A program that was started.
#[derive(Debug)]
pub struct Running {
    scene: PathBuf,
    child: Child,
    heard: Receiver<(From, Vec<u8>)>,
    deadline: Instant,
    said: [Vec<u8>; 2],
}

impl Running {
    /// Its process id.
    pub fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until its standard error holds `text`.
    pub fn hear(&mut self, text: &str) {
        while !self.text(From::Stderr).contains(text) {
            if !self.listen() {
                panic!("it ended without saying {text:?}:\n{}", self.text(From::Stderr));
            }
        }
    }

    /// Waits until its standard output holds `text`.
    pub fn hear_output(&mut self, text: &str) {
        while !self.text(From::Stdout).contains(text) {
            if !self.listen() {
                panic!("it ended without printing {text:?}:\n{}", self.text(From::Stderr));
            }
        }
    }

    /// What it has printed on its standard output as far as it was listened to.
    pub fn printed(&self) -> String {
        self.text(From::Stdout)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).expect("the program is under way");
    }

    /// Waits for its end.
    pub fn end(mut self) -> Said {
        while self.listen() {}
        let status = wait(&mut self.child, self.deadline);
        let [stdout, stderr] = std::mem::take(&mut self.said);
        Said::new(&self.scene, status, &stdout, &stderr)
    }

    fn text(&self, from: From) -> String {
        let [stdout, stderr] = &self.said;
        String::from_utf8_lossy(match from {
            From::Stdout => stdout,
            From::Stderr => stderr,
        })
        .into_owned()
    }

    /// Takes in what it says next; false when both its streams have ended.
    fn listen(&mut self) -> bool {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.heard.recv_timeout(left) {
            Ok((from, bytes)) => {
                let [stdout, stderr] = &mut self.said;
                match from {
                    From::Stdout => stdout.extend(bytes),
                    From::Stderr => stderr.extend(bytes),
                }
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                panic!("it took longer than {DEADLINE:?} and was killed:\n{}", self.text(From::Stderr));
            }
        }
    }
}

/// When a program that starts now must have ended.
pub(crate) fn deadline() -> Instant {
    Instant::now() + DEADLINE
}

/// Waits for a program whose streams have ended.
pub(crate) fn wait(child: &mut Child, deadline: Instant) -> ExitStatus {
    let id = Pid::from_child(child);
    let left = deadline.saturating_duration_since(Instant::now());
    if !crate::processes::Watched::of(id).is_none_or(|it| it.ends_within(left)) {
        let _ = child.kill();
        panic!("it closed its streams and did not end");
    }
    child.wait().unwrap()
}

fn listen(mut stream: impl Read + Send + 'static, from: From, sender: Sender<(From, Vec<u8>)>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            let _ = sender.send((from, buffer.iter().take(count).copied().collect()));
        }
    });
}
