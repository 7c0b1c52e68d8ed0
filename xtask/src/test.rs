//! `cargo xtask test`: everything that must hold before a change lands.

use anyhow::Result;
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
    tool::run(
        tool::cargo().args(["test", "--locked", "--workspace", "--no-fail-fast"]).env("PATH", &tools.path),
    )?;
    for sentence in &tools.skipped {
        println!("skipped: {sentence}");
    }
    println!("all checks passed");
    Ok(())
}

fn step(name: &str) {
    println!("== {name}");
}
