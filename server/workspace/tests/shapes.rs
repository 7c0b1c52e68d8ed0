//! The parts of code have the same names in every language.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use bodkin_workspace::{Language, Node, Role, Syntax};
use expect_test::{Expect, expect};

type Part = (&'static str, fn(Node<'_>) -> Vec<Node<'_>>);

const PARTS: [Part; 19] = [
    ("operands", |it| it.operands()),
    ("operators", |it| it.operators()),
    ("left", |it| it.left().into_iter().collect()),
    ("right", |it| it.right().into_iter().collect()),
    ("callee", |it| it.callee().into_iter().collect()),
    ("arguments", |it| it.arguments()),
    ("condition", |it| it.condition().into_iter().collect()),
    ("body", |it| it.body().into_iter().collect()),
    ("alternative", |it| it.alternative().into_iter().collect()),
    ("target", |it| it.target().into_iter().collect()),
    ("value", |it| it.value().into_iter().collect()),
    ("iterable", |it| it.iterable().into_iter().collect()),
    ("object", |it| it.object().into_iter().collect()),
    ("member", |it| it.member().into_iter().collect()),
    ("indices", |it| it.indices()),
    ("slice", |it| it.slice_parts().into_iter().flatten().filter(|_| it.role() == Role::Slice).collect()),
    ("name", |it| it.name().into_iter().collect()),
    ("parameters", |it| it.parameters()),
    ("bound", |it| it.target().map(Node::bound_names).unwrap_or_default()),
];

/// Each node that has parts, with its parts.
fn check(language: Language, text: &str, expect: &Expect) {
    let syntax = Syntax::parse(language, text.into()).unwrap();
    assert!(!syntax.has_errors());
    let mut out = String::new();
    for node in syntax.root().walk().filter(|it| it.is_named()) {
        let line = |text: &str| text.replace('\n', "⏎");
        let shown = PARTS.iter().filter_map(|(name, get)| {
            let parts: Vec<String> = get(node).iter().map(|it| line(it.text())).collect();
            (!parts.is_empty()).then(|| format!("  {name} {}\n", parts.join(" | ")))
        });
        let shown: String = shown.collect();
        if !shown.is_empty() {
            out += &format!("{:?} {}\n{shown}", node.role(), line(node.text()));
        }
    }
    expect.assert_eq(&out);
}

