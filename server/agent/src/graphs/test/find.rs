//! Which tests are meant, and by which commands they are run.

use std::collections::{BTreeMap, BTreeSet};

use bodkin_guard::action::CommandLine;
use bodkin_guard::report::Isolation;
use bodkin_text::RelPath;
use bodkin_workspace::{File, Language};

use super::Part;
use crate::discover::{self, Chosen};
use crate::graphs::fix::trouble;
use crate::intent::Test;
use crate::outcome::{Refused, Why};
use crate::run::Start;
use crate::testing::{self, Listed, ListedKind, TestId};

/// Tests that are run by one command.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) command: CommandLine,
    pub(super) cwd: Option<RelPath>,
    pub(super) env: BTreeMap<String, String>,
    /// Whether every test of the workspace is asked for.
    pub(super) is_whole: bool,
    pub(super) parts: Vec<Part>,
    reason: String,
}

impl Batch {
    /// Every single test that is asked for, with its file.
    pub(super) fn tests(&self) -> Vec<(TestId, RelPath)> {
        let of_part = |part: &Part| {
            let tests = wanted(part).filter(|it| it.kind == ListedKind::Test);
            tests.map(|it| (it.id.clone(), part.path.clone())).collect::<Vec<_>>()
        };
        self.parts.iter().flat_map(of_part).collect()
    }

    /// All that is asked for: tests, groups, files.
    pub(super) fn wanted(&self) -> BTreeSet<TestId> {
        self.parts.iter().flat_map(|part| wanted(part).map(|it| it.id.clone())).collect()
    }
}

/// What a part asks for and all that is in it.
fn wanted(part: &Part) -> impl Iterator<Item = &Listed> {
    let asked = part.listed.iter().filter(|it| part.asked.contains(&it.id));
    let names: Vec<&[String]> = asked.map(|it| it.names.as_slice()).collect();
    part.listed.iter().filter(move |it| names.iter().any(|names| it.names.starts_with(names)))
}

/// The commands that run what is asked for.
pub(super) fn batches(test: &Test, start: &Start) -> Result<Vec<Batch>, Refused> {
    let parts = if test.tests.is_empty() { everything(start) } else { asked(&test.tests, start)? };
    if parts.is_empty() {
        return Err(bad(
            "no tests were found in this workspace".to_owned(),
            "Write one (`test_*.py`, `*.test.js`, …); Python, JavaScript and TypeScript are known today.",
        ));
    }
    let read = |path: &RelPath| start.snapshot.file(path).map(File::text);
    let exists = |path: &RelPath| start.listing.binary_search(path).is_ok();
    let tree = discover::Tree { files: &start.listing, read: &read, exists: &exists };
    let mut groups: Vec<(Chosen, Vec<Part>)> = Vec::new();
    for part in parts {
        match groups.iter_mut().find(|(chosen, parts)| runs_too(chosen, parts, &part, start)) {
            Some((_, parts)) => parts.push(part),
            None => {
                let set = start.settings.test_command.as_deref();
                let chosen = discover::discover(tree, &part.path, set)
                    .map_err(|none| bad(none.to_string(), none.hint()))?;
                match groups.iter_mut().find(|(it, _)| it.command == chosen.command && it.cwd == chosen.cwd) {
                    Some((_, parts)) => parts.push(part),
                    None => groups.push((chosen, vec![part])),
                }
            }
        }
    }
    let all = test.tests.is_empty();
    Ok(groups.into_iter().map(|(chosen, parts)| batch(tree, &chosen, parts, all)).collect())
}

fn batch(tree: discover::Tree<'_>, chosen: &Chosen, parts: Vec<Part>, all: bool) -> Batch {
    let asked: Vec<(&RelPath, &Listed)> = parts
        .iter()
        .flat_map(|part| part.asked.iter().map(move |id| (part, id)))
        .filter_map(|(part, id)| Some((&part.path, part.listed.iter().find(|it| it.id == *id)?)))
        .collect();
    // A command that can not be told which tests to run tells of more than is asked for.
    let command = if all { chosen.command.clone() } else { discover::select(tree, chosen, &asked).command };
    let (cwd, env, reason) = (chosen.cwd.clone(), chosen.env.clone(), chosen.reason.clone());
    Batch { command, cwd, env, is_whole: all, parts, reason }
}

