//! What stands between a runner and the tests, and what candidates do about it.

use bodkin_guard::action::Purpose;
use bodkin_guard::report::{TestOutcome, Verdict};
use bodkin_sandbox::{Cancel, Force, ProbeNews, SandboxError};
use bodkin_text::Layer;

use crate::code::{check, check_args};
use crate::kit::{Scene, layer, layers, pytest, python_with};

const LIB: &str = "def f(x):\n    return x\n";
const RIGHT: &str = "def f(x):\n    return x + 1\n";
const TESTS: &str = "from lib import f\ndef test(): assert f(1) == 2\n";

#[test]
fn a_file_that_can_not_be_loaded_is_a_failing_check() {
    for broken in
        ["def f(x):\n    return x +\n", "y = nothing\n", "import os\ndef g(x): return x\n", "1 / 0\n"]
    {
        check(broken, TESTS, &[RIGHT, LIB, "y = nothing\n"], &["passed", "failed AssertionError", "broken"]);
    }
}

#[test]
fn a_conftest_that_loads_the_faulty_file_is_a_failing_check() {
    let Some(python) = python_with("pytest") else { return };
    let files = [("lib.py", "def f(x) return x\n"), ("conftest.py", "import lib\n"), ("test_lib.py", TESTS)];
    let mut scene = Scene::new(Some(&python), &files);
    let outcome = scene.pytest(&[], &[("lib.py", RIGHT), ("lib.py", LIB)]);
    assert_eq!(outcome.words(), ["passed", "failed AssertionError"], "{outcome:#?}");
}

#[test]
fn a_file_that_hangs_while_it_is_loaded_is_a_failing_check() {
    let hangs = "def f(x): return x\nwhile True: pass\n";
    check(
        hangs,
        TESTS,
        &[RIGHT, hangs, "def f(x): return 2\nwhile 1: pass\n"],
        &["passed", "timed out", "timed out"],
    );
}

/// What the runner says stands in the way.
fn problem(args: &[&str], files: &[(&str, &str)]) -> Option<String> {
    let python = python_with("pytest")?;
    let mut scene = Scene::new(Some(&python), files);
    let outcome = scene.pytest(args, &[("lib.py", LIB)]);
    assert_eq!(outcome.words(), Vec::<String>::new());
    assert!(!outcome.baseline().passed);
    Some(outcome.baseline().problem.clone().unwrap_or_default())
}

#[test]
fn what_keeps_the_tests_from_running_is_said() {
    for (args, file, text, expected) in [
        (vec![], "lib.py", LIB, "no tests were found"),
        (vec!["--no-such-option"], "test_lib.py", TESTS, "unrecognized arguments: --no-such-option"),
        (vec!["missing.py"], "test_lib.py", TESTS, "file or directory not found: missing.py"),
        (vec!["test_lib.py::nothing"], "test_lib.py", TESTS, "not found: "),
        (vec![], "conftest.py", "1 / 0\n", "ZeroDivisionError"),
        (
            vec![],
            "test_lib.py",
            "import no_such_module\n",
            "ModuleNotFoundError: No module named 'no_such_module'",
        ),
        (vec![], "test_lib.py", "def broken(:\n", "SyntaxError"),
        (vec!["-k", "nothing"], "test_lib.py", TESTS, "no tests were found"),
        (vec![], "test_lib.py", "import os\nos._exit(1)\n", "ended the process"),
    ] {
        let Some(problem) = problem(&args, &[("lib.py", LIB), (file, text)]) else { return };
        assert!(problem.contains(expected), "{file} {args:?}: {problem}");
    }
}

#[test]
fn a_missing_interpreter_or_pytest_is_said() {
    let Some(python) = python_with("pytest") else { return };
    let mut scene = Scene::new(Some(&python), &[("lib.py", LIB), ("pytest.py", "import nothing_at_all\n")]);
    let outcome = scene.pytest(&[], &[("lib.py", LIB)]);
    let problem = outcome.baseline().problem.clone().unwrap();
    assert!(problem.contains("pytest is not installed for "), "{problem}");
    let runner =
        bodkin_guard::action::Runner::Pytest { python: "python-none".to_owned(), args: vec![], cwd: None };
    let outcome = scene.probe(runner, &Layer::empty(), &layers(&[("lib.py", LIB)]));
    let problem = outcome.baseline().problem.clone().unwrap();
    assert!(problem.contains("python-none"), "{problem}");
}

