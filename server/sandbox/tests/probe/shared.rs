//! Candidates that share a process: what one of them does to the program never reaches the next one's verdict.

use std::collections::BTreeSet;

use bodkin_text::Layer;

use crate::kit::{Outcome, Scene, layers, python_with, unittest};

/// Wrong candidates around each of the others, so that they come to share a process.
const WRONG: usize = 5;

/// A program, and bodies of its function: in each pair the first fails but changes something, and the second passes
/// where that has not been changed.
fn check(lib: &str, tests: &str, pairs: &[(&str, &str)]) {
    let Some(python) = python_with("pytest") else { return };
    let text = |body: &str| lib.replace("BODY", &body.replace('\n', "\n    "));
    let mut scene = Scene::new(Some(&python), &[("lib.py", &text("return -1")), ("test_lib.py", tests)]);
    let mut bodies = Vec::new();
    for (poison, right) in pairs.iter().cycle().take(pairs.len().max(6)) {
        let wrong = |count: usize| (0..count).map(|n| (format!("return -{}", n + 2), "failed"));
        bodies.extend(wrong(WRONG));
        bodies.extend([(*poison, "failed"), (right, "passed")].map(|(body, word)| (body.to_owned(), word)));
        bodies.extend(wrong(WRONG));
    }
    let texts: Vec<String> = bodies.iter().map(|(body, _)| text(body)).collect();
    let candidates: Vec<(&str, &str)> = texts.iter().map(|text| ("lib.py", text.as_str())).collect();
    let outcome = scene.pytest(&[], &candidates);
    for (at, (word, (body, expected))) in outcome.words().iter().zip(&bodies).enumerate() {
        assert!(word.starts_with(expected), "{at}: {body:?} {word}\n{:?}", outcome.baseline());
    }
}

const TEST: &str = "from lib import f\ndef test(): assert f(1) == 2\n";

/// How many candidates had a process for themselves: CPU time is told by the process, in equal parts.
fn different_costs(outcome: &Outcome) -> usize {
    outcome.probed.values().map(|probed| probed.cpu_us).collect::<BTreeSet<_>>().len()
}

fn many_wrong() -> Vec<String> {
    (0..60).map(|n| format!("def f(x):\n    return x - {n}\n")).collect()
}

#[test]
fn candidates_that_only_fail_share_a_process() {
    let Some(python) = python_with("pytest") else { return };
    let texts = many_wrong();
    let candidates: Vec<(&str, &str)> = texts.iter().map(|text| ("lib.py", text.as_str())).collect();
    let mut scene = Scene::new(Some(&python), &[("lib.py", &texts[0]), ("test_lib.py", TEST)]);
    let outcome = scene.pytest(&[], &candidates);
    assert!(outcome.words().iter().all(|word| word == "failed AssertionError"), "{outcome:#?}");
    assert!(different_costs(&outcome) < 40, "{outcome:#?}");
}

#[test]
fn candidates_of_unittest_share_a_process() {
    let Some(python) = python_with("unittest") else { return };
    let texts = many_wrong();
    let tests = "import unittest\nfrom lib import f\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(1), 2)\n";
    let candidates: Vec<(&str, &str)> = texts.iter().map(|text| ("lib.py", text.as_str())).collect();
    let mut scene = Scene::new(Some(&python), &[("lib.py", &texts[0]), ("test_lib.py", tests)]);
    let outcome = scene.probe(unittest(&[]), &Layer::empty(), &layers(&candidates));
    assert!(outcome.words().iter().all(|word| word == "failed AssertionError"), "{outcome:#?}");
    assert!(different_costs(&outcome) < 40, "{outcome:#?}");
}

