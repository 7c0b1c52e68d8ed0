//! Whether what changed was executed: line coverage of Python, block coverage of JavaScript.

use std::collections::BTreeSet;

use bodkin_text::{Line1, RelPath};

use crate::proof::executed;

/// The new text has a mark at each line: `>` ran, `.` did not. Says what counts as run and what does not.
fn check(file: &str, old: &str, marked: &str, expected: &str) {
    let strip = |text: &str| text.trim_start_matches('\n').to_owned();
    let (old, marked) = (strip(old), strip(marked));
    let ran: BTreeSet<Line1> = marked
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with('>'))
        .map(|(at, _)| Line1(u32::try_from(at).unwrap() + 1))
        .collect();
    let new: String = marked.split_inclusive('\n').map(|line| line.get(1..).unwrap_or("\n")).collect();
    let found = executed::of(&RelPath::new(file).unwrap(), &old, &new, &ran);
    let list = |lines: &[Line1]| lines.iter().map(Line1::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(format!("ran {} | not {}", list(&found.executed), list(&found.unexecuted)), expected, "{new}");
}

fn py(old: &str, marked: &str, expected: &str) {
    check("a.py", old, marked, expected);
}

fn js(old: &str, marked: &str, expected: &str) {
    check("a.js", old, marked, expected);
}

#[test]
fn a_changed_line_ran_or_did_not() {
    let old = "def f(x):\n    return x\n";
    py(old, ">def f(x):\n>    return -x\n", "ran 2 | not ");
    py(old, ">def f(x):\n.    return -x\n", "ran  | not 2");
}

#[test]
fn every_statement_of_an_insertion_must_have_run() {
    let old = "def f(x):\n    return g(x)\n";
    py(old, ">def f(x):\n>    if not x:\n>        return 0\n>    return g(x)\n", "ran 2 3 | not ");
    py(old, ">def f(x):\n>    if not x:\n.        return 0\n>    return g(x)\n", "ran 2 | not 3");
    py(old, ">def f(x):\n>    if not x: return 0\n>    return g(x)\n", "ran 2 | not ");
}

#[test]
fn a_statement_over_several_lines_ran_when_one_of_its_lines_did() {
    let old = "def f(x):\n    return g(\n        x,\n        1,\n    )\n";
    py(old, ">def f(x):\n>    return g(\n.        x,\n.        2,\n.    )\n", "ran 2 | not ");
    py(old, ">def f(x):\n.    return g(\n.        x,\n.        2,\n.    )\n", "ran  | not 4");
    py(
        "def f(x):\n    return x + \\\n        1\n",
        ">def f(x):\n>    return x + \\\n.        2\n",
        "ran 2 | not ",
    );
    py("t = \"\"\"\na\n\"\"\"\n", ">t = \"\"\"\n.b\n.\"\"\"\n", "ran 1 | not ");
}

#[test]
fn an_else_ran_when_its_body_did() {
    let old = "def f(x):\n    if x:\n        return 1\n    return 2\n";
    let ran = ">def f(x):\n>    if x:\n.        return 1\n.    else:\n>        return 3\n";
    py(old, ran, "ran 5 | not ");
    let not = ">def f(x):\n>    if x:\n>        return 1\n.    else:\n.        return 3\n";
    py(old, not, "ran  | not 4 5");
    let old = "try:\n    a()\nexcept E:\n    b()\n";
    py(old, ">try:\n>    a()\n.except E:\n.    b()\n.finally:\n>    c()\n", "ran 6 | not ");
}

#[test]
fn a_changed_condition_ran_even_if_its_body_did_not() {
    let old = "for i in r:\n    if i < 1:\n        a()\n    elif i < 2:\n        b()\n";
    py(
        old,
        ">for i in r:\n>    if i <= 1:\n.        a()\n>    elif i <= 2:\n.        b()\n",
        "ran 2 4 | not ",
    );
    py(old, ">for i in r:\n>    if i < 1:\n>        a()\n.    elif i <= 2:\n.        b()\n", "ran  | not 4");
}

#[test]
fn a_function_ran_when_its_body_did_not_when_it_was_defined() {
    let old = "def f(a, b):\n    return a - b\n";
    py(old, ">def f(b, a):\n>    return a - b\n", "ran 1 | not ");
    py(old, ">def f(b, a):\n.    return a - b\n", "ran  | not 1");
    js(
        "function f(a, b) {\n  return a - b;\n}\n",
        ">function f(b, a) {\n.  return a - b;\n>}\n",
        "ran  | not 1",
    );
}

