//! Every power over the outside world, as data.
//!
//! A new power is a new variant: it does not compile until it has a rule, a ledger line and a performer,
//! because nowhere is this enum matched with a wildcard.

use std::collections::{BTreeMap, BTreeSet};

use bodkin_text::{ContentHash, RelPath};
use serde::{Deserialize, Serialize};

/// One act that reaches outside the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Run a command in a sandbox over the workspace.
    RunCommand(RunCommand),
    /// Try a batch of candidates in a sandbox.
    Probe(Probe),
    /// Change files of the work tree.
    WriteFiles(WriteFiles),
    /// Send files of the workspace to another machine.
    SendFiles(SendFiles),
}

/// Run a command in a fresh sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCommand {
    /// Why it is run.
    pub purpose: Purpose,
    /// What is run.
    pub command: CommandLine,
    /// The folder it runs in; `None` is the workspace's root.
    pub cwd: Option<RelPath>,
    /// Variables that enter the sandbox beside its own fixed ones (PATH, HOME, LANG, TMPDIR …).
    pub env: BTreeMap<String, String>,
    /// What it may reach.
    pub network: Network,
    /// What it may use up.
    pub limits: Limits,
    /// Identity of the [`bodkin_text::Layer`] over the workspace.
    pub layer: ContentHash,
    /// Record per-test results and executed lines where the command's test runner is understood.
    pub observe: bool,
}

/// Why a command is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The state before any change.
    Baseline,
    /// The evidence for the candidate that is offered.
    Proof,
    /// The user asked for it.
    Asked,
}

/// A command as the user would give it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandLine {
    /// A program and its arguments; no shell takes part.
    Argv(Vec<String>),
    /// A line for `/bin/sh -c`.
    Shell(String),
}

impl CommandLine {
    /// The program and its arguments, the shell's where it is a line for one.
    pub fn argv(&self) -> Vec<String> {
        match self {
            Self::Argv(words) => words.clone(),
            Self::Shell(line) => ["/bin/sh", "-c", line].map(str::to_owned).to_vec(),
        }
    }
}

/// What a command may reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Its own loopback interface and nothing else.
    #[default]
    Off,
    /// These hosts by TLS or HTTP through a proxy, beside its own loopback interface: `pypi.org`, `*.crates.io`,
    /// `example.org:8443`; ordered, each once. Without a port: 80 and 443.
    Hosts(BTreeSet<String>),
}

/// Send a state of the workspace to another machine, where commands will run over it. One permit covers the
/// state and what changes in it until the sandbox is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendFiles {
    /// The machine, as an address without keys: `https://api.e2b.app`, `http://127.0.0.1:3000`.
    pub to: String,
    /// Root hash of the manifest that is sent.
    pub root: ContentHash,
    /// How many files it names.
    pub files: u64,
    /// Their size, bytes.
    pub bytes: u64,
    /// How many files stay here because a rule says so (secrets, too large).
    pub left_out: u64,
}

/// What a sandboxed run may use up. The run is killed, and says why, when it takes more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall time, milliseconds.
    pub wall_ms: u64,
    /// Memory of the whole process tree, bytes.
    pub memory_bytes: u64,
    /// Processes and threads alive at once.
    pub processes: u32,
    /// Bytes of standard output and standard error together.
    pub output_bytes: u64,
    /// Bytes that may be written to files.
    pub disk_bytes: u64,
    /// Wall time of one test where the test runner is understood, milliseconds; `None`: a share of `wall_ms`.
    #[serde(default)]
    pub test_ms: Option<u64>,
    /// CPU time of the whole process tree, milliseconds; `None`: as much as the wall time gives.
    #[serde(default)]
    pub cpu_ms: Option<u64>,
    /// Size of one file, bytes; `None`: `disk_bytes`.
    #[serde(default)]
    pub file_bytes: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_ms: 120_000,
            memory_bytes: 2 << 30,
            processes: 256,
            output_bytes: 8 << 20,
            disk_bytes: 512 << 20,
            test_ms: None,
            cpu_ms: None,
            file_bytes: None,
        }
    }
}

/// Try a batch of candidates: one permit and two ledger lines for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// How tests are run.
    pub runner: Runner,
    /// Variables that enter the sandbox beside its own fixed ones.
    pub env: BTreeMap<String, String>,
    /// What each candidate may reach.
    pub network: Network,
    /// What the whole batch may use up.
    pub limits: Limits,
    /// Identity of the layer under the candidates (unsaved buffers).
    pub layer: ContentHash,
    /// How many candidates; none is a look at the tests as they are.
    pub candidates: u32,
    /// Identity of the batch: the hash of the candidates' layers in order.
    pub batch: ContentHash,
}

/// How a selection of tests is run for many candidates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Runner {
    /// pytest, loaded once and forked for each candidate.
    Pytest {
        /// The interpreter, as it would be typed: `python3`, `.venv/bin/python`.
        python: String,
        /// pytest's own arguments: files, node ids, options.
        args: Vec<String>,
        /// The folder it runs in; `None` is the root.
        cwd: Option<RelPath>,
    },
    /// unittest, loaded once and forked for each candidate.
    Unittest {
        /// The interpreter.
        python: String,
        /// unittest's own arguments (`discover -s tests`, `tests.test_a`).
        args: Vec<String>,
        /// The folder it runs in; `None` is the root.
        cwd: Option<RelPath>,
    },
    /// Any command; its exit code is the verdict. One fresh sandbox a candidate.
    Command {
        /// What is run.
        command: CommandLine,
        /// The folder it runs in; `None` is the root.
        cwd: Option<RelPath>,
    },
}

/// Change files of the work tree, all or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteFiles {
    /// Why.
    pub reason: WriteReason,
    /// Who puts the text in place.
    pub through: Through,
    /// Each file with its content before and after.
    pub files: Vec<FileWrite>,
}

/// Why files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteReason {
    /// The user accepted a patch.
    Accepted,
    /// The user kept what a command changed in its sandbox.
    Kept,
    /// The user took a patch back.
    Undo,
    /// An interrupted write is finished or rolled back.
    Recovery,
}

/// Who puts a text in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// Bodkin itself, on disk.
    Disk,
    /// The editor, by an edit of its buffer.
    Editor,
}

/// One file that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileWrite {
    /// The file.
    pub path: RelPath,
    /// Hash of what must stand there; `None`: the file must not exist.
    pub before: Option<ContentHash>,
    /// Hash of what will stand there; `None`: the file is removed.
    pub after: Option<ContentHash>,
}

impl WriteFiles {
    /// Identity of the write: its files, and what stands there before and after. Independent of their order.
    /// A consent is bound to it ([`crate::Grant::Apply`]), so a yes to one text is none to another.
    pub fn identity(&self) -> ContentHash {
        let side = |hash: &Option<ContentHash>| hash.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let mut lines: Vec<String> = self
            .files
            .iter()
            .map(|file| format!("{} {} {}\0", side(&file.before), side(&file.after), file.path))
            .collect();
        lines.sort();
        ContentHash::of(lines.concat())
    }
}

impl From<RunCommand> for Action {
    fn from(run: RunCommand) -> Self {
        Self::RunCommand(run)
    }
}

impl From<Probe> for Action {
    fn from(probe: Probe) -> Self {
        Self::Probe(probe)
    }
}

impl From<SendFiles> for Action {
    fn from(send: SendFiles) -> Self {
        Self::SendFiles(send)
    }
}

impl From<WriteFiles> for Action {
    fn from(write: WriteFiles) -> Self {
        Self::WriteFiles(write)
    }
}