#[test]
fn a_file_that_no_test_loads_is_named() {
    let Some(python) = python_with("pytest") else { return };
    let mut scene = Scene::new(Some(&python), &[("lib.py", LIB), ("other.py", LIB), ("test_lib.py", TESTS)]);
    let outcome = scene.pytest(&[], &[("other.py", RIGHT)]);
    assert_eq!(outcome.verdict(0), &Verdict::Broken("not loaded by the tests: other.py".to_owned()));
}

#[test]
fn tests_that_start_programs_see_the_candidate_on_disk() {
    let script = |n: u8| format!("def f(): return {n}\nif __name__ == '__main__': print(f())\n");
    let tests = "import subprocess, sys\ndef test():\n    out = subprocess.run([sys.executable, 'lib.py'], capture_output=True, text=True)\n    assert out.stdout == '2\\n'\n";
    check(
        &script(1),
        tests,
        &[&script(2), &script(3), &script(2)],
        &["passed", "failed AssertionError", "passed"],
    );
}

#[test]
fn a_candidate_may_add_and_remove_files() {
    let Some(python) = python_with("pytest") else { return };
    let tests = "def test():\n    import extra\n    assert extra.f(1) == 2\n";
    let mut scene = Scene::new(Some(&python), &[("lib.py", LIB), ("test_lib.py", tests)]);
    let mut without = Layer::empty();
    without.hide(crate::kit::path("lib.py"));
    let candidates = [layer(&[("extra.py", RIGHT)]), layer(&[("extra.py", LIB)]), without];
    let outcome = scene.probe(pytest(&[]), &Layer::empty(), &candidates);
    assert_eq!(
        outcome.words(),
        ["passed", "failed AssertionError", "failed ModuleNotFoundError"],
        "{outcome:#?}"
    );
    assert!(!scene.root().join("extra.py").exists());
    assert!(scene.root().join("lib.py").exists());
}

#[test]
fn candidates_stand_on_the_layer_below_them() {
    let Some(python) = python_with("pytest") else { return };
    let mut scene = Scene::new(Some(&python), &[("lib.py", "this is no python\n"), ("test_lib.py", TESTS)]);
    let below = layer(&[("lib.py", LIB)]);
    let outcome = scene.probe(pytest(&[]), &below, &layers(&[("lib.py", RIGHT)]));
    assert_eq!(outcome.baseline().tests.first().unwrap().outcome, TestOutcome::Failed);
    assert_eq!(outcome.words(), ["passed"]);
    // Another layer below is another program.
    let below = layer(&[("lib.py", RIGHT)]);
    let outcome = scene.probe(pytest(&[]), &below, &layers(&[("lib.py", LIB)]));
    assert!(outcome.baseline().passed);
    assert_eq!(outcome.words(), ["failed AssertionError"]);
}

#[test]
fn a_runner_serves_one_batch_after_another() {
    let Some(python) = python_with("pytest") else { return };
    let tests = "from lib import f\nfrom more import g\ndef test(): assert f(1) + g(1) == 3\n";
    let more = "def g(x):\n    return x\n";
    let mut scene = Scene::new(Some(&python), &[("lib.py", LIB), ("more.py", more), ("test_lib.py", tests)]);
    let look = scene.pytest(&[], &[]);
    assert_eq!(look.baselines.len(), 1);
    assert!(!look.baseline().passed);
    let first = scene.pytest(&[], &[("lib.py", RIGHT), ("lib.py", LIB)]);
    assert_eq!(
        (first.baselines.len(), first.words()),
        (0, vec!["passed".to_owned(), "failed AssertionError".to_owned()])
    );
    let second = scene.pytest(&[], &[("more.py", "def g(x):\n    return x + 1\n")]);
    assert_eq!((second.baselines.len(), second.words()), (0, vec!["passed".to_owned()]));
}