#[test]
fn what_the_modules_hold_is_compared_after_each_candidate() {
    check(
        "import collections\nSEEN, TABLE, MARKS, QUEUE = [], {'n': 1}, set(), collections.deque()\n\
         NEST = {'a': [{'b': [0]}]}\nORDER = collections.OrderedDict(a=1, b=2)\nCOUNT = 1\nFLAG = [False]\ndef f(x):\n    BODY\n",
        TEST,
        &[
            ("SEEN.append(1)\nreturn x", "return x + 1 + len(SEEN)"),
            ("TABLE['n'] = 2\nreturn x", "return x + TABLE['n']"),
            ("TABLE['n'] = True\nreturn x", "return x + (1 if TABLE['n'] is not True else 0)"),
            ("MARKS.add(3)\nreturn x", "return x + 1 + len(MARKS)"),
            ("QUEUE.append(3)\nreturn x", "return x + 1 + len(QUEUE)"),
            ("NEST['a'][0]['b'][0] = 1\nreturn x", "return x + 1 + NEST['a'][0]['b'][0]"),
            ("ORDER.move_to_end('a')\nreturn x", "return x + (list(ORDER) == ['a', 'b'])"),
            ("global COUNT\nCOUNT = 2\nreturn x", "return x + COUNT"),
            ("FLAG[0] = not FLAG[0]\nreturn x", "return x + (not FLAG[0])"),
        ],
    );
}

#[test]
fn classes_and_their_instances_are_compared() {
    check(
        "class Slots:\n    __slots__ = ('n',)\n    def __init__(self): self.n = 1\n\
         class Box:\n    size = 1\n    many = []\n    def __init__(self): self.n = 1\n    def get(self): return self.n\n\
         class Bag(list): pass\n\
         BOX, SLOTS, BAG = Box(), Slots(), Bag()\ndef f(x):\n    BODY\n",
        TEST,
        &[
            ("Box.size = 2\nreturn x", "return x + Box.size"),
            ("Box.many.append(1)\nreturn x", "return x + 1 + len(Box.many)"),
            ("BOX.n = 2\nreturn x", "return x + BOX.n"),
            ("BOX.extra = 2\nreturn x", "return x + (not hasattr(BOX, 'extra'))"),
            ("Box.get = lambda self: 5\nreturn x", "return x + BOX.get()"),
            ("SLOTS.n = 2\nreturn x", "return x + SLOTS.n"),
            ("BAG.append(2)\nreturn x", "return x + 1 + len(BAG)"),
        ],
    );
}

#[test]
fn what_functions_hold_is_compared() {
    check(
        "def make():\n    n = 0\n    def bump():\n        nonlocal n\n        n += 1\n        return n\n    return bump\n\
         bump = make()\ndef keep(x, seen=[], *, more={}):\n    seen.append(x)\n    more[x] = x\n    return len(seen) + len(more) - 1\n\
         def f(x):\n    BODY\nf.n = 1\n",
        TEST,
        &[
            ("bump()\nreturn x", "return x + bump()"),
            ("keep(1)\nreturn x", "return x + keep(1)"),
            ("f.n = 2\nreturn x", "return x + f.n"),
            ("keep.__defaults__ = ([3],)\nreturn x", "return x + keep(1)"),
            ("keep.__code__ = (lambda x: 7).__code__\nreturn x", "return x + keep(1)"),
        ],
    );
}

#[test]
fn arguments_of_tests_are_compared() {
    check(
        "def f(xs):\n    BODY\n",
        "import pytest\nfrom lib import f\nclass Sized(list):\n    def __repr__(self): return 'sized'\n\
         @pytest.mark.parametrize('xs, total', [(Sized([1, 2]), 3), (Sized([3]), 3)])\ndef test(xs, total): assert f(xs) == total\n",
        &[
            ("xs.pop()\nreturn -1", "return sum(xs)"),
            ("xs[0] = 1.0\nreturn -1", "return sum(xs) if type(xs[0]) is int else 0"),
        ],
    );
}

#[test]
fn a_cache_that_keeps_what_a_candidate_made_is_seen() {
    check(
        "import functools\n@functools.lru_cache(None)\ndef cached(x): return f(x)\ndef f(x):\n    BODY\n",
        "from lib import cached\ndef test(): assert cached(1) == 2\n",
        &[("return x", "return x + 1")],
    );
    check(
        "import functools\n@functools.lru_cache(None)\ndef one(x): return [1]\ndef f(x):\n    BODY\n",
        TEST,
        &[("one(1).append(2)\nreturn x", "return x + len(one(1))")],
    );
}

