//! A sync, side by side with rsync: what an edit waits for until the other machine has it.

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;
use serde_json::Value;

use crate::tool;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many changes are measured on each tree.
    #[arg(long, default_value_t = 60)]
    rounds: u32,
    /// Only the tree of so many files.
    #[arg(long)]
    files: Option<u64>,
}

/// Files and bytes of the trees.
const TREES: &[(u64, u64)] = &[(10_000, 200 << 20), (100_000, 200 << 20)];

/// Prints each wait with rsync's beside it and the ratio.
pub(crate) fn run(options: &Options) -> Result<()> {
    let program = tool::target().join("release").join("examples").join("sync_time");
    let build = ["build", "--release", "--quiet", "--package", "bodkin_sync", "--example", "sync_time"];
    tool::run(tool::cargo().args(build))?;
    if !tool::works("rsync", &["--version"]) {
        println!("rsync is not installed: its columns stay empty (apt-get install rsync)");
    }
    for (files, bytes) in TREES.iter().filter(|(files, _)| options.files.is_none_or(|it| it == *files)) {
        let args = [files.to_string(), bytes.to_string(), options.rounds.to_string()];
        let output = Command::new(&program).args(args).output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        println!("\n{files} files, {} MB; ms, median (p90, least)", bytes >> 20);
        print(&serde_json::from_slice(&output.stdout)?);
    }
    Ok(())
}

/// Each wait of ours, rsync's that it is measured by, and the goal for the ratio.
const ROWS: &[(&str, &str, &str, Option<f64>)] = &[
    ("first sync", "first", "rsync_first", Some(1.0)),
    ("no change", "none", "rsync_none", None),
    ("one file, rsync over the tree", "one", "rsync_one", Some(0.03)),
    ("one file, rsync --files-from", "one", "rsync_named", Some(0.25)),
];

fn print(figures: &Value) {
    println!("{:<32} {:>26} {:>28}  ratio", "", "bodkin", "rsync");
    for (what, ours, theirs, goal) in ROWS {
        let of = |name: &str, part: &str| figures.pointer(&format!("/{name}/{part}")).and_then(Value::as_f64);
        let shown = |name: &str| match (of(name, "median"), of(name, "p90"), of(name, "least")) {
            (Some(median), Some(p90), Some(least)) => format!("{median:.2} ({p90:.2}, {least:.2})"),
            _ => "-".to_owned(),
        };
        let ratio = match (of(ours, "median"), of(theirs, "median")) {
            (Some(ours), Some(theirs)) => format!("{:.3}", ours / theirs),
            _ => "-".to_owned(),
        };
        let goal = goal.map(|it| format!(" (goal: at most {it})")).unwrap_or_default();
        println!("{what:<32} {:>26} {:>28}  {ratio}{goal}", shown(ours), shown(theirs));
    }
    let large = figures.pointer("/large_bytes").and_then(Value::as_u64).unwrap_or_default();
    println!("one line more in a 50 MB file: {large} bytes on the wire (goal: under 65536)");
}
