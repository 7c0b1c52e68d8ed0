//! A value for when there is none: `d.get(k, 0)`, `x or []`, `x ?? 0`, `a?.b`.

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::Site;
use crate::surface::Level;
use crate::tree::{Kind, Slot};
use bodkin_text::ByteRange;

pub(super) struct Fallback;

impl Operator for Fallback {
    fn name(&self) -> &'static str {
        "fallback"
    }

    fn doc(&self) -> &'static str {
        "gives a value for when there is none"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if !site.tree.is_replaceable(site.node) || site.tree.is_under_target(site.node) {
            return;
        }
        if site.family().is_python() && site.kind() == Kind::Subscript {
            get(site, out);
        }
        match site.kind() {
            Kind::Name | Kind::Attribute | Kind::Subscript | Kind::Call if site.slot() != Slot::Callee => {
                or_else(site, out);
            }
            _ => {}
        }
        if !site.family().is_python() {
            optional(site, out);
        }
    }
}

const VALUES: &[(&str, Shape, f32)] = &[
    ("0", Shape::NUMBER, 0.0),
    ("[]", Shape::LIST, 0.3),
    ("\"\"", Shape::TEXT, 0.3),
    ("{}", Shape::DICT, 0.7),
    ("1", Shape::NUMBER, 0.9),
];

fn get(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (Some(object), Some(index)) =
        (tree.child(site.node, Slot::Object), tree.child(site.node, Slot::Index))
    else {
        return;
    };
    if tree.kind(index) == Kind::Slice || tree.kind(index) == Kind::Integer {
        return;
    }
    let (object, index) = (tree.text(object), tree.text(index));
    out.replace(
        site,
        site.node,
        &Expression::primary(format!("{object}.get({index})")),
        Template::Fallback,
        0.0,
    );
    for (value, _, extra) in VALUES {
        let text = format!("{object}.get({index}, {value})");
        out.replace(site, site.node, &Expression::primary(text), Template::Fallback, *extra);
    }
    let text = format!("{object}.get({index}, {index})");
    out.replace(site, site.node, &Expression::primary(text), Template::Fallback, 1.0);
}

fn or_else(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let iterated = if site.slot() == Slot::Iterable { 0.0 } else { 1.0 };
    let wanted = site.wanted(site.node);
    let words: &[&str] = if site.family().is_python() { &["or"] } else { &["??", "||"] };
    let own = tree.expression(site.node);
    for (at, word) in words.iter().enumerate() {
        for (value, of, extra) in VALUES {
            let fits = if wanted.fits(*of) { 0.0 } else { 1.5 };
            let with = tree.binary(&own, word, &Expression::atom(*value));
            out.replace(
                site,
                site.node,
                &with,
                Template::Fallback,
                iterated + fits + extra + at as f32 * 0.7,
            );
        }
    }
    if let Some(parameter) = site.unit.variables().find(|it| it.name != own.text && wanted.agrees(it.shape)) {
        let with =
            tree.binary(&own, words.first().unwrap_or(&"or"), &Expression::atom(parameter.name.clone()));
        out.replace(site, site.node, &with, Template::Fallback, iterated + 1.0);
    }
    // Nothing stays nothing.
    if site.family().is_python()
        && site.kind() == Kind::Attribute
        && let Some(object) = tree.child(site.node, Slot::Object)
    {
        let text = format!("{} if {} else None", own.text, tree.text(object));
        out.replace(site, site.node, &Expression::new(text, Level::TERNARY), Template::Fallback, 1.2);
    }
}

/// `a.b` and `a?.b`.
fn optional(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    if !matches!(site.kind(), Kind::Attribute | Kind::Subscript) {
        return;
    }
    let Some(object) = tree.child(site.node, Slot::Object) else { return };
    let after = tree.range(object).end;
    let rest = tree.slice(ByteRange::new(after, tree.range(site.node).end));
    if rest.starts_with('.') {
        out.change(
            site,
            ByteRange::at(after),
            "?".to_owned(),
            Template::Fallback,
            0.0,
            Why::Sentence(format!("use `?.` after `{}`", tree.text(object))),
        );
    } else if rest.starts_with('[') {
        out.change(
            site,
            ByteRange::at(after),
            "?.".to_owned(),
            Template::Fallback,
            0.5,
            Why::Sentence(format!("use `?.` after `{}`", tree.text(object))),
        );
    }
}
