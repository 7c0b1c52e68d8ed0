//! Python: pytest or unittest, where, with which interpreter, and which tests reach the target.

use std::collections::BTreeMap;

use bodkin_guard::action::{CommandLine, Runner};
use bodkin_text::RelPath;

use super::places::{Files, Folder};
use super::python_imports::{Import, Modules};
use super::{Chosen, Narrowed, reach, unittest, words};

/// What makes a folder a project of its own.
const MANIFESTS: [&str; 11] = [
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "tox.ini",
    "Pipfile",
    "requirements.txt",
    "environment.yml",
];

/// What Python's own tools and people name as needed.
const REQUIREMENTS: [&str; 12] = [
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-test.txt",
    "requirements_dev.txt",
    "requirements/dev.txt",
    "requirements/test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "setup.py",
    "Pipfile",
    "environment.yml",
    "noxfile.py",
];

/// Sections that configure pytest, by file; an empty one: the file alone does.
const SECTIONS: [(&str, &str); 9] = [
    ("pytest.ini", ""),
    (".pytest.ini", ""),
    ("pytest.toml", ""),
    (".pytest.toml", ""),
    ("pyproject.toml", "[tool.pytest.ini_options]"),
    ("pyproject.toml", "[tool.pytest]"),
    ("tox.ini", "[pytest]"),
    ("setup.cfg", "[tool:pytest]"),
    ("setup.cfg", "[pytest]"),
];

/// What one folder says about testing `target`.
pub(super) fn find(files: &Files<'_>, folder: &Folder, target: &RelPath) -> Option<Chosen> {
    let suite = Suite::of(files, folder)?;
    let is_project = MANIFESTS.iter().any(|it| folder.at(it).is_some_and(|at| files.has(&at)));
    if !(is_project || *folder == Folder::ROOT || suite.imports_as_seen_from_here(target)) {
        return None;
    }
    let python = interpreter(files, folder);
    if let Some(manage) =
        folder.at("manage.py").filter(|it| files.has(it) && suite.speaks_of_pytest().is_none())
    {
        return Some(Chosen::simple(
            folder,
            &[&python, "manage.py", "test"],
            format!("Django's tests, because of {manage}"),
        ));
    }
    let (runner, reason) = match suite.speaks_of_pytest() {
        None if suite.tests.iter().all(|it| suite.is_unittest(it)) => {
            let args = unittest::whole(files, folder, &suite.tests);
            let reason =
                "unittest, because the tests import unittest and nothing speaks of pytest".to_owned();
            (Runner::Unittest { python, args, cwd: folder.0.clone() }, reason)
        }
        None => {
            let plain = suite.tests.iter().find(|it| !suite.is_unittest(it)).map_or("", |it| it.as_str());
            let reason = format!("pytest, because {plain} is named like a test and does not import unittest");
            (Runner::Pytest { python, args: Vec::new(), cwd: folder.0.clone() }, reason)
        }
        Some(why) => {
            let runner = Runner::Pytest { python, args: Vec::new(), cwd: folder.0.clone() };
            (runner, format!("pytest, because {why}"))
        }
    };
    let (env, why_env) = suite.path_variable();
    let narrowed = suite.narrow(&runner, target, &env);
    let command = by_hand(&runner, &env);
    Some(Chosen { runner, command, cwd: folder.0.clone(), env, reason: reason + &why_env, narrowed })
}

/// The part of the suite of `folder` that reaches `target`, for a runner that was given.
pub(super) fn narrow(
    files: &Files<'_>,
    folder: &Folder,
    target: &RelPath,
    runner: &Runner,
) -> Option<Narrowed> {
    Suite::of(files, folder)?.narrow(runner, target, &BTreeMap::new())
}

/// The files that a file imports, nearest first.
pub(super) fn imported_by(files: &Files<'_>, folder: &Folder, file: &RelPath) -> Vec<RelPath> {
    let modules = Modules::below(files, folder, |it| it == file);
    reach::files_of(file, modules.edges(file))
}

