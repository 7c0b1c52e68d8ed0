//! What is known of a file and of a function.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use bodkin_text::ByteRange;
use bodkin_workspace::{Facts, Language, Origin, Scope, Syntax};
use expect_test::{Expect, expect};

fn parse(language: Language, text: &str) -> Syntax {
    Syntax::parse(language, text.into()).unwrap()
}

fn check_facts(language: Language, text: &str, expect: &Expect) {
    let facts = Facts::of(&parse(language, text));
    let mut out = String::new();
    for it in &facts.functions {
        let class = it.class.as_deref().map(|it| format!("{it}.")).unwrap_or_default();
        let test = if it.is_test { " test" } else { "" };
        out += &format!("function {class}{}({}){test}\n", it.name, it.parameters.join(", "));
    }
    for it in &facts.imports {
        let names: Vec<String> = it.names.iter().map(|it| format!("{} as {}", it.name, it.bound)).collect();
        out += &format!("import {:?}: {}\n", it.module, names.join(", "));
    }
    let names: Vec<&str> = facts.top_level.iter().map(|it| &*it.name).collect();
    out += &format!("top level {}\n", names.join(" "));
    for it in &facts.symbols {
        let indent =
            "  ".repeat(std::iter::successors(Some(it), |it| facts.symbols.get(it.parent?)).count() - 1);
        out += &format!("{indent}{:?} {}\n", it.kind, it.name);
    }
    expect.assert_eq(&out);
}

fn check_scope(language: Language, text: &str, expect: &Expect) {
    let syntax = parse(language, text);
    let function = syntax.root().walk().find(|it| it.role().is_function()).unwrap();
    expect.assert_eq(&shown(&syntax.scope_of(function), text));
}

fn shown(scope: &Scope, text: &str) -> String {
    let within =
        |range: ByteRange| range.of(text).unwrap().chars().take(12).collect::<String>().replace('\n', "⏎");
    let list = |items: Vec<String>| items.join(" ");
    let mut out = String::new();
    for it in &scope.bindings {
        out += &format!("{:?} {} in `{}`\n", it.kind, it.name, within(it.within));
    }
    out += &format!("names {}\n", list(scope.names.iter().map(|it| it.name.to_string()).collect()));
    let member = |it: &bodkin_workspace::MemberUse| format!("{}←{}", it.name, it.base.of(text).unwrap());
    out += &format!("members {}\n", list(scope.members.iter().map(member).collect()));
    let call = |it: &bodkin_workspace::CallUse| format!("{}/{}", it.callee.of(text).unwrap(), it.arguments);
    out += &format!("calls {}\n", list(scope.calls.iter().map(call).collect()));
    let literal = |it: &bodkin_workspace::LiteralUse| it.range.of(text).unwrap().to_owned();
    out += &format!("literals {}\n", list(scope.literals.iter().map(literal).collect()));
    out
}

/// Names visible at `<|>`, without builtins.
fn check_visible(language: Language, marked: &str, expect: &Expect) {
    let at = marked.find("<|>").unwrap();
    let syntax = parse(language, &marked.replace("<|>", ""));
    let mut out = String::new();
    for origin in [Origin::Local, Origin::Enclosing, Origin::Module, Origin::Imported] {
        let names = syntax.visible_at(at).into_iter().filter(|it| it.origin == origin);
        out +=
            &format!("{origin:?}: {}\n", names.map(|it| it.name.into()).collect::<Vec<String>>().join(" "));
    }
    expect.assert_eq(&out);
}

