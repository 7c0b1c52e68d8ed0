//! Operators between values: comparison, arithmetic, boolean, bounds, operands.

use expect_test::expect;

use super::{javascript, python};

#[test]
fn comparison_a_near_comparison_comes_before_a_far_one() {
    python(
        "comparison",
        "def f(a, b):\n    return a < b<|>\n",
        expect![[r#"
        return a <= b
        return a > b
        return a >= b
        return a != b
        return a == b
    "#]],
    );
    javascript(
        "comparison",
        "function f(a, b) {\n  return a === b;<|>\n}\n",
        expect![[r#"
        return a !== b;
        return a == b;
        return a >= b;
        return a <= b;
        return a < b;
        return a > b;
    "#]],
    );
}

#[test]
fn arithmetic_an_operator_is_replaced_with_the_brackets_it_needs() {
    python(
        "arithmetic",
        "def f(a, b, c):\n    return (a + b) * c<|>\n",
        expect![[r#"
        return (a - b) * c
        return (a + b) / c
        return (a * b) * c
        return (a + b) + c
        return (a + b) ** c
        return (a + b) // c
        return (a + b) - c
    "#]],
    );
    javascript(
        "arithmetic",
        "function f(a, b) {\n  a += b / 2;<|>\n}\n",
        expect![[r#"
        a += b * 2;
        a += b % 2;
        a -= b / 2;
        a += b - 2;
        a *= b / 2;
        a = b / 2;
    "#]],
    );
}

#[test]
fn boolean_and_becomes_or() {
    python(
        "boolean",
        "def f(a, b):\n    if a and b: return 1<|>\n",
        expect![[r#"
        if a or b: return 1
    "#]],
    );
    javascript(
        "boolean",
        "function f(a, b) {\n  return a || b;<|>\n}\n",
        expect![[r#"
        return a && b;
        return a ?? b;
    "#]],
    );
}

#[test]
fn off_by_one_bounds_and_indices_move_by_one() {
    python(
        "off_by_one",
        "def f(xs, n):\n    for i in range(n): g(xs[i])<|>\n",
        expect![[r#"
        for i in range(n): g(xs[i + 1])
        for i in range(n): g(xs[i - 1])
        for i in range(n + 1): g(xs[i])
        for i in range(n - 1): g(xs[i])
        for i in range(n): g(xs[i] + 1)
        for i in range(n): g(xs[i] - 1)
    "#]],
    );
    javascript(
        "off_by_one",
        "function f(xs, n) {\n  return xs[n] + xs[n - 1];<|>\n}\n",
        expect![[r#"
        return xs[n] + xs[n];
        return xs[n + 1] + xs[n - 1];
        return xs[n - 1] + xs[n - 1];
        return xs[n] + xs[n - 1 - 1];
        return xs[n] + xs[n + 1 - 1];
        return xs[n] + xs[n - 1] + 1;
        return xs[n] + xs[n - 1] - 1;
        return xs[n] + 1 + xs[n - 1];
    "#]],
    );
}

#[test]
fn operand_operands_swap_go_come_and_regroup() {
    python(
        "operand",
        "def f(a, b, n):\n    return a + b / n<|>\n",
        expect![[r#"
        return (a + b) / n
        return a + n / b
        return b / n + a
        return b / n
        return a + b / n + a
        return a + b / n + b
        return a + b / n + n
        return a + b / n - a
    "#]],
    );
    javascript(
        "operand",
        "function f(a, b) {\n  return a - b;<|>\n}\n",
        expect![[r#"
            return b - a;
            return a - b + a;
            return a - b + b;
            return a - b - a;
            return a - b - b;
            return (a - b) * a;
            return (a - b) * b;
            return a - (a - b);
        "#]],
    );
}
