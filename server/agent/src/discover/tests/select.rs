//! From the command for all tests to the one for some.

use std::collections::BTreeMap;
use std::sync::Arc;

use bodkin_text::RelPath;
use bodkin_workspace::Workspace;
use expect_test::{Expect, expect};

use bodkin_guard::action::CommandLine;

use super::super::{Tree, discover, select};
use crate::testing::listed;

const PYTHON: &str = "
=== a.py
=== tests/test_a.py
import unittest
class TestA(unittest.TestCase):
    def test_one(self): pass
    def test_two(self): pass
=== tests/test_b.py
import unittest
class TestB(unittest.TestCase):
    def test_b(self): pass
";

const SCRIPTS: &str = "
=== web/a.test.ts
describe('a (thing)', () => { it('works?', () => {}); });
=== web/b.test.ts
it('b', () => {});
=== web/package.json
";

/// The commands for tests by their names, all of one command.
fn check(tree: &str, given: Option<&str>, ids: &[&str], expected: Expect) {
    let mut texts: BTreeMap<RelPath, String> = BTreeMap::new();
    let mut last = None;
    for line in tree.trim_start().split_inclusive('\n') {
        match line.strip_prefix("=== ") {
            Some(at) => {
                let path = RelPath::new(at.trim()).unwrap();
                texts.insert(path.clone(), String::new());
                last = Some(path);
            }
            None => texts.get_mut(last.as_ref().unwrap()).unwrap().push_str(line),
        }
    }
    let mut workspace = Workspace::new();
    for (path, text) in &texts {
        workspace.set_disk(path.clone(), Arc::from(text.as_str()));
    }
    let snapshot = workspace.snapshot();
    let files: Vec<RelPath> = texts.keys().cloned().collect();
    let read = |path: &RelPath| texts.get(path).map(|it| Arc::from(it.as_str()));
    let exists = |path: &RelPath| texts.contains_key(path);
    let tree = Tree { files: &files, read: &read, exists: &exists };
    let all: Vec<(RelPath, Vec<_>)> = texts
        .keys()
        .filter_map(|path| Some((path.clone(), listed(path, &*snapshot.file(path)?.facts()?))))
        .collect();
    let tests: Vec<_> = ids
        .iter()
        .map(|id| {
            all.iter().find_map(|(path, all)| Some((path, all.iter().find(|it| it.id.as_str() == *id)?)))
        })
        .map(Option::unwrap)
        .collect();
    let chosen = discover(tree, tests.first().unwrap().0, given).unwrap();
    let selected = select(tree, &chosen, &tests);
    let place = chosen.cwd.map(|it| format!(" in {it}")).unwrap_or_default();
    let whole = if selected.is_exact { "" } else { " (all of them)" };
    let command = match selected.command {
        CommandLine::Argv(words) => words.join(" "),
        CommandLine::Shell(line) => format!("sh: {line}"),
    };
    expected.assert_eq(&format!("{command}{place}{whole}"));
}

#[test]
fn unittest_is_told_by_the_ends_of_its_names() {
    check(
        PYTHON,
        None,
        &["tests/test_a.py::TestA::test_one"],
        expect!["python3 -m unittest discover -s tests -k *test_a.TestA.test_one"],
    );
    check(
        PYTHON,
        None,
        &["tests/test_a.py::TestA", "tests/test_b.py"],
        expect!["python3 -m unittest discover -s tests -k *test_a.TestA.* -k *test_b.*"],
    );
}

#[test]
fn pytest_is_told_by_node_ids_in_place_of_the_files_that_were_given() {
    let ids = ["tests/test_a.py::TestA::test_one", "tests/test_b.py"];
    check(
        PYTHON,
        Some("python3 -m pytest -q tests"),
        &ids,
        expect!["python3 -m pytest -q tests/test_a.py::TestA::test_one tests/test_b.py"],
    );
}

#[test]
fn jest_and_vitest_are_told_by_files_and_a_pattern_for_the_whole_name() {
    for (script, expected) in [
        (
            "jest",
            expect![[r#"npx --no-install jest -t ^a \(thing\) works\?$ --runTestsByPath a.test.ts in web"#]],
        ),
        ("vitest", expect![[r#"npx --no-install vitest run -t ^a \(thing\) works\?$ a.test.ts in web"#]]),
    ] {
        let tree = format!("{SCRIPTS}{{\"scripts\": {{\"test\": \"{script}\"}}}}\n");
        check(&tree, None, &["web/a.test.ts::a (thing)::works?"], expected);
    }
    let tree = format!("{SCRIPTS}{{\"scripts\": {{\"test\": \"jest\"}}}}\n");
    check(
        &tree,
        None,
        &["web/a.test.ts::a (thing)", "web/b.test.ts::b"],
        expect![[
            r#"npx --no-install jest -t (^a \(thing\)( |$))|(^b$) --runTestsByPath a.test.ts b.test.ts in web"#
        ]],
    );
    check(
        &tree,
        None,
        &["web/a.test.ts"],
        expect!["npx --no-install jest --runTestsByPath a.test.ts in web"],
    );
}

#[test]
fn a_command_that_is_not_understood_runs_whole() {
    check(
        PYTHON,
        Some("make check"),
        &["tests/test_b.py::TestB::test_b"],
        expect!["sh: make check (all of them)"],
    );
}