/// The interpreter for a folder, as it is typed there.
pub(super) fn interpreter(files: &Files<'_>, folder: &Folder) -> String {
    let places = ["venv/bin/python", "venv/Scripts/python.exe"].map(|it| [format!(".{it}"), it.to_owned()]);
    let found = folder
        .upwards()
        .find_map(|above| places.iter().flatten().filter_map(|it| above.at(it)).find(|it| files.exists(it)));
    found.map_or_else(|| "python3".to_owned(), |it| folder.relative(&it))
}

/// The command that does what the runner does.
pub(crate) fn by_hand(runner: &Runner, env: &BTreeMap<String, String>) -> CommandLine {
    let (python, module, args) = match runner {
        Runner::Pytest { python, args, .. } => (python, "pytest", args),
        Runner::Unittest { python, args, .. } => (python, "unittest", args),
        Runner::Command { command, .. } => return command.clone(),
    };
    let start = [python, "-m", module].map(str::to_owned);
    words::command(start.into_iter().chain(args.iter().cloned()).collect(), env)
}

/// The tests at and below a folder.
struct Suite<'a> {
    files: &'a Files<'a>,
    folder: &'a Folder,
    patterns: Vec<String>,
    tests: Vec<&'a RelPath>,
    modules: Modules<'a>,
}

impl<'a> Suite<'a> {
    /// `None` where there is no test: then nothing is read.
    fn of(files: &'a Files<'a>, folder: &'a Folder) -> Option<Self> {
        let patterns = test_names(files, folder);
        let tests: Vec<&RelPath> = files.below(folder).filter(|it| is_test(it, &patterns)).collect();
        if tests.is_empty() {
            return None;
        }
        let modules = Modules::below(files, folder, |it| is_test(it, &patterns));
        Some(Self { files, folder, patterns, tests, modules })
    }

    /// Whether a test imports the target by its path from this folder: then this is where tests are run.
    fn imports_as_seen_from_here(&self, target: &RelPath) -> bool {
        let path = self.folder.relative(target);
        let path = path.trim_end_matches(".py").trim_end_matches("/__init__");
        let imports = self.tests.iter().flat_map(|it| self.modules.of(it));
        imports
            .flat_map(Import::modules)
            .any(|it| it == path || Some(it.as_str()) == path.strip_prefix("src/"))
    }

    /// What says that pytest is used, if anything does.
    fn speaks_of_pytest(&self) -> Option<String> {
        self.configuration().or_else(|| self.written_for_pytest()).or_else(|| self.required())
    }

    fn configuration(&self) -> Option<String> {
        self.folder.upwards().find_map(|above| {
            SECTIONS.iter().find_map(|(name, section)| {
                let path = above.at(name)?;
                let text = self.files.read(&path)?;
                let has = section.is_empty() || text.lines().any(|it| it.trim() == *section);
                has.then(|| {
                    if section.is_empty() { format!("of {path}") } else { format!("{path} has {section}") }
                })
            })
        })
    }

    fn written_for_pytest(&self) -> Option<String> {
        let mut below = self.files.below(self.folder);
        if let Some(conftest) = below.find(|it| it.file_name() == "conftest.py") {
            return Some(format!("of {conftest}"));
        }
        let importer =
            self.tests.iter().find(|it| self.modules.of(it).iter().any(|it| it.is_of("pytest")))?;
        Some(format!("{importer} imports it"))
    }

    fn required(&self) -> Option<String> {
        let names = REQUIREMENTS.iter().chain(&["pyproject.toml", "setup.cfg", "tox.ini"]);
        let paths = self.folder.upwards().flat_map(|above| names.clone().filter_map(move |it| above.at(it)));
        let naming =
            paths.into_iter().find(|it| self.files.read(it).is_some_and(|text| text.contains("pytest")))?;
        Some(format!("{naming} names it"))
    }

    fn is_unittest(&self, test: &RelPath) -> bool {
        self.modules.of(test).iter().any(|it| it.is_of("unittest"))
    }

