//! What each operator proposes, likeliest first: the changed lines of its first candidates at the marked line.

use crate::scene::Scene;
use bodkin_repair::Options;
use expect_test::{Expect, expect};

/// Lists the first eight proposals of one operator.
fn check(operator: &str, path: &str, text: &str, expect: Expect) {
    let scene = Scene::new(path, text);
    let mut search = scene.search(&[], Options::default());
    let mut lines: Vec<String> = Vec::new();
    while lines.len() < 8 && search.tried() < 1_500 {
        let batch = search.next_batch(250);
        if batch.is_empty() {
            break;
        }
        lines.extend(
            batch.iter().filter(|it| it.operator == operator).map(|it| format!("{}\n", scene.changed(it))),
        );
    }
    lines.truncate(8);
    expect.assert_eq(&lines.concat());
}

fn python(operator: &str, text: &str, expect: Expect) {
    check(operator, "a.py", text, expect);
}

fn javascript(operator: &str, text: &str, expect: Expect) {
    check(operator, "a.js", text, expect);
}

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
fn variable_a_name_of_its_kind_and_likeness_comes_first() {
    python(
        "variable",
        "def f(count, counts, text):\n    return coutn + 1<|>\n",
        expect![[r#"
        return counts + 1
        return count + 1
        return count
        return counts
        return text + 1
        return text
    "#]],
    );
    javascript(
        "variable",
        "function f(start, end) {\n  const size = end - start;\n  return start;<|>\n}\n",
        expect![[r#"
            return size;
            return end;
            return end - start;
            const size = end - size;
            const size = size - start;
            const end = end - start;
            const start = end - start;
            const end = size - start;
        "#]],
    );
}

#[test]
fn constant_near_numbers_come_first() {
    python(
        "constant",
        "def f(n):\n    return n + 1<|>\n",
        expect![[r#"
            return n + 2
            return n + n
            return n + -1
            return n + (n + 1)
            return 1 + 1
            return n + "1"
            return 2 + 1
            return -1 + 1
        "#]],
    );
    javascript(
        "constant",
        "function f(n) {\n  return n === false;<|>\n}\n",
        expect![[r#"
        return n === true;
        return true === false;
        return n === (n === false);
        return n === !n;
        return 0 === false;
        return 1 === false;
        return null === false;
        return 2 === false;
    "#]],
    );
}

#[test]
fn text_a_text_takes_another_form_or_another_text() {
    python(
        "text",
        "def f(n):\n    return 'total: {n}'<|>\n",
        expect![[r#"
        return f'total: {n}'
        return ''
        return ' '
        return ', '
        return '\n'
        return ','
        return 'TOTAL: {N}'
    "#]],
    );
    javascript(
        "text",
        "function f(n) {\n  log('min');\n  return 'size ${n}';<|>\n}\n",
        expect![[r#"
        return `size ${n}`;
        return '';
        return ' ';
        return 'min';
        return ', ';
        return '\n';
        return ',';
        return 'SIZE ${N}';
    "#]],
    );
}

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

#[test]
fn attribute_attributes_of_the_like_come_first() {
    python(
        "attribute",
        "def f(node):\n    node.left = 1\n    return node.right<|>\n",
        expect![[r#"
            return node.left
            return node.left.right
            return node.right.right
            return node.right.left
            node.right = 1
            node.left.left = 1
            node.right.left = 1
        "#]],
    );
    javascript(
        "attribute",
        "class A {\n  constructor(x) { this.count = x; }\n  get() { return count; }<|>\n}\n",
        expect![[r#"
            get() { return this.count; }
            get() { return count.count; }
        "#]],
    );
}

#[test]
fn subscript_ends_and_parts_change() {
    python(
        "subscript",
        "def f(xs):\n    return xs[1:]<|>\n",
        expect![[r#"
            return xs[0][1:]
            return xs[-1][1:]
            return xs[:]
            return xs[:1]
            return xs[1][1:]
            return xs[1 + 1:]
            return xs[:-1][1:]
            return xs[::-1][1:]
        "#]],
    );
    javascript(
        "subscript",
        "function f(xs) {\n  return xs[0];<|>\n}\n",
        expect![[r#"
            return xs[xs.length - 1];
            return xs[0][0];
            return 0;
            return xs[1][0];
            return xs.slice(1)[0];
            return xs.slice(0, -1)[0];
            return xs[0][1];
            return xs[0][xs[0].length - 1];
        "#]],
    );
}

#[test]
fn element_elements_come_go_and_nest() {
    python(
        "element",
        "def f(a, b):\n    return [a]<|>\n",
        expect![[r#"
        return []
        return [[a]]
        return [a, b]
        return a
        return [b, a]
        return [a, 0]
        return [a, 1]
        return [a, a]
    "#]],
    );
    javascript(
        "element",
        "function f(a, b) {\n  return [a, b];<|>\n}\n",
        expect![[r#"
        return [[a, b]];
        return [a, b, a];
        return [a, b, b];
        return [b];
        return [a];
        return [a, a, b];
        return [b, a, b];
        return [a, b, 0];
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
