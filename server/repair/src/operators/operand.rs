//! Operands in the wrong order, too many, too few, or wrongly grouped.

use bodkin_text::ByteRange;

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::shape::Shape;
use crate::site::Site;
use crate::surface::Level;
use crate::tree::{Kind, NodeId, Slot};

pub(super) struct Operand;

impl Operator for Operand {
    fn name(&self) -> &'static str {
        "operand"
    }

    fn doc(&self) -> &'static str {
        "swaps, drops, adds or regroups operands"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        match site.kind() {
            Kind::Arithmetic => {
                swap(site, out);
                drop_one(site, out);
                regroup(site, out);
            }
            Kind::Comparison => swap_comparison(site, out),
            Kind::Ternary => swap_branches(site, out),
            Kind::Boolean => regroup(site, out),
            _ => {}
        }
        add(site, out);
    }
}

fn sides(site: &Site<'_>, id: NodeId) -> Option<(NodeId, NodeId)> {
    Some((site.tree.child(id, Slot::Left)?, site.tree.child(id, Slot::Right)?))
}

fn swap(site: &Site<'_>, out: &mut Proposals) {
    let (Some((left, right)), Some((_, token))) = (sides(site, site.node), site.tree.operator(site.node, 0))
    else {
        return;
    };
    let extra = match token {
        "-" | "/" | "//" | "%" | "**" | "<<" | ">>" => 0.0,
        // Only texts and lists mind.
        "+" => 0.5,
        _ => return,
    };
    let with = site.tree.binary(&site.tree.expression(right), token, &site.tree.expression(left));
    out.replace(site, site.node, &with, Template::OperandsSwapped, extra);
}

fn swap_comparison(site: &Site<'_>, out: &mut Proposals) {
    let operands = site.tree.children(site.node);
    let (&[left, right], Some((_, token))) = (operands, site.tree.operator(site.node, 0)) else { return };
    if matches!(token, "in" | "not in") {
        let with = site.tree.binary(&site.tree.expression(right), token, &site.tree.expression(left));
        out.replace(site, site.node, &with, Template::OperandsSwapped, 0.5);
    }
}

fn swap_branches(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let &[first, second, third] = tree.children(site.node) else { return };
    let part = |id| tree.at_least(id, Level::OR);
    let text = if site.family().is_python() {
        format!("{} if {} else {}", part(third), part(second), part(first))
    } else {
        format!("{} ? {} : {}", part(first), part(third), part(second))
    };
    out.replace(site, site.node, &Expression::new(text, Level::TERNARY), Template::OperandsSwapped, 0.0);
    for (kept, extra) in [(first, 1.0), (third, 1.0)] {
        out.replace(site, site.node, &tree.expression(kept), Template::OperandDropped, extra);
    }
}

fn drop_one(site: &Site<'_>, out: &mut Proposals) {
    let Some((left, right)) = sides(site, site.node) else { return };
    for kept in [left, right] {
        out.replace(site, site.node, &site.tree.expression(kept), Template::OperandDropped, 0.0);
    }
}

/// `a + b / c` and `(a + b) / c`, `a and b or c` and `a and (b or c)`.
fn regroup(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (Some((left, right)), Some((_, outer))) = (sides(site, site.node), tree.operator(site.node, 0))
    else {
        return;
    };
    let bare = |id: NodeId| match tree.kind(id) {
        Kind::Parenthesised => tree.child(id, Slot::Value).unwrap_or(id),
        _ => id,
    };
    let binary = |id: NodeId| {
        matches!(tree.kind(id), Kind::Arithmetic | Kind::Boolean).then(|| sides(site, id)).flatten()
    };
    let (left, right) = (bare(left), bare(right));
    // `a - b * c / d`: `a` takes the first operand of what follows, however deep it lies.
    let mut whole = binary(right);
    while let Some((first, _)) = whole {
        let head = tree.binary(&tree.expression(left), outer, &tree.expression(first));
        let head = head.at_least(tree.needed(first));
        let rest = tree.slice(ByteRange::new(tree.range(first).end, tree.range(right).end));
        let with = Expression::new(format!("{head}{rest}"), tree.level(right));
        out.replace(site, site.node, &with, Template::Regrouped, 0.0);
        whole = binary(first);
    }
    let mut whole = binary(left);
    while let Some((_, last)) = whole {
        let tail = tree.binary(&tree.expression(last), outer, &tree.expression(right));
        let tail = tail.at_least(tree.needed(last));
        let rest = tree.slice(ByteRange::new(tree.range(left).start, tree.range(last).start));
        let with = Expression::new(format!("{rest}{tail}"), tree.level(left));
        out.replace(site, site.node, &with, Template::Regrouped, 0.0);
        whole = binary(last);
    }
}

