//! `cargo xtask test`: everything that must hold before a change lands.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{setup, tool};

/// Parts that may be left out while working.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Run only the tests, not the checks of format and lints.
    #[arg(long)]
    tests_only: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let tools = setup::tools()?;
    if !options.tests_only {
        step("format");
        tool::run(tool::cargo().args(["fmt", "--all", "--check"]))?;
        step("lints");
        tool::run(tool::cargo().args([
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))?;
    }
    step("build");
    tool::run(tool::cargo().args(["build", "--locked", "--workspace", "--bins", "--quiet"]))?;
    step("tests");
    let mut tests = tool::cargo();
    tests.args(["test", "--locked", "--workspace", "--no-fail-fast"]).env("PATH", &tools.path);
    tests.envs(tools.variables.iter().map(|(name, path)| (name, path)));
    let (count, status) = counted(&mut tests)?;
    for sentence in &tools.skipped {
        println!("skipped: {sentence}");
    }
    println!("{} passed, {} failed", count.passed, count.failed);
    ensure!(status.success() && count.failed == 0, "the tests failed: {status}");
    ensure!(count.passed > 0, "no test was run");
    Ok(())
}

/// How many tests ran, over all test programs.
#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
}

/// Runs the tests with their output shown, and adds their summaries up: the last program's alone says little.
fn counted(tests: &mut Command) -> Result<(Count, ExitStatus)> {
    let mut child = tests.stdout(Stdio::piped()).spawn().context("cargo can not be started")?;
    let mut count = Count::default();
    let output = child.stdout.take().context("the output of the tests can not be read")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        if let Some(summary) = line.strip_prefix("test result: ") {
            let number = |what: &str| {
                let before = summary.split_once(what).map(|it| it.0).unwrap_or_default();
                before.split_whitespace().last().and_then(|it| it.parse().ok()).unwrap_or(0u64)
            };
            count.passed += number(" passed");
            count.failed += number(" failed");
        }
    }
    Ok((count, child.wait()?))
}

fn step(name: &str) {
    println!("== {name}");
}
