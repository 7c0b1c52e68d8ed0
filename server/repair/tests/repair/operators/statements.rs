//! Whole statements: their order, their presence, their loops.

use expect_test::expect;

use super::{javascript, python};

#[test]
fn missing_return_a_computed_value_comes_back() {
    python(
        "missing_return",
        "def f(a):\n    b = a + 1\n    a + b<|>\n",
        expect![[r#"
        return a + b
        return a
        return b
        return a + 1
        return 0
        return None
        return 1
        return -1
    "#]],
    );
    javascript(
        "missing_return",
        "function f(a) {\n  const b = g(a);\n  b.sort();<|>\n}\n",
        expect![[r#"
        return b.sort();
        return b;
        return a;
        return g(a);
        return 0;
        return null;
        return 1;
        return -1;
    "#]],
    );
}

#[test]
fn assignment_an_update_or_a_result_is_kept() {
    python(
        "assignment",
        "def f(xs):\n    i = 0\n    while i < len(xs):\n        print(xs[i])<|>\n",
        expect![[r#"
            i = print(xs[i])
            xs = print(xs[i])
            i = 0
            xs = []
            i += 1
            i = 0
            xs = []
            i += 1
        "#]],
    );
    javascript(
        "assignment",
        "function f(text) {\n  text.trim();<|>\n  return text;\n}\n",
        expect![[r#"
            text = text.trim();
            text += text.trim();
        "#]],
    );
}

#[test]
fn statement_copy_the_like_statement_is_repeated() {
    python(
        "statement_copy",
        "def f(a, b, seen):\n    seen.add(a)<|>\n",
        expect![[r#"
            b.add(a)
            b.add(a)
            seen.add(a)
            a.add(a)
            a.add(a)
        "#]],
    );
    javascript(
        "statement_copy",
        "function f(a, b, seen) {\n  seen.add(a);<|>\n}\n",
        expect![[r#"
            b.add(a);
            b.add(a);
            seen.add(a);
            a.add(a);
            a.add(a);
        "#]],
    );
}

#[test]
fn movement_a_statement_moves_out_of_its_block() {
    python(
        "movement",
        "def f(xs):\n    n = 0\n    for x in xs:\n        n += x\n        return n<|>\n",
        expect![[r#"
            return n
            return n / n += x
            n += x / for x in xs:
            for x in xs: / n += x / return n / n = 0
        "#]],
    );
    javascript(
        "movement",
        "function f(xs) {\n  let n = 0;\n  for (const x of xs) {\n    n += x;\n    return n;<|>\n  }\n}\n",
        expect![[r#"
            } / return n;
            return n; / n += x;
            n += x; / for (const x of xs) {
            for (const x of xs) { / n += x; / return n; / } / let n = 0;
        "#]],
    );
}

#[test]
fn loops_a_loop_gets_another_span_or_form() {
    python(
        "loops",
        "def f(n):\n    for i in range(n): g(i)<|>\n",
        expect![[r#"
            for i in range(1, n): g(i)
            for i in range(1, n + 1): g(i)
            for i in range(n - 1, -1, -1): g(i)
            for i in range(n, 0, -1): g(i)
            for i in range(2, n): g(i)
            for i in range(i + 1, n): g(i)
        "#]],
    );
    javascript(
        "loops",
        "function f(xs) {\n  for (const x in xs) g(x);<|>\n}\n",
        expect![[r#"
        for (const x of xs) g(x);
    "#]],
    );
}

#[test]
fn yields_one_value_or_many() {
    python(
        "yields",
        "def f(xs):\n    for x in xs:\n        yield f(x)<|>\n",
        expect![[r#"
        yield from f(x)
        return f(x)
    "#]],
    );
    javascript(
        "yields",
        "function* f(xs) {\n  yield g(xs);<|>\n}\n",
        expect![[r#"
        yield* g(xs);
        return g(xs);
    "#]],
    );
}

#[test]
fn declaration_a_default_is_made_afresh() {
    python(
        "declaration",
        "def f(x, seen=[]):<|>\n    seen.append(x)\n    return seen\n",
        expect![[r#"
        def f(x, seen=None): / if seen is None: / seen = []
    "#]],
    );
    javascript(
        "declaration",
        "function f() {\n  const n = 0;<|>\n  n = 1;\n}\n",
        expect![[r#"
        let n = 0;
    "#]],
    );
}

#[test]
fn deletion_what_is_too_much_goes() {
    python(
        "deletion",
        "def f(a):\n    a.sort()<|>\n    return a\n",
        expect![[r#"
        (deleted)
        (deleted)
    "#]],
    );
    javascript(
        "deletion",
        "function f(a) {\n  a.sort();<|>\n  return a;\n}\n",
        expect![[r#"
        (deleted)
        (deleted)
    "#]],
    );
}
