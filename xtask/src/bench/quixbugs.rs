//! The QuixBugs Python programs, used where they stand: each is fixed with its faulty line given.
//!
//! Source: Lin, Koppel, Chen, Solar-Lezama, "QuixBugs: a multi-lingual program repair benchmark set", 2017.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use super::stats::{median, percentile};
use crate::tool;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A checkout of jkoppel/QuixBugs.
    #[arg(long)]
    dir: PathBuf,
    /// Only programs whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Wall time for one program, seconds.
    #[arg(long, default_value_t = 60)]
    timeout: u64,
}

struct Row {
    name: String,
    line: usize,
    outcome: String,
    candidates: u64,
    seconds: f64,
    same: bool,
    note: String,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let bodkin = tool::release_binary()?;
    let dir = std::fs::canonicalize(&options.dir)
        .with_context(|| format!("no checkout at {}", options.dir.display()))?;
    let state = tempfile::tempdir()?;
    let mut rows = Vec::new();
    println!("{:<32} {:>4}  {:<10} {:>6} {:>8}  change", "program", "line", "outcome", "tried", "seconds");
    for name in programs(&dir)? {
        if options.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let row = one(&bodkin, &dir, state.path(), &name, options.timeout)?;
        let note: String = row.note.chars().take(90).collect();
        let same = if row.same { " (as the reference)" } else { "" };
        println!(
            "{:<32} {:>4}  {:<10} {:>6} {:>8.2}  {note}{same}",
            row.name, row.line, row.outcome, row.candidates, row.seconds
        );
        rows.push(row);
    }
    let proved: Vec<f64> = rows.iter().filter(|row| row.outcome == "proved").map(|row| row.seconds).collect();
    let same = rows.iter().filter(|row| row.same).count();
    println!(
        "proved {} of {}; {} identical to the reference; seconds when proved: median {:.2}, p90 {:.2}, worst {:.2}",
        proved.len(),
        rows.len(),
        same,
        median(&proved),
        percentile(&proved, 0.9),
        percentile(&proved, 1.0),
    );
    Ok(())
}

/// Programs with a pytest test and a reference.
fn programs(dir: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir.join("python_testcases")).context("that is no QuixBugs checkout")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some(name) = name.strip_prefix("test_").and_then(|it| it.strip_suffix(".py")) else { continue };
        if dir.join(format!("python_programs/{name}.py")).exists() {
            names.push(name.to_owned());
        }
    }
    names.sort();
    if names.is_empty() {
        bail!("no programs below {}", dir.display());
    }
    Ok(names)
}

fn one(bodkin: &Path, dir: &Path, state: &Path, name: &str, timeout: u64) -> Result<Row> {
    let faulty = std::fs::read_to_string(dir.join(format!("python_programs/{name}.py")))?;
    let right = std::fs::read_to_string(dir.join(format!("correct_python_programs/{name}.py")))?;
    let line = faulty_line(&faulty, &right);
    let began = Instant::now();
    let output = Command::new(bodkin)
        .current_dir(dir)
        .env("XDG_STATE_HOME", state)
        .env("XDG_CONFIG_HOME", state)
        .args(["fix", &format!("python_programs/{name}.py:{line}"), "--json"])
        .args(["--test", &format!("python3 -m pytest -q python_testcases/test_{name}.py")])
        .args(["--timeout", &timeout.to_string()])
        .output()?;
    let seconds = began.elapsed().as_secs_f64();
    let envelope: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{name}: no envelope: {}", String::from_utf8_lossy(&output.stderr)))?;
    let text = |path: &str| envelope.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let outcome = Some(text("/payload/outcome")).filter(|it| !it.is_empty()).unwrap_or("error").to_owned();
    let same = patched(&faulty, &envelope).is_some_and(|after| code(&after) == code(&right));
    let said = [text("/payload/offer/summary"), text("/meta/failure/message")];
    let note = said.into_iter().find(|it| !it.is_empty()).unwrap_or_default().to_owned();
    let candidates = envelope.pointer("/payload/candidates").and_then(Value::as_u64).unwrap_or(0);
    Ok(Row { name: name.to_owned(), line, outcome, candidates, seconds, same, note })
}

/// The program with the offered edits in it.
fn patched(faulty: &str, envelope: &Value) -> Option<String> {
    let hunks = envelope.pointer("/payload/offer/files/0/hunks")?.as_array()?;
    let mut after = faulty.to_owned();
    for edit in hunks.iter().rev().filter_map(|it| it.get("edits")?.as_array()).flat_map(|it| it.iter().rev())
    {
        let at = |name: &str| edit.get(name)?.as_u64().and_then(|it| usize::try_from(it).ok());
        after.replace_range(at("startByte")?..at("endByte")?, edit.get("text")?.as_str()?);
    }
    Some(after)
}

/// The first line of the faulty program that the reference replaces or drops, counted from one; where the reference
/// only adds lines, the line that they stand behind.
fn faulty_line(faulty: &str, right: &str) -> usize {
    let numbered = |text: &'_ str| -> Vec<(usize, String)> {
        let body = text.split("\n\"\"\"").next().unwrap_or(text);
        let lines = body.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end().to_owned()));
        lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#')).collect()
    };
    let (faulty, right) = (numbered(faulty), numbered(right));
    let texts = |lines: &[(usize, String)]| lines.iter().map(|it| it.1.clone()).collect::<Vec<_>>();
    let (old, new) = (texts(&faulty), texts(&right));
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new);
    let change = ops.iter().find(|op| op.tag() != similar::DiffTag::Equal);
    let Some(change) = change else { return 1 };
    let at = change.old_range().start;
    let at = if change.tag() == similar::DiffTag::Insert { at.saturating_sub(1) } else { at };
    faulty.get(at).map_or(1, |line| line.0)
}

/// The code without its trailing documentation and blank lines, which differ between the two folders.
fn code(text: &str) -> String {
    let body = text.split("\n\"\"\"").next().unwrap_or(text);
    body.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
