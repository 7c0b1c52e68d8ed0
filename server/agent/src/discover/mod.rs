//! Finds the test command when none is given, and understands one that is.
//!
//! Reads manifests and import lines, and runs nothing: whether a runner is installed is found out when it is
//! run. The manifest nearest to the target wins; where one folder has several, the target's language decides.
//! What was chosen always comes with its reason, for the plan.

mod anywhere;
mod given;
mod javascript;
mod javascript_imports;
mod javascript_scan;
mod javascript_tool;
mod manifests;
mod places;
mod python;
mod python_imports;
mod reach;
mod select;
mod unittest;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use bodkin_guard::action::{CommandLine, Runner};
use bodkin_text::RelPath;
use thiserror::Error;

pub(crate) use python::by_hand;
pub use select::{Selected, select};

use places::{Files, Folder};

pub use anywhere::of_workspace;

/// The workspace, as far as the search for a test command looks at it.
#[derive(Clone, Copy)]
pub struct Tree<'a> {
    /// Every file that is not ignored, in any order.
    pub files: &'a [RelPath],
    /// A file's text; `None` where it is absent or no text.
    pub read: &'a dyn Fn(&RelPath) -> Option<Arc<str>>,
    /// Whether a file exists, ignored or not: asked for interpreters and installed runners
    /// (`.venv/bin/python`, `node_modules/.bin/jest`).
    pub exists: &'a dyn Fn(&RelPath) -> bool,
}

/// The tests that will tell whether a fix is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// How the whole suite is tried on candidates.
    pub runner: Runner,
    /// What is run for the proof, exactly.
    pub command: CommandLine,
    /// The folder that it runs in; `None` is the workspace's root.
    pub cwd: Option<RelPath>,
    /// Variables to set for both. Those that `command` sets itself are among them, for the runner's sake.
    pub env: BTreeMap<String, String>,
    /// Why this one, for people: `pytest, because pyproject.toml has [tool.pytest.ini_options]`.
    pub reason: String,
    /// Only the tests that touch the target; `None` where that is not known, or is all of them.
    pub narrowed: Option<Narrowed>,
}

impl Chosen {
    /// A tool that finds the tests by itself; its exit code is the verdict.
    fn simple(folder: &Folder, argv: &[&str], reason: String) -> Self {
        let command = CommandLine::Argv(argv.iter().map(|it| (*it).to_owned()).collect());
        let cwd = folder.0.clone();
        let runner = Runner::Command { command: command.clone(), cwd: cwd.clone() };
        Self { runner, command, cwd, env: BTreeMap::new(), reason, narrowed: None }
    }
}

/// The part of the tests that touches the target, nearest first; a bounded number of files.
///
/// A fault may show in none of them: where they pass before any change, the whole suite has to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowed {
    /// How they are tried on candidates.
    pub runner: Runner,
    /// How they would be run by hand, in the folder of the whole.
    pub command: CommandLine,
    /// The test files, in the order that they are run in.
    pub tests: Vec<RelPath>,
}

/// Why there is no test command.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoTests {
    /// A command was given, and it is blank.
    #[error("the test command is empty")]
    Blank,
    /// Nothing in the workspace says how to test the target.
    #[error("no tests found for `{target}`: {looked}")]
    Nothing {
        /// The file.
        target: RelPath,
        /// What was looked for, in a sentence.
        looked: String,
    },
}

impl NoTests {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Blank => "give the command that runs the tests, or leave it out to have it found",
            Self::Nothing { .. } => {
                "write a test that fails because of the fault, or give the command that shows it: --test \"…\""
            }
        }
    }
}

/// How `target` is tested: by the command that was `given`, else by what the workspace says.
pub fn discover(tree: Tree<'_>, target: &RelPath, given: Option<&str>) -> Result<Chosen, NoTests> {
    let files = Files::new(tree);
    match given.map(str::trim) {
        Some("") => Err(NoTests::Blank),
        Some(line) => Ok(given::understand(&files, target, line)),
        None => find(&files, target),
    }
}

/// The files that a file imports, directly and through others, nearest first.
pub fn imported_by(tree: Tree<'_>, folder: Option<&RelPath>, file: &RelPath) -> Vec<RelPath> {
    let files = Files::new(tree);
    let folder = Folder(folder.cloned());
    match Language::of(file) {
        Language::Python => python::imported_by(&files, &folder, file),
        Language::JavaScript => javascript::imported_by(&files, file),
        Language::Go | Language::Rust | Language::Jvm | Language::Other => Vec::new(),
    }
}

fn find(files: &Files<'_>, target: &RelPath) -> Result<Chosen, NoTests> {
    let language = Language::of(target);
    let folders: Vec<Folder> = Folder::of(target).upwards().collect();
    let own =
        folders.iter().find_map(|it| language.find(files, it, target).or_else(|| manifests::make(files, it)));
    own.or_else(|| {
        let other = |it: &Folder| language.others().find_map(|other| other.find(files, it, target));
        folders.iter().find_map(other)
    })
    .ok_or_else(|| NoTests::Nothing { target: target.clone(), looked: language.looked().to_owned() })
}

/// What decides which manifests speak of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Python,
    JavaScript,
    Go,
    Rust,
    Jvm,
    Other,
}

impl Language {
    const ALL: [Self; 5] = [Self::Python, Self::JavaScript, Self::Go, Self::Rust, Self::Jvm];

    fn of(path: &RelPath) -> Self {
        match path.extension().unwrap_or_default() {
            "py" | "pyi" | "pyx" => Self::Python,
            extension if javascript::is_source(extension) => Self::JavaScript,
            "go" => Self::Go,
            "rs" => Self::Rust,
            "java" | "kt" | "kts" | "scala" | "groovy" => Self::Jvm,
            _ => Self::Other,
        }
    }

    fn others(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |it| *it != self)
    }

    /// What this language's manifests in one folder say.
    fn find(self, files: &Files<'_>, folder: &Folder, target: &RelPath) -> Option<Chosen> {
        match self {
            Self::Python => python::find(files, folder, target),
            Self::JavaScript => javascript::find(files, folder, target),
            Self::Go => manifests::go(files, folder, target),
            Self::Rust => manifests::cargo(files, folder),
            Self::Jvm => manifests::maven(files, folder).or_else(|| manifests::gradle(files, folder)),
            Self::Other => None,
        }
    }

    fn looked(self) -> &'static str {
        match self {
            Self::Python => "no file is named test_*.py or *_test.py, and no Makefile has a test target",
            Self::JavaScript => {
                "no package.json has a test script, jest or vitest, no test file imports node:test, \
                 and no Makefile has a test target"
            }
            Self::Go => "there is no go.mod, and no Makefile has a test target",
            Self::Rust => "there is no Cargo.toml, and no Makefile has a test target",
            Self::Jvm => "there is no pom.xml or build.gradle, and no Makefile has a test target",
            Self::Other => "no manifest in its folder or above says how to run tests",
        }
    }
}