#[test]
fn python_operations_have_operands_and_operators() {
    check(
        Language::Python,
        "a < b not in c\nnot a or -b + c\nd -= 1\n",
        &expect![[r#"
        ExpressionStatement a < b not in c
          value a < b not in c
        Comparison a < b not in c
          operands a | b | c
          operators < | not in
          left a
          right b
        ExpressionStatement not a or -b + c
          value not a or -b + c
        BooleanOp not a or -b + c
          operands not a | -b + c
          operators or
          left not a
          right -b + c
        Not not a
          operands a
          operators not
        BinaryOp -b + c
          operands -b | c
          operators +
          left -b
          right c
        UnaryMinus -b
          operands b
          operators -
        ExpressionStatement d -= 1
          value d -= 1
        AugmentedAssignment d -= 1
          operators -=
          target d
          value 1
          bound d
    "#]],
    );
}

#[test]
fn javascript_operations_have_operands_and_operators() {
    check(
        Language::JavaScript,
        "a < b === c\n!a || -b + c\nd -= i++\n",
        &expect![[r#"
        ExpressionStatement a < b === c
          value a < b === c
        Comparison a < b === c
          operands a < b | c
          operators ===
          left a < b
          right c
        Comparison a < b
          operands a | b
          operators <
          left a
          right b
        ExpressionStatement !a || -b + c
          value !a || -b + c
        BooleanOp !a || -b + c
          operands !a | -b + c
          operators ||
          left !a
          right -b + c
        Not !a
          operands a
          operators !
        BinaryOp -b + c
          operands -b | c
          operators +
          left -b
          right c
        UnaryMinus -b
          operands b
          operators -
        ExpressionStatement d -= i++
          value d -= i++
        AugmentedAssignment d -= i++
          operators -=
          target d
          value i++
          bound d
        Update i++
          operands i
          operators ++
    "#]],
    );
}

#[test]
fn python_calls_and_members_have_their_parts() {
    check(
        Language::Python,
        "a.b(c, k=d, *e)  # comment\nf(g for g in h)\ni[j, k:l:m][:n]\n",
        &expect![[r#"
            ExpressionStatement a.b(c, k=d, *e)
              value a.b(c, k=d, *e)
            Call a.b(c, k=d, *e)
              callee a.b
              arguments c | k=d | *e
            Attribute a.b
              object a
              member b
            KeywordArgument k=d
              value d
              name k
            Spread *e
              operands e
            ExpressionStatement f(g for g in h)
              value f(g for g in h)
            Call f(g for g in h)
              callee f
              arguments (g for g in h)
            Comprehension (g for g in h)
              body g
            ComprehensionFor for g in h
              target g
              iterable h
              bound g
            ExpressionStatement i[j, k:l:m][:n]
              value i[j, k:l:m][:n]
            Subscript i[j, k:l:m][:n]
              object i[j, k:l:m]
              indices :n
            Subscript i[j, k:l:m]
              object i
              indices j | k:l:m
            Slice k:l:m
              slice k | l | m
            Slice :n
              slice n
        "#]],
    );
}

#[test]
fn javascript_calls_and_members_have_their_parts() {
    check(
        Language::JavaScript,
        "a?.b(c, /* no */ ...d)\nnew E\nf`g`\nh[i, j]?.[k]\n",
        &expect![[r#"
        ExpressionStatement a?.b(c, /* no */ ...d)
          value a?.b(c, /* no */ ...d)
        Call a?.b(c, /* no */ ...d)
          callee a?.b
          arguments c | ...d
        Attribute a?.b
          object a
          member b
        Spread ...d
          operands d
        ExpressionStatement new E
          value new E
        New new E
          callee E
        ExpressionStatement f`g`
          value f`g`
        Call f`g`
          callee f
        ExpressionStatement h[i, j]?.[k]
          value h[i, j]?.[k]
        Subscript h[i, j]?.[k]
          object h[i, j]
          indices k
        Subscript h[i, j]
          object h
          indices i, j
    "#]],
    );
}

#[test]
fn python_branches_and_loops_have_conditions_and_bodies() {
    check(
        Language::Python,
        "if (a): b\nelif c: d\nelse: e\nwhile f: g\nfor h, *i in j: k\nl if m else n\nassert o, p\n",
        &expect![[r#"
            If if (a): b⏎elif c: d⏎else: e
              condition (a)
              body b
              alternative elif c: d
            Parenthesized (a)
              operands a
            ExpressionStatement b
              value b
            ElseIf elif c: d
              condition c
              body d
            ExpressionStatement d
              value d
            Else else: e
              body e
            ExpressionStatement e
              value e
            While while f: g
              condition f
              body g
            ExpressionStatement g
              value g
            ForEach for h, *i in j: k
              body k
              target h, *i
              iterable j
              bound h | i
            ExpressionStatement k
              value k
            ExpressionStatement l if m else n
              value l if m else n
            Conditional l if m else n
              condition m
              alternative n
            Assert assert o, p
              condition o
              value p
        "#]],
    );
}

#[test]
fn javascript_branches_and_loops_have_conditions_and_bodies() {
    check(
        Language::JavaScript,
        "if ((a)) b; else if (c) d; else e\nwhile (f) g\nfor (;;) h\nfor (i; j; k) l\nfor (const [m] of n) o\np ? q : r\n",
        &expect![[r#"
            If if ((a)) b; else if (c) d; else e
              condition a
              body b;
              alternative else if (c) d; else e
            Parenthesized ((a))
              operands (a)
            Parenthesized (a)
              operands a
            ExpressionStatement b;
              value b
            Else else if (c) d; else e
              body if (c) d; else e
            ElseIf if (c) d; else e
              condition c
              body d;
              alternative else e
            Parenthesized (c)
              operands c
            ExpressionStatement d;
              value d
            Else else e
              body e
            ExpressionStatement e
              value e
            While while (f) g
              condition f
              body g
            Parenthesized (f)
              operands f
            ExpressionStatement g
              value g
            For for (;;) h
              body h
            ExpressionStatement h
              value h
            For for (i; j; k) l
              condition j
              body l
            ExpressionStatement l
              value l
            ForEach for (const [m] of n) o
              body o
              target [m]
              iterable n
              bound m
            ExpressionStatement o
              value o
            ExpressionStatement p ? q : r
              value p ? q : r
            Conditional p ? q : r
              condition p
              alternative r
        "#]],
    );
}

#[test]
fn definitions_and_assignments_have_names_targets_and_values() {
    check(
        Language::Python,
        "def a(b, c=1, *, d: e): return f\nclass G(H): i: j = k\n(l, m.n, o[p]) = lambda q: q\n",
        &expect![[r#"
            Function def a(b, c=1, *, d: e): return f
              body return f
              name a
              parameters b | c=1 | d: e
            Parameter c=1
              value 1
              name c
            Parameter d: e
              name d
            Return return f
              value f
            Class class G(H): i: j = k
              body i: j = k
              name G
            ExpressionStatement i: j = k
              value i: j = k
            Assignment i: j = k
              target i
              value k
              bound i
            ExpressionStatement (l, m.n, o[p]) = lambda q: q
              value (l, m.n, o[p]) = lambda q: q
            Assignment (l, m.n, o[p]) = lambda q: q
              target (l, m.n, o[p])
              value lambda q: q
              bound l
            Attribute m.n
              object m
              member n
            Subscript o[p]
              object o
              indices p
            Lambda lambda q: q
              body q
              parameters q
        "#]],
    );
    check(
        Language::TypeScript,
        "function a(b, {c, d: e} = f, g?: h) { return i }\nconst {j, k: [l = m], ...n} = o\np.q = r => s\nthrow t\n",
        &expect![[r#"
            Function function a(b, {c, d: e} = f, g?: h) { return i }
              body { return i }
              name a
              parameters b | {c, d: e} = f | g?: h
            Parameter b
              name b
            Parameter {c, d: e} = f
              value f
              name {c, d: e}
            Pattern d: e
              value e
            Parameter g?: h
              name g
            Return return i
              value i
            Assignment {j, k: [l = m], ...n} = o
              target {j, k: [l = m], ...n}
              value o
              bound j | l | n
            Pattern k: [l = m]
              value [l = m]
            Parameter l = m
              value m
              name l
            ExpressionStatement p.q = r => s
              value p.q = r => s
            Assignment p.q = r => s
              target p.q
              value r => s
            Attribute p.q
              object p
              member q
            Lambda r => s
              body s
              parameters r
            Raise throw t
              value t
        "#]],
    );
}

#[test]
fn a_header_ends_where_the_body_begins() {
    let headers = |language, text: &str| {
        let syntax = Syntax::parse(language, text.into()).unwrap();
        let statements = syntax.root().walk().filter(|it| it.is_statement());
        statements.map(|it| it.header().of(text).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(headers(Language::Python, "if a:  # why\n    b = 1\n"), ["if a:  # why", "b = 1"]);
    assert_eq!(headers(Language::JavaScript, "if (a) {\n  b = 1\n}\n"), ["if (a)", "b = 1"]);
}

#[test]
fn a_place_leads_to_its_statement_function_loop_and_indentation() {
    let text = "def f():\r\n\tfor a in b:\r\n\t\tc(d)\r\n";
    let syntax = Syntax::parse(Language::Python, text.into()).unwrap();
    for at in [text.find("\t\tc").unwrap(), text.find("d)").unwrap()] {
        let statement = syntax.statement_at(at).unwrap();
        assert_eq!((statement.text(), statement.indentation()), ("c(d)", "\t\t"));
        assert_eq!(statement.enclosing_loop().unwrap().role(), Role::ForEach);
        assert_eq!(statement.enclosing_function(), syntax.function_at(at));
    }
    let line = text.find("\tfor").unwrap()..text.find(":\r\n\t\t").unwrap();
    let on_line: Vec<&str> =
        syntax.statements_in(line.into()).iter().map(|it| it.header().of(text).unwrap()).collect();
    assert_eq!(on_line, ["for a in b:"]);
}

#[test]
fn a_name_after_a_dot_or_before_an_argument_is_no_variable() {
    let syntax = Syntax::parse(Language::Python, "a.b(c=d)\n".into()).unwrap();
    let names = syntax.root().walk().filter(|it| it.is_variable());
    assert_eq!(names.map(Node::text).collect::<Vec<_>>(), ["a", "d"]);
}