    /// `PYTHONPATH=src` where the tests import what lies there and no pytest setting says so.
    fn path_variable(&self) -> (BTreeMap<String, String>, String) {
        let nothing = (BTreeMap::new(), String::new());
        let Some(sources) = self.folder.folder("src") else { return nothing };
        let configured = self.folder.upwards().any(|above| {
            SECTIONS
                .iter()
                .filter_map(|(name, _)| above.at(name))
                .any(|it| self.files.read(&it).is_some_and(|text| text.contains("pythonpath")))
        });
        if configured || sources.at("__init__.py").is_some_and(|it| self.files.has(&it)) {
            return nothing;
        }
        let tops: Vec<&str> = self
            .files
            .below(&sources)
            .filter(|it| it.extension() == Some("py"))
            .filter_map(top(&sources))
            .collect();
        let imports = || self.tests.iter().flat_map(|it| self.modules.of(it));
        match tops.iter().find(|name| imports().any(|it| it.is_of(name))) {
            None => nothing,
            Some(name) => {
                let env = BTreeMap::from([("PYTHONPATH".to_owned(), "src".to_owned())]);
                (env, format!("; with PYTHONPATH=src, because the tests import {name}"))
            }
        }
    }

    fn narrow(&self, runner: &Runner, target: &RelPath, env: &BTreeMap<String, String>) -> Option<Narrowed> {
        let mut tests = reach::tests_of(target, |it| is_test(it, &self.patterns), self.modules.edges(target));
        tests.retain(|it| self.folder.holds(it));
        if tests.is_empty() {
            let named = [format!("test_{}", target.stem()), format!("{}_test", target.stem())];
            tests = self
                .tests
                .iter()
                .filter(|it| named.iter().any(|name| name == it.stem()))
                .map(|it| (*it).clone())
                .collect();
        }
        if tests.is_empty() || tests.len() == self.tests.len() {
            return None;
        }
        let runner = match runner {
            Runner::Pytest { python, args, cwd } => {
                let mut args = args.clone();
                args.extend(tests.iter().map(|it| self.folder.relative(it)));
                Runner::Pytest { python: python.clone(), args, cwd: cwd.clone() }
            }
            Runner::Unittest { python, args, cwd } => {
                let args = unittest::narrowed(self.files, self.folder, &self.modules, args, &tests)?;
                Runner::Unittest { python: python.clone(), args, cwd: cwd.clone() }
            }
            Runner::Command { .. } => return None,
        };
        let command = by_hand(&runner, env);
        Some(Narrowed { runner, command, tests })
    }
}

/// The first part of a path below a folder, without `.py`.
fn top<'a>(folder: &Folder) -> impl Fn(&'a RelPath) -> Option<&'a str> {
    let depth = folder.0.iter().flat_map(RelPath::parts).count();
    move |path| path.parts().nth(depth).map(|it| it.trim_end_matches(".py"))
}

/// The names of test files: pytest's own, and those that a setting adds.
fn test_names(files: &Files<'_>, folder: &Folder) -> Vec<String> {
    let mut names = vec!["test_*.py".to_owned(), "*_test.py".to_owned(), "tests.py".to_owned()];
    for (name, _) in SECTIONS {
        let text = folder.at(name).and_then(|it| files.read(&it)).unwrap_or_default();
        let lines = text
            .lines()
            .filter_map(|it| it.trim().strip_prefix("python_files")?.trim_start().strip_prefix('='));
        let quotes = |it: char| it.is_whitespace() || "[]\"',".contains(it);
        names.extend(lines.flat_map(|it| it.split(quotes)).filter(|it| !it.is_empty()).map(str::to_owned));
    }
    names
}

fn is_test(path: &RelPath, patterns: &[String]) -> bool {
    patterns.iter().any(|it| match it.split_once('*') {
        Some((front, back)) => {
            let name = path.file_name();
            name.len() >= front.len() + back.len() && name.starts_with(front) && name.ends_with(back)
        }
        None => path.file_name() == it,
    })
}
