//! A sandbox that lives on between commands: files go in and out, processes start, talk and end, and what they
//! wrote comes back as changes against the state that it was made from.
//!
//! All calls block; any number of threads may call. Paths are absolute, as seen inside. Nothing here asks for a
//! permit: whoever makes a session for a user's workspace does ([`crate::Sandbox`] is that door), and a daemon
//! answers for its own machine.
//!
//! What the system refuses comes as [`SandboxError::Io`] with its kind: `NotFound`, `AlreadyExists`,
//! `IsADirectory`, `NotADirectory`, `PermissionDenied`, `StorageFull`, `InvalidInput` for what is no regular file,
//! `BrokenPipe` for the input of a process that has ended. A session that is gone answers
//! [`SandboxError::Unavailable`].
//! invariants: only-deltas-cross, a-killed-run-leaves-no-process, network-off-unless-permitted

pub(crate) mod speech;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::{Exit, Isolation};
use bodkin_text::Layer;

use crate::changes::Changes;
use crate::{Cancel, SandboxError};

/// Makes sessions: the local one, a container engine, another machine, or a twin in memory.
pub trait Backend: Send + Sync {
    /// Which one, and how strong its walls are; found once, then remembered.
    fn isolation(&self) -> Isolation;

    /// A new session; nothing runs in it yet.
    fn create(&self, order: SessionOrder, cancel: &Cancel) -> Result<Arc<dyn Session>, SandboxError>;

    /// One that lives already, where the backend keeps them beyond the process that made them.
    fn connect(&self, id: &str) -> Result<Arc<dyn Session>, SandboxError>;

    /// Those that live, of this user.
    fn list(&self) -> Result<Vec<SessionAbout>, SandboxError>;
}

/// What a session is made of.
#[derive(Debug, Clone)]
pub struct SessionOrder {
    /// The files that stand in it at first.
    pub base: Base,
    /// Variables of every process beside the sandbox's own.
    pub env: BTreeMap<String, String>,
    /// What all its processes together may use up. `wall_ms` is the life of the session, `output_bytes` bounds
    /// each process alone.
    pub limits: Limits,
    /// What it may reach.
    pub network: Network,
    /// Words of the caller's, given back by [`Backend::list`].
    pub metadata: BTreeMap<String, String>,
}

/// The files that stand in a session at first.
#[derive(Debug, Clone)]
pub enum Base {
    /// Nothing but the tools of the machine and an empty, writable home, `/home/user`.
    Empty,
    /// A workspace, which is never written to, and what is laid over it.
    Workspace {
        /// The folder on this machine.
        folder: PathBuf,
        /// Where it stands inside; `None`: at the same path, where the backend can.
        at: Option<PathBuf>,
        /// What stands in place of some of its files.
        layer: Layer,
    },
}

/// A session from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionAbout {
    /// Its name.
    pub id: String,
    /// The backend's word for where it is: `local`, `container`, `https://…`.
    pub backend: String,
    /// When it was made, milliseconds since 1970, UTC.
    pub started_unix_ms: u64,
    /// When it ends by itself, milliseconds since 1970, UTC.
    pub ends_unix_ms: Option<u64>,
    /// Whether it is frozen.
    pub frozen: bool,
    /// The caller's words.
    pub metadata: BTreeMap<String, String>,
}

/// One sandbox that lives on. Dropping the last reference to a local one destroys it.
pub trait Session: Send + Sync {
    /// Its name, unique on its machine; letters and digits.
    fn id(&self) -> &str;

    /// Which backend, and how strong its walls are.
    fn isolation(&self) -> &Isolation;

    /// Where the workspace stands inside; the home where there is none.
    fn workdir(&self) -> &Path;

    /// What stands at `path`; links are not followed. `None`: nothing.
    fn stat(&self, path: &Path) -> Result<Option<Entry>, SandboxError>;

    /// What lies below the folder, `depth` levels deep (1: its own entries), ordered by path.
    fn list(&self, path: &Path, depth: u32) -> Result<Vec<Entry>, SandboxError>;

    /// Reads a regular file into `to`; gives its size in bytes. A FIFO or device is refused, never waited for.
    fn read(&self, path: &Path, to: &mut dyn Write) -> Result<u64, SandboxError>;

    /// Puts a file in place with all folders that it needs, in one step: nobody sees half of it.
    fn write(&self, path: &Path, from: &mut dyn Read, mode: Option<u32>) -> Result<Entry, SandboxError>;

    /// Makes a folder and those above it; `false`: it was there.
    fn make_dir(&self, path: &Path) -> Result<bool, SandboxError>;

    /// Moves a file or folder.
    fn rename(&self, from: &Path, to: &Path) -> Result<Entry, SandboxError>;

    /// Removes a file, or a folder with all in it; nothing there is an error that says so.
    fn remove(&self, path: &Path) -> Result<(), SandboxError>;

    /// Watches a folder. Events come within 50 ms; one that overflows says so ([`FileEvent::Lost`]).
    fn watch(&self, path: &Path, recursive: bool) -> Result<Box<dyn Watch>, SandboxError>;

