//! Another attribute, one more, one less: `a.next` for `a.prev`, `a` for `a.next`.

use std::collections::HashSet;

use super::Operator;
use crate::expression::Expression;
use crate::opposites;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::similarity;
use crate::site::Site;
use crate::tree::{Kind, NodeId, Slot};

pub(super) struct Attribute;

impl Operator for Attribute {
    fn name(&self) -> &'static str {
        "attribute"
    }

    fn doc(&self) -> &'static str {
        "another attribute of the object, one more, one less, or the member of the own object"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        match site.kind() {
            Kind::Attribute if site.slot() != Slot::Callee => replace(site, out),
            Kind::Name => own_member(site, out),
            _ => {}
        }
        add(site, out);
    }
}

/// Attributes read anywhere in the file, those of a like object first.
fn known<'a>(site: &Site<'a>, object: Option<NodeId>) -> Vec<(&'a str, f32)> {
    let tree = site.tree;
    let text = object.map(|it| tree.text(it));
    let mut found: Vec<(&str, f32)> = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    for own in [true, false] {
        for id in tree.all().filter(|&it| tree.kind(it) == Kind::Attribute && tree.slot(it) != Slot::Callee) {
            let like = tree.child(id, Slot::Object).map(|it| tree.text(it)) == text;
            let Some(property) = tree.child(id, Slot::Property).filter(|_| like == own) else { continue };
            if seen.insert(tree.text(property)) {
                found.push((tree.text(property), if own { 0.0 } else { 0.8 }));
            }
        }
    }
    found.truncate(25);
    found
}

fn replace(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (Some(object), Some(property)) =
        (tree.child(site.node, Slot::Object), tree.child(site.node, Slot::Property))
    else {
        return;
    };
    let (own, range) = (tree.text(property), tree.range(property));
    let spoken = if site.unit.signs.speak_of(own) { -2.0 } else { 0.0 };
    for (other, extra) in known(site, Some(object)) {
        if other != own {
            let hint = if site.unit.signs.speak_of(other) { -1.5 } else { 0.0 };
            let cost = extra + spoken + hint - 2.0 * similarity::of_names(own, other);
            out.change(site, range, other.to_owned(), Template::AttributeReplaced, cost, Why::Instead);
        }
    }
    for other in opposites::of(own) {
        out.change(site, range, other, Template::AttributeReplaced, spoken, Why::Instead);
    }
    for word in site.unit.signs.words.iter().filter(|it| crate::facts::is_word(it) && *it != own) {
        let cost = 0.5 + spoken - 2.0 * similarity::of_names(own, word);
        out.change(site, range, word.clone(), Template::AttributeReplaced, cost, Why::Instead);
    }
    if !site.family().is_python() {
        for (one, other) in [("length", "size"), ("size", "length")] {
            if own == one {
                out.change(site, range, other.to_owned(), Template::AttributeReplaced, 0.0, Why::Instead);
            }
        }
    }
    if tree.is_replaceable(site.node) {
        out.replace(site, site.node, &tree.expression(object), Template::AttributeDropped, 0.0);
    }
}

fn add(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let under_target = tree.is_under_target(site.node);
    let valued =
        matches!(site.kind(), Kind::Name | Kind::Attribute | Kind::Subscript) && site.slot() != Slot::Callee;
    if !valued || !(tree.is_replaceable(site.node) || under_target) {
        return;
    }
    let shape = site.unit.facts.shape(tree, site.node);
    let unsure = if shape.is_unknown() || shape.agrees(Shape::OBJECT) { 0.0 } else { 1.5 };
    for (name, extra) in known(site, Some(site.node)).into_iter().take(12) {
        let text = format!("{}.{name}", site.text());
        out.replace(site, site.node, &Expression::primary(text), Template::AttributeAdded, extra + unsure);
    }
}

/// `x` and `self.x`, `this.x`.
fn own_member(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let in_class = tree.ancestors(site.node).any(|it| tree.kind(it) == Kind::Class);
    if !in_class
        || matches!(site.text(), "self" | "this")
        || !(tree.is_replaceable(site.node) || site.slot() == Slot::Target || site.slot() == Slot::Callee)
    {
        return;
    }
    let own = if site.family().is_python() { "self" } else { "this" };
    let text = format!("{own}.{}", site.text());
    let resolved = site.unit.facts.resolve(site.text(), tree.range(site.node).start).is_some();
    let extra = if resolved { 1.0 } else { -1.5 };
    let seen = site.tree.text.contains(&text);
    out.change(
        site,
        tree.range(site.node),
        text,
        Template::AttributeAdded,
        if seen { extra - 0.5 } else { extra + 1.0 },
        Why::Instead,
    );
}