/// `x` and `x + y`.
fn add(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let Some(place) = place_cost(site) else { return };
    let (own, shape) = (tree.expression(site.node), site.unit.facts.shape(tree, site.node));
    for value in site.unit.values.iter().take(18).filter(|it| it.expression.text != own.text) {
        if !shape.fits(value.shape) || value.shape.agrees(Shape::FUNCTION) {
            continue;
        }
        let cost = place + value.cost + if shape.agrees(value.shape) { 0.0 } else { 0.5 };
        let other = &value.expression;
        out.replace(site, site.node, &tree.binary(&own, "+", other), Template::OperandAdded, cost);
        if !Shape::NUMBER.fits(shape) {
            out.replace(site, site.node, &tree.binary(other, "+", &own), Template::OperandAdded, cost + 0.3);
            continue;
        }
        for (operator, extra) in [("-", 0.3), ("*", 0.7), ("/", 1.2), ("%", 1.5)] {
            out.replace(
                site,
                site.node,
                &tree.binary(&own, operator, other),
                Template::OperandAdded,
                cost + extra,
            );
        }
        out.replace(site, site.node, &tree.binary(other, "-", &own), Template::OperandAdded, cost + 0.9);
        if !shape.agrees(Shape::NUMBER) {
            out.replace(site, site.node, &tree.binary(other, "+", &own), Template::OperandAdded, cost + 0.9);
        }
    }
    if shape.fits(Shape::NUMBER) {
        for (operator, number, extra) in [
            ("*", "2", 1.0),
            ("**", "2", 1.5),
            ("/", "2", 1.2),
            ("+", "2", 2.0),
            ("-", "2", 2.0),
            ("/", "100", 2.0),
            ("*", "100", 2.5),
        ] {
            out.replace(
                site,
                site.node,
                &tree.binary(&own, operator, &Expression::atom(number)),
                Template::OperandAdded,
                place + extra,
            );
        }
        out.replace(
            site,
            site.node,
            &Expression::new(format!("-{}", own.at_least(Level::UNARY)), Level::UNARY),
            Template::OperandAdded,
            place + 1.0,
        );
    }
}

fn place_cost(site: &Site<'_>) -> Option<f32> {
    if !site.tree.is_replaceable(site.node) || site.slot() == Slot::Callee {
        return None;
    }
    let parent = site.tree.parent(site.node)?;
    match (site.tree.kind(parent), site.kind()) {
        (
            _,
            Kind::Comparison
            | Kind::Boolean
            | Kind::Not
            | Kind::Bool
            | Kind::Null
            | Kind::Dict
            | Kind::Lambda
            | Kind::Tuple,
        ) => None,
        (Kind::Return | Kind::Assignment | Kind::AugmentedAssignment, _) => Some(0.0),
        (Kind::Arguments, Kind::Integer | Kind::Text) => Some(2.0),
        (Kind::Arguments | Kind::Tuple | Kind::List | Kind::Subscript | Kind::Slice, _) => Some(0.7),
        (Kind::Comparison, Kind::Integer | Kind::Text) => Some(2.5),
        (Kind::Comparison, _) => Some(1.2),
        (Kind::Arithmetic, Kind::Arithmetic) => None,
        (Kind::Arithmetic, _) => Some(1.5),
        _ => None,
    }
}
