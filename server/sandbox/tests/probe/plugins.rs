//! What of pytest itself, and of its plug-ins, tests may rely on.

use bodkin_guard::report::TestOutcome;

use crate::code::check;
use crate::kit::{Scene, python_with};

const LIB: &str = "import logging\ndef f(x):\n    logging.getLogger('lib').warning('got %s', x)\n    print('out', x)\n    return x\n";

fn right() -> String {
    LIB.replace("return x", "return x + 1")
}

#[test]
fn fixtures_of_pytest_work() {
    check(
        LIB,
        "import os, lib, pytest\n\
         @pytest.fixture(scope='module')\ndef base():\n    yield 1\n\
         @pytest.fixture(autouse=True)\ndef always(monkeypatch): monkeypatch.setenv('MODE', 'test')\n\
         @pytest.mark.parametrize('x', [1, 2])\ndef test_f(base, x, tmp_path, capsys, caplog):\n\
         \x20   (tmp_path / 'a').write_text('x')\n\
         \x20   assert os.environ['MODE'] == 'test'\n\
         \x20   assert lib.f(x) == x + base\n\
         \x20   assert capsys.readouterr().out == f'out {x}\\n'\n\
         \x20   assert caplog.messages == [f'got {x}']\n\
         def test_patched(monkeypatch):\n    monkeypatch.setattr(lib, 'f', lambda x: 7)\n    assert lib.f(1) == 7\n",
        &[&right(), &LIB.replace("print('out', x)", "pass").replace("return x", "return x + 1")],
        &["passed", "failed AssertionError"],
    );
}

#[test]
fn skips_and_expected_failures_are_no_failures() {
    check(
        LIB,
        "import pytest\nfrom lib import f\n\
         @pytest.mark.skip\ndef test_skip(): assert False\n\
         @pytest.mark.xfail\ndef test_xfail(): assert f(1) == 9\n\
         @pytest.mark.xfail(strict=True)\ndef test_strict(): assert f(1) == 1\n\
         def test_f(): assert f(1) == 2\n",
        &[&right()],
        &["passed"],
    );
}

#[test]
fn a_candidate_that_skips_the_test_has_not_mended_it() {
    check(
        LIB,
        "from lib import f\ndef test_f(): assert f(1) == 2\n",
        &[&LIB.replace("return x", "import pytest; pytest.skip('not now')")],
        &["failed Skipped"],
    );
}

#[test]
fn options_and_hooks_of_a_conftest_work() {
    let Some(python) = python_with("pytest") else { return };
    let conftest = "import pytest\n\
        def pytest_addoption(parser): parser.addoption('--correct', action='store_true')\n\
        def pytest_configure(config): pytest.correct = config.getoption('--correct')\n\
        @pytest.fixture(scope='session')\ndef wanted(): return 2\n";
    let tests = "import pytest\nif pytest.correct:\n    def f(x): return x + 1\nelse:\n    from lib import f\ndef test_f(wanted): assert f(1) == wanted\n";
    let mut scene = Scene::new(
        Some(&python),
        &[("conftest.py", conftest), ("lib.py", LIB), ("tests/test_lib.py", tests)],
    );
    let outcome = scene.pytest(&["tests"], &[("lib.py", &right())]);
    assert_eq!(outcome.baseline().tests.first().unwrap().id, "tests/test_lib.py::test_f");
    assert_eq!(outcome.words(), ["passed"], "{outcome:#?}");
    let mut scene = Scene::new(
        Some(&python),
        &[("conftest.py", conftest), ("lib.py", LIB), ("tests/test_lib.py", tests)],
    );
    let outcome = scene.pytest(&["--correct", "tests"], &[]);
    assert!(outcome.baseline().passed);
}

#[test]
fn a_conftest_may_hold_the_changed_file() {
    let Some(python) = python_with("pytest") else { return };
    let conftest = "import pytest\nfrom lib import LIMIT, f\n@pytest.fixture\ndef limit(): return f(LIMIT)\n";
    let lib = |limit: u8| format!("LIMIT = {limit}\ndef f(x):\n    return x\n");
    let tests = "def test_limit(limit): assert limit == 2\n";
    let files = [("conftest.py", conftest), ("lib.py", &lib(1)), ("test_lib.py", tests)];
    let mut scene = Scene::new(Some(&python), &files);
    let outcome = scene.pytest(&[], &[("lib.py", &lib(2)), ("lib.py", &lib(3)), ("lib.py", &lib(2))]);
    assert_eq!(outcome.words(), ["passed", "failed AssertionError", "passed"], "{outcome:#?}");
}

#[test]
fn unittest_cases_run_under_pytest() {
    check(
        LIB,
        "import unittest\nfrom lib import f\n\
         class TestF(unittest.TestCase):\n    def setUp(self): self.x = 1\n    def test_f(self): self.assertEqual(f(self.x), 2)\n\
         \x20   def test_sub(self):\n        for x in range(3):\n            with self.subTest(x=x): self.assertEqual(f(x), x + 1)\n\
         class TestG(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): cls.x = 1\n    def test_g(self): self.assertEqual(f(self.x), 2)\n\
         class TestPlain:\n    def setup_method(self): self.x = 1\n    def test_h(self): assert f(self.x) == 2\n    def test_i(self): assert f(3) == 4\n",
        &[&right(), LIB],
        &["passed", "failed AssertionError"],
    );
}

#[test]
fn async_tests_of_a_plugin_run() {
    let Some(python) = python_with("pytest_asyncio") else { return };
    let tests = "import pytest\nfrom lib import f\n@pytest.mark.asyncio\nasync def test_f(): assert await f(1) == 2\n";
    let lib =
        |n: u8| format!("import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x + {n}\n");
    let mut scene = Scene::new(Some(&python), &[("lib.py", &lib(0)), ("test_lib.py", tests)]);
    let outcome = scene.pytest(&[], &[("lib.py", &lib(1)), ("lib.py", &lib(2))]);
    assert_eq!(outcome.baseline().tests.first().unwrap().outcome, TestOutcome::Failed);
    assert_eq!(outcome.words(), ["passed", "failed AssertionError"], "{outcome:#?}");
}

#[test]
fn parallel_runs_and_coverage_are_left_out() {
    let Some(python) = python_with("xdist, pytest_cov") else { return };
    let tests = "from lib import f\ndef test_f(): assert f(1) == 2\n";
    let settings = "[pytest]\naddopts = -n 2 --cov=lib --cov-fail-under=90\n";
    let files = [("lib.py", LIB), ("test_lib.py", tests), ("pytest.ini", settings)];
    let mut scene = Scene::new(Some(&python), &files);
    let outcome = scene.pytest(&[], &[("lib.py", &right()), ("lib.py", LIB)]);
    assert_eq!(outcome.words(), ["passed", "failed AssertionError"], "{outcome:#?}");
}
