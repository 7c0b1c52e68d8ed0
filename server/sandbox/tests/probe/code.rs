//! Every kind of Python code that a candidate may change.

use bodkin_guard::report::{TestOutcome, Verdict};

use crate::kit::{Scene, python_with};

/// Candidates for `lib.py`, whose tests are `test_lib.py`; compares their verdicts in words.
pub(crate) fn check(lib: &str, tests: &str, candidates: &[&str], expected: &[&str]) {
    check_args(&[], lib, tests, candidates, expected);
}

pub(crate) fn check_args(args: &[&str], lib: &str, tests: &str, candidates: &[&str], expected: &[&str]) {
    let Some(python) = python_with("pytest") else { return };
    let mut scene = Scene::new(Some(&python), &[("lib.py", lib), ("test_lib.py", tests)]);
    let candidates: Vec<(&str, &str)> = candidates.iter().map(|text| ("lib.py", *text)).collect();
    let outcome = scene.pytest(args, &candidates);
    assert_eq!(outcome.words(), expected, "{:#?}\n{:#?}", outcome.baseline(), outcome.probed);
}

/// `lib` with `old` replaced, for each of `new`.
fn check_replaced(lib: &str, old: &str, tests: &str, new: &[(&str, &str)]) {
    assert!(lib.contains(old));
    let texts: Vec<String> = new.iter().map(|(new, _)| lib.replace(old, new)).collect();
    let candidates: Vec<&str> = texts.iter().map(String::as_str).collect();
    let expected: Vec<&str> = new.iter().map(|(_, word)| *word).collect();
    check(lib, tests, &candidates, &expected);
}

#[test]
fn a_right_candidate_passes_and_wrong_ones_say_what_failed() {
    let Some(python) = python_with("pytest") else { return };
    let tests = "from lib import add\n\
        def test_add(): assert add(1, 2) == 3\n\
        def test_zero(): assert add(0, 0) == 0\n";
    let add = |body: &str| format!("def add(a, b):\n    return {body}\n");
    let mut scene = Scene::new(Some(&python), &[("lib.py", &add("a - b")), ("test_lib.py", tests)]);
    let texts = ["a + b", "a * b", "a + nothing", "a +", "3"].map(add);
    let outcome = scene.pytest(&[], &texts.each_ref().map(|text| ("lib.py", text.as_str())));
    let baseline = outcome.baseline();
    assert!(!baseline.passed);
    assert_eq!(baseline.problem, None);
    let test = baseline.tests.first().unwrap();
    assert_eq!((test.id.as_str(), test.outcome), ("test_lib.py::test_add", TestOutcome::Failed));
    let failure = test.failure.as_ref().unwrap();
    assert_eq!(failure.kind, "AssertionError");
    assert!(failure.message.starts_with("assert -1 == 3"), "{}", failure.message);
    assert_eq!(failure.frames.last().unwrap().path.as_str(), "test_lib.py");
    let lines = baseline.lines.iter().find(|(it, _)| it.as_str() == "lib.py").map(|(_, lines)| lines);
    assert!(lines.unwrap().iter().any(|line| line.0 == 2));
    assert_eq!(
        outcome.words(),
        ["passed", "failed AssertionError", "failed NameError", "broken", "failed AssertionError"]
    );
    assert_eq!((outcome.probed[&0].mended, outcome.probed[&0].ran), (1, 2));
    let Verdict::Failed { test, message, .. } = outcome.verdict(4) else { panic!() };
    assert_eq!(test, "test_lib.py::test_zero");
    assert!(message.starts_with("assert 3 == 0"), "{message}");
    assert_eq!(outcome.probed[&4].mended, 1);
}

#[test]
fn methods_properties_and_private_names_are_changed_in_place() {
    check_replaced(
        "class Base:\n    def __init__(self, n): self.__n = n\n    def get(self): return self.__n\n\n\
         class Box(Base):\n    def get(self):\n        return super().get() + 2\n\
         \x20   @property\n    def twice(self):\n        return self.get() * 2\n\
         \x20   @staticmethod\n    def make():\n        return Box(1)\n\
         \x20   @classmethod\n    def of(cls):\n        return cls(1)\n",
        "super().get() + 2",
        "from lib import Box\ndef test(): assert (Box(3).get(), Box(3).twice, Box.make().get(), Box.of().get()) == (4, 8, 2, 2)\n",
        &[
            ("super().get() + 1", "passed"),
            ("super().get()", "failed AssertionError"),
            ("self.__n", "failed AttributeError"),
            ("4", "failed AssertionError"),
        ],
    );
}

#[test]
fn whoever_imported_a_function_before_gets_the_candidate() {
    check_replaced(
        "import functools\n\
         def double(f):\n    @functools.wraps(f)\n    def inner(x): return 2 * f(x)\n    return inner\n\
         @functools.lru_cache\ndef inc(x):\n    return x + 2\n\
         @double\ndef twice(x):\n    return inc(x)\n",
        "return x + 2",
        "import lib\nfrom lib import inc, twice\nHELD = [inc]\ndef test(): assert (inc(1), HELD[0](2), twice(1), lib.inc(3)) == (2, 3, 4, 4)\n",
        &[("return x + 1", "passed"), ("return x", "failed AssertionError")],
    );
}

#[test]
fn a_decorator_that_ran_while_loading_is_imported_anew() {
    check_replaced(
        "def double(f):\n    def inner(x): return 3 * f(x)\n    return inner\n@double\ndef one(x): return x\n",
        "3 * f(x)",
        "from lib import one\ndef test(): assert one(2) == 4\n",
        &[("2 * f(x)", "passed"), ("f(x)", "failed AssertionError"), ("4 * f(y)", "failed NameError")],
    );
}

