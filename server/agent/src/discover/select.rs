//! From the command that runs all tests to one that runs the chosen ones.
//!
//! Each runner is told in its own way: node ids for pytest, patterns for unittest, files and a name's pattern for
//! Node, Jest and Vitest. Any other command runs whole, and says so.

use bodkin_guard::action::{CommandLine, Runner};
use bodkin_text::RelPath;

use super::javascript;
use super::javascript_tool::{Kind, Tool};
use super::places::{Files, Folder};
use super::python;
use super::words::{self, Words};
use super::{Chosen, Tree};
use crate::testing::{Listed, ListedKind};

/// Tests that are to be run, all by one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// How they are run on candidates.
    pub runner: Runner,
    /// How they are run by hand.
    pub command: CommandLine,
    /// Whether only they are run.
    pub is_exact: bool,
}

/// The command of `chosen` for some tests, each with its file.
pub fn select(tree: Tree<'_>, chosen: &Chosen, tests: &[(&RelPath, &Listed)]) -> Selected {
    let files = Files::new(tree);
    let folder = Folder(chosen.cwd.clone());
    let exact = |runner: Runner| {
        let command = python::by_hand(&runner, &chosen.env);
        Selected { runner, command, is_exact: true }
    };
    match &chosen.runner {
        Runner::Pytest { python, args, cwd } => {
            let mut args = without_places(&files, &folder, args);
            args.extend(tests.iter().map(|(path, it)| node_id(&folder.relative(path), it)));
            exact(Runner::Pytest { python: python.clone(), args, cwd: cwd.clone() })
        }
        Runner::Unittest { python, args, cwd } => {
            let patterns = tests.iter().flat_map(|(path, it)| ["-k".to_owned(), pattern(path, it)]);
            let args = args.iter().cloned().chain(patterns).collect();
            exact(Runner::Unittest { python: python.clone(), args, cwd: cwd.clone() })
        }
        Runner::Command { .. } => match tool(&files, &folder, chosen) {
            Some(tool) => {
                exact(Runner::Command { command: call(tool, &folder, tests), cwd: chosen.cwd.clone() })
            }
            None => {
                Selected { runner: chosen.runner.clone(), command: chosen.command.clone(), is_exact: false }
            }
        },
    }
}

/// Arguments that name no file or folder.
fn without_places(files: &Files<'_>, folder: &Folder, args: &[String]) -> Vec<String> {
    let is_place = |arg: &str| {
        let path = arg.split("::").next().and_then(|it| folder.at(it));
        !arg.starts_with('-') && path.is_some_and(|it| files.exists(&it) || files.has_folder(&it))
    };
    args.iter().filter(|arg| !is_place(arg)).cloned().collect()
}

fn node_id(file: &str, test: &Listed) -> String {
    std::iter::once(file).chain(test.names.iter().map(String::as_str)).collect::<Vec<_>>().join("::")
}

/// For the end of unittest's own name of a test, whatever its module is called from.
fn pattern(path: &RelPath, test: &Listed) -> String {
    let names = std::iter::once(path.stem()).chain(test.names.iter().map(String::as_str));
    let name = names.collect::<Vec<_>>().join(".");
    match test.kind {
        ListedKind::File | ListedKind::Group => format!("*{name}.*"),
        ListedKind::Test => format!("*{name}"),
    }
}

/// The tool that a command calls, by itself or by its package's script.
fn tool(files: &Files<'_>, folder: &Folder, chosen: &Chosen) -> Option<Tool> {
    let words = match &chosen.command {
        CommandLine::Shell(line) => words::split(line)?,
        CommandLine::Argv(argv) => Words { env: Vec::new(), argv: argv.clone(), has_pattern: false },
    };
    javascript::tool(files, folder, &words)
}

/// The call on these tests: their files, and a pattern where not all of a file is wanted.
fn call(mut tool: Tool, folder: &Folder, tests: &[(&RelPath, &Listed)]) -> CommandLine {
    let mut paths: Vec<String> = tests.iter().map(|(path, _)| folder.relative(path)).collect();
    paths.sort();
    paths.dedup();
    if tests.iter().all(|(_, it)| it.kind != ListedKind::File) {
        let patterns: Vec<String> = tests.iter().map(|(_, it)| name_pattern(tool.kind, it)).collect();
        let pattern = match patterns.as_slice() {
            [one] => one.clone(),
            many => many.iter().map(|it| format!("({it})")).collect::<Vec<_>>().join("|"),
        };
        match tool.kind {
            Kind::Node => tool.words.push(format!("--test-name-pattern={pattern}")),
            Kind::Jest | Kind::Vitest => tool.words.extend(["-t".to_owned(), pattern]),
        }
    }
    tool.on(paths.into_iter())
}

/// Matches a test, or all of a group.
fn name_pattern(kind: Kind, test: &Listed) -> String {
    let full = escaped(&test.names.join(" "));
    let end = match test.kind {
        ListedKind::File | ListedKind::Group => "( |$)",
        ListedKind::Test => "$",
    };
    match kind {
        Kind::Jest | Kind::Vitest => format!("^{full}{end}"),
        // Older versions compare the last name alone, newer ones all of them.
        Kind::Node => {
            let own = escaped(test.names.last().map(String::as_str).unwrap_or_default());
            format!("(^| ){own}{end}")
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        if "\\^$.|?*+()[]{}/".contains(it) {
            out.push('\\');
        }
        out.push(it);
    }
    out
}