#[test]
fn a_moved_statement_is_changed_by_its_indentation() {
    let old = "def f(xs):\n    for x in xs:\n        a(x)\n        return 1\n";
    py(old, ">def f(xs):\n>    for x in xs:\n>        a(x)\n>    return 1\n", "ran 4 | not ");
    py(old, ">def f(xs):\n>    for x in xs:\n>        a(x)\n.    return 1\n", "ran  | not 4");
}

#[test]
fn a_deletion_ran_when_a_neighbour_in_its_block_did() {
    let old = "def f():\n    a()\n    b()\n\ndef g():\n    c()\n";
    py(old, ">def f():\n>    a()\n.\n>def g():\n.    c()\n", "ran 2 | not ");
    // That `def g` was executed says nothing about the end of f.
    py(old, ">def f():\n.    a()\n.\n>def g():\n>    c()\n", "ran  | not 3");
    let old = "def f():\n    a()\n    b()\n";
    py(old, ">def f():\n>    b()\n", "ran 2 | not ");
    py(old, ">def f():\n.    b()\n", "ran  | not 2");
}

#[test]
fn a_part_taken_out_of_a_statement_is_a_change_of_that_statement() {
    let old = "def f(x):\n    return g(x, 1)\n";
    py(old, ">def f(x):\n>    return g(x)\n", "ran 2 | not ");
    py(old, ">def f(x):\n.    return g(x)\n", "ran  | not 2");
    let old = "def f(x):\n    return g(x) + 1\n";
    py(old, ">def f(x):\n>    return g(x)\n", "ran 2 | not ");
    py(old, ">def f(x):\n.    return g(x)\n", "ran  | not 2");
    let old = "def f(x):\n    if x:\n        a()\n    else:\n        b()\n";
    py(old, ">def f(x):\n>    if x:\n.        a()\n", "ran 2 | not ");
}

#[test]
fn each_hunk_counts_by_itself() {
    let old = "def f(x):\n    return x\n\ndef g(x):\n    return x\n";
    py(old, ">def f(x):\n>    return -x\n.\n>def g(x):\n.    return -x\n", "ran 2 | not 5");
}

#[test]
fn what_does_not_run_at_all_was_not_executed() {
    py("x = 1  # a\n", ">x = 1  # b\n", "ran  | not 1");
}

#[test]
fn a_declaration_beside_a_change_that_ran_is_not_asked_for() {
    py("def f():\n    x = 1\n", ">def f():\n.    global x\n>    x = 2\n", "ran 3 | not ");
}

#[test]
fn block_coverage_tells_a_branch_that_was_not_taken() {
    let old = "function f(x) {\n  if (x) {\n    return 1;\n  } else {\n    return 2;\n  }\n}\n";
    let taken = ">function f(x) {\n>  if (x) {\n.    return 1;\n>  } else {\n>    return 3;\n>  }\n>}\n";
    js(old, taken, "ran 5 | not ");
    let not = ">function f(x) {\n>  if (x) {\n>    return 1;\n>  } else {\n.    return 3;\n>  }\n>}\n";
    js(old, not, "ran  | not 5");
    let caught = ">function f(x) {\n>  try { a(); } catch (error) {\n.    return 3;\n>  }\n>}\n";
    js("function f(x) {\n  try { a(); } catch (e) {\n    return 3;\n  }\n}\n", caught, "ran  | not 2");
}

#[test]
fn a_method_and_an_arrow_function_run_when_they_are_called() {
    let old = "class A {\n  m(a, b) {\n    return a;\n  }\n}\n";
    js(old, ">class A {\n>  m(b, a) {\n>    return a;\n>  }\n>}\n", "ran 2 | not ");
    js(old, ">class A {\n.  m(b, a) {\n.    return a;\n.  }\n>}\n", "ran  | not 2");
    let old = "const f = (a, b) => {\n  return a;\n};\n";
    js(old, ">const f = (b, a) => {\n>  return a;\n>};\n", "ran 1 | not ");
    js(old, ">const f = (b, a) => {\n.  return a;\n>};\n", "ran  | not 1");
}

#[test]
fn without_a_tree_a_touched_line_or_one_beside_a_deletion_counts() {
    check("a.rs", "a\nb\n", ">a\n>c\n", "ran 2 | not ");
    check("a.rs", "a\nb\n", ">a\n.c\n", "ran  | not 2");
    check("a.rs", "a\nb\nc\n", ">a\n.c\n", "ran 1 | not ");
}

#[test]
fn line_ends_and_marks_do_not_move_lines() {
    py("\u{feff}def f(x):\r\n    return x\r\n", ">\u{feff}def f(x):\r\n>    return -x\r\n", "ran 2 | not ");
}
