//! Arguments in the wrong order, too many, too few.

use super::Operator;
use crate::facts;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::Site;
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Argument;

impl Operator for Argument {
    fn name(&self) -> &'static str {
        "argument"
    }

    fn doc(&self) -> &'static str {
        "swaps, drops or adds an argument"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if site.kind() != Kind::Call {
            return;
        }
        let arguments = site.tree.arguments(site.node);
        let arity = arity(site);
        swap(site, &arguments, out);
        drop_one(site, &arguments, arity, out);
        add(site, &arguments, arity, out);
    }
}

/// Fewest and most arguments of the called function, when the file defines it.
fn arity(site: &Site<'_>) -> Option<(usize, usize)> {
    let name = site.tree.callee_name(site.node);
    let by_name = site.unit.names.iter().find(|it| it.name == name).and_then(|it| it.arity);
    let callee = site.tree.child(site.node, Slot::Callee)?;
    match site.tree.kind(callee) {
        Kind::Name => by_name,
        _ => {
            let method = site.unit.facts.methods.iter().find(|(it, _)| it == name)?;
            Some(facts::arity(site.tree, method.1))
        }
    }
}

fn swap(site: &Site<'_>, arguments: &[NodeId], out: &mut Proposals) {
    let tree = site.tree;
    for (at, &one) in arguments.iter().enumerate() {
        for (step, &other) in arguments.iter().skip(at + 1).take(3).enumerate() {
            let odd = |id| matches!(tree.kind(id), Kind::Keyword | Kind::Splat);
            if odd(one) || odd(other) {
                continue;
            }
            let (a, b) = (tree.range(one), tree.range(other));
            let between = tree.slice(ByteRange::new(a.end, b.start));
            let text = format!("{}{between}{}", tree.text(other), tree.text(one));
            let why = Why::Sentence(format!(
                "swap the arguments `{}` and `{}`",
                brief(tree.text(one)),
                brief(tree.text(other))
            ));
            out.change(
                site,
                ByteRange::new(a.start, b.end),
                text,
                Template::ArgumentsSwapped,
                step as f32 * 0.5,
                why,
            );
        }
    }
}

fn drop_one(site: &Site<'_>, arguments: &[NodeId], arity: Option<(usize, usize)>, out: &mut Proposals) {
    let tree = site.tree;
    let extra = match arity {
        Some((fewest, _)) if arguments.len() <= fewest => 2.5,
        Some((_, most)) if arguments.len() > most => -2.0,
        _ => 0.5,
    };
    for (at, &argument) in arguments.iter().enumerate() {
        let own = tree.range(argument);
        let range = match (at.checked_sub(1).and_then(|it| arguments.get(it)), arguments.get(at + 1)) {
            (_, Some(&next)) => ByteRange::new(own.start, tree.range(next).start),
            (Some(&before), None) => ByteRange::new(tree.range(before).end, own.end),
            (None, None) => own,
        };
        if tree.slot(argument) == Slot::Argument {
            let why = Why::Sentence(format!("drop the argument `{}`", brief(tree.text(argument))));
            out.change(site, range, String::new(), Template::ArgumentDropped, extra, why);
        }
    }
}

fn add(site: &Site<'_>, arguments: &[NodeId], arity: Option<(usize, usize)>, out: &mut Proposals) {
    let tree = site.tree;
    let by_arity = match arity {
        Some((fewest, _)) if arguments.len() < fewest => -2.5,
        Some((_, most)) if arguments.len() >= most => 3.0,
        Some(_) => 0.0,
        None => 1.0,
    };
    let Some(list) = tree.child(site.node, Slot::Arguments).filter(|&it| tree.kind(it) == Kind::Arguments)
    else {
        return;
    };
    let places = (0..=arguments.len()).map(|at| match arguments.get(at) {
        Some(&next) => (at, tree.range(next).start),
        None => (at, tree.range(list).end.saturating_sub(1)),
    });
    let known: Vec<&str> = arguments.iter().map(|&it| tree.text(it)).collect();
    for (at, offset) in places {
        let last = at == arguments.len();
        if !last && arguments.get(at).is_some_and(|&it| matches!(tree.kind(it), Kind::Keyword | Kind::Splat))
        {
            continue;
        }
        let mut offer = |text: &str, cost: f32| {
            let inserted = match (arguments.is_empty(), last) {
                (true, _) => text.to_owned(),
                (false, true) => format!(", {text}"),
                (false, false) => format!("{text}, "),
            };
            let twice = if known.contains(&text) { 1.5 } else { 0.0 };
            let spoken = if site.unit.signs.speak_of(text) { -2.0 } else { 0.0 };
            let why = Why::Sentence(format!("pass `{}` as argument {}", brief(text), at + 1));
            let cost = cost + by_arity + twice + spoken + if last { 0.0 } else { 0.5 };
            out.change(site, ByteRange::at(offset), inserted, Template::ArgumentAdded, cost, why);
        };
        for value in site.unit.values.iter().filter(|it| it.expression.text != site.text()).take(25) {
            offer(
                &value.expression.text,
                value.cost + if value.shape.agrees(Shape::FUNCTION) { 1.0 } else { 0.0 },
            );
        }
        for (text, cost) in [
            ("0", 0.7),
            ("1", 0.7),
            ("-1", 2.0),
            (site.family().null(), 1.5),
            (site.family().yes(), 1.2),
            (site.family().no(), 1.2),
        ] {
            offer(text, cost);
        }
        for (text, cost) in [("2", 2.0), ("\"\"", 2.0), ("[]", 2.0), ("10", 2.5)] {
            offer(text, cost);
        }
    }
}

/// A text cut for a sentence.
pub(crate) fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= 40 && line.len() == text.len() {
        return line.to_owned();
    }
    let cut: String = line.chars().take(38).collect();
    format!("{cut} …")
}
