//! Try candidates over a small project with ten tests: what a search costs.

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;
use serde_json::Value;

use crate::tool;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many candidates.
    #[arg(long, default_value_t = 2000)]
    candidates: u32,
    /// The interpreter.
    #[arg(long, default_value = "python3")]
    python: String,
}

/// Prints candidates a second of the clock, and a second of CPU time, which other work on the machine touches least:
/// once from the first candidate sent to the last verdict, which is what the target speaks of, and once from the
/// runner's start to its end, loading included.
pub(crate) fn run(options: &Options) -> Result<()> {
    let helper = tool::release_binary()?;
    tool::run(tool::cargo().args([
        "build",
        "--release",
        "--quiet",
        "--package",
        "bodkin_sandbox",
        "--example",
        "probe_rate",
    ]))?;
    let program = helper.with_file_name("examples").join("probe_rate");
    println!(
        "{:<10} {:>9} {:>9} {:>13} {:>15}  candidates over ten tests (target: 300 a second and core)",
        "runner", "load, ms", "a second", "a CPU second", "loading too"
    );
    for kind in ["pytest", "unittest"] {
        let mut command = Command::new(&program);
        let output =
            command.arg(&helper).args([&options.python, kind, &options.candidates.to_string()]).output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        let figures: Value = serde_json::from_slice(&output.stdout)?;
        let figure = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
        let a_second = |of: &str| figure("candidates") / figure(of) * 1e6;
        let load_ms = figure("load_us") / 1000.0;
        let (clock, steady, whole) = (a_second("batch_us"), a_second("steady_cpu_us"), a_second("cpu_us"));
        println!("{kind:<10} {load_ms:>9.0} {clock:>9.0} {steady:>13.0} {whole:>15.0}");
    }
    Ok(())
}
