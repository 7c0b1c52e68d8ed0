//! `cargo xtask bench`: one file a benchmark. Figures are medians, printed with the machine they were taken on.

mod lsp;
mod probe;
mod quixbugs;
mod sandbox;
mod stats;
mod sync;
mod unread;

use anyhow::Result;
use clap::Subcommand;

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// What an editor waits for.
    Lsp(lsp::Options),
    /// Try candidates with a warm test runner.
    Probe(probe::Options),
    /// Repair of the QuixBugs Python programs with the faulty line given.
    Quixbugs(quixbugs::Options),
    /// Create a sandbox, run `true` in it, destroy it.
    Sandbox(sandbox::Options),
    /// Send what changed to another machine, beside rsync.
    Sync(sync::Options),
    /// A client that stops reading for 30 s.
    Unread(unread::Options),
}

pub(crate) fn run(what: What) -> Result<()> {
    machine();
    match what {
        What::Lsp(options) => lsp::run(&options),
        What::Probe(options) => probe::run(&options),
        What::Quixbugs(options) => quixbugs::run(&options),
        What::Sandbox(options) => sandbox::run(&options),
        What::Sync(options) => sync::run(&options),
        What::Unread(options) => unread::run(&options),
    }
}

/// The machine, so that no figure stands without one.
fn machine() {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    println!("machine: {cores} cores, {model}, Linux {}", kernel.trim());
}
