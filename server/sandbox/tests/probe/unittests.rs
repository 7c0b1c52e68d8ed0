//! unittest without pytest.

use bodkin_guard::report::TestOutcome;
use bodkin_text::Layer;

use crate::kit::{Scene, layers, python_with, unittest};

const LIB: &str = "def f(x):\n    return x\n";
const RIGHT: &str = "def f(x):\n    return x + 1\n";
const TESTS: &str = "import unittest\nfrom lib import f\n\
    class TestF(unittest.TestCase):\n    def test_f(self): self.assertEqual(f(1), 2)\n    def test_type(self): self.assertIsInstance(f(1), int)\n\
    if __name__ == '__main__': unittest.main()\n";

fn check(args: &[&str], tests: &str, candidates: &[&str], expected: &[&str]) {
    let Some(python) = python_with("unittest") else { return };
    let files =
        [("lib.py", LIB), ("test_lib.py", tests), ("tests/__init__.py", ""), ("tests/test_more.py", tests)];
    let mut scene = Scene::new(Some(&python), &files);
    let candidates: Vec<(&str, &str)> = candidates.iter().map(|text| ("lib.py", *text)).collect();
    let outcome = scene.probe(unittest(args), &Layer::empty(), &layers(&candidates));
    assert_eq!(outcome.words(), expected, "{outcome:#?}");
}

#[test]
fn discovered_named_and_listed_tests_run() {
    let wrong = "def f(x):\n    return '2'\n";
    for args in [
        &[] as &[&str],
        &["discover"],
        &["-v", "test_lib"],
        &["test_lib.TestF.test_f"],
        &["discover", "-s", "tests", "-t", "."],
        &["tests/test_more.py"],
    ] {
        check(
            args,
            TESTS,
            &[RIGHT, LIB, wrong, "def f(x:\n"],
            &["passed", "failed AssertionError", "failed AssertionError", "broken"],
        );
    }
}

#[test]
fn fixtures_subtests_skips_and_expected_failures_count() {
    let tests = "import unittest\nfrom lib import f\n\
        class A(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): cls.x = 1\n    def tearDown(self): pass\n\
        \x20   def test_sub(self):\n        for n in range(3):\n            with self.subTest(n=n): self.assertEqual(f(n), n + self.x)\n\
        \x20   @unittest.skip('no')\n    def test_skip(self): self.fail()\n\
        \x20   @unittest.expectedFailure\n    def test_expected(self): self.assertEqual(f(1), 7)\n\
        class B(unittest.IsolatedAsyncioTestCase):\n    async def test_async(self): self.assertEqual(f(1), 2)\n";
    check(
        &["test_lib"],
        tests,
        &[RIGHT, LIB, "def f(x):\n    return 7\n"],
        &["passed", "failed AssertionError", "failed AssertionError"],
    );
}

#[test]
fn a_class_that_can_not_be_set_up_has_failing_tests() {
    let tests = "import unittest\nfrom lib import f\n\
        class A(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): assert f(1) == 2\n    def test_a(self): pass\n    def test_b(self): pass\n";
    check(&["test_lib"], tests, &[RIGHT, LIB], &["passed", "failed AssertionError"]);
}

#[test]
fn a_file_that_can_not_be_imported_is_a_failing_check() {
    let Some(python) = python_with("unittest") else { return };
    let mut scene = Scene::new(Some(&python), &[("lib.py", "def f(x) return x\n"), ("test_lib.py", TESTS)]);
    let outcome = scene.probe(
        unittest(&[]),
        &Layer::empty(),
        &layers(&[("lib.py", RIGHT), ("lib.py", LIB), ("lib.py", "oops\n")]),
    );
    let test = outcome.baseline().tests.first().unwrap();
    assert_eq!((test.id.as_str(), test.outcome), ("test_lib", TestOutcome::Errored));
    assert_eq!(test.failure.as_ref().unwrap().kind, "SyntaxError");
    assert_eq!(outcome.words(), ["passed", "failed AssertionError", "broken"], "{outcome:#?}");
}

#[test]
fn what_keeps_the_tests_from_running_is_said() {
    let Some(python) = python_with("unittest") else { return };
    for (args, file, text, expected) in [
        (vec!["discover", "-s", "nowhere"], "test_lib.py", TESTS, "nowhere"),
        (vec![], "lib.py", LIB, "no tests were found"),
        (vec!["no_such_module"], "test_lib.py", TESTS, "No module named 'no_such_module'"),
    ] {
        let mut scene = Scene::new(Some(&python), &[("lib.py", LIB), (file, text)]);
        let outcome = scene.probe(unittest(&args), &Layer::empty(), &layers(&[("lib.py", RIGHT)]));
        let problem = outcome.baseline().problem.clone().unwrap_or_default();
        assert!(problem.contains(expected), "{problem}");
    }
}
