//! The user's own command, watched: each test, and the lines of the layer's files that ran.

use bodkin_guard::action::Purpose;
use bodkin_guard::report::Finished;
use bodkin_text::Layer;

use crate::kit::{Scene, layer, program_is_there, python_with};

const LIB: &str = "def f(x):\n    if x:\n        return (x\n                + 1)\n    return 0\n\n\ndef unused():\n    return 1\n";
const TESTS: &str = "from lib import f\ndef test_f(): assert f(1) == 2\ndef test_g(): assert f(1) == 3\n";

fn outcomes(finished: &Finished) -> Vec<String> {
    finished.tests.iter().map(|test| format!("{} {:?}", test.id, test.outcome)).collect()
}

fn lines(finished: &Finished, path: &str) -> Vec<u32> {
    let found = finished.lines.iter().find(|(it, _)| it.as_str() == path);
    found.map(|(_, lines)| lines.iter().map(|line| line.0).collect()).unwrap_or_default()
}

#[test]
fn a_pytest_run_tells_its_tests_and_the_lines_that_ran() {
    let Some(python) = python_with("pytest") else { return };
    let makefile = "test:\n\tpython3 -m pytest -q\n";
    let scene = Scene::new(Some(&python), &[("lib.py", "x"), ("test_lib.py", TESTS), ("Makefile", makefile)]);
    for line in ["python3 -m pytest", "pytest -q -p no:cacheprovider", "sh -c 'make test'"] {
        let finished = scene.run(line, &layer(&[("lib.py", LIB)]), Purpose::Proof);
        assert_eq!(
            outcomes(&finished),
            ["test_lib.py::test_f Passed", "test_lib.py::test_g Failed"],
            "{}",
            finished.output
        );
        assert_eq!(lines(&finished, "lib.py"), [1, 2, 3, 4, 8]);
        let failure = finished.tests.get(1).unwrap().failure.as_ref().unwrap();
        assert_eq!(failure.kind, "AssertionError");
        assert!(failure.message.starts_with("assert 2 == 3"), "{}", failure.message);
        assert_eq!(failure.frames.last().unwrap().line.0, 3);
    }
}

