//! Create a sandbox, run `true`, destroy it: the price of every proof and of every slow probe.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::tool;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many runs.
    #[arg(long, default_value_t = 50)]
    runs: u32,
}

/// Prints the median as this user and, when this user is root, as one without rights.
pub(crate) fn run(options: &Options) -> Result<()> {
    let helper = tool::release_binary()?;
    tool::run(tool::cargo().args([
        "build",
        "--release",
        "--quiet",
        "--package",
        "bodkin_sandbox",
        "--example",
        "launch_time",
    ]))?;
    let program = helper.with_file_name("examples").join("launch_time");
    // The build folder may be closed to others.
    let folder = tempfile::tempdir()?;
    let (program, helper) = (copy(&program, &folder)?, copy(&helper, &folder)?);
    println!(
        "{:<14} {:>9} {:>9} {:>9}  create + `true` + destroy, ms (target: median under 15)",
        "user", "median", "p90", "least"
    );
    let mut own = Command::new(&program);
    own.arg(&helper);
    print(options, "this one", &mut own)?;
    if tool::works("setpriv", &["--reuid", "65534", "true"]) {
        let mut other = Command::new("setpriv");
        other.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/nonexistent"]);
        print(options, "without rights", other.arg(&program).arg(&helper))?;
    }
    Ok(())
}

fn copy(file: &PathBuf, folder: &tempfile::TempDir) -> Result<PathBuf> {
    #[cfg(unix)]
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let to = folder.path().join(file.file_name().context("a program has a name")?);
    std::fs::copy(file, &to).with_context(|| format!("copying {}", file.display()))?;
    Ok(to)
}

fn print(options: &Options, user: &str, command: &mut Command) -> Result<()> {
    let output = command.arg(options.runs.to_string()).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let figures: Value = serde_json::from_slice(&output.stdout)?;
    let ms = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN) / 1000.0;
    let level = figures.get("level").and_then(Value::as_str).unwrap_or("none");
    println!(
        "{user:<14} {:>9.1} {:>9.1} {:>9.1}  walls: {level}; a cancelled tree is gone after {:.1}, at most {:.1}",
        ms("median_us"),
        ms("p90_us"),
        ms("min_us"),
        ms("killed_median_us"),
        ms("killed_most_us")
    );
    Ok(())
}
