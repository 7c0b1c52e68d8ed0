//! The main job on each project of `tests/samples`: proved, shown, left alone; applied and good outside too.

use bodkin_tests::binary::{bodkin, repository};
use bodkin_tests::running::Call;
use bodkin_tests::{Scene, needs};
use expect_test::{Expect, expect};
use std::path::Path;

use crate::scenes::leaves_alone;

/// The change of a sample is proved and shown while the files stay as they are.
fn check(sample: &str, target: &str, shown: Expect) {
    let said = leaves_alone(&Scene::of_sample(sample), &["fix", target]);
    shown.assert_eq(&said.shown());
}

/// The change of a sample is proved and applied, and then its tests pass where there is no sandbox.
fn applied(sample: &str, target: &str, wrong: &str, right: &str, tests: &[&str]) {
    let scene = Scene::of_sample(sample);
    let file = target.split(':').next().unwrap_or_default();
    let fixed = scene.text(file).replacen(wrong, right, 1);
    let said = scene.bodkin(&["fix", target, "--apply"]).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(said.stdout.contains("proved by"), "{}", said.shown());
    assert_eq!(scene.text(file), fixed);
    let (program, words) = tests.split_first().unwrap();
    let plain = scene.call(Path::new(program), words).run();
    assert_eq!(plain.code, Some(0), "the tests pass outside as well:\n{}", plain.shown());
}