#[test]
fn an_observed_run_prints_and_exits_as_an_unobserved_one() {
    let Some(python) = python_with("pytest") else { return };
    let conftest =
        "import sys\nassert not any('bodkin' in name for name in sys.path if 'observe' not in name)\n";
    let scene =
        Scene::new(Some(&python), &[("lib.py", LIB), ("test_lib.py", TESTS), ("conftest.py", conftest)]);
    let strict = "python3 -W error -m pytest -q --tb=short -p no:cacheprovider test_lib.py";
    let (seen, unseen) = (scene.run(strict, &Layer::empty(), Purpose::Proof), scene.run_unobserved(strict));
    let text = |finished: &Finished| {
        finished.output.lines().filter(|line| !line.contains(" in ")).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(text(&seen), text(&unseen));
    assert_eq!(seen.exit, unseen.exit);
    assert_eq!(unseen.tests, []);
}

#[test]
fn subprocesses_forks_and_threads_count() {
    let Some(python) = python_with("pytest") else { return };
    let lib = "import sys\ndef a():\n    return 1\ndef b():\n    return 2\ndef c():\n    return 3\nif __name__ == '__main__':\n    c()\n";
    let tests = "import os, subprocess, sys, threading, lib\n\
        def test():\n    t = threading.Thread(target=lib.a); t.start(); t.join()\n\
        \x20   if os.fork() == 0:\n        lib.b(); os._exit(0)\n    os.wait()\n\
        \x20   subprocess.run([sys.executable, 'lib.py'], check=True)\n";
    let scene = Scene::new(Some(&python), &[("lib.py", "x"), ("test_lib.py", tests)]);
    let finished = scene.run("python3 -m pytest", &layer(&[("lib.py", lib)]), Purpose::Proof);
    assert_eq!(lines(&finished, "lib.py"), [1, 2, 3, 4, 5, 6, 7, 8, 9], "{}", finished.output);
}

#[test]
fn a_unittest_run_tells_its_tests() {
    let Some(python) = python_with("unittest") else { return };
    let tests = "import unittest\nfrom lib import f\n\
        class T(unittest.TestCase):\n    def test_f(self): self.assertEqual(f(1), 2)\n    def test_g(self): self.assertEqual(f(1), 3)\n\
        \x20   def test_h(self): raise KeyError('x')\n    @unittest.skip('no')\n    def test_i(self): pass\n\
        if __name__ == '__main__': unittest.main()\n";
    let scene = Scene::new(Some(&python), &[("lib.py", "x"), ("test_lib.py", tests)]);
    for line in ["python3 -m unittest", "python3 test_lib.py"] {
        let finished = scene.run(line, &layer(&[("lib.py", LIB)]), Purpose::Proof);
        let module = if line.ends_with(".py") { "__main__" } else { "test_lib" };
        let expected = ["test_f Passed", "test_g Failed", "test_h Errored", "test_i Skipped"];
        assert_eq!(outcomes(&finished), expected.map(|it| format!("{module}.T.{it}")), "{}", finished.output);
        assert_eq!(lines(&finished, "lib.py"), [1, 2, 3, 4, 8]);
        assert_eq!(finished.tests.get(2).unwrap().failure.as_ref().unwrap().kind, "KeyError");
    }
}

#[test]
fn a_file_that_can_not_be_collected_is_told() {
    let Some(python) = python_with("pytest") else { return };
    let scene = Scene::new(Some(&python), &[("lib.py", LIB), ("test_lib.py", TESTS)]);
    let finished =
        scene.run("python3 -m pytest", &layer(&[("lib.py", "def f(x) return x\n")]), Purpose::Proof);
    assert_eq!(outcomes(&finished), ["test_lib.py Errored"]);
    let failure = finished.tests.first().unwrap().failure.as_ref().unwrap();
    assert_eq!(
        (failure.kind.as_str(), failure.frames.last().unwrap().path.as_str()),
        ("SyntaxError", "lib.py")
    );
}

#[test]
fn a_hanging_test_times_out_alone() {
    let Some(python) = python_with("pytest") else { return };
    let tests = "import time\ndef test_sleep(): time.sleep(1000)\n\
        def test_loop():\n    while True:\n        try: x = 1\n        except Exception: pass\n\
        def test_fine(): pass\n";
    let scene = Scene::new(Some(&python), &[("test_lib.py", tests)]);
    let line = "BODKIN_TEST_TIMEOUT_S=1 python3 -m pytest";
    let finished = scene.run(line, &Layer::empty(), Purpose::Baseline);
    let expected = [
        "test_lib.py::test_sleep TimedOut",
        "test_lib.py::test_loop TimedOut",
        "test_lib.py::test_fine Passed",
    ];
    assert_eq!(outcomes(&finished), expected, "{}", finished.output);
    let failure = finished.tests.first().unwrap().failure.as_ref().unwrap();
    assert_eq!(failure.kind, "TimedOut");
    assert_eq!(failure.frames.last().unwrap().line.0, 2);
}

#[test]
fn the_rest_is_left_out_once_three_tests_hang() {
    let Some(python) = python_with("pytest") else { return };
    let tests = "import time\nimport pytest\n@pytest.mark.parametrize('n', range(9))\n\
        def test(n): time.sleep(1000)\n";
    let scene = Scene::new(Some(&python), &[("test_lib.py", tests)]);
    let line = "BODKIN_TEST_TIMEOUT_S=0.1 python3 -m pytest";
    let finished = scene.run(line, &Layer::empty(), Purpose::Baseline);
    let expected =
        ["test_lib.py::test[0] TimedOut", "test_lib.py::test[1] TimedOut", "test_lib.py::test[2] TimedOut"];
    assert_eq!(outcomes(&finished), expected, "{}", finished.output);
}

#[test]
fn a_test_that_kills_its_process_is_named() {
    let Some(python) = python_with("pytest") else { return };
    let tests = "import os\ndef test_a(): pass\ndef test_b(): os._exit(3)\ndef test_c(): pass\n";
    let scene = Scene::new(Some(&python), &[("test_lib.py", tests)]);
    let finished = scene.run("python3 -m pytest", &Layer::empty(), Purpose::Proof);
    assert_eq!(outcomes(&finished), ["test_lib.py::test_a Passed", "test_lib.py::test_b TimedOut"]);
}

#[test]
fn a_sitecustomize_of_the_environment_still_runs() {
    let Some(python) = python_with("pytest") else { return };
    let files = [
        ("hooks/sitecustomize.py", "import builtins\nbuiltins.MARK = 1\n"),
        ("test_lib.py", "def test(): assert MARK\n"),
    ];
    let scene = Scene::new(Some(&python), &files);
    let finished =
        scene.run("PYTHONPATH=$PYTHONPATH:hooks python3 -m pytest", &Layer::empty(), Purpose::Proof);
    assert_eq!(outcomes(&finished), ["test_lib.py::test Passed"], "{}", finished.output);
}

#[test]
fn parallel_pytest_tells_each_test_once() {
    let Some(python) = python_with("xdist, pytest_cov") else { return };
    let scene = Scene::new(Some(&python), &[("lib.py", LIB), ("test_lib.py", TESTS)]);
    let finished = scene.run("python3 -m pytest -n 2 --cov=lib", &layer(&[("lib.py", LIB)]), Purpose::Proof);
    let mut seen = outcomes(&finished);
    seen.sort();
    assert_eq!(seen, ["test_lib.py::test_f Passed", "test_lib.py::test_g Failed"], "{}", finished.output);
    assert_eq!(lines(&finished, "lib.py"), [1, 2, 3, 4, 8]);
    let failure = finished.tests.iter().find_map(|test| test.failure.as_ref()).unwrap();
    assert_eq!(failure.frames.last().unwrap().line.0, 3);
}

#[test]
fn tests_that_run_pytest_themselves_do_not_confuse_it() {
    let Some(python) = python_with("pytest") else { return };
    let tests = "pytest_plugins = ['pytester']\n\
        def test_outer(pytester):\n    pytester.makepyfile('def test_inner(): assert False')\n\
        \x20   assert pytester.runpytest_inprocess().ret == 1\n    assert pytester.runpytest_subprocess().ret == 1\n";
    let scene = Scene::new(Some(&python), &[("test_lib.py", tests)]);
    let finished = scene.run("python3 -m pytest", &Layer::empty(), Purpose::Proof);
    assert_eq!(outcomes(&finished), ["test_lib.py::test_outer Passed"], "{}", finished.output);
}

#[test]
fn node_tells_its_tests_and_the_lines_that_ran() {
    if !program_is_there("node") {
        return;
    }
    let lib =
        "function f(x) {\n  if (x) {\n    return x + 1;\n  }\n  return 0;\n}\nmodule.exports = { f };\n";
    let tests = "const test = require('node:test');\nconst assert = require('node:assert');\nconst { f } = require('./lib');\n\
        test('adds', () => assert.strictEqual(f(1), 2));\ntest('wrong', () => {\n  assert.strictEqual(f(1), 3);\n});\n";
    let scene = Scene::new(None, &[("lib.js", "x"), ("lib.test.js", tests)]);
    let finished = scene.run("node --test", &layer(&[("lib.js", lib)]), Purpose::Proof);
    assert_eq!(outcomes(&finished), ["adds Passed", "wrong Failed"], "{}", finished.output);
    assert_eq!(lines(&finished, "lib.js"), [1, 2, 3, 4, 6, 7]);
    let failure = finished.tests.get(1).unwrap().failure.as_ref().unwrap();
    assert_eq!(failure.kind, "AssertionError");
    assert_eq!(failure.frames.last().map(|it| (it.path.as_str(), it.line.0)), Some(("lib.test.js", 6)));
}

#[test]
fn outcomes_of_a_foreign_command_are_none() {
    let scene = Scene::new(None, &[("a", "b")]);
    let finished = scene.run("echo not ok 1 - x; exit 1", &Layer::empty(), Purpose::Proof);
    assert_eq!(finished.tests, []);
}
