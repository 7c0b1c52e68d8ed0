//! The tests of a file, with names that hold over the whole workspace.

use std::collections::BTreeSet;
use std::fmt;

use bodkin_text::{ByteRange, RelPath};
use bodkin_workspace::{Facts, File, Language, TestKind};

/// Names a file of tests, a group or a test: `tests/test_a.py`, `tests/test_a.py::TestB::test_c`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TestId(String);

impl TestId {
    /// The name of all tests of a file.
    pub fn of_file(path: &RelPath) -> Self {
        Self(path.to_string())
    }

    /// Reads a name; `None` where its first part is no path of the workspace.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(text.trim().to_owned());
        id.file().map(|_| id)
    }

    /// The file.
    pub fn file(&self) -> Option<RelPath> {
        let path = self.0.split("::").next().unwrap_or_default();
        RelPath::new(path).ok().filter(|it| !it.as_str().is_empty())
    }

    /// Whether it names a whole file.
    pub fn is_file(&self) -> bool {
        !self.0.contains("::")
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn below(&self, name: &str) -> Self {
        Self(format!("{}::{name}", self.0))
    }
}

impl fmt::Display for TestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file of tests, a group or a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: TestId,
    /// What people read.
    pub label: String,
    /// Which of the three.
    pub kind: ListedKind,
    /// The names of the groups around it and its own; empty for a file.
    pub names: Vec<String>,
    /// All of it.
    pub range: ByteRange,
    /// Where its name stands.
    pub selection: ByteRange,
    /// What it is in.
    pub parent: Option<TestId>,
}

/// What a name of a test names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListedKind {
    /// All tests of a file.
    File,
    /// A class or a suite.
    Group,
    /// One test.
    Test,
}

/// The file, then its groups and tests in order; nothing where it has none. Of two with one name the first counts.
pub fn listed(path: &RelPath, facts: &Facts) -> Vec<Listed> {
    if facts.tests.is_empty() {
        return Vec::new();
    }
    let end = facts.tests.iter().map(|it| it.range.end).max().unwrap_or_default();
    let file = Listed {
        id: TestId::of_file(path),
        label: path.file_name().to_owned(),
        kind: ListedKind::File,
        names: Vec::new(),
        range: ByteRange::new(0, end),
        selection: ByteRange::new(0, 0),
        parent: None,
    };
    let mut all = vec![file];
    for it in &facts.tests {
        // The file is the first of the list.
        let parent = all.get(it.parent.map_or(0, |place| place + 1)).or_else(|| all.first());
        let Some(parent) = parent else { continue };
        let (id, above) = (parent.id.below(&it.name), parent.id.clone());
        let names = parent.names.iter().cloned().chain([it.name.to_string()]).collect();
        let kind = match it.kind {
            TestKind::Group => ListedKind::Group,
            TestKind::Test => ListedKind::Test,
        };
        let (range, selection) = (it.range, it.selection);
        all.push(Listed {
            id,
            label: it.name.to_string(),
            kind,
            names,
            range,
            selection,
            parent: Some(above),
        });
    }
    let mut seen = BTreeSet::new();
    all.retain(|it| seen.insert(it.id.clone()));
    all
}

/// Folders that hold other people's tests.
const FOREIGN: [&str; 7] = ["node_modules", ".venv", "venv", "site-packages", ".tox", ".nox", ".git"];

/// What imports one of these holds tests, whatever its name.
const JAVASCRIPT_RUNNERS: [&str; 5] = ["node:test", "vitest", "@jest/globals", "bun:test", "mocha"];

/// Whether a runner of its language would look into a file for tests, by its name and what it imports.
pub fn is_collected(file: &File) -> bool {
    let path = file.path();
    if path.parts().any(|part| FOREIGN.contains(&part)) {
        return false;
    }
    let stem = path.stem();
    match file.language() {
        None => false,
        Some(Language::Python) => {
            stem.starts_with("test_")
                || stem.ends_with("_test")
                || stem == "tests"
                || (stem.starts_with("test") && file.text().contains("unittest"))
        }
        Some(Language::JavaScript | Language::TypeScript | Language::Tsx) => {
            let name = path.file_name();
            name.contains(".test.")
                || name.contains(".spec.")
                || path.parts().rev().skip(1).any(|it| it == "__tests__")
                || imports_a_runner(file)
        }
    }
}

fn imports_a_runner(file: &File) -> bool {
    // The text is looked at first, so that not every file of a workspace is parsed.
    let text = file.text();
    let named = JAVASCRIPT_RUNNERS.iter().any(|it| text.contains(it));
    named
        && file
            .facts()
            .is_some_and(|facts| facts.imports.iter().any(|it| JAVASCRIPT_RUNNERS.contains(&&*it.module)))
}