/// Files that say how the tests of their folder are run.
const MANIFESTS: [&str; 9] = [
    "package.json",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "pytest.ini",
    "tox.ini",
    "Pipfile",
    "requirements.txt",
    "manage.py",
];

/// Whether the command of a group runs a file as well: the same language, and no manifest in between.
fn runs_too(chosen: &Chosen, parts: &[Part], part: &Part, start: &Start) -> bool {
    let is_python = |path: &RelPath| path.extension() == Some("py");
    let alike = parts.first().is_some_and(|it| is_python(&it.path) == is_python(&part.path));
    if !alike || chosen.cwd.as_ref().is_some_and(|folder| !part.path.is_within(folder)) {
        return false;
    }
    let folders = std::iter::successors(part.path.parent(), RelPath::parent);
    let mut between = folders.take_while(|folder| Some(folder) != chosen.cwd.as_ref());
    !between.any(|folder| {
        let has =
            |name: &&str| folder.join(name).is_ok_and(|path| start.listing.binary_search(&path).is_ok());
        MANIFESTS.iter().any(has)
    })
}

/// Every file that a runner would look into.
fn everything(start: &Start) -> Vec<Part> {
    let files = start.snapshot.files().filter(|(_, file)| testing::is_collected(file));
    files.filter_map(|(_, file)| part(file)).collect()
}

/// The tests that are named.
fn asked(ids: &[TestId], start: &Start) -> Result<Vec<Part>, Refused> {
    let mut parts: BTreeMap<RelPath, Part> = BTreeMap::new();
    for id in ids {
        let (path, part) = find(id, start)?;
        let known = parts.entry(path).or_insert(Part { asked: Vec::new(), ..part });
        if !known.asked.contains(id) {
            known.asked.push(id.clone());
        }
    }
    for part in parts.values_mut() {
        // A file holds all that may be named beside it.
        if let Some(file) = part.asked.iter().find(|it| it.is_file()).cloned() {
            part.asked = vec![file];
        }
    }
    Ok(parts.into_values().collect())
}

/// The file of a test with all that it writes down; a refusal where the test is not in it.
pub(in crate::graphs) fn find(id: &TestId, start: &Start) -> Result<(RelPath, Part), Refused> {
    let path = id.file().ok_or_else(|| bad(format!("`{id}` names no test"), NAMES))?;
    let file = start
        .snapshot
        .file(&path)
        .ok_or_else(|| bad(format!("`{path}` is not a file of the workspace"), NAMES))?;
    let known = match file.language() {
        Some(Language::Python | Language::JavaScript | Language::TypeScript | Language::Tsx) => part(file),
        None => None,
    };
    let part = known.ok_or_else(|| bad(format!("`{path}` writes down no test"), NAMES))?;
    if part.listed.iter().all(|it| it.id != *id) {
        let hint = "It may have been renamed; look at the tests of the file again.";
        return Err(bad(format!("`{id}` is not among the tests of its file"), hint));
    }
    Ok((path, part))
}

const NAMES: &str = "Tests are named like `tests/test_a.py::TestB::test_c`.";

fn part(file: &File) -> Option<Part> {
    let (path, text) = (file.path().clone(), file.text());
    let listed = testing::listed(&path, &*file.facts()?);
    let asked = vec![listed.first()?.id.clone()];
    Some(Part { path, text, listed, asked })
}

fn bad(message: String, hint: &str) -> Refused {
    Refused { why: Why::BadRequest, message, hint: hint.to_owned() }
}

/// How many tests by which commands, for the plan.
pub(super) fn said(batches: &[Batch], walls: &Isolation) -> String {
    let tests: usize = batches.iter().map(|it| it.tests().len()).sum();
    let tests = if tests == 1 { "1 test".to_owned() } else { format!("{tests} tests") };
    let ways: Vec<String> = batches
        .iter()
        .map(|it| {
            let place = it.cwd.as_ref().map_or_else(String::new, |folder| format!(" in {folder}"));
            format!("`{}`{place}: {}", trouble::show(&it.command), it.reason)
        })
        .collect();
    format!("{tests} by {} ({})", ways.join("; "), walls.in_words())
}
