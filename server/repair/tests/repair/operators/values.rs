//! Names, constants, and parts of values.

use expect_test::expect;

use super::{javascript, python};

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
