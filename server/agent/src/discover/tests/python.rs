//! pytest or unittest.

use expect_test::expect;

use super::check;

#[test]
fn a_pytest_section_decides_for_pytest() {
    check(
        "
=== pyproject.toml
[tool.pytest.ini_options]
pythonpath = ['src']
=== src/shop/price.py
=== tests/test_price.py
import unittest
",
        "src/shop/price.py",
        expect![[r#"
            pytest, because pyproject.toml has [tool.pytest.ini_options]
            proof:  python3 -m pytest
            probes: warm pytest [python3]
        "#]],
    );
}

#[test]
fn a_conftest_decides_for_pytest() {
    check(
        "
=== conftest.py
=== python_programs/gcd.py
=== python_testcases/test_gcd.py
import pytest
if pytest.use_correct:
    from correct_python_programs.gcd import gcd
else:
    from python_programs.gcd import gcd
=== python_testcases/test_sieve.py
import pytest
from python_programs.sieve import sieve
=== python_programs/sieve.py
",
        "python_programs/gcd.py",
        expect![[r#"
            pytest, because of conftest.py
            proof:  python3 -m pytest
            probes: warm pytest [python3]
            first:  python_testcases/test_gcd.py
                    python3 -m pytest python_testcases/test_gcd.py
                    warm pytest [python3] python_testcases/test_gcd.py
        "#]],
    );
}

#[test]
fn an_import_or_a_requirement_decides_for_pytest() {
    check(
        "=== a.py\n=== test_a.py\nimport unittest, pytest\n",
        "a.py",
        expect![[r#"
        pytest, because test_a.py imports it
        proof:  python3 -m pytest
        probes: warm pytest [python3]
    "#]],
    );
    check(
        "=== a.py\n=== test_a.py\nimport unittest\n=== requirements-dev.txt\npytest>=8\n",
        "a.py",
        expect![[r#"
            pytest, because requirements-dev.txt names it
            proof:  python3 -m pytest
            probes: warm pytest [python3]
        "#]],
    );
}

#[test]
fn bare_test_functions_need_pytest() {
    check(
        "=== a.py\n=== test_a.py\ndef test_a(): pass\n",
        "a.py",
        expect![[r#"
        pytest, because test_a.py is named like a test and does not import unittest
        proof:  python3 -m pytest
        probes: warm pytest [python3]
    "#]],
    );
}

#[test]
fn tests_that_only_import_unittest_are_run_by_it() {
    check(
        "=== a.py\n=== test_a.py\nimport unittest\nimport a\n",
        "a.py",
        expect![[r#"
        unittest, because the tests import unittest and nothing speaks of pytest
        proof:  python3 -m unittest discover
        probes: warm unittest [python3] discover
    "#]],
    );
}

#[test]
fn unittest_is_told_where_tests_lie() {
    let tree = |init: &str| {
        format!(
            "=== a.py\n=== b.py\n{init}=== tests/test_a.py\nimport unittest\nfrom a import f\n\
             === tests/test_b.py\nfrom unittest import TestCase\nimport b\n"
        )
    };
    check(
        &tree(""),
        "a.py",
        expect![[r#"
        unittest, because the tests import unittest and nothing speaks of pytest
        proof:  python3 -m unittest discover -s tests
        probes: warm unittest [python3] discover -s tests
        first:  tests/test_a.py
                python3 -m unittest tests/test_a.py
                warm unittest [python3] tests/test_a.py
    "#]],
    );
    check(
        &tree("=== tests/__init__.py\n"),
        "a.py",
        expect![[r#"
        unittest, because the tests import unittest and nothing speaks of pytest
        proof:  python3 -m unittest discover
        probes: warm unittest [python3] discover
        first:  tests/test_a.py
                python3 -m unittest tests/test_a.py
                warm unittest [python3] tests/test_a.py
    "#]],
    );
    check(
        &tree("=== tests/a.py\n"),
        "a.py",
        expect![[r#"
        unittest, because the tests import unittest and nothing speaks of pytest
        proof:  python3 -m unittest discover -s tests
        probes: warm unittest [python3] discover -s tests
        first:  tests/test_a.py
                python3 -m unittest discover -s tests -p test_a.py
                warm unittest [python3] discover -s tests -p test_a.py
    "#]],
    );
}

#[test]
fn unittest_files_in_many_places_are_named() {
    check(
        "
=== a.py
=== one/test_a.py
import unittest
import a
=== two/test_b.py
import unittest
",
        "a.py",
        expect![[r#"
            unittest, because the tests import unittest and nothing speaks of pytest
            proof:  python3 -m unittest one/test_a.py two/test_b.py
            probes: warm unittest [python3] one/test_a.py two/test_b.py
            first:  one/test_a.py
                    python3 -m unittest one/test_a.py
                    warm unittest [python3] one/test_a.py
        "#]],
    );
    check(
        "=== a.py\n=== t/a_test.py\nimport unittest\n",
        "a.py",
        expect![[r#"
        unittest, because the tests import unittest and nothing speaks of pytest
        proof:  python3 -m unittest discover -s t -p '*_test.py'
        probes: warm unittest [python3] discover -s t -p '*_test.py'
    "#]],
    );
}

#[test]
fn django_tests_itself() {
    check(
        "=== manage.py\n=== shop/models.py\n=== shop/tests.py\nfrom django.test import TestCase\n",
        "shop/models.py",
        expect![[r#"
            Django's tests, because of manage.py
            proof:  python3 manage.py test
        "#]],
    );
}

#[test]
fn the_nearest_project_with_tests_wins() {
    check(
        "
=== pyproject.toml
[tool.pytest.ini_options]
=== tests/test_all.py
=== services/api/pyproject.toml
=== services/api/api/app.py
=== services/api/tests/test_app.py
import pytest
from api.app import run
=== services/api/tests/test_other.py
",
        "services/api/api/app.py",
        expect![[r#"
            pytest, because pyproject.toml has [tool.pytest.ini_options]
            proof:  python3 -m pytest
            in:     services/api
            probes: warm pytest [python3]
            first:  services/api/tests/test_app.py
                    python3 -m pytest tests/test_app.py
                    warm pytest [python3] tests/test_app.py
        "#]],
    );
    check(
        "
=== pytest.ini
=== tests/test_core.py
from core.text import trim
=== libs/core/pyproject.toml
=== libs/core/core/text.py
",
        "libs/core/core/text.py",
        expect![[r#"
            pytest, because of pytest.ini
            proof:  python3 -m pytest
            probes: warm pytest [python3]
        "#]],
    );
}

#[test]
fn without_a_manifest_the_folder_from_which_tests_import_the_target_wins() {
    check(
        "
=== samples/one/shop/price.py
=== samples/one/tests/test_price.py
from shop.price import net
=== samples/two/tests/test_price.py
from shop.price import net
",
        "samples/one/shop/price.py",
        expect![[r#"
            pytest, because samples/one/tests/test_price.py is named like a test and does not import unittest
            proof:  python3 -m pytest
            in:     samples/one
            probes: warm pytest [python3]
        "#]],
    );
    check(
        "
=== app/core/a.py
=== app/core/tests/test_a.py
from app.core.a import f
",
        "app/core/a.py",
        expect![[r#"
            pytest, because app/core/tests/test_a.py is named like a test and does not import unittest
            proof:  python3 -m pytest
            probes: warm pytest [python3]
        "#]],
    );
}

#[test]
fn a_source_folder_that_nothing_speaks_of_is_put_on_the_path() {
    check(
        "
=== pyproject.toml
[project]
dependencies = ['pytest']
=== src/shop/__init__.py
=== src/shop/price.py
=== tests/test_price.py
from shop import price
=== tests/test_tax.py
from shop.tax import tax
=== src/shop/tax.py
",
        "src/shop/price.py",
        expect![[r#"
            pytest, because pyproject.toml names it; with PYTHONPATH=src, because the tests import shop
            proof:  sh: PYTHONPATH=src python3 -m pytest
            with:   PYTHONPATH=src
            probes: warm pytest [python3]
            first:  tests/test_price.py
                    sh: PYTHONPATH=src python3 -m pytest tests/test_price.py
                    warm pytest [python3] tests/test_price.py
        "#]],
    );
}

#[test]
fn the_environment_of_the_workspace_is_used() {
    check(
        "=== pkg/pytest.ini\n=== pkg/a.py\n=== pkg/test_a.py\n=?= .venv/bin/python\n",
        "pkg/a.py",
        expect![[r#"
            pytest, because of pkg/pytest.ini
            proof:  ../.venv/bin/python -m pytest
            in:     pkg
            probes: warm pytest [../.venv/bin/python]
        "#]],
    );
    check(
        "=== pytest.ini\n=== a.py\n=== test_a.py\n=?= venv/bin/python\n",
        "a.py",
        expect![[r#"
        pytest, because of pytest.ini
        proof:  venv/bin/python -m pytest
        probes: warm pytest [venv/bin/python]
    "#]],
    );
}

#[test]
fn tests_that_reach_the_target_run_first_nearest_first() {
    check(
        "
=== pytest.ini
=== shop/__init__.py
=== shop/price.py
=== shop/cart.py
from .price import net
=== shop/order.py
from . import cart
=== tests/test_a_far.py
import shop.order
=== tests/test_near.py
from shop import (  # all of it
    price,
)
=== tests/test_middle.py
from shop.cart import Cart as C
=== tests/test_other.py
import json
",
        "shop/price.py",
        expect![[r#"
            pytest, because of pytest.ini
            proof:  python3 -m pytest
            probes: warm pytest [python3]
            first:  tests/test_near.py, tests/test_middle.py, tests/test_a_far.py
                    python3 -m pytest tests/test_near.py tests/test_middle.py tests/test_a_far.py
                    warm pytest [python3] tests/test_near.py tests/test_middle.py tests/test_a_far.py
        "#]],
    );
}

#[test]
fn a_name_is_followed_through_the_package_that_passes_it_on() {
    check(
        "
=== pytest.ini
=== shop/__init__.py
from .price import net
from .tax import vat as tax
=== shop/price.py
=== shop/tax.py
=== tests/test_price.py
from shop import net
=== tests/test_tax.py
from shop import tax
",
        "shop/tax.py",
        expect![[r#"
            pytest, because of pytest.ini
            proof:  python3 -m pytest
            probes: warm pytest [python3]
            first:  tests/test_tax.py
                    python3 -m pytest tests/test_tax.py
                    warm pytest [python3] tests/test_tax.py
        "#]],
    );
}

#[test]
fn fixtures_and_dynamic_imports_count() {
    check(
        "
=== shop.py
=== tests/conftest.py
import shop
=== tests/test_fixture.py
=== elsewhere/test_dynamic.py
module = importlib.import_module('shop')
=== elsewhere/test_other.py
",
        "shop.py",
        expect![[r#"
            pytest, because of tests/conftest.py
            proof:  python3 -m pytest
            probes: warm pytest [python3]
            first:  elsewhere/test_dynamic.py, tests/test_fixture.py
                    python3 -m pytest elsewhere/test_dynamic.py tests/test_fixture.py
                    warm pytest [python3] elsewhere/test_dynamic.py tests/test_fixture.py
        "#]],
    );
}

#[test]
fn a_test_that_only_shares_the_name_is_better_than_all() {
    check(
        "
=== pytest.ini
=== tool.py
=== tests/test_tool.py
subprocess.run(['python', 'tool.py'])
=== tests/test_other.py
",
        "tool.py",
        expect![[r#"
            pytest, because of pytest.ini
            proof:  python3 -m pytest
            probes: warm pytest [python3]
            first:  tests/test_tool.py
                    python3 -m pytest tests/test_tool.py
                    warm pytest [python3] tests/test_tool.py
        "#]],
    );
}

#[test]
fn configured_file_names_are_tests() {
    check(
        "
=== setup.cfg
[tool:pytest]
python_files = check_*.py
=== a.py
=== check_a.py
",
        "a.py",
        expect![[r#"
            pytest, because setup.cfg has [tool:pytest]
            proof:  python3 -m pytest
            probes: warm pytest [python3]
        "#]],
    );
}

#[test]
fn a_target_without_tests_is_told_so() {
    check(
        "=== a.py\n=== README.md\n",
        "a.py",
        expect![[r#"
        no tests found for `a.py`: no file is named test_*.py or *_test.py, and no Makefile has a test target
        write a test that fails because of the fault, or give the command that shows it: --test "…"
    "#]],
    );
    check(
        "=== a.py\n=== venv/lib/test_a.py\n",
        "a.py",
        expect![[r#"
        no tests found for `a.py`: no file is named test_*.py or *_test.py, and no Makefile has a test target
        write a test that fails because of the fault, or give the command that shows it: --test "…"
    "#]],
    );
}