    /// Starts a process.
    fn start(&self, order: ProcessOrder) -> Result<Arc<dyn Process>, SandboxError>;

    /// Processes that were started here and live, and those that ended within the last minute.
    fn processes(&self) -> Vec<Arc<dyn Process>>;

    /// What it uses now.
    fn usage(&self) -> Result<Usage, SandboxError>;

    /// Stops the clock of every process in it; memory and files stay. Freezing twice is no error.
    fn freeze(&self) -> Result<(), SandboxError>;

    /// Goes on after [`Session::freeze`].
    fn thaw(&self) -> Result<(), SandboxError>;

    /// What differs from the base, judged ([`crate::changes`]); the processes are held still while it looks.
    fn changes(&self) -> Result<Changes, SandboxError>;

    /// Ends it and everything in it; returns when nothing of it is left. Twice is no error.
    fn destroy(&self) -> Result<(), SandboxError>;

    /// Whether it still lives.
    fn is_alive(&self) -> bool;
}

/// A process to start in a session.
#[derive(Debug, Clone)]
pub struct ProcessOrder {
    /// The program and its arguments; a name without `/` is looked for on the PATH.
    pub argv: Vec<OsString>,
    /// Variables over those of the session.
    pub env: BTreeMap<String, String>,
    /// The folder it runs in; `None` is [`Session::workdir`].
    pub cwd: Option<PathBuf>,
    /// Whether it has a standard input to be written to; else it reads nothing.
    pub stdin: bool,
    /// A terminal of this size instead of three pipes.
    pub terminal: Option<TerminalSize>,
    /// It is killed after so long.
    pub deadline: Option<Duration>,
    /// A word of the caller's to find it by.
    pub tag: Option<String>,
}

impl ProcessOrder {
    /// A command with nothing special.
    pub fn new(argv: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            cwd: None,
            stdin: false,
            terminal: None,
            deadline: None,
            tag: None,
        }
    }
}

/// Size of a terminal, characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// A process of a session. It lives on when nobody listens.
pub trait Process: Send + Sync {
    /// Its number inside.
    fn pid(&self) -> u32;

    /// What was started.
    fn order(&self) -> &ProcessOrder;

    /// What it says from now on, ending with [`ProcessEvent::Ended`]; a process that has ended says at once how.
    /// What nobody has heard yet comes first. A listener that does not read holds the process up (its pipe
    /// fills), never the session, and so does waiting for the first one; when all have gone the process lives
    /// on, and of what it says the last 64 KiB are kept.
    fn listen(&self) -> Box<dyn Listen>;

    /// Writes to its standard input or terminal; waits while it does not read.
    fn write(&self, bytes: &[u8]) -> Result<(), SandboxError>;

    /// Ends its standard input.
    fn close_stdin(&self) -> Result<(), SandboxError>;

    /// Sends a signal to it and its process group.
    fn signal(&self, signal: i32) -> Result<(), SandboxError>;

    /// Gives its terminal another size.
    fn resize(&self, size: TerminalSize) -> Result<(), SandboxError>;

    /// How it ended; `None`: it runs.
    fn exit(&self) -> Option<Exit>;
}

/// What a process says, in the order of saying.
pub trait Listen: Send {
    /// The next event; `None` when `wait` is over without one, or when there is nothing more to come after the end.
    fn next(&mut self, wait: Duration) -> Option<ProcessEvent>;
}

/// What a process says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessEvent {
    /// Bytes of standard output.
    Stdout(Vec<u8>),
    /// Bytes of standard error.
    Stderr(Vec<u8>),
    /// Bytes of its terminal.
    Terminal(Vec<u8>),
    /// It ended; nothing comes after.
    Ended(Exit),
}

/// A file, folder or link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands; its bytes need not be UTF-8.
    pub path: PathBuf,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Name or number of the owner.
    pub owner: String,
    /// Name or number of the group.
    pub group: String,
    /// When it was last written, milliseconds since 1970, UTC.
    pub modified_unix_ms: i64,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link with its target.
    Link(PathBuf),
    /// A FIFO, a socket or a device.
    Other,
}

/// A watch on a folder.
pub trait Watch: Send {
    /// The next event; `None` when `wait` is over without one or the session is gone.
    fn next(&mut self, wait: Duration) -> Option<FileEvent>;
}

/// What happened to a file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileEvent {
    /// It appeared.
    Created(PathBuf),
    /// Its content changed.
    Written(PathBuf),
    /// It is gone.
    Removed(PathBuf),
    /// It was moved away from here or to here.
    Renamed(PathBuf),
    /// Its permissions changed.
    ModeChanged(PathBuf),
    /// More happened than could be told: look anew.
    Lost,
}

/// What a session uses now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// CPU time of all its processes so far, milliseconds.
    pub cpu_ms: u64,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// Bytes written to its file system.
    pub disk_bytes: u64,
    /// How much may be written, bytes.
    pub disk_limit_bytes: u64,
    /// Processes alive.
    pub processes: u32,
}
