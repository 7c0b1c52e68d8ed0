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
    /// Files of the larger workspace in the comparison with bubblewrap; 0: none.
    #[arg(long, default_value_t = 100_000)]
    files: u32,
}

/// Our time as a share of bubblewrap's with less isolation that is aimed at.
const GOAL: f64 = 0.8;

/// Prints the median as this user and, when this user is root, as one without rights.
pub(crate) fn run(options: &Options) -> Result<()> {
    let helper = tool::release_binary()?;
    // The build folder may be closed to others.
    let folder = tempfile::tempdir()?;
    let (program, helper) = (example("launch_time", &folder)?, copy(&helper, &folder)?);
    let other = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/nonexistent"];
    let is_other_there = tool::works("setpriv", &["--reuid", "65534", "true"]);
    println!(
        "{:<14} {:>9} {:>9} {:>9}  create + `true` + destroy, ms (target: median under 5 when quiet)",
        "user", "median", "p90", "least"
    );
    let mut own = Command::new(&program);
    own.arg(&helper);
    print(options, "this one", &mut own)?;
    if is_other_there {
        print(options, "without rights", Command::new("setpriv").args(other).arg(&program).arg(&helper))?;
    }
    if !tool::works("bwrap", &["--unshare-all", "--ro-bind", "/", "/", "true"]) {
        println!("bubblewrap is not installed or not allowed here: no comparison");
        return Ok(());
    }
    let program = example("against_bubblewrap", &folder)?;
    println!(
        "\n{:<14} {:>7} {:<17} {:>9} {:>9} {:>9} {:>9}  create + `true` + destroy, ms, in turns",
        "user", "files", "", "median", "p90", "least", "CPU"
    );
    for files in [1, options.files].into_iter().filter(|it| *it > 0) {
        let workspace = workspace(&folder, files)?;
        compare(options, "this one", files, Command::new(&program).arg(&helper).arg(&workspace))?;
        if is_other_there {
            let mut command = Command::new("setpriv");
            let command = command.args(other).arg(&program).arg(&helper).arg(&workspace);
            compare(options, "without rights", files, command)?;
        }
    }
    Ok(())
}

/// Builds an example of the sandbox crate; gives a copy of it that every user may run.
fn example(name: &str, folder: &tempfile::TempDir) -> Result<PathBuf> {
    let build = ["build", "--release", "--quiet", "--package", "bodkin_sandbox", "--example", name];
    tool::run(tool::cargo().args(build))?;
    copy(&tool::target().join("release/examples").join(name), folder)
}

/// A workspace of so many small files, a thousand to a folder.
fn workspace(folder: &tempfile::TempDir, files: u32) -> Result<PathBuf> {
    let workspace = folder.path().join(format!("workspace-{files}"));
    for number in 0..files {
        let below = workspace.join(format!("folder-{}", number / 1000));
        if number % 1000 == 0 {
            std::fs::create_dir_all(&below)?;
        }
        std::fs::write(below.join(format!("file-{number}.py")), "pass\n")?;
    }
    // Where this user is root both may write there then, which bubblewrap lets them.
    tool::works("chown", &["-R", "65534:65534", &workspace.display().to_string()]);
    Ok(workspace)
}

/// Prints one line for each way, and how ours compares.
fn compare(options: &Options, user: &str, files: u32, command: &mut Command) -> Result<()> {
    let output = command.arg(options.runs.to_string()).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let ways: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let ms = |way: &Value, name: &str| way.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN) / 1000.0;
    let ours = ways.first().context("the measurement prints ours first")?;
    for way in &ways {
        let name = way.get("name").and_then(Value::as_str).unwrap_or_default();
        let share = |field: &str| ms(ours, field) / ms(way, field);
        let told = if name.starts_with("bwrap") {
            format!("  ours: {:.2} of it, CPU {:.2} (goal {GOAL})", share("median_us"), share("cpu_us"))
        } else {
            String::new()
        };
        let [median, p90, least, cpu] = ["median_us", "p90_us", "min_us", "cpu_us"].map(|it| ms(way, it));
        println!("{user:<14} {files:>7} {name:<17} {median:>9.1} {p90:>9.1} {least:>9.1} {cpu:>9.1}{told}");
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
