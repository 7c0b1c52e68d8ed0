//! Test commands that prove nothing: each is named with the next step, and nothing is touched.

use bodkin_tests::{Scene, needs};
use expect_test::{Expect, expect};

use crate::scenes::{FAULT, leaves_alone, sum};

/// A fault that no operator mends: the whole algorithm is missing.
pub(crate) const UNMENDABLE: &str = "
=== calc.py
def primes(limit):
    return limit
=== test_calc.py
import unittest

from calc import primes


class Primes(unittest.TestCase):
    def test_primes(self):
        self.assertEqual(primes(30), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29])
";

fn check(scene: &Scene, words: &[&str], said: Expect) {
    let words: Vec<&str> = ["fix", FAULT, "--apply"].iter().chain(words).copied().collect();
    said.assert_eq(&leaves_alone(scene, &words).failure());
}

#[test]
fn one_that_is_not_there() {
    check(
        &sum(),
        &["--test", "no-such-runner --all"],
        expect![[r#"
        bodkin: the test command `no-such-runner --all` was not found: /bin/sh: 1: no-such-runner: not found
          next: Install it, or name another command with --test; `bodkin doctor` lists the test runners found.
        exit 2
    "#]],
    );
    check(
        &sum(),
        &["--test", "./run-tests.sh"],
        expect![[r#"
        bodkin: the test command `./run-tests.sh` was not found: /bin/sh: 1: ./run-tests.sh: not found
          next: Install it, or name another command with --test; `bodkin doctor` lists the test runners found.
        exit 2
    "#]],
    );
}

#[test]
fn one_that_may_not_be_run() {
    let scene = sum();
    scene.write("run-tests.sh", "#!/bin/sh\nexit 1\n");
    check(
        &scene,
        &["--test", "./run-tests.sh"],
        expect![[r#"
            bodkin: the test command `./run-tests.sh` can not be run: /bin/sh: 1: ./run-tests.sh: Permission denied
              next: Make it executable (`chmod +x`), or name another command with --test.
            exit 2
        "#]],
    );
}

#[test]
fn one_whose_tests_are_not_there() {
    needs!(Python);
    check(
        &sum(),
        &["--test", "python3 -m unittest test_clac"],
        expect![[r#"
            bodkin: the test command `python3 -m unittest test_clac` names `test_clac`, which is not there
              next: Check its name, and the folder that the command runs in.
            exit 2
        "#]],
    );
}

#[test]
fn a_pytest_without_its_file() {
    needs!(Pytest);
    check(
        &sum(),
        &["--test", "python3 -m pytest test_clac.py"],
        expect![[r#"
        bodkin: the test command `python3 -m pytest test_clac.py` found no tests: ERROR: file or directory not found: test_clac.py
          next: Name the right files with --test, or write a test that shows the fault.
        exit 2
    "#]],
    );
}

#[test]
fn one_that_passes_already() {
    needs!(Python);
    let scene = sum();
    scene.write("calc.py", "def add(a, b):\n    return a + b\n");
    check(
        &scene,
        &[],
        expect![[r#"
            bodkin: the test command `python3 -m unittest discover` passes already (1 test): nothing fails that a fix could mend
              next: Name a failing test with --test, or write one that shows the fault.
            exit 2
        "#]],
    );
    check(
        &scene,
        &["--test", "true"],
        expect![[r#"
        bodkin: the test command `true` passes already: nothing fails that a fix could mend
          next: Name a failing test with --test, or write one that shows the fault.
        exit 2
    "#]],
    );
}

#[test]
fn one_that_hangs() {
    check(
        &sum(),
        &["--test", "cat /dev/zero | tr -d '\\0'", "--test-timeout", "1"],
        expect![[r#"
        bodkin: the test command `cat /dev/zero | tr -d '\0'` did not end within <n> s and was stopped
          next: If the fault makes it hang, give the tests a time limit of their own (`node --test --test-timeout=2000`, pytest-timeout); if they are slow, name fewer of them with --test or raise the test timeout.
        exit 2
    "#]],
    );
}

#[test]
fn one_that_prints_without_end() {
    check(
        &sum(),
        &["--test", "yes"],
        expect![[r#"
            bodkin: the test command `yes` printed <n> MB and was stopped
              next: Name a quieter command with --test; something in it prints without end.
            exit 2
        "#]],
    );
}

#[test]
fn one_that_needs_the_network() {
    needs!(Python);
    let scene = sum();
    scene.write(
        "test_calc.py",
        "
import socket
import unittest

from calc import add


class Add(unittest.TestCase):
    def test_asks_a_server(self):
        socket.create_connection((\"192.0.2.1\", 80), timeout=2)
",
    );
    check(
        &scene,
        &[],
        expect![[r#"
            bodkin: test_calc.Add.test_asks_a_server needs the network, and the sandbox has none
              next: Name tests that do not need it with --test, or let them use a local double; only the sandbox's own loopback can be reached.
            exit 2
        "#]],
    );
}

#[test]
fn a_folder_of_tests_without_a_test() {
    needs!(Python);
    let scene = sum();
    scene.write("test_calc.py", "import unittest\n");
    check(
        &scene,
        &[],
        expect![[r#"
            bodkin: the test command `python3 -m unittest discover` found no tests: Ran 0 tests in 0.000s
              next: Name the right files with --test, or write a test that shows the fault.
            exit 2
        "#]],
    );
}

#[test]
fn tests_that_can_not_be_loaded() {
    needs!(Python);
    let scene = sum();
    scene.write("test_calc.py", "import unittest\nimport clac\n");
    check(
        &scene,
        &[],
        expect![[r#"
        exit 1
    "#]],
    );
}

#[test]
fn a_fault_that_no_operator_mends_says_how_many_were_tried() {
    needs!(Python);
    let said = leaves_alone(&Scene::new(UNMENDABLE), &["fix", FAULT, "--apply"]);
    expect![[r#"
        --- stderr
        ✓ Understand the target: tests by `python3 -m unittest discover` (local sandbox, isolated): unittest, because the tests import unittest and nothing speaks of pytest <n> s
          Run the tests as they are …
        ✓ Run the tests as they are: 1 of 1 tests fail, first test_calc.Primes.test_primes: AssertionError: 30 != [2, 3, 5, 7, 11, 13, 17, 19, 23, 29] <n> s
        ✓ Work out candidates: about <n> candidates, likeliest first <n> s
          Try candidates in the sandbox …
        ✗ Try candidates in the sandbox: <n> tried <n> s
        --- stdout
        not fixed in <n> s: no change was proved: all that the operators propose here was tried; <n> candidates were tried. Select the line that you suspect more, or the whole function; or give more time.
        --- exit 1
    "#]].assert_eq(&said.shown());
}

#[test]
fn a_limit_of_candidates_is_kept() {
    needs!(Python);
    let said = leaves_alone(&Scene::new(UNMENDABLE), &["fix", FAULT, "--max-candidates", "3"]);
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("; 3 candidates were tried"), "{}", said.stdout);
}

#[test]
fn a_syntax_error_at_the_line() {
    needs!(Python);
    let scene = sum();
    scene.write("calc.py", "def add(a, b):\n    return a -\n");
    check(
        &scene,
        &[],
        expect![[r#"
            bodkin: `calc.py` does not parse near line 2; fix the syntax error first
              next: Mend that first, or select another line.
            exit 2
        "#]],
    );
}
