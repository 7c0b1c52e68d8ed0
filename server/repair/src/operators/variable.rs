//! Another name in place of a name: the most frequent of all small fixes.

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::similarity;
use crate::site::{Site, Unit};
use crate::surface::Level;
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Variable;

impl Operator for Variable {
    fn name(&self) -> &'static str {
        "variable"
    }

    fn doc(&self) -> &'static str {
        "another name, attribute or element that is in scope"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let tree = site.tree;
        if site.is_statement() {
            swap(site, out);
            return;
        }
        if site.slot() == Slot::Target {
            match site.kind() {
                Kind::Name => target(site, out),
                Kind::Subscript | Kind::Attribute => target_part(site, out),
                _ => {}
            }
            return;
        }
        let under_target = tree.is_under_target(site.node);
        if site.slot() == Slot::Callee || !(tree.is_replaceable(site.node) || under_target) {
            return;
        }
        match site.kind() {
            Kind::Name => {
                names(site, 0.0, out);
                if !under_target {
                    values(site, 1.5, out);
                }
            }
            Kind::Attribute | Kind::Subscript | Kind::Arithmetic if !under_target => values(site, 1.0, out),
            Kind::Call if !under_target => values(site, 2.0, out),
            _ => {}
        }
    }
}

fn names(site: &Site<'_>, extra: f32, out: &mut Proposals) {
    let text = site.text();
    for name in site.unit.variables().filter(|it| it.name != text) {
        let cost = extra + name.cost + site.unit.unlikeness(site.node, name) + left_unused(site);
        out.replace(
            site,
            site.node,
            &Expression::atom(name.name.clone()),
            Template::NameReplaced,
            cost + spoken(site),
        );
    }
}

/// A name that a message quotes is likely the wrong one.
fn spoken(site: &Site<'_>) -> f32 {
    if site.unit.signs.speak_of(site.text()) { -2.0 } else { 0.0 }
}

/// Replacing the only use of a local name leaves it unused, which fixes seldom do.
fn left_unused(site: &Site<'_>) -> f32 {
    let only = site
        .unit
        .names
        .iter()
        .find(|it| it.name == site.text())
        .is_some_and(|it| it.uses == 1 && it.origin.is_variable());
    if only { 0.7 } else { 0.0 }
}

fn values(site: &Site<'_>, extra: f32, out: &mut Proposals) {
    let (text, wanted) = (site.text(), site.wanted(site.node));
    for value in site.unit.values.iter().take(40).filter(|it| it.expression.text != text) {
        let plain = site.kind() == Kind::Name && value.expression.level == Level::ATOM;
        if plain {
            continue;
        }
        let shape = if wanted.fits(value.shape) { 0.0 } else { 2.0 };
        // `f(x)` for `x` inside of `f(x)` and the like would nest without end.
        let nests =
            site.tree.ancestors(site.node).take(3).any(|it| site.tree.text(it) == value.expression.text);
        let cost = extra + value.cost + shape + if nests { 1.5 } else { 0.0 };
        out.replace(site, site.node, &value.expression, Template::NameReplaced, cost);
    }
}

/// Two names of a statement for one another, wherever they stand in it.
fn swap(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let start = tree.range(site.node).start;
    let header = Unit::header(tree, site.node);
    let names: Vec<NodeId> = header
        .into_iter()
        .filter(|&it| tree.kind(it) == Kind::Name && tree.slot(it) != Slot::Callee)
        .collect();
    let Some(end) = names.last().map(|&it| tree.range(it).end) else { return };
    let mut distinct: Vec<&str> = names.iter().map(|&it| tree.text(it)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() > 6 {
        return;
    }
    let known = |it: &&str| site.unit.variables().any(|name| name.name == *it);
    let distinct: Vec<&str> = distinct.into_iter().filter(known).collect();
    for (at, one) in distinct.iter().enumerate() {
        for other in distinct.iter().skip(at + 1) {
            let mut text = String::new();
            let mut done = start;
            for &name in &names {
                let range = tree.range(name);
                text.push_str(tree.slice(ByteRange::new(done, range.start)));
                let own = tree.text(name);
                text.push_str(if own == *one {
                    other
                } else if own == *other {
                    one
                } else {
                    own
                });
                done = range.end;
            }
            let shape = |name: &str| {
                site.unit.names.iter().find(|it| it.name == name).map(|it| it.shape).unwrap_or_default()
            };
            let cost = if shape(one).fits(shape(other)) { 0.0 } else { 1.0 };
            let why = Why::Sentence(format!("swap `{one}` and `{other}`"));
            out.change(site, ByteRange::new(start, end), text, Template::NamesSwapped, cost, why);
        }
    }
}

/// `a[i] = x` and `b[j] = x`, `b.c = x`, `b = x`.
fn target_part(site: &Site<'_>, out: &mut Proposals) {
    let text = site.text();
    let assignable = |it: &str| {
        it.ends_with(']') && !it.starts_with('[')
            || it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'.')
    };
    for value in site
        .unit
        .values
        .iter()
        .filter(|it| it.expression.text != text && assignable(&it.expression.text))
        .take(25)
    {
        let name = if value.expression.level == Level::ATOM { 1.0 } else { 0.0 };
        let cost = value.cost + name - similarity::of_names(text, &value.expression.text);
        out.change(
            site,
            site.tree.range(site.node),
            value.expression.text.clone(),
            Template::TargetReplaced,
            cost,
            Why::Instead,
        );
    }
}

fn target(site: &Site<'_>, out: &mut Proposals) {
    let parent = site.tree.parent(site.node).map(|it| site.tree.kind(it));
    if !matches!(parent, Some(Kind::Assignment | Kind::AugmentedAssignment | Kind::Pattern)) {
        return;
    }
    let text = site.text();
    for name in site.unit.variables().filter(|it| it.name != text) {
        let cost = name.cost + site.unit.unlikeness(site.node, name);
        out.change(
            site,
            site.tree.range(site.node),
            name.name.clone(),
            Template::TargetReplaced,
            cost,
            Why::Instead,
        );
    }
}
