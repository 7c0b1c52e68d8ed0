//! Calls, their arguments, and what is called.

use expect_test::expect;

use super::{javascript, python};

#[test]
fn argument_arguments_swap_go_and_come() {
    python(
        "argument",
        "def g(a, b, c): pass\ndef f(x, y):\n    return g(x, y)<|>\n",
        expect![[r#"
            return g(y, x)
            return g(x, y, 0)
            return g(x, y, 1)
            return g(0, x, y)
            return g(1, x, y)
            return g(x, 0, y)
            return g(x, 1, y)
            return g(x, y, True)
        "#]],
    );
    javascript(
        "argument",
        "function f(x, y) {\n  return g(x, y);<|>\n}\n",
        expect![[r#"
            return g(y, x);
            return g(y);
            return g(x);
            return g(x, y, 0);
            return g(x, y, 1);
            return g(0, x, y);
            return g(1, x, y);
            return g(x, 0, y);
        "#]],
    );
}

#[test]
fn known_argument_a_sort_gets_its_usual_argument() {
    python(
        "known_argument",
        "def f(xs):\n    return sorted(xs)<|>\n",
        expect![[r#"
        return sorted(xs, reverse=True)
        return sorted(xs, key=len)
        return sorted(xs, key=str.lower)
        return sorted(xs, key=abs)
        return sorted(xs, key=lambda it: it[1])
        return sorted(xs, key=lambda it: it[0])
    "#]],
    );
    javascript(
        "known_argument",
        "function f(xs) {\n  return xs.sort();<|>\n}\n",
        expect![[r#"
        return xs.sort((a, b) => a - b);
        return xs.sort((a, b) => b - a);
        return xs.sort((a, b) => a.localeCompare(b));
    "#]],
    );
}

#[test]
fn call_what_is_named_is_called_and_what_is_called_is_unwrapped() {
    python(
        "call",
        "def g(): return 1\ndef f(d):\n    return g + len(d.keys)<|>\n",
        expect![[r#"
        return g + d.keys
        return g() + len(d.keys)
        return g + len(d.keys())
        return g + len
        return g + len(d().keys)
    "#]],
    );
    javascript(
        "call",
        "async function f(url) {\n  const body = fetch(url);<|>\n  return body;\n}\n",
        expect![[r#"
            const body = await fetch(url);
            const body = fetch;
            const body = fetch(url());
            return body();
        "#]],
    );
}

#[test]
fn wrap_an_expression_is_converted_bounded_or_copied() {
    python(
        "wrap",
        "def f(xs, n):\n    for i in range(n): pass\n    return xs / n<|>\n",
        expect![[r#"
        return xs / int(n)
        return xs / str(n)
        return int(xs) / n
        return str(xs) / n
        return int(xs / n)
        return str(xs / n)
        return xs / abs(n)
        return abs(xs) / n
    "#]],
    );
    javascript(
        "wrap",
        "function f(xs) {\n  const ys = xs;<|>\n  ys.push(1);\n}\n",
        expect![[r#"
        const ys = xs.length;
        const ys = Number(xs);
        const ys = [...xs];
        const ys = String(xs);
        const ys = parseInt(xs, 10);
        const ys = xs.slice();
        const ys = Array.from(xs);
        const ys = xs.toString();
    "#]],
    );
}

#[test]
fn function_confused_functions_come_first() {
    python(
        "function",
        "def f(xs):\n    return min(xs)<|>\n",
        expect![[r#"
            return max(xs)
            return bin(xs)
            return f(xs)
            return xs(xs)
        "#]],
    );
    javascript(
        "function",
        "function f(xs) {\n  return xs.pop();<|>\n}\n",
        expect![[r#"
            return xs.shift();
        "#]],
    );
}
