//! Another element or part: `x[-1]` for `x[0]`, `x[i]` for `x`, `x[1:]` for `x[:1]`.

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::Site;
use crate::surface::Level;
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Subscript;

impl Operator for Subscript {
    fn name(&self) -> &'static str {
        "subscript"
    }

    fn doc(&self) -> &'static str {
        "another element, the whole, a part, or other ends of a part"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        match site.kind() {
            Kind::Subscript => {
                index(site, out);
                swap_indices(site, out);
                whole(site, out);
            }
            Kind::Slice => slice(site, out),
            _ => {}
        }
        add(site, out);
    }
}

fn index(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let Some(index) = tree.child(site.node, Slot::Index) else { return };
    if tree.kind(index) == Kind::Slice {
        return;
    }
    let range = tree.range(index);
    let object = tree.child(site.node, Slot::Object).map(|it| tree.text(it).to_owned()).unwrap_or_default();
    let last = if site.family().is_python() { "-1".to_owned() } else { format!("{object}.length - 1") };
    for (text, extra) in [("0".to_owned(), 0.3), (last, 0.0)] {
        out.change(site, range, text, Template::IndexEnd, extra, Why::Instead);
    }
    if site.family().is_python() {
        let own = tree.text(index).to_owned();
        for (text, extra) in [(format!("-{own}"), 1.0), (format!("{own}:"), 1.2), (format!(":{own}"), 1.2)] {
            out.change(site, range, text, Template::SliceAdded, extra, Why::Instead);
        }
    }
    for step in [" - 1", " + 1"] {
        let negative = tree.kind(index) == Kind::Integer || tree.kind(index) == Kind::Negate;
        if tree.is_under_target(site.node) || site.slot() == Slot::Target {
            let text = format!("{}{step}", tree.at_least(index, Level::SUM));
            out.change(site, range, text, Template::OffByOne, if negative { 1.5 } else { 0.2 }, Why::Instead);
        }
    }
}

/// `a[i, j]` and `a[j, i]`.
fn swap_indices(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let several = tree.parts(site.node, Slot::Index);
    for (&one, &other) in several.iter().zip(several.iter().skip(1)) {
        let (a, b) = (tree.range(one), tree.range(other));
        let between = tree.slice(ByteRange::new(a.end, b.start));
        let text = format!("{}{between}{}", tree.text(other), tree.text(one));
        out.change(site, ByteRange::new(a.start, b.end), text, Template::IndexEnd, 0.0, Why::Instead);
    }
}

fn whole(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (Some(object), Some(index)) =
        (tree.child(site.node, Slot::Object), tree.child(site.node, Slot::Index))
    else {
        return;
    };
    if tree.is_replaceable(site.node) {
        out.replace(site, site.node, &tree.expression(object), Template::SubscriptDropped, 0.0);
        if tree.kind(index).is_expression() {
            out.replace(site, site.node, &tree.expression(index), Template::SubscriptDropped, 0.7);
        }
    }
    if tree.kind(object) == Kind::Subscript
        && let (Some(base), Some(first)) = (tree.child(object, Slot::Object), tree.child(object, Slot::Index))
    {
        let text = format!("{}[{}][{}]", tree.text(base), tree.text(index), tree.text(first));
        out.change(site, tree.range(site.node), text, Template::IndexEnd, 0.3, Why::Instead);
    }
}

/// Parts of `a[start:stop:step]` as texts.
fn parts(site: &Site<'_>, id: NodeId) -> (String, String, String) {
    let tree = site.tree;
    let colons = &tree.node(id).operators;
    let part = |from: usize, to: usize| tree.slice(ByteRange::new(from, to)).trim().to_owned();
    let all = tree.range(id);
    match colons.as_slice() {
        [first] => (part(all.start, first.start), part(first.end, all.end), String::new()),
        [first, second, ..] => {
            (part(all.start, first.start), part(first.end, second.start), part(second.end, all.end))
        }
        [] => (part(all.start, all.end), String::new(), String::new()),
    }
}

