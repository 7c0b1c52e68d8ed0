//! Every construct has the same role in every language.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use bodkin_workspace::{Language, Node, Role, Syntax};
use expect_test::{Expect, expect};

fn check(language: Language, text: &str, expect: &Expect) {
    let syntax = Syntax::parse(language, text.into()).unwrap();
    let mut out = String::new();
    let mut walk = syntax.root().walk();
    while let Some(node) = walk.next() {
        if node.is_named() && node.role() != Role::Token {
            out.push_str(&line(walk.depth(), node));
        }
    }
    expect.assert_eq(&out);
}

fn line(depth: u32, node: Node<'_>) -> String {
    let text: String = node.text().chars().take(24).collect();
    let statement = if node.is_statement() { "!" } else { "" };
    let indent = " ".repeat(usize::try_from(depth).unwrap());
    format!("{indent}{:?}{statement} {}\n", node.role(), text.replace('\n', "⏎"))
}

#[test]
fn python_statements_have_roles() {
    check(
        Language::Python,
        "
@d
def f(a, b=1, *c, d: int = 2):
    if a < b <= c: return -a
    elif not a and b: pass
    else: raise E(a, k=b)
    for x, y in z: x += 1
    while True: break
    try: a.b = c[1:2]
    except E as e: continue
    with o() as w: assert w, f'{w}'
    return [q for q in r if q]
",
        &expect![[r#"
            Module @d⏎def f(a, b=1, *c, d: 
             Decorated! @d⏎def f(a, b=1, *c, d: 
              Decorator @d
               Identifier d
              Function! def f(a, b=1, *c, d: int
               Identifier f
               Parameters (a, b=1, *c, d: int = 2)
                Identifier a
                Parameter b=1
                 Identifier b
                 IntegerLiteral 1
                Pattern *c
                 Identifier c
                Parameter d: int = 2
                 Identifier d
                 Type int
                  Identifier int
                 IntegerLiteral 2
               Block if a < b <= c: return -a
                If! if a < b <= c: return -a
                 Comparison a < b <= c
                  Identifier a
                  Identifier b
                  Identifier c
                 Block return -a
                  Return! return -a
                   UnaryMinus -a
                    Identifier a
                 ElseIf elif not a and b: pass
                  BooleanOp not a and b
                   Not not a
                    Identifier a
                   Identifier b
                  Block pass
                   Pass! pass
                 Else else: raise E(a, k=b)
                  Block raise E(a, k=b)
                   Raise! raise E(a, k=b)
                    Call E(a, k=b)
                     Identifier E
                     Arguments (a, k=b)
                      Identifier a
                      KeywordArgument k=b
                       Identifier k
                       Identifier b
                ForEach! for x, y in z: x += 1
                 Pattern x, y
                  Identifier x
                  Identifier y
                 Identifier z
                 Block x += 1
                  ExpressionStatement! x += 1
                   AugmentedAssignment x += 1
                    Identifier x
                    IntegerLiteral 1
                While! while True: break
                 BooleanLiteral True
                 Block break
                  Break! break
                Try! try: a.b = c[1:2]⏎    ex
                 Block a.b = c[1:2]
                  ExpressionStatement! a.b = c[1:2]
                   Assignment a.b = c[1:2]
                    Attribute a.b
                     Identifier a
                     Identifier b
                    Subscript c[1:2]
                     Identifier c
                     Slice 1:2
                      IntegerLiteral 1
                      IntegerLiteral 2
                 Catch except E as e: continue
                  Pattern E as e
                   Identifier E
                   Pattern e
                    Identifier e
                  Block continue
                   Continue! continue
                With! with o() as w: assert w,
                 Other o() as w
                  Other o() as w
                   Pattern o() as w
                    Call o()
                     Identifier o
                     Arguments ()
                    Pattern w
                     Identifier w
                 Block assert w, f'{w}'
                  Assert! assert w, f'{w}'
                   Identifier w
                   Template f'{w}'
                    Other f'
                    Other {w}
                     Identifier w
                    Other '
                Return! return [q for q in r if 
                 Comprehension [q for q in r if q]
                  Identifier q
                  ComprehensionFor for q in r
                   Identifier q
                   Identifier r
                  Guard if q
                   Identifier q
        "#]],
    );
}

#[test]
fn javascript_statements_have_roles() {
    check(
        Language::JavaScript,
        "
function f(a, b = 1, ...c) {
  if (a < b && !c) { return -a } else if (a) throw new E(`${a}`)
  for (const x of z) x++
  for (let i = 0; i < n; i++) a[i] = b.c
  let q = (x) => x * 1.5, r = null
  switch (a) { case 1: break; default: f() }
  try { do { a += 1 } while (a) } catch (e) { }
}
",
        &expect![[r#"
            Module function f(a, b = 1, ...
             Function! function f(a, b = 1, ...
              Identifier f
              Parameters (a, b = 1, ...c)
               Identifier a
               Parameter b = 1
                Identifier b
                IntegerLiteral 1
               Pattern ...c
                Identifier c
              Block {⏎  if (a < b && !c) { r
               If! if (a < b && !c) { retur
                Parenthesized (a < b && !c)
                 BooleanOp a < b && !c
                  Comparison a < b
                   Identifier a
                   Identifier b
                  Not !c
                   Identifier c
                Block { return -a }
                 Return! return -a
                  UnaryMinus -a
                   Identifier a
                Else else if (a) throw new E(
                 ElseIf! if (a) throw new E(`${a}
                  Parenthesized (a)
                   Identifier a
                  Raise! throw new E(`${a}`)
                   New new E(`${a}`)
                    Identifier E
                    Arguments (`${a}`)
                     Template `${a}`
                      Other ${a}
                       Identifier a
               ForEach! for (const x of z) x++
                Identifier x
                Identifier z
                ExpressionStatement! x++
                 Update x++
                  Identifier x
               For! for (let i = 0; i < n; i
                Declaration! let i = 0;
                 Assignment i = 0
                  Identifier i
                  IntegerLiteral 0
                Comparison i < n
                 Identifier i
                 Identifier n
                Update i++
                 Identifier i
                ExpressionStatement! a[i] = b.c
                 Assignment a[i] = b.c
                  Subscript a[i]
                   Identifier a
                   Identifier i
                  Attribute b.c
                   Identifier b
                   MemberName c
               Declaration! let q = (x) => x * 1.5, 
                Assignment q = (x) => x * 1.5
                 Identifier q
                 Lambda (x) => x * 1.5
                  Parameters (x)
                   Identifier x
                  BinaryOp x * 1.5
                   Identifier x
                   FloatLiteral 1.5
                Assignment r = null
                 Identifier r
                 NullLiteral null
               Switch! switch (a) { case 1: bre
                Parenthesized (a)
                 Identifier a
                Other { case 1: break; default
                 Case case 1: break;
                  IntegerLiteral 1
                  Break! break;
                 Case default: f()
                  ExpressionStatement! f()
                   Call f()
                    Identifier f
                    Arguments ()
               Try! try { do { a += 1 } whil
                Block { do { a += 1 } while (a
                 DoWhile! do { a += 1 } while (a)
                  Block { a += 1 }
                   ExpressionStatement! a += 1
                    AugmentedAssignment a += 1
                     Identifier a
                     IntegerLiteral 1
                  Parenthesized (a)
                   Identifier a
                Catch catch (e) { }
                 Identifier e
                 Block { }
        "#]],
    );
}