#[test]
fn what_was_computed_while_loading_is_computed_anew() {
    check_replaced(
        "def table():\n    return [n * 2 for n in range(2)]\nTABLE = table()\n",
        "range(2)",
        "from lib import TABLE\ndef test(): assert TABLE == [0, 2, 4]\n",
        &[("range(3)", "passed"), ("range(4)", "failed AssertionError")],
    );
}

#[test]
fn constants_defaults_fields_and_members_are_imported_anew() {
    let lib = "import dataclasses, enum\nLIMIT = 1\n\
        def size(n=1): return n\n\
        @dataclasses.dataclass\nclass Point:\n    x: int = 1\n    def get(self): return self.x\n\
        class Colour(enum.Enum):\n    RED = 1\n    def code(self): return self.value\n\
        def unrelated(): return 1\n";
    let test = |what: &str| {
        format!(
            "from lib import *\nfrom lib import LIMIT\ndef test(): assert {what} == 2\ndef test_other(): assert unrelated() == 1\n"
        )
    };
    for (what, old, new) in [
        ("LIMIT", "LIMIT = 1", "LIMIT = 2"),
        ("size()", "n=1", "n=2"),
        ("Point().get()", "x: int = 1", "x: int = 2"),
        ("Colour.RED.code()", "RED = 1", "RED = 2"),
        ("Point().get()", "return self.x", "return self.x + 1"),
        ("Colour.RED.code()", "return self.value", "return self.value + 1"),
        ("extra()", "def unrelated", "def extra(): return 2\ndef unrelated"),
    ] {
        check_replaced(
            lib,
            old,
            &test(what),
            &[
                (new, "passed"),
                (
                    &format!("{old} "),
                    if what == "extra()" { "failed NameError" } else { "failed AssertionError" },
                ),
            ],
        );
    }
}

#[test]
fn two_functions_can_change_at_once() {
    let lib = |a: &str, b: &str| format!("def f(x):\n    return {a}\n\ndef g(x):\n    return {b}\n");
    check(
        &lib("x", "x"),
        "from lib import f, g\ndef test(): assert f(1) + g(1) == 4\n",
        &[&lib("x + 1", "x + 1"), &lib("x + 1", "x"), &lib("x", "x + 2")],
        &["passed", "failed AssertionError", "passed"],
    );
}

#[test]
fn generators_coroutines_and_closures_are_changed_in_place() {
    check_replaced(
        "import asyncio\n\
         def count(n):\n    step = 2\n    for i in range(n): yield from [i * step]\n\
         async def wait(n):\n    await asyncio.sleep(0)\n    return sum(count(n))\n\
         def adder(n):\n    def add(x): return x + n + sum(count(2))\n    return add\n",
        "step = 2",
        "import asyncio\nfrom lib import *\ndef test(): assert (list(count(3)), asyncio.run(wait(3)), adder(1)(1)) == ([0, 1, 2], 3, 3)\n",
        &[("step = 1", "passed"), ("step = 3", "failed AssertionError"), ("return", "failed AssertionError")],
    );
}

#[test]
fn a_function_may_become_a_generator() {
    check(
        "def f():\n    return 1\n",
        "from lib import f\ndef test(): assert list(f()) == [1]\n",
        &["def f():\n    yield 1\n", "def f():\n    yield 2\n"],
        &["passed", "failed AssertionError"],
    );
}

#[test]
fn a_module_that_a_test_imports_late_or_again_is_the_candidates() {
    let lib = |n: u8| format!("def f():\n    return {n}\n");
    let late = "def test():\n    import lib\n    assert lib.f() == 2\n";
    check(&lib(1), late, &[&lib(2), &lib(3)], &["passed", "failed AssertionError"]);
    let again = "import importlib, lib\ndef test(): assert importlib.reload(lib).f() == 2\n";
    check(&lib(1), again, &[&lib(2), &lib(3)], &["passed", "failed AssertionError"]);
}

#[test]
fn code_and_tests_may_share_a_file() {
    let Some(python) = python_with("pytest") else { return };
    let file = |body: &str| format!("def f(x):\n    return {body}\n\ndef test_f():\n    assert f(1) == 2\n");
    let mut scene = Scene::new(Some(&python), &[("test_all.py", &file("x"))]);
    let texts = ["x + 1", "x - 1", "x +"].map(file);
    let outcome =
        scene.pytest(&["test_all.py"], &texts.each_ref().map(|text| ("test_all.py", text.as_str())));
    assert_eq!(outcome.words(), ["passed", "failed AssertionError", "broken"], "{outcome:#?}");
}

#[test]
fn line_ends_a_byte_order_mark_and_wide_characters_do_not_matter() {
    let lib = |body: &str| format!("\u{feff}# 𝄞 é\r\ndef f(x):\r\n    s = '𝄞'\r\n    return {body}\r\n");
    check(
        &lib("x"),
        "from lib import f\ndef test(): assert f(1) == 2\n",
        &[&lib("x + 1"), &lib("x + len(s)"), &lib("x - 1")],
        &["passed", "passed", "failed AssertionError"],
    );
}

#[test]
fn tests_that_depend_on_one_another_keep_their_order() {
    check_replaced(
        "STATE = []\ndef push(x):\n    STATE.append(x - 1)\n",
        "x - 1",
        "import lib\ndef test_a(): lib.push(1)\ndef test_b():\n    assert lib.STATE == [1]\ndef test_c(): assert len(lib.STATE) == 1\n",
        &[("x", "passed"), ("x + 1", "failed AssertionError")],
    );
}