fn slice(site: &Site<'_>, out: &mut Proposals) {
    let (start, stop, step) = parts(site, site.node);
    let range = site.tree.range(site.node);
    let mut offer = |start: &str, stop: &str, step: &str, extra: f32| {
        let text = if step.is_empty() { format!("{start}:{stop}") } else { format!("{start}:{stop}:{step}") };
        out.change(site, range, text, Template::SliceChanged, extra, Why::Instead);
    };
    offer(&stop, &start, &step, 0.0);
    if !start.is_empty() {
        offer("", &stop, &step, 0.0);
    }
    if !stop.is_empty() {
        offer(&start, "", &step, 0.0);
    }
    let more = |text: &str, by: &str| if text.is_empty() { None } else { Some(format!("{text} {by} 1")) };
    for by in ["+", "-"] {
        if let Some(moved) = more(&start, by) {
            offer(&moved, &stop, &step, 0.2);
        }
        if let Some(moved) = more(&stop, by) {
            offer(&start, &moved, &step, 0.2);
        }
    }
    let values: Vec<&str> = site
        .unit
        .values
        .iter()
        .filter(|it| it.shape.fits(Shape::NUMBER))
        .take(8)
        .map(|it| it.expression.text.as_str())
        .collect();
    for (at, value) in ["1", "-1", "2"].into_iter().chain(values).enumerate() {
        let extra = 0.5 + at as f32 * 0.15;
        if start.is_empty() {
            offer(value, &stop, &step, extra);
        }
        if stop.is_empty() {
            offer(&start, value, &step, extra);
        }
    }
    if step.is_empty() {
        offer(&start, &stop, "-1", 0.7);
        offer(&start, &stop, "2", 1.5);
    } else {
        offer(&start, &stop, "", 0.5);
    }
}

fn add(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let valued = matches!(site.kind(), Kind::Name | Kind::Attribute | Kind::Call | Kind::Subscript);
    if !valued || site.slot() == Slot::Callee || !tree.is_replaceable(site.node) {
        return;
    }
    let shape = site.unit.facts.shape(tree, site.node);
    if !shape.fits(Shape::MANY) {
        return;
    }
    let own = site.text();
    let unsure = if shape.is_unknown() { 1.0 } else { 0.0 };
    let mut offer = |index: &str, template: Template, extra: f32| {
        out.replace(
            site,
            site.node,
            &Expression::primary(format!("{own}[{index}]")),
            template,
            extra + unsure,
        );
    };
    if site.family().is_python() {
        for (index, extra) in [("0", 0.0), ("-1", 0.2), ("1", 0.5)] {
            offer(index, Template::SubscriptAdded, extra);
        }
        for (index, extra) in [("1:", 0.0), (":-1", 0.2), ("::-1", 0.3), ("2:", 1.2), (":1", 1.2)] {
            offer(index, Template::SliceAdded, extra);
        }
    } else {
        let end = format!("{own}.length - 1");
        for (index, extra) in [("0", 0.0), ("1", 0.5), (end.as_str(), 0.5)] {
            offer(index, Template::SubscriptAdded, extra);
        }
    }
    for value in site.unit.variables().filter(|it| it.name != own && !it.shape.agrees(Shape::LIST)).take(10) {
        offer(&value.name, Template::SubscriptAdded, 0.5 + value.cost);
        if value.shape.fits(Shape::NUMBER) && site.family().is_python() {
            offer(&format!("{}:", value.name), Template::SliceAdded, 0.7 + value.cost);
            offer(&format!(":{}", value.name), Template::SliceAdded, 0.7 + value.cost);
        }
    }
    if !site.family().is_python() {
        for (part, extra) in [("slice(1)", 0.0), ("slice(0, -1)", 0.3), ("slice(-1)", 1.2)] {
            out.replace(
                site,
                site.node,
                &Expression::primary(format!("{own}.{part}")),
                Template::SliceAdded,
                extra + unsure,
            );
        }
    }
}