#[test]
fn a_permit_for_other_files_is_refused() {
    let Some(python) = python_with("pytest") else { return };
    let scene = Scene::new(Some(&python), &[("lib.py", LIB), ("test_lib.py", TESTS)]);
    let asked = layers(&[("lib.py", RIGHT)]);
    let done = layers(&[("lib.py", LIB)]);
    let mut prober = bodkin_sandbox::Sandbox::prober(&scene.sandbox, &scene.root(), None);
    for (below, candidates) in [(Layer::empty(), &done), (layer(&[("lib.py", LIB)]), &asked)] {
        let permit = scene.permit(pytest(&[]), &Layer::empty(), &asked);
        let result = prober.probe(permit, &below, candidates, &Cancel::new(), &mut |_| panic!("no news"));
        assert!(matches!(result, Err(SandboxError::Stale(_))));
    }
}

#[test]
fn a_cancelled_batch_ends_and_the_next_one_runs() {
    let Some(python) = python_with("pytest") else { return };
    let mut scene = Scene::new(Some(&python), &[("lib.py", LIB), ("test_lib.py", TESTS)]);
    let texts: Vec<String> = (2..2000).map(|n| format!("def f(x):\n    return x + {n}\n")).collect();
    let candidates: Vec<(&str, &str)> = texts.iter().map(|text| ("lib.py", text.as_str())).collect();
    let (cancel, mut seen) = (Cancel::new(), 0);
    let switch = cancel.clone();
    let result = scene.try_probe(pytest(&[]), &Layer::empty(), &layers(&candidates), &cancel, &mut |news| {
        if matches!(news, ProbeNews::Probed(_)) {
            seen += 1;
            switch.cancel();
        }
    });
    assert!(result.is_ok());
    assert!(seen < 1000, "{seen}");
    let outcome = scene.pytest(&[], &[("lib.py", RIGHT)]);
    assert_eq!((outcome.baselines.len(), outcome.words()), (0, vec!["passed".to_owned()]));
}

#[test]
fn a_batch_keeps_its_time() {
    let Some(python) = python_with("pytest") else { return };
    let mut scene = Scene::new(
        Some(&python),
        &[("lib.py", LIB), ("test_lib.py", "import time\ndef test(): time.sleep(1000)\n")],
    );
    scene.limits.wall_ms = 2_000;
    let outcome = scene.pytest(&[], &[("lib.py", RIGHT)]);
    let baseline = outcome.baseline();
    assert!(baseline.problem.is_some() || baseline.tests.first().unwrap().outcome == TestOutcome::TimedOut);
}

#[test]
fn options_of_pytest_and_of_the_project_count() {
    let tests = "from lib import f\ndef test_one(): assert f(1) == 2\ndef test_two(): assert f(1) == 5\n";
    check_args(&["-k", "one", "-v", "-x", "--tb=short", "-s"], LIB, tests, &[RIGHT], &["passed"]);
    check_args(&["test_lib.py::test_one", "-q"], LIB, tests, &[RIGHT], &["passed"]);
    check_args(&["-p", "no:cacheprovider", "--maxfail=1"], LIB, tests, &[RIGHT], &["failed AssertionError"]);
}

#[test]
fn weaker_walls_serve_as_well() {
    let Some(python) = python_with("pytest") else { return };
    for force in [Force::Copy, Force::Reduced] {
        let files = [("lib.py", LIB), ("test_lib.py", TESTS)];
        let mut scene = Scene::within(Some(force), Some(&python), &files);
        let outcome = scene.pytest(&[], &[("lib.py", RIGHT), ("lib.py", LIB)]);
        assert_eq!(outcome.words(), ["passed", "failed AssertionError"], "{force:?}");
        let finished = scene.run("python3 -m pytest", &layer(&[("lib.py", RIGHT)]), Purpose::Proof);
        assert!(finished.succeeded(), "{force:?}: {}", finished.output);
        assert_eq!((finished.tests.len(), finished.lines.len()), (1, 1), "{force:?}");
        assert_eq!(scene.read("lib.py"), LIB);
    }
}
