//! Conditions and the cases that they guard.

use expect_test::expect;

use super::{javascript, python};

#[test]
fn negation_a_condition_is_turned_round_once() {
    python(
        "negation",
        "def f(a):\n    if not a: return 1<|>\n",
        expect![[r#"
        if a: return 1
    "#]],
    );
    javascript(
        "negation",
        "function f(a) {\n  if (a) return 1;<|>\n}\n",
        expect![[r#"
        if (!a) return 1;
    "#]],
    );
}

#[test]
fn clause_clauses_come_from_conditions_in_scope() {
    python(
        "clause",
        "def f(a, xs):\n    if a > 3: return 0\n    if xs[0]: return 1<|>\n",
        expect![[r#"
            if xs[0] and a > 3: return 1
            if a > 3 or xs[0]: return 1
            if xs[0] or a > 3: return 1
            if a > 3 and xs[0]: return 1
            if xs[0] and a == 0: return 1
            if xs[0] and len(xs) == 0: return 1
            if a == 0 or xs[0]: return 1
            if xs[0] or a == 0: return 1
        "#]],
    );
    javascript(
        "clause",
        "function f(a, xs) {\n  if (a > 3 && xs) return 1;<|>\n}\n",
        expect![[r#"
            if (xs) return 1;
            if (a > 3) return 1;
            if (a > 3 && xs && a === 0) return 1;
            if (a === 0 && a > 3 && xs) return 1;
            if (a === 0 || a > 3 && xs) return 1;
            if (a > 3 && xs || a === 0) return 1;
            if (a > 3 && xs && a < 0) return 1;
            if (a > 3 && xs && a <= 0) return 1;
        "#]],
    );
}

#[test]
fn condition_conditions_come_from_the_file_or_are_made() {
    python(
        "condition",
        "def f(a, b):\n    if a > 3: return 0\n    if b: return 1<|>\n",
        expect![[r#"
        if a > 3: return 1
        if b is None: return 1
        if a == 0: return 1
        if b == 0: return 1
        if a < 0: return 1
        if a <= 0: return 1
        if b is not None: return 1
        if not a: return 1
    "#]],
    );
    javascript(
        "condition",
        "function f(a, b) {\n  if (a > 3) return 0;\n  while (true) a--;<|>\n}\n",
        expect![[r#"
            while (a > 3) a--;
            while (!b) a--;
            while (b == null) a--;
            while (b) a--;
            while (a === 0) a--;
            while (b === 0) a--;
            while (b != null) a--;
            while (a < 0) a--;
        "#]],
    );
}

#[test]
fn guard_a_case_is_left_out_first() {
    python(
        "guard",
        "def f(xs):\n    return xs[0]<|>\n",
        expect![[r#"
            if not xs: / return xs[0]
            if len(xs) == 0: / return xs[0]
            if not xs: / return None
            if xs: / return xs[0]
            if not xs[0]: / return xs[0]
            if not xs: / return 0
            if not xs: / return []
            if not xs: / return False
        "#]],
    );
    javascript(
        "guard",
        "function f(node) {\n  return node.next.value;<|>\n}\n",
        expect![[r#"
            if (!node) { / return node.next.value; / }
            if (node == null) { / return node.next.value; / }
            if (!node) { / return null; / }
            if (node) { / return node.next.value; / }
            if (node == null) { / return null; / }
            if (!node.next) { / return node.next.value; / }
            if (!node) { / return 0; / }
            if (!node) { / return []; / }
        "#]],
    );
}

#[test]
fn fallback_a_value_for_when_there_is_none() {
    python(
        "fallback",
        "def f(d, k):\n    return d[k] + 1<|>\n",
        expect![[r#"
        return d.get(k) + 1
        return d.get(k, 0) + 1
        return d.get(k, "") + 1
        return d.get(k, []) + 1
        return d.get(k, {}) + 1
        return d.get(k, 1) + 1
        return d[k or 0] + 1
        return (d[k] or 0) + 1
    "#]],
    );
    javascript(
        "fallback",
        "function f(a) {\n  return a.b.c;<|>\n}\n",
        expect![[r#"
        return a?.b.c;
        return a.b?.c;
        return a.b.c ?? 0;
        return a.b.c ?? "";
        return a.b.c ?? [];
        return a.b.c || 0;
        return a.b.c ?? {};
        return a.b.c ?? 1;
    "#]],
    );
}
