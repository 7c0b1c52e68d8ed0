//! Scenes: a workspace in, what would be run and why out.

mod given;
mod javascript;
mod others;
mod python;
mod select;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use bodkin_guard::action::{CommandLine, Runner};
use bodkin_text::RelPath;
use expect_test::Expect;

use super::{Chosen, Tree, discover, words};

/// Files begin at `=== path`; `=?= path` is one that exists and is ignored.
fn check(tree: &str, target: &str, expected: Expect) {
    check_given(tree, target, None, expected);
}

fn check_given(tree: &str, target: &str, given: Option<&str>, expected: Expect) {
    let mut texts: BTreeMap<RelPath, String> = BTreeMap::new();
    let mut ignored = BTreeSet::new();
    let mut last = None;
    for line in tree.trim_start().split_inclusive('\n') {
        let path = |at: &str| RelPath::new(at.trim()).unwrap();
        if let Some(at) = line.strip_prefix("=== ") {
            texts.insert(path(at), String::new());
            last = Some(path(at));
        } else if let Some(at) = line.strip_prefix("=?= ") {
            ignored.insert(path(at));
        } else {
            texts.get_mut(last.as_ref().unwrap()).unwrap().push_str(line);
        }
    }
    let files: Vec<RelPath> = texts.keys().rev().cloned().collect();
    let read = |path: &RelPath| texts.get(path).map(|it| Arc::from(it.as_str()));
    let exists = |path: &RelPath| texts.contains_key(path) || ignored.contains(path);
    let tree = Tree { files: &files, read: &read, exists: &exists };
    let shown = match discover(tree, &RelPath::new(target).unwrap(), given) {
        Ok(chosen) => show(&chosen),
        Err(none) => format!("{none}\n{}\n", none.hint()),
    };
    expected.assert_eq(&shown);
}

fn show(chosen: &Chosen) -> String {
    let mut out = format!("{}\n", chosen.reason);
    let command = line(&chosen.command);
    writeln!(out, "proof:  {command}").unwrap();
    if let Some(cwd) = &chosen.cwd {
        writeln!(out, "in:     {cwd}").unwrap();
    }
    for (name, value) in &chosen.env {
        writeln!(out, "with:   {name}={value}").unwrap();
    }
    let probes = runner(chosen, &chosen.runner);
    if probes != command {
        writeln!(out, "probes: {probes}").unwrap();
    }
    if let Some(narrowed) = &chosen.narrowed {
        let tests: Vec<&str> = narrowed.tests.iter().map(RelPath::as_str).collect();
        writeln!(out, "first:  {}", tests.join(", ")).unwrap();
        let command = line(&narrowed.command);
        writeln!(out, "        {command}").unwrap();
        let probes = runner(chosen, &narrowed.runner);
        if probes != command {
            writeln!(out, "        {probes}").unwrap();
        }
    }
    out
}

fn line(command: &CommandLine) -> String {
    match command {
        CommandLine::Argv(argv) => words::join(argv),
        CommandLine::Shell(line) => format!("sh: {line}"),
    }
}

fn runner(chosen: &Chosen, runner: &Runner) -> String {
    let (kind, python, args, cwd) = match runner {
        Runner::Pytest { python, args, cwd } => ("pytest", python, args, cwd),
        Runner::Unittest { python, args, cwd } => ("unittest", python, args, cwd),
        Runner::Command { command, cwd } => {
            assert_eq!(cwd, &chosen.cwd);
            return line(command);
        }
    };
    assert_eq!(cwd, &chosen.cwd);
    format!("warm {kind} [{python}] {}", words::join(args)).trim_end().to_owned()
}
