//! What is offered is written simply: `f()` for `0 + f()`, `x` for `True and x`; what says nothing is dropped.
//!
//! Works on the tree of the changed text, where the change is.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a place speaks of a few kinds of node; a new kind means nothing to it until it says so"
)]

use bodkin_text::ByteRange;
use bodkin_workspace::{Node, Role, Slot, Syntax};

/// What there is to say of a changed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing: it is simple.
    Simple,
    /// This range may be written as this text.
    Simpler(ByteRange, String),
    /// It is a comparison with itself, an assignment to itself or the like.
    Idle,
}

/// Looks at the expressions that hold or lie in the changed range.
pub(crate) fn look(syntax: &Syntax, changed: ByteRange) -> Finding {
    let Some(inner) = syntax.node_at(changed) else { return Finding::Simple };
    let above = std::iter::once(inner).chain(inner.ancestors()).take(6);
    let below = inner.parts().into_iter().flat_map(|it| std::iter::once(it).chain(it.parts())).take(40);
    for node in above.chain(below) {
        if !node.range().touches(changed) {
            continue;
        }
        match of_node(node) {
            Finding::Simple => {}
            found => return found,
        }
    }
    Finding::Simple
}

fn of_node(node: Node<'_>) -> Finding {
    let side = |slot: Slot| node.slot(slot).map(Node::unwrapped);
    match node.role() {
        Role::Comparison | Role::BinaryOp | Role::BooleanOp => {
            let (Some(left), Some(right), Some(operator)) =
                (side(Slot::Left), side(Slot::Right), node.slot(Slot::Operator))
            else {
                return Finding::Simple;
            };
            of_binary(node, left, operator.text(), right)
        }
        Role::Assignment => match (node.slot(Slot::Target), side(Slot::Value)) {
            (Some(target), Some(value)) if target.text() == value.text() => Finding::Idle,
            _ => Finding::Simple,
        },
        Role::Not => match side(Slot::Operand) {
            Some(inner) if inner.role() == Role::Not => match inner.slot(Slot::Operand) {
                Some(kept) => simpler(node, kept),
                None => Finding::Simple,
            },
            _ => Finding::Simple,
        },
        Role::Conditional => match (side(Slot::Then), side(Slot::Else)) {
            (Some(one), Some(other)) if one.text() == other.text() => Finding::Idle,
            _ => Finding::Simple,
        },
        Role::Call => of_call(node),
        _ => Finding::Simple,
    }
}

fn of_binary<'s>(node: Node<'s>, left: Node<'s>, operator: &str, right: Node<'s>) -> Finding {
    let (one, other) = (left.text(), right.text());
    let pure = !one.contains('(');
    match operator {
        "==" | "===" | "!=" | "!==" | "<" | "<=" | ">" | ">=" | "is" | "is not" if one == other && pure => {
            Finding::Idle
        }
        "-" | "/" | "//" | "%" | "^" if one == other && pure => Finding::Idle,
        "and" | "or" | "&&" | "||" | "??" if one == other && pure => simpler(node, left),
        "&" | "|" if one == other && pure => simpler(node, left),
        "+" if one == "0" => simpler(node, right),
        "+" | "-" | "<<" | ">>" | "|" | "^" if other == "0" => simpler(node, left),
        "*" if one == "1" => simpler(node, right),
        "*" | "/" | "//" | "**" if other == "1" => simpler(node, left),
        "and" | "&&" if is(one, true) => simpler(node, right),
        "and" | "&&" if is(other, true) => simpler(node, left),
        "or" | "||" if is(one, false) => simpler(node, right),
        "or" | "||" if is(other, false) => simpler(node, left),
        "%" if other == "1" => Finding::Idle,
        _ => Finding::Simple,
    }
}

fn is(text: &str, value: bool) -> bool {
    if value { matches!(text, "True" | "true") } else { matches!(text, "False" | "false") }
}

/// `min(x, x)`, `int(int(x))`.
fn of_call(node: Node<'_>) -> Finding {
    let (Some(callee), Some(arguments)) = (node.slot(Slot::Callee), node.slot(Slot::Arguments)) else {
        return Finding::Simple;
    };
    let parts = arguments.parts();
    let bound = matches!(callee.text(), "min" | "max" | "Math.min" | "Math.max");
    match parts.as_slice() {
        [one, other] if bound && one.text() == other.text() => simpler(node, *one),
        [only] if only.role() == Role::Call && !bound => {
            let same = only.slot(Slot::Callee).is_some_and(|it| it.text() == callee.text());
            let idle = matches!(
                callee.text(),
                "int"
                    | "str"
                    | "float"
                    | "list"
                    | "set"
                    | "sorted"
                    | "abs"
                    | "bool"
                    | "tuple"
                    | "Number"
                    | "String"
            );
            if same && idle { simpler(node, *only) } else { Finding::Simple }
        }
        _ => Finding::Simple,
    }
}

/// Writes `kept` in place of `node`, with brackets where it might need them.
fn simpler(node: Node<'_>, kept: Node<'_>) -> Finding {
    let closed = matches!(
        kept.role(),
        Role::Identifier
            | Role::Call
            | Role::Attribute
            | Role::Subscript
            | Role::IntegerLiteral
            | Role::StringLiteral
            | Role::List
    );
    let statement = node.parent().is_some_and(|it| {
        !matches!(
            it.role(),
            Role::BinaryOp
                | Role::Comparison
                | Role::BooleanOp
                | Role::Not
                | Role::UnaryMinus
                | Role::Attribute
                | Role::Subscript
                | Role::Call
        )
    });
    let text = if closed || statement { kept.text().to_owned() } else { format!("({})", kept.text()) };
    Finding::Simpler(node.range(), text)
}
