//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Fixes code and proves it: takes a highlighted line or a failing test, works out a change, proves it in a
/// sandbox, and only then offers it.
#[derive(Debug, Parser)]
#[command(name = "bodkin", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// Print one JSON envelope on standard output instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The workspace folder [default: the folder around here that holds .git, else this folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Where commands run, `local` or `container` [default: as the settings say, else local]
    #[arg(long, global = true, value_name = "SANDBOX", hide_possible_values = true)]
    pub(crate) backend: Option<Backend>,
    /// Accept a sandbox with weaker walls where the kernel refuses full isolation.
    #[arg(long, global = true)]
    pub(crate) allow_reduced: bool,
}

/// A kind of sandbox.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Backend {
    /// Namespaces of this machine.
    Local,
    /// A container of Docker's or podman's.
    Container,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Work out a change that makes a failing test pass, prove it, and show it.
    Fix(FixArgs),
    /// Take back the last change that was applied, or a named one.
    Undo(UndoArgs),
    /// Tell what this machine offers, and what to do about what is missing.
    Doctor,
    /// Look at the record of everything that was done.
    Ledger(LedgerArgs),
    /// Serve an editor over standard input and output.
    Lsp,
    /// Run commands in the sandbox, and look after sandboxes.
    Sandbox(SandboxArgs),
    /// Serve this machine's sandboxes to other machines, in E2B's protocol.
    Sandboxd(SandboxdArgs),
    /// Show what a remote sandbox would get of this workspace, and what stays here and why.
    Sync(SyncArgs),
}

/// `bodkin fix`.
#[derive(Debug, Args)]
pub(crate) struct FixArgs {
    /// The file, and where the fault is: `src/a.py`, `src/a.py:12` or `src/a.py:12-20`.
    #[arg(value_name = "FILE[:LINE[-LINE]]", required_unless_present = "failing")]
    pub(crate) target: Option<String>,
    /// A failing test to mend, wherever the fault is: `tests/test_a.py::TestB::test_c`.
    #[arg(long, value_name = "TEST", conflicts_with = "target")]
    pub(crate) failing: Option<String>,
    /// The test command [default: found in the workspace]
    #[arg(long, short = 't', value_name = "COMMAND")]
    pub(crate) test: Option<String>,
    /// Put the change in place once it is proved, without asking.
    #[arg(long)]
    pub(crate) apply: bool,
    /// Let this environment variable into the sandbox; may be given more than once.
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) env: Vec<String>,
    /// Wall time for one run of the test command, seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) test_timeout: Option<u64>,
    /// Wall time for the whole run, seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// How many candidates may be tried.
    #[arg(long, value_name = "N")]
    pub(crate) max_candidates: Option<u32>,
    /// Seed of the search: the same seed tries the same candidates in the same order.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

/// `bodkin undo`.
#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The change, as `bodkin fix --apply` named it (`c7`) [default: the last one that stands]
    #[arg(value_name = "CHANGE")]
    pub(crate) change: Option<String>,
}

/// `bodkin sandboxd`.
#[derive(Debug, Args)]
pub(crate) struct SandboxdArgs {
    /// Where to listen; port 0 lets the system choose.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub(crate) listen: SocketAddr,
    /// The file of API keys [default: sandboxd.keys in Bodkin's configuration folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// Add a key of this name to the file, print it once, and end.
    #[arg(long, value_name = "NAME")]
    pub(crate) new_key: Option<String>,
    /// Serve by TLS with this certificate chain, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The domain below which each sandbox has its host, `49983-ID.DOMAIN`.
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
    /// Another name by which clients call this machine; may be given more than once.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// Serve an address that other machines reach without TLS: keys and files go over the wire as they are.
    #[arg(long)]
    pub(crate) allow_plain: bool,
    /// A host that sandboxes may reach if they ask for the internet; may be given more than once [default: none]
    #[arg(long, value_name = "HOST")]
    pub(crate) reach: Vec<String>,
    /// End a sandbox that nobody called and in which nothing ran for so long, seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) idle: Option<u64>,
    /// Memory of one sandbox, MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub(crate) memory_mb: u64,
    /// What one sandbox may write, MiB.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub(crate) disk_mb: u64,
    /// Processes and threads of one sandbox.
    #[arg(long, value_name = "N", default_value_t = 256)]
    pub(crate) processes: u32,
    /// A folder of repositories, `HOST/PATH`, that `POST /sandbox/create` may clone.
    #[arg(long, value_name = "DIR")]
    pub(crate) mirrors: Option<PathBuf>,
    /// The daemon's own folder: ledger and replicas [default: sandboxd in Bodkin's state folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// `bodkin ledger`.
#[derive(Debug, Args)]
pub(crate) struct LedgerArgs {
    #[command(subcommand)]
    pub(crate) command: LedgerCommand,
}

/// The commands on the ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Check that no line was changed, removed or moved.
    Verify,
}

/// `bodkin sandbox`.
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    #[command(subcommand)]
    pub(crate) command: SandboxCommand,
}

/// The commands on sandboxes.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Run a command on the present workspace and show what it would change. Your files stay as they are.
    Run(RunArgs),
    /// List the sandboxes of this user that live now.
    List,
    /// End sandboxes and everything in them.
    Kill(KillArgs),
    /// Tell which sandboxes this machine can offer, and how strong each is.
    Doctor,
}

/// `bodkin sandbox run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Let the command reach these hosts: `pypi.org`, `*.crates.io`, `example.org:8443`.
    #[arg(long, value_name = "HOST,…", value_delimiter = ',')]
    pub(crate) net: Vec<String>,
    /// Put what it changed in place; `bodkin undo` takes it back.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Put this change in place although it is held back; may be given more than once.
    #[arg(long, value_name = "FILE", requires = "keep")]
    pub(crate) also: Vec<String>,
    /// Let this environment variable into the sandbox; may be given more than once.
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) env: Vec<String>,
    /// Wall time, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(crate) timeout: u64,
    /// Memory, MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub(crate) memory: u64,
    /// The command and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

/// `bodkin sandbox kill`.
#[derive(Debug, Args)]
pub(crate) struct KillArgs {
    /// The sandboxes, as `bodkin sandbox list` names them.
    #[arg(value_name = "SANDBOX", required_unless_present = "all")]
    pub(crate) sandboxes: Vec<String>,
    /// Every one of this user.
    #[arg(long, conflicts_with = "sandboxes")]
    pub(crate) all: bool,
}

/// `bodkin sync`.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Look, and send nothing.
    #[arg(long, required = true)]
    pub(crate) dry_run: bool,
    /// List every file, not only the largest.
    #[arg(long)]
    pub(crate) all: bool,
    /// Larger files stay here, MiB.
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    pub(crate) max_file: u64,
}
