//! A call that is missing or too many: `f` and `f()`, `g(x)` and `x`, `await`.

use super::Operator;
use crate::candidate::Caution;
use crate::expression::Expression;
use crate::facts::Origin;
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::shape::Shape;
use crate::site::Site;
use crate::surface::Level;
use crate::tree::{Kind, NodeId, Slot};

pub(super) struct Call;

impl Operator for Call {
    fn name(&self) -> &'static str {
        "call"
    }

    fn doc(&self) -> &'static str {
        "calls what is only named, waits for it, or unwraps a call"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let tree = site.tree;
        match site.kind() {
            Kind::Name | Kind::Attribute if site.slot() != Slot::Callee => call_it(site, out),
            Kind::Call => {
                unwrap(site, out);
                wait(site, out);
            }
            Kind::Await => {
                if let Some(inner) = tree.child(site.node, Slot::Value) {
                    out.replace(site, site.node, &tree.expression(inner), Template::AwaitAdded, 2.5);
                }
            }
            Kind::ExpressionStatement => {
                if let Some(value) = tree.child(site.node, Slot::Value)
                    && matches!(tree.kind(value), Kind::Attribute | Kind::Name)
                {
                    let text = format!("{}()", tree.text(value));
                    out.change(
                        site,
                        tree.range(value),
                        text,
                        Template::CallAdded,
                        -1.0,
                        crate::proposal::Why::Instead,
                    );
                }
            }
            _ => {}
        }
    }
}

fn call_it(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    if !tree.is_replaceable(site.node) || tree.is_under_target(site.node) {
        return;
    }
    let extra = match site.kind() {
        Kind::Name => match site.unit.names.iter().find(|it| it.name == site.text()) {
            Some(known) if matches!(known.origin, Origin::Function | Origin::Class) => 0.0,
            Some(known) if known.shape.agrees(Shape::FUNCTION) => 0.5,
            Some(_) => 3.0,
            None => 2.0,
        },
        // A method without its brackets.
        _ => match tree.child(site.node, Slot::Property).map(|it| tree.text(it)) {
            Some(name) if site.unit.facts.methods.iter().any(|(it, _)| it == name) => 0.0,
            Some(name) if is_method(name) => 0.0,
            _ => 2.0,
        },
    };
    let text = format!("{}()", site.text());
    out.replace(site, site.node, &Expression::primary(text), Template::CallAdded, extra);
}

/// Methods of the common types that are seldom used without being called.
fn is_method(name: &str) -> bool {
    matches!(
        name,
        "items"
            | "keys"
            | "values"
            | "strip"
            | "lower"
            | "upper"
            | "split"
            | "copy"
            | "pop"
            | "popleft"
            | "sort"
            | "isdigit"
            | "isalpha"
            | "isalnum"
            | "isspace"
            | "isupper"
            | "islower"
            | "title"
            | "capitalize"
            | "read"
            | "readlines"
            | "splitlines"
            | "trim"
            | "toLowerCase"
            | "toUpperCase"
            | "toString"
            | "reverse"
            | "entries"
            | "slice"
            | "shift"
    )
}

fn unwrap(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    if tree.is_replaceable(site.node) {
        let arguments = tree.arguments(site.node);
        for (at, &argument) in arguments.iter().enumerate() {
            if tree.kind(argument).is_expression() && at < 3 {
                out.replace(
                    site,
                    site.node,
                    &tree.expression(argument),
                    Template::Unwrapped,
                    if arguments.len() == 1 { 0.0 } else { 0.7 },
                );
            }
        }
        let callee = tree.child(site.node, Slot::Callee);
        if let Some(object) =
            callee.filter(|&it| tree.kind(it) == Kind::Attribute).and_then(|it| tree.child(it, Slot::Object))
        {
            out.replace(site, site.node, &tree.expression(object), Template::Unwrapped, 0.5);
        }
        if let Some(callee) = callee {
            out.replace(
                site,
                site.node,
                &tree.expression(callee),
                Template::CallDropped,
                if arguments.is_empty() { 0.0 } else { 1.0 },
            );
        }
    } else if tree.parent(site.node).is_some_and(|it| tree.kind(it) == Kind::ExpressionStatement) {
        bare_argument(site, out);
    }
}

/// `print(f(x))` as a statement: the call around may be dropped, and with it an effect.
fn bare_argument(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    if let [only] = tree.arguments(site.node).as_slice()
        && tree.kind(*only) == Kind::Call
    {
        let why = "drop the outer call";
        let text = tree.text(*only).to_owned();
        out.risky(site, tree.range(site.node), text, Template::Unwrapped, why, Caution::DeletesCall);
    }
}

fn wait(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let waited = tree.parent(site.node).is_some_and(|it| tree.kind(it) == Kind::Await);
    if waited || site.slot() == Slot::Callee || !function_may_wait(site) {
        return;
    }
    let text = format!("await {}", site.text());
    let needed = tree.needed(site.node);
    let with = Expression::new(text, Level::UNARY).at_least(needed);
    out.change(site, tree.range(site.node), with, Template::AwaitAdded, 0.0, crate::proposal::Why::Instead);
}

fn function_may_wait(site: &Site<'_>) -> bool {
    let inner: Option<NodeId> = site.tree.function_of(site.node);
    inner.is_some_and(|it| site.tree.text(it).starts_with("async"))
}