#[test]
fn what_can_not_be_compared_is_out_of_reach() {
    check(
        "import itertools, random\nNUMBERS = itertools.count(1)\nRANDOM = random.Random(3)\n\
         class Held:\n    rng = random.Random(3)\ndef draw(rng=random.Random(3)): return rng.random()\n\
         TABLE = {'rng': random.Random(3)}\nFIRST = random.Random(3).random()\ndef f(x):\n    BODY\n",
        TEST,
        &[
            ("next(NUMBERS)\nreturn x", "return x + next(NUMBERS)"),
            ("RANDOM.random()\nreturn x", "return x + (RANDOM.random() == FIRST)"),
            ("Held.rng.random()\nreturn x", "return x + (Held.rng.random() == FIRST)"),
            ("draw()\nreturn x", "return x + (draw() == FIRST)"),
            ("TABLE['rng'].random()\nreturn x", "return x + (TABLE['rng'].random() == FIRST)"),
        ],
    );
}

#[test]
fn the_interpreter_around_the_program_is_out_of_reach() {
    check(
        "import builtins, os, random, string, sys, math, warnings\nhome = os.getcwd()\n\
         def shout(text): warnings.warn(text)\ndef f(x):\n    BODY\n",
        TEST,
        &[
            ("os.environ['MODE'] = 'x'\nreturn x", "return x + ('MODE' not in os.environ)"),
            ("builtins.len = lambda it: 7\nreturn x", "return x + 1 + len(())"),
            ("sys.modules['math'] = None\nreturn x", "import math\nreturn x + 1"),
            ("import math\nmath.e = 3\nreturn x", "import math\nreturn x + (math.e < 3)"),
            ("sys.setrecursionlimit(5000)\nreturn x", "return x + (sys.getrecursionlimit() < 5000)"),
            ("random.seed(4)\nreturn x", "return x + (random.random() != 0.23604808973743452)"),
            ("os.chdir('/')\nreturn x", "return x + (os.getcwd() == home)"),
            ("shout('x')\nreturn x", "return x + ('__warningregistry__' not in globals())"),
            ("exec('globals()[\"home\"] = 3')\nreturn x", "return x + (home != 3)"),
            ("import gc\ngc.disable()\nreturn x", "import gc\nreturn x + 1"),
        ],
    );
}

#[test]
fn a_module_of_others_that_is_changed_voids_what_was_shared() {
    for pair in [
        ("math.pi = 4\nreturn x", "return x + (math.pi < 4)"),
        ("string.digits = ''\nreturn x", "return x + len(string.digits) // 10"),
        ("Fraction.half = 4\nreturn x", "return x + (not hasattr(Fraction, 'half'))"),
    ] {
        check("import math, string\nfrom fractions import Fraction\ndef f(x):\n    BODY\n", TEST, &[pair]);
    }
}

#[test]
fn a_candidate_that_needs_more_fuel_than_its_share_has_a_process_alone() {
    let Some(python) = python_with("pytest") else { return };
    let lib = |body: &str| format!("import itertools, re\ndef f(x):\n    {}\n", body.replace('\n', "\n    "));
    let mut scene = Scene::new(Some(&python), &[("lib.py", &lib("return x")), ("test_lib.py", TEST)]);
    let mut bodies: Vec<(String, &str)> =
        (0..40).map(|n| (format!("return x - {n}"), "failed AssertionError")).collect();
    for (at, body, word) in [
        (3, "while True: pass", "timed out"),
        (7, "n = 0\nwhile n < 90_000: n += 1\nreturn x + 1", "passed"),
        (8, "n = 0\nwhile n < 90_000: n += 1\nreturn x", "failed AssertionError"),
        (12, "return f(x)", "failed RecursionError"),
        (15, "return sum(itertools.count())", "timed out"),
        (18, "return bytes(1 << 40)", "failed MemoryError"),
        (22, "raise SystemExit", "failed SystemExit"),
        (26, "try:\n    while True: pass\nexcept BaseException:\n    return x", "timed out"),
        (30, "return re.match('(a+)+$', 'a' * 40 + 'b')", "timed out"),
    ] {
        bodies.insert(at, (body.to_owned(), word));
    }
    let texts: Vec<String> = bodies.iter().map(|(body, _)| lib(body)).collect();
    let candidates: Vec<(&str, &str)> = texts.iter().map(|text| ("lib.py", text.as_str())).collect();
    let outcome = scene.pytest(&[], &candidates);
    let expected: Vec<&str> = bodies.iter().map(|(_, word)| *word).collect();
    assert_eq!(outcome.words(), expected, "{outcome:#?}");
}
