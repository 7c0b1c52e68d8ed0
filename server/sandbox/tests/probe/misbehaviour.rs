//! Candidates that hang, flood, die, or turn on those who run them. None of them loses the batch.

use crate::kit::{Scene, python_with};

/// Each body of `lib.f` with its verdict; all in one batch, with a right candidate at its end.
fn check(bodies: &[(&str, &str)]) {
    let Some(python) = python_with("pytest") else { return };
    let lib =
        |body: &str| format!("import itertools, os, time\ndef f(x):\n    {}\n", body.replace('\n', "\n    "));
    let tests = "import lib\ndef test_f(): assert lib.f(1) == 2\ndef test_g(): assert lib.f(2) == 3\n";
    let mut scene = Scene::new(Some(&python), &[("lib.py", &lib("return x")), ("test_lib.py", tests)]);
    let texts: Vec<String> = bodies.iter().map(|(body, _)| lib(body)).chain([lib("return x + 1")]).collect();
    let candidates: Vec<(&str, &str)> = texts.iter().map(|text| ("lib.py", text.as_str())).collect();
    let outcome = scene.pytest(&[], &candidates);
    let expected: Vec<&str> = bodies.iter().map(|(_, word)| *word).chain(["passed"]).collect();
    assert_eq!(outcome.words(), expected, "{outcome:#?}");
}

#[test]
fn endless_loops_run_out_of_fuel() {
    check(&[
        ("while True: pass", "timed out"),
        ("while True:\n    try: x += 1\n    except: pass", "timed out"),
        ("return [y for y in itertools.count() if y < 0]", "timed out"),
        ("return next(y for y in itertools.count() if y < 0)", "timed out"),
        ("for y in itertools.repeat(1): x = y", "timed out"),
        ("while True: print('x' * 1000)", "timed out"),
        ("def g(): return g() if x else 1\nreturn g()", "failed RecursionError"),
    ]);
}

#[test]
fn what_hangs_in_c_is_killed_by_its_limits() {
    check(&[
        ("return sum(itertools.count())", "timed out"),
        ("time.sleep(100)", "timed out"),
        ("import re; return re.match('(a+)+$', 'a' * 40 + 'b')", "timed out"),
        (
            "import signal; signal.signal(signal.SIGPROF, signal.SIG_IGN); return sum(itertools.count())",
            "timed out",
        ),
    ]);
}

#[test]
fn a_death_is_the_candidates_own() {
    check(&[
        ("os._exit(0)", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("os.abort()", "crashed"),
        ("os.kill(os.getpid(), 9)", "crashed"),
        ("raise SystemExit(0)", "failed SystemExit"),
        ("raise KeyboardInterrupt", "failed KeyboardInterrupt"),
        ("return bytearray(1 << 36)", "failed MemoryError"),
        ("y = []\nwhile True: y.append(bytes(1 << 28))", "failed MemoryError"),
    ]);
}

#[test]
fn a_candidate_that_starts_processes_leaves_none() {
    check(&[
        ("for _ in range(20):\n    if os.fork() == 0: time.sleep(1000)\nreturn x", "failed AssertionError"),
        ("if os.fork() == 0: os.setsid(); time.sleep(1000)\nos._exit(1)", "crashed"),
        ("for _ in range(8): os.fork()\nwhile True: pass", "timed out"),
    ]);
}

#[test]
fn a_candidate_that_kills_its_parent_does_not_lose_the_batch() {
    check(&[("os.kill(os.getppid(), 9); return x", "crashed")]);
}

#[test]
fn a_candidate_that_kills_everything_does_not_lose_the_batch() {
    check(&[("os.kill(-1, 9); return x", "crashed")]);
}

#[test]
fn a_candidate_can_not_speak_for_the_runner() {
    check(&[
        ("os.write(1, b'\\0\\0\\0\\x0c{\"done\":null}'); return x", "failed AssertionError"),
        (
            "for fd in range(3, 200):\n    try: os.write(fd, b'\\0\\0\\0\\x0c{\"done\":null}')\n    except OSError: pass\nreturn x",
            "failed AssertionError",
        ),
    ]);
}

#[test]
fn a_test_that_hangs_as_it_is_can_be_mended() {
    let Some(python) = python_with("pytest") else { return };
    let lib = |step: &str| {
        format!("def bits(n):\n    c = 0\n    while n:\n        n {step}\n        c += 1\n    return c\n")
    };
    let tests = "from lib import bits\ndef test_bits(): assert bits(127) == 7\ndef test_zero(): assert bits(0) == 0\n";
    let mut scene = Scene::new(Some(&python), &[("lib.py", &lib("^= n - 1")), ("test_lib.py", tests)]);
    let texts = ["&= n - 1", "^= n", "|= n"].map(lib);
    let outcome = scene.pytest(&[], &texts.each_ref().map(|text| ("lib.py", text.as_str())));
    let failure = outcome.baseline().tests.first().unwrap().failure.as_ref().unwrap();
    assert_eq!(failure.kind, "TimedOut");
    assert_eq!(failure.frames.last().unwrap().path.as_str(), "lib.py");
    assert_eq!(outcome.words(), ["passed", "failed AssertionError", "timed out"], "{outcome:#?}");
}
