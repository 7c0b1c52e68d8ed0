//! A loop over the wrong span or in the wrong form: where `range` starts and ends, `of` for `in`, `if` for `while`.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::Site;
use crate::tree::{Kind, Slot};
use bodkin_text::ByteRange;

pub(super) struct Loops;

impl Operator for Loops {
    fn name(&self) -> &'static str {
        "loops"
    }

    fn doc(&self) -> &'static str {
        "another span or form of a loop, `elif` for `if`, `break` for `continue`"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        match site.kind() {
            Kind::Call if site.tree.callee_name(site.node) == "range" => span(site, out),
            Kind::For => {
                form(site, out);
                walk(site, out);
            }
            Kind::ComprehensionFor => walk(site, out),
            Kind::If | Kind::ElseIf | Kind::While => header(site, out),
            Kind::Break | Kind::Continue => leave(site, out),
            _ => {}
        }
    }
}

fn span(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let texts: Vec<&str> = tree.arguments(site.node).iter().map(|&it| tree.text(it)).collect();
    let mut offer = |arguments: String, extra: f32| {
        out.change(
            site,
            tree.range(site.node),
            format!("range({arguments})"),
            Template::RangeChanged,
            extra,
            Why::Instead,
        );
    };
    match texts.as_slice() {
        [stop] => {
            offer(format!("1, {stop} + 1"), 0.3);
            offer(format!("1, {stop}"), 0.3);
            offer(format!("2, {stop}"), 1.5);
            offer(format!("{stop} - 1, -1, -1"), 1.0);
            offer(format!("{stop}, 0, -1"), 1.2);
            for value in
                site.unit.variables().filter(|it| it.shape.fits(Shape::NUMBER) && it.name != *stop).take(8)
            {
                let unsure = if value.shape.agrees(Shape::NUMBER) { 0.5 } else { 1.5 };
                offer(format!("{}, {stop}", value.name), value.cost + unsure);
                offer(format!("{} + 1, {stop}", value.name), value.cost + unsure + 0.3);
            }
        }
        [start, stop] => {
            offer(stop.to_string(), 0.5);
            offer(format!("{start}, {stop}, -1"), 0.7);
            offer(format!("{stop}, {start}, -1"), 0.7);
            offer(format!("{stop} - 1, {start} - 1, -1"), 0.9);
            offer(format!("{start}, {stop}, 2"), 1.2);
        }
        [start, stop, step] => {
            offer(format!("{start}, {stop}"), 0.5);
            offer(format!("{stop}, {start}, {step}"), 0.7);
        }
        _ => {}
    }
}

/// `for (x of xs)` and `for (x in xs)`.
fn form(site: &Site<'_>, out: &mut Proposals) {
    if let Some((range, token)) = site.tree.operator(site.node, 0).filter(|_| !site.family().is_python()) {
        let other = if token == "of" { "in" } else { "of" };
        out.change(site, range, other.to_owned(), Template::LoopForm, 0.0, Why::Instead);
    }
}

/// `for i in xs` and `for i, x in enumerate(xs)`; a pair's names swapped.
fn walk(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (Some(target), Some(iterable)) =
        (tree.child(site.node, Slot::Target), tree.child(site.node, Slot::Iterable))
    else {
        return;
    };
    if tree.kind(target) == Kind::Pattern {
        let names: Vec<&str> = tree.children(target).iter().map(|&it| tree.text(it)).collect();
        if let [one, other] = names.as_slice() {
            let text = format!("{other}, {one}");
            let bare = tree.text(target).trim_matches(['(', ')', '[', ']']);
            let text = tree.text(target).replace(bare, &text);
            out.change(site, tree.range(target), text, Template::LoopForm, 0.0, Why::Instead);
        }
    }
    if !site.family().is_python() {
        return;
    }
    let own = tree.text(iterable);
    for (text, extra) in [
        (format!("range(len({own}))"), 0.7),
        (format!("range({own})"), 0.9),
        (format!("{own}[1:]"), 0.7),
        (format!("{own}[:-1]"), 0.9),
        (format!("list({own})"), 0.7),
        (format!("{own}[::-1]"), 0.9),
    ] {
        if tree.level(iterable) >= crate::surface::Level::PRIMARY {
            out.change(site, tree.range(iterable), text, Template::LoopForm, extra, Why::Instead);
        }
    }
}

/// The keyword of a header.
fn header(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let start = tree.range(site.node).start;
    let mut offer = |from: &str, to: &str, extra: f32| {
        if site.text().starts_with(from) {
            let range = ByteRange::new(start, start + from.len());
            out.change(site, range, to.to_owned(), Template::KeywordSwapped, extra, Why::Instead);
        }
    };
    match site.kind() {
        Kind::If => {
            if tree.child(site.node, Slot::Else).is_none() {
                offer("if", "while", 1.0);
            }
            let siblings = tree.siblings(site.node);
            let before = siblings
                .iter()
                .position(|&it| it == site.node)
                .and_then(|at| at.checked_sub(1))
                .and_then(|at| siblings.get(at));
            let follows = before.is_some_and(|&it| {
                tree.kind(it) == Kind::If
                    && tree.parts(it, Slot::Else).iter().all(|&it| tree.kind(it) != Kind::Else)
            });
            if follows {
                offer("if", if site.family().is_python() { "elif" } else { "else if" }, 0.0);
            }
        }
        Kind::ElseIf => offer("elif", "if", 0.3),
        Kind::While => offer("while", "if", 1.0),
        _ => {}
    }
}

fn leave(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (own, other) = if site.kind() == Kind::Break { ("break", "continue") } else { ("continue", "break") };
    let start = tree.range(site.node).start;
    out.change(
        site,
        ByteRange::new(start, start + own.len()),
        other.to_owned(),
        Template::KeywordSwapped,
        -0.5,
        Why::Instead,
    );
    if site.in_function() {
        for value in site.unit.values.iter().take(12) {
            let text = format!("return {}", value.expression.text);
            out.change(
                site,
                ByteRange::new(start, start + own.len()),
                text,
                Template::KeywordSwapped,
                0.7 + value.cost,
                Why::Instead,
            );
        }
        for (text, extra) in
            [(site.family().yes(), 0.7), (site.family().no(), 0.7), (site.family().null(), 1.0)]
        {
            out.change(
                site,
                ByteRange::new(start, start + own.len()),
                format!("return {text}"),
                Template::KeywordSwapped,
                extra,
                Why::Instead,
            );
        }
    }
}