#[test]
fn a_python_file_is_known_by_what_it_defines_and_imports() {
    check_facts(
        Language::Python,
        "
import os.path, sys as s
from ..a import b as c, d
from __future__ import annotations
from e import *
LIMIT, other = 1, 2
LIMIT = 3
async def f(a, *b, c: int = 1, **d):
    def inner(): from g import h
    local = 1
@decorated
class K(Base):
    field: int = 0
    def m(self): pass
    def test_k(self): pass
def test_f(): pass
",
        &expect![[r#"
            function f(a, b, c, d)
            function inner()
            function K.m(self)
            function K.test_k(self) test
            function test_f() test
            import "": os.path as os, sys as s
            import "..a": b as c, d as d
            import "__future__": annotations as annotations
            import "e": 
            import "g": h as h
            top level os s c d annotations LIMIT other LIMIT f K test_f
            Variable LIMIT
            Variable other
            Function f
              Function inner
            Class K
              Field field
              Method m
              Method test_k
            Function test_f
        "#]],
    );
}

#[test]
fn a_javascript_file_is_known_by_what_it_defines_and_imports() {
    check_facts(
        Language::JavaScript,
        "
import a, { b as c, d } from './x.js'
import * as e from 'y'
const f = require('z'), { g, h: i } = require('w')
export function j({ k, l: [m] }, n = o, ...p) { const local = 1 }
const q = async (r) => r, s = 1
class T extends U { #v = 1; w() {} static x = (y) => y }
exports.z = function () {}
const table = { row(a) {}, cell: b => b }
describe('adds', () => { it('adds one', async () => {}); test.only(`two`, function () {}) })
",
        &expect![[r#"
            function j(k, m, n, p)
            function q(r)
            function T.w()
            function T.x(y)
            function z()
            function row(a)
            function cell(b)
            function adds one() test
            function two() test
            import "./x.js": default as a, b as c, d as d
            import "y": * as e
            import "z": * as f
            import "w": g as g, h as i
            top level a c d e f g i j q s T table
            Variable f
            Variable g
            Variable i
            Function j
            Function q
            Variable s
            Class T
              Field #v
              Method w
              Method x
            Function z
            Variable table
            Function row
            Function cell
            Test adds one
            Test two
        "#]],
    );
}

#[test]
fn a_typescript_file_is_known_by_its_types_as_well() {
    check_facts(
        Language::TypeScript,
        "
import type { A } from './a'
import b = require('b')
interface C { d(e: number): void }
type F = C | A
enum G { H }
export abstract class I<T> { private j: T = k; constructor(readonly l: T, m?: F) { super() } }
function n<T extends C>(this: C, o: typeof p = q): asserts o is F { return o as any }
",
        &expect![[r#"
            function I.constructor(l, m)
            function n(o)
            import "./a": A as A
            import "b": default as b
            top level A b G I n
            Interface C
            Type F
            Enum G
            Class I
              Field j
              Method constructor
            Function n
        "#]],
    );
}

#[test]
fn a_python_function_has_names_members_calls_and_literals() {
    check_scope(
        Language::Python,
        "
def f(a, b=None):
    global g
    g = a.x.y(b, k=1)
    for i, (j, *l) in enumerate(a): n += i
    with open(a) as w, w: pass
    try: pass
    except E as e: m[i] = e.z = 1.5
    if (q := [r for r in a if r]): return lambda s: s + q
    import t.u
    match a:
        case C(v, key=[x, *y]) | M.N as z: return 's', f'{v}'
",
        &expect![[r#"
            Parameter a in `def f(a, b=N`
            Parameter b in `def f(a, b=N`
            Loop i in `def f(a, b=N`
            Loop j in `def f(a, b=N`
            Loop l in `def f(a, b=N`
            Assigned n in `def f(a, b=N`
            With w in `def f(a, b=N`
            Caught e in `def f(a, b=N`
            Assigned q in `def f(a, b=N`
            Comprehension r in `[r for r in `
            Parameter s in `lambda s: s `
            Import t in `def f(a, b=N`
            Case z in `def f(a, b=N`
            Case v in `def f(a, b=N`
            Case x in `def f(a, b=N`
            Case y in `def f(a, b=N`
            names g a b enumerate a n i open a w E m i e r a r s q a C M v
            members y←a.x x←a z←e
            calls a.x.y/2 enumerate/1 open/1
            literals None 1 1.5 's'
        "#]],
    );
}

#[test]
fn a_javascript_function_has_names_members_calls_and_literals() {
    check_scope(
        Language::JavaScript,
        "
const f = (a, { b, c: [d = e] }) => {
  let g = a?.h(b, ...d)
  for (const i of a) { var j = i.k.l; const m = { n, o: p } }
  for (q of a) q++
  for (let r = 0; ; ) { s = new S('t', null, 1.5) }
  try { } catch ({ message }) { function u(v) { return w[v] } }
  return function x() { return `y${x}` }
}
",
        &expect![[r#"
            Parameter a in `(a, { b, c: `
            Parameter b in `(a, { b, c: `
            Parameter d in `(a, { b, c: `
            Assigned g in `{⏎  let g = `
            Loop i in `for (const i`
            Assigned j in `(a, { b, c: `
            Assigned m in `{ var j = i.`
            Assigned r in `for (let r =`
            Caught message in `catch ({ mes`
            Function u in `{ function u`
            Parameter v in `function u(v`
            Function x in `function x()`
            names e a b d a i n p q a q s S w v x
            members h←a l←i.k k←i
            calls a?.h/2 S/3
            literals 0 't' null 1.5
        "#]],
    );
}

#[test]
fn a_method_sees_its_function_module_and_imports_but_not_its_class() {
    check_visible(
        Language::Python,
        "
from m import imported
def outer(p):
    before = 1
    class K:
        member = 2
        def method(self, q):
            near = 3
            <|>
            later = [hidden for hidden in q]
    after = 4
def sibling(): unseen = 5
",
        &expect![[r#"
            Local: near q self later
            Enclosing: K before p after
            Module: outer sibling
            Imported: imported
        "#]],
    );
}

#[test]
fn a_class_body_sees_its_own_names() {
    check_visible(
        Language::Python,
        "class K:\n    a = 1\n    b = <|>a\n",
        &expect![[r#"
            Local: 
            Enclosing: 
            Module: b a K
            Imported: 
        "#]],
    );
}

#[test]
fn a_block_sees_what_is_declared_in_and_around_it() {
    check_visible(
        Language::JavaScript,
        "
import { imported } from 'm'
function f(p) {
  { let unseen = 1; var hoisted = 2 }
  for (const item of p) { let near; <|> }
  const after = (x) => x
}
",
        &expect![[r#"
            Local: near item hoisted p after
            Enclosing: 
            Module: f
            Imported: imported
        "#]],
    );
}

#[test]
fn a_name_is_visible_once_as_the_nearest_and_before_the_builtins() {
    let syntax = parse(Language::Python, "len = 1\ndef f(len): pass\n");
    let names = syntax.visible_at(20);
    let found: Vec<Origin> = names.iter().filter(|it| &*it.name == "len").map(|it| it.origin).collect();
    assert_eq!(found, [Origin::Local]);
    assert!(names.iter().any(|it| &*it.name == "print" && it.origin == Origin::Builtin));
}

fn check_tests(language: Language, text: &str, expect: &Expect) {
    let tests = Facts::of(&parse(language, text)).tests;
    let mut out = String::new();
    for it in &tests {
        let depth = std::iter::successors(Some(it), |it| tests.get(it.parent?)).count() - 1;
        let line = text.get(..it.selection.start).unwrap().matches('\n').count();
        out += &format!("{}{:?} {} at {line}\n", "  ".repeat(depth), it.kind, it.name);
    }
    expect.assert_eq(&out);
}

#[test]
fn the_tests_of_a_python_file_are_those_that_pytest_or_unittest_would_collect() {
    check_tests(
        Language::Python,
        "
def test_a(): 
    def test_inner(): pass
def helper(): pass
@parametrize('x', [1])
async def test_b(x): pass
class TestC:
    def setup(self): pass
    @fix
    def test_c(self): pass
    class TestD:
        def test_d(self): pass
class Thing(unittest.TestCase):
    def testCamel(self): pass
class More(Thing):
    def test_more(self): pass
class Plain:
    def test_no(self): pass
class TestNothing: pass
if True:
    def test_e(): pass
test_f = lambda: 1
",
        &expect![[r#"
            Test test_a at 1
            Test test_b at 5
            Group TestC at 6
              Test test_c at 9
              Group TestD at 10
                Test test_d at 11
            Group Thing at 12
              Test testCamel at 13
            Group More at 14
              Test test_more at 15
            Test test_e at 20
        "#]],
    );
}

#[test]
fn the_tests_of_a_javascript_file_are_those_that_are_given_by_a_literal_name() {
    let text = "
describe('a \\'thing\\'', () => {
  it(\"works\", async () => { check(); });
  it.skip('later', () => {});
  it.each([1, 2])('is %i', n => {});
  describe('empty', () => {});
  for (const x of xs) test(`again`, () => {});
});
test('computed ' + name, () => {});
test.todo('no body');
notATest('x', () => {});
suite('s', function () { specify('t', function () {}); });
";
    for language in [Language::JavaScript, Language::TypeScript, Language::Tsx] {
        check_tests(
            language,
            text,
            &expect![[r#"
                Group a 'thing' at 1
                  Test works at 2
                  Test later at 3
                  Test again at 6
                Group s at 11
                  Test t at 11
            "#]],
        );
    }
}

#[test]
fn the_tests_of_a_broken_file_are_told_as_far_as_it_can_be_read() {
    check_tests(
        Language::Python,
        "def test_a():\n    return (\n\ndef test_b(): pass\n",
        &expect![[r#"
            Test test_a at 0
            Test test_b at 3
        "#]],
    );
}
