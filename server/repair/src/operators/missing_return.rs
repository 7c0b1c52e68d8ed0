//! A value that never comes back: `return` added, inserted, or with another value.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::Site;
use crate::tree::{Kind, Slot};
use bodkin_text::ByteRange;

pub(super) struct MissingReturn;

impl Operator for MissingReturn {
    fn name(&self) -> &'static str {
        "missing_return"
    }

    fn doc(&self) -> &'static str {
        "returns a value that was only computed, or another value"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if !site.is_statement() || !site.in_function() {
            return;
        }
        match site.kind() {
            Kind::ExpressionStatement => add(site, out),
            Kind::Return => replace(site, out),
            _ => {}
        }
        insert_after(site, out);
    }
}

/// `f(x)` and `return f(x)`; also an assignment's value.
fn add(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let Some(value) = tree.child(site.node, Slot::Value) else { return };
    match tree.kind(value) {
        Kind::Text => {}
        kind if kind.is_expression() && kind != Kind::Update && kind != Kind::Yield => {
            let why = Why::Sentence(format!("return `{}`", super::argument::brief(tree.text(value))));
            let start = ByteRange::at(tree.range(site.node).start);
            out.change(site, start, "return ".to_owned(), Template::ReturnAdded, 0.0, why);
        }
        Kind::Assignment => {
            if let Some(inner) = tree.child(value, Slot::Value) {
                let why = Why::Sentence(format!("return `{}`", super::argument::brief(tree.text(inner))));
                let text = format!("return {}", tree.text(inner));
                out.change(site, tree.range(value), text, Template::ReturnAdded, 1.5, why);
            }
        }
        _ => {}
    }
}

fn replace(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let end = site.family().end();
    let value = tree.child(site.node, Slot::Value);
    let wanted = value.map_or(Shape::UNKNOWN, |it| site.unit.facts.shape(tree, it));
    let mut offer = |text: &str, extra: f32| {
        let why = Why::Sentence(format!("return `{}`", super::argument::brief(text)));
        let range = value.map_or(tree.range(site.node), |it| tree.range(it));
        let text = if value.is_some() { text.to_owned() } else { format!("return {text}{end}") };
        out.change(site, range, text, Template::ReturnReplaced, extra, why);
    };
    for value in site.unit.values.iter().take(45) {
        offer(&value.expression.text, value.cost + if wanted.fits(value.shape) { 0.0 } else { 1.0 });
    }
    for condition in site.unit.conditions.iter().take(30) {
        let extra = if wanted.agrees(Shape::TRUTH) { 0.3 } else { 2.0 };
        offer(&condition.expression.text, condition.cost + extra);
    }
    for (text, extra) in literals(site) {
        offer(text, extra);
    }
    for value in site.unit.variables().take(10) {
        offer(&format!("[{}]", value.name), value.cost + 1.7);
    }
}

fn literals(site: &Site<'_>) -> [(&'static str, f32); 9] {
    let family = site.family();
    [
        (family.null(), 1.0),
        (family.yes(), 1.2),
        (family.no(), 1.2),
        ("0", 1.0),
        ("1", 1.2),
        ("-1", 1.2),
        ("[]", 1.2),
        ("\"\"", 1.7),
        ("[[]]", 2.5),
    ]
}

/// `return x` after the statement, at its level and, after a last statement in a block, one level out.
fn insert_after(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    if matches!(
        site.kind(),
        Kind::Return | Kind::Raise | Kind::Break | Kind::Continue | Kind::Function | Kind::Class
    ) {
        return;
    }
    let siblings = tree.siblings(site.node);
    let last = siblings.last() == Some(&site.node);
    let ends_function = last
        && tree
            .parent(site.node)
            .and_then(|it| tree.parent(it))
            .is_some_and(|it| matches!(tree.kind(it), Kind::Function | Kind::Lambda));
    let Some(indent) = site.indent() else { return };
    let level = if ends_function {
        0.0
    } else if last {
        1.0
    } else {
        3.0
    };
    let mut places = vec![(tree.range(site.node).end, indent.to_owned(), level)];
    // Behind the blocks that end here: the outermost one ends the function.
    let endings = super::insertion::endings(site);
    let outermost = endings.len();
    places.extend(
        endings
            .into_iter()
            .enumerate()
            .map(|(at, (end, indent))| (end, indent, if at + 1 == outermost { 0.3 } else { 1.3 })),
    );
    for (end, indent, level) in places {
        let mut offer = |text: &str, cost: f32| {
            let why = Why::Sentence(format!("return `{text}` after this statement"));
            let inserted = format!("\n{indent}return {text}{}", site.family().end());
            out.change(site, ByteRange::at(end), inserted, Template::ReturnInserted, cost + level, why);
        };
        for value in site.unit.values.iter().take(15) {
            offer(&value.expression.text, value.cost);
        }
        for (text, extra) in literals(site) {
            offer(text, extra + 0.3);
        }
    }
}
