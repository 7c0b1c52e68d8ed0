//! Commands that somebody typed.

use expect_test::expect;

use super::check_given;

const TREE: &str = "
=== a.py
=== tests/test_a.py
import a
=== tests/test_b.py
=== web/a.js
=== web/a.test.js
import './a.js'
=== web/b.test.js
=== package.json
{\"scripts\": {\"test\": \"jest\"}}
";

fn check(line: &str, expected: expect_test::Expect) {
    let target = if line.contains("pytest") || line.contains("unittest") { "a.py" } else { "web/a.js" };
    check_given(TREE, target, Some(line), expected);
}

#[test]
fn pytest_is_understood_in_all_its_spellings() {
    check(
        "pytest -q",
        expect![[r#"
        as given
        proof:  sh: pytest -q
        probes: warm pytest [python3] -q
        first:  tests/test_a.py
                python3 -m pytest -q tests/test_a.py
                warm pytest [python3] -q tests/test_a.py
    "#]],
    );
    check(
        "python -m pytest -q",
        expect![[r#"
        as given
        proof:  sh: python -m pytest -q
        probes: warm pytest [python] -q
        first:  tests/test_a.py
                python -m pytest -q tests/test_a.py
                warm pytest [python] -q tests/test_a.py
    "#]],
    );
    check(
        "python3.12 -B -m pytest tests/test_b.py",
        expect![[r#"
        as given
        proof:  sh: python3.12 -B -m pytest tests/test_b.py
        probes: warm pytest [python3.12] tests/test_b.py
    "#]],
    );
    check(
        "  .venv/bin/pytest tests -k 'a or b' ",
        expect![[r#"
        as given
        proof:  sh: .venv/bin/pytest tests -k 'a or b'
        probes: warm pytest [.venv/bin/python] tests -k 'a or b'
    "#]],
    );
}

#[test]
fn unittest_is_understood() {
    check(
        "python3 -m unittest discover -s tests",
        expect![[r#"
            as given
            proof:  sh: python3 -m unittest discover -s tests
            probes: warm unittest [python3] discover -s tests
            first:  tests/test_a.py
                    python3 -m unittest tests/test_a.py
                    warm unittest [python3] tests/test_a.py
        "#]],
    );
    check(
        "python -m unittest",
        expect![[r#"
            as given
            proof:  sh: python -m unittest
            probes: warm unittest [python]
            first:  tests/test_a.py
                    python -m unittest tests/test_a.py
                    warm unittest [python] tests/test_a.py
        "#]],
    );
}

#[test]
fn assignments_go_to_the_runner_too() {
    check(
        "A=1 PYTHONPATH='src lib' pytest tests/test_a.py::test_x[1]",
        expect![[r#"
        as given
        proof:  sh: A=1 PYTHONPATH='src lib' pytest tests/test_a.py::test_x[1]
        with:   A=1
        with:   PYTHONPATH=src lib
        probes: warm pytest [python3] 'tests/test_a.py::test_x[1]'
    "#]],
    );
}

#[test]
fn what_only_a_shell_understands_is_run_by_one() {
    check(
        "cd tests && pytest",
        expect![[r#"
        as given
        proof:  sh: cd tests && pytest
    "#]],
    );
    check(
        "pytest tests/test_*.py",
        expect![[r#"
        as given
        proof:  sh: pytest tests/test_*.py
    "#]],
    );
    check(
        "pytest | tee log",
        expect![[r#"
        as given
        proof:  sh: pytest | tee log
    "#]],
    );
    check(
        "poetry run pytest",
        expect![[r#"
        as given
        proof:  sh: poetry run pytest
    "#]],
    );
    check(
        "python -m coverage run -m pytest",
        expect![[r#"
        as given
        proof:  sh: python -m coverage run -m pytest
    "#]],
    );
    check(
        "python tests/test_a.py",
        expect![[r#"
        as given
        proof:  sh: python tests/test_a.py
    "#]],
    );
}

#[test]
fn tools_of_javascript_are_narrowed_where_no_file_is_named() {
    check(
        "npx jest --ci",
        expect![[r#"
        as given
        proof:  sh: npx jest --ci
        first:  web/a.test.js
                npx --no-install jest --ci --runTestsByPath web/a.test.js
    "#]],
    );
    check(
        "npx jest web/b.test.js",
        expect![[r#"
        as given
        proof:  sh: npx jest web/b.test.js
    "#]],
    );
    check(
        "npm test",
        expect![[r#"
        as given
        proof:  sh: npm test
        first:  web/a.test.js
                npx --no-install jest --runTestsByPath web/a.test.js
    "#]],
    );
}

#[test]
fn a_blank_command_is_refused() {
    check(
        " ",
        expect![[r#"
        the test command is empty
        give the command that runs the tests, or leave it out to have it found
    "#]],
    );
}