#[test]
fn a_unittest_project_is_fixed_and_proved() {
    needs!(Python);
    check(
        "python/till",
        "till.py:10",
        expect![[r#"
            --- stderr
            ✓ Understand the target: tests by `python3 -m unittest discover` (local sandbox, isolated): unittest, because the tests import unittest and nothing speaks of pytest <n> s
              Run the tests as they are …
            ✓ Run the tests as they are: 2 of 7 tests fail, first test_till.LineTotal.test_the_discount_begins_at_ten_pieces: AssertionError: 1000 != 850 <n> s
            ✓ Work out candidates: about <n> candidates, likeliest first <n> s
              Try candidates in the sandbox …
            ✓ Try candidates in the sandbox: <n> tried, <n> passed <n> s
              Prove the best one in a fresh sandbox …
            ✓ Prove the best one in a fresh sandbox: use `>=` instead of `>` <n> s
              Offer the change …
            ✓ Offer the change: use `>=` instead of `>` (not applied) <n> s
            --- stdout

            use `>=` instead of `>`
            --- a/till.py
            +++ b/till.py
            @@ -7,7 +7,7 @@
             def line_total(price, quantity):
                 """What one line of the receipt costs, with the bulk discount from ten pieces on."""
                 total = price * quantity
            -    if quantity > BULK_FROM:
            +    if quantity >= BULK_FROM:
                     total -= total * BULK_PERCENT // 100
                 return total


            proved by `python3 -m unittest discover`
              before: 2 of 7 tests failed, ended with exit code 1: AssertionError: 1000 != 850
              after:  7 tests passed, ended with exit code 0
              mended: test_till.LineTotal.test_the_discount_begins_at_ten_pieces, test_till.ReceiptTotal.test_lines_add_up
              changed lines that ran: till.py:10
              <n> candidates tried in <n> s, local sandbox (isolated)
              <n> other candidates passed the tests as well
            nothing was changed; run it again with --apply to put it in place
            --- exit 0
        "#]],
    );
}

#[test]
fn a_pytest_project_is_fixed_and_proved() {
    needs!(Pytest);
    check(
        "python/routes",
        "routes.py:27",
        expect![[r#"
            --- stderr
            ✓ Understand the target: tests by `python3 -m pytest` (local sandbox, isolated): pytest, because pyproject.toml has [tool.pytest.ini_options] <n> s
              Run the tests as they are …
            ✓ Run the tests as they are: 3 of 6 tests fail, first tests/test_routes.py::test_the_shortest_route_is_found[c-towns0]: AssertionError: assert ['a', 'c'] == ['a', 'b', 'c'] <n> s
            ✓ Work out candidates: about <n> candidates, likeliest first <n> s
              Try candidates in the sandbox …
            ✓ Try candidates in the sandbox: <n> tried, <n> passed <n> s
              Prove the best one in a fresh sandbox …
            ✓ Prove the best one in a fresh sandbox: use `town` instead of `start` <n> s
              Offer the change …
            ✓ Offer the change: use `town` instead of `start` (not applied) <n> s
            --- stdout

            use `town` instead of `start`
            --- a/routes.py
            +++ b/routes.py
            @@ -24,7 +24,7 @@
                             return self._trace(came_from, goal)
                         for neighbour in self.roads[town]:
                             if neighbour not in came_from:
            -                    came_from[neighbour] = start
            +                    came_from[neighbour] = town
                                 waiting.append(neighbour)
                     return None


            proved by `python3 -m pytest`
              before: 3 of 6 tests failed, ended with exit code 1: AssertionError: assert ['a', 'c'] == ['a', 'b', 'c']
              after:  6 tests passed, ended with exit code 0
              mended: tests/test_routes.py::test_the_shortest_route_is_found[c-towns0], tests/test_routes.py::test_the_shortest_route_is_found[d-towns1], tests/test_routes.py::test_the_shortest_route_is_found[f-towns2]
              changed lines that ran: routes.py:27
              <n> candidates tried in <n> s, local sandbox (isolated)
            nothing was changed; run it again with --apply to put it in place
            --- exit 0
        "#]],
    );
}

#[test]
fn a_loop_that_hangs_is_fixed_and_proved() {
    needs!(Pytest);
    let tests = ["python3", "-m", "pytest", "-q"];
    applied("python/columns", "columns.py:10", "start = size", "start += size", &tests);
}

#[test]
fn a_node_project_is_fixed_and_proved() {
    needs!(Node, Npm);
    check(
        "javascript/basket",
        "basket.js:6",
        expect![[r#"
            --- stderr
            ✓ Understand the target: tests by `npm test` (local sandbox, isolated): npm test, because package.json has the script: node --test <n> s
              Run the tests as they are …
            ✓ Run the tests as they are: 2 of 4 tests fail, first all lines are added up: AssertionError: Expected values to be strictly equal: <n> s
            ✓ Work out candidates: about <n> candidates, likeliest first <n> s
              Try candidates in the sandbox …
            ✓ Try candidates in the sandbox: <n> tried, <n> passed <n> s
              Prove the best one in a fresh sandbox …
            ✓ Prove the best one in a fresh sandbox: use `<=` instead of `<` <n> s
              Offer the change …
            ✓ Offer the change: use `<=` instead of `<` (not applied) <n> s
            --- stdout

            use `<=` instead of `<`
            --- a/basket.js
            +++ b/basket.js
            @@ -3,7 +3,7 @@
             /** What the lines of a basket cost together, in cents; each is {price, quantity}. */
             function total(lines) {
               let sum = 0;
            -  for (let i = 0; i < lines.length - 1; i++) {
            +  for (let i = 0; i <= lines.length - 1; i++) {
                 sum += lines[i].price * lines[i].quantity;
               }
               return sum;

            proved by `npm test`
              before: 2 of 4 tests failed, ended with exit code 1: AssertionError: Expected values to be strictly equal: 600 !== 1050
              after:  4 tests passed, ended with exit code 0
              mended: all lines are added up, an article that is there gets more pieces
              changed lines that ran: basket.js:6
              <n> candidates tried in <n> s, local sandbox (isolated)
            nothing was changed; run it again with --apply to put it in place
            --- exit 0
        "#]],
    );
}

#[test]
fn an_applied_change_of_a_unittest_project_holds_outside() {
    needs!(Python);
    let tests = ["python3", "-m", "unittest"];
    applied("python/till", "till.py:10", "quantity > BULK", "quantity >= BULK", &tests);
}

#[test]
fn an_applied_change_of_a_pytest_project_holds_outside() {
    needs!(Pytest);
    let tests = ["python3", "-m", "pytest", "-q"];
    applied("python/routes", "routes.py:27", "= start\n", "= town\n", &tests);
}

#[test]
fn an_applied_change_of_a_node_project_holds_outside() {
    needs!(Node);
    let tests = ["node", "--test"];
    applied("javascript/basket", "basket.js:6", "i < lines.length - 1", "i <= lines.length - 1", &tests);
}

/// The command of the README, typed in the repository's root. The repository itself is read and left alone.
#[test]
fn the_command_of_the_readme_proves_a_fix_from_the_root_of_the_repository() {
    needs!(Python);
    let scene = Scene::empty();
    let file = repository().join("tests/samples/python/till/till.py");
    let before = std::fs::read(&file).unwrap();
    let words = [
        "fix",
        "tests/samples/python/till/till.py:10",
        "--test",
        "python3 -m unittest discover -s tests/samples/python/till",
    ];
    let call: Call = scene.call(&bodkin(), &words).in_folder(repository());
    let said = call.run();
    assert_eq!(std::fs::read(&file).unwrap(), before);
    expect![[r#"
        --- stderr
        ✓ Understand the target: tests by `python3 -m unittest discover -s tests/samples/python/till` (local sandbox, isolated): as given <n> s
          Run the tests as they are …
        ✓ Run the tests as they are: 2 of 7 tests fail, first test_till.LineTotal.test_the_discount_begins_at_ten_pieces: AssertionError: 1000 != 850 <n> s
        ✓ Work out candidates: about <n> candidates, likeliest first <n> s
          Try candidates in the sandbox …
        ✓ Try candidates in the sandbox: <n> tried, <n> passed <n> s
          Prove the best one in a fresh sandbox …
        ✓ Prove the best one in a fresh sandbox: use `>=` instead of `>` <n> s
          Offer the change …
        ✓ Offer the change: use `>=` instead of `>` (not applied) <n> s
        --- stdout

        use `>=` instead of `>`
        --- a/tests/samples/python/till/till.py
        +++ b/tests/samples/python/till/till.py
        @@ -7,7 +7,7 @@
         def line_total(price, quantity):
             """What one line of the receipt costs, with the bulk discount from ten pieces on."""
             total = price * quantity
        -    if quantity > BULK_FROM:
        +    if quantity >= BULK_FROM:
                 total -= total * BULK_PERCENT // 100
             return total


        proved by `python3 -m unittest discover -s tests/samples/python/till`
          before: 2 of 7 tests failed, ended with exit code 1: AssertionError: 1000 != 850
          after:  7 tests passed, ended with exit code 0
          mended: test_till.LineTotal.test_the_discount_begins_at_ten_pieces, test_till.ReceiptTotal.test_lines_add_up
          changed lines that ran: tests/samples/python/till/till.py:10
          <n> candidates tried in <n> s, local sandbox (isolated)
          <n> other candidates passed the tests as well
        nothing was changed; run it again with --apply to put it in place
        --- exit 0
    "#]].assert_eq(&said.shown());
}
