//! A command to start in a sandbox, as a value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::Exit;
use bodkin_text::{Layer, RelPath};

use crate::changes::Changes;

/// The folder in the sandbox where [`Launch::support`] is found.
pub const SUPPORT_DIR: &str = "/run/bodkin";

/// The writable folder in the sandbox whose files come back when [`Launch::collect`] is set.
pub const OUT_DIR: &str = "/run/bodkin/out";

/// How much may come back from [`OUT_DIR`], bytes; what is beyond is left out.
pub const COLLECT_BYTES: u64 = 32 << 20;

/// What is started, over which files, within which limits.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The workspace, absolute; it stands at the same path inside.
    pub root: PathBuf,
    /// What stands in place of some of its files.
    pub layer: Layer,
    /// The folder it runs in; `None` is the root.
    pub cwd: Option<RelPath>,
    /// The program and its arguments; a name without `/` is looked for on the PATH.
    pub argv: Vec<OsString>,
    /// Variables beside the sandbox's own (PATH, HOME, USER, LANG, TMPDIR …), over them if named alike.
    pub env: BTreeMap<String, String>,
    /// What it may use up.
    pub limits: Limits,
    /// Read-only files at [`SUPPORT_DIR`], by name (`a.py`, `hooks/b.py`). Where that folder can
    /// not be had (a reduced sandbox), its path is replaced in `argv` and in the values of `env`.
    pub support: Vec<(String, Arc<[u8]>)>,
    /// What it reads as standard input.
    pub stdin: StdinMode,
    /// Where standard error goes.
    pub stderr: StderrMode,
    /// Bring back the regular files of [`OUT_DIR`] when the command has ended.
    pub collect: bool,
    /// Bring back what it changed in the workspace ([`Ended::changes`]).
    pub changes: bool,
    /// What it may reach.
    pub network: Network,
}

impl Launch {
    /// A command at the workspace's root with nothing laid over it, no input and default limits.
    pub fn new(root: impl Into<PathBuf>, argv: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self {
            root: root.into(),
            layer: Layer::empty(),
            cwd: None,
            argv: argv.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            limits: Limits::default(),
            support: Vec::new(),
            stdin: StdinMode::Null,
            stderr: StderrMode::Separate,
            collect: false,
            changes: false,
            network: Network::Off,
        }
    }
}

/// What a command reads as standard input. It is never the caller's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StdinMode {
    /// Nothing.
    Null,
    /// What is written to `Running`'s `stdin`.
    Piped,
}

/// Where a command's standard error goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StderrMode {
    /// Its own stream.
    Separate,
    /// Into standard output, in the order of writing.
    Merged,
}

/// Which of a command's two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A command that has ended, and everything it started with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How it ended. A program that could not be started exits with 127 (not found) or 126 and
    /// says why on its standard error, as in a shell.
    pub exit: Exit,
    /// Wall time from launch to end, the building of the walls included; microseconds. (The limit counts
    /// from the command's own start.)
    pub wall_us: u64,
    /// Bytes that were printed on both streams, passed on or not.
    pub output_bytes: u64,
    /// Files of [`OUT_DIR`] by their path below it, ordered by path. Written by the command:
    /// outside data in every respect.
    pub collected: Vec<(String, Vec<u8>)>,
    /// What it changed in the workspace, if [`Launch::changes`] was set.
    pub changes: Changes,
    /// Hosts that it asked for and that were not agreed, `name:port` each, ordered.
    pub refused_hosts: Vec<String>,
}
