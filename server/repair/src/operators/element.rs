//! Elements of written-out lists, tuples and dictionaries: one more, one less, nested, another order.

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::surface::Level;
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Element;

impl Operator for Element {
    fn name(&self) -> &'static str {
        "element"
    }

    fn doc(&self) -> &'static str {
        "adds, drops, swaps or nests elements of a list, tuple or dictionary"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if !matches!(site.kind(), Kind::List | Kind::Tuple | Kind::Set | Kind::Dict)
            || !site.tree.is_replaceable(site.node)
        {
            return;
        }
        let elements = site.tree.parts(site.node, Slot::Element);
        if site.kind() != Kind::Dict {
            add(site, &elements, out);
        }
        drop_one(site, &elements, out);
        swap(site, &elements, out);
        nest(site, &elements, out);
    }
}

fn add(site: &Site<'_>, elements: &[NodeId], out: &mut Proposals) {
    let tree = site.tree;
    let bare = site.kind() == Kind::Tuple && !site.text().starts_with('(');
    let all = tree.range(site.node);
    let (front, back) = match (elements.first(), elements.last()) {
        (Some(&first), Some(&last)) => (tree.range(first).start, tree.range(last).end),
        _ if bare || site.kind() == Kind::Set => return,
        _ => (all.start + 1, all.start + 1),
    };
    let mut offer = |text: &str, extra: f32| {
        let why = || Why::Sentence(format!("add the element `{}`", super::argument::brief(text)));
        if elements.is_empty() {
            let closed = if site.kind() == Kind::Tuple { format!("{text},") } else { text.to_owned() };
            out.change(site, ByteRange::at(front), closed, Template::ElementAdded, extra, why());
        } else {
            out.change(site, ByteRange::at(back), format!(", {text}"), Template::ElementAdded, extra, why());
            out.change(
                site,
                ByteRange::at(front),
                format!("{text}, "),
                Template::ElementAdded,
                extra + 0.5,
                why(),
            );
        }
    };
    for value in site.unit.values.iter().take(25) {
        offer(&value.expression.text, value.cost);
    }
    for (text, extra) in [("0", 0.5), ("1", 0.7), ("[]", 1.0), ("\"\"", 1.0), (site.family().null(), 1.0)] {
        offer(text, extra);
    }
}

fn drop_one(site: &Site<'_>, elements: &[NodeId], out: &mut Proposals) {
    let tree = site.tree;
    for (at, &element) in elements.iter().enumerate() {
        let own = tree.range(element);
        let range = match (at.checked_sub(1).and_then(|it| elements.get(it)), elements.get(at + 1)) {
            (_, Some(&next)) => ByteRange::new(own.start, tree.range(next).start),
            (Some(&before), None) => ByteRange::new(tree.range(before).end, own.end),
            (None, None) if site.kind() == Kind::Tuple => continue,
            (None, None) => own,
        };
        let why = Why::Sentence(format!("drop the element `{}`", super::argument::brief(tree.text(element))));
        out.change(site, range, String::new(), Template::ElementDropped, 0.0, why);
    }
}

fn swap(site: &Site<'_>, elements: &[NodeId], out: &mut Proposals) {
    let tree = site.tree;
    for (&one, &other) in elements.iter().zip(elements.iter().skip(1)).take(8) {
        let (a, b) = (tree.range(one), tree.range(other));
        let between = tree.slice(ByteRange::new(a.end, b.start));
        let text = format!("{}{between}{}", tree.text(other), tree.text(one));
        let why = Why::Sentence(format!(
            "swap `{}` and `{}`",
            super::argument::brief(tree.text(one)),
            super::argument::brief(tree.text(other))
        ));
        out.change(site, ByteRange::new(a.start, b.end), text, Template::ElementDropped, 0.7, why);
    }
    for &pair in elements.iter().filter(|&&it| tree.kind(it) == Kind::Pair) {
        if let (Some(key), Some(value)) = (tree.child(pair, Slot::Key), tree.child(pair, Slot::Value)) {
            let text = format!("{}: {}", tree.text(value), tree.text(key));
            out.change(site, tree.range(pair), text, Template::ElementDropped, 1.0, Why::Instead);
        }
    }
}

fn nest(site: &Site<'_>, elements: &[NodeId], out: &mut Proposals) {
    let own = site.tree.expression(site.node).at_least(Level::TERNARY);
    out.replace(site, site.node, &Expression::atom(format!("[{own}]")), Template::LiteralNested, 0.0);
    if let [only] = elements
        && matches!(site.tree.kind(*only), Kind::List | Kind::Tuple | Kind::Name | Kind::Call)
    {
        out.replace(site, site.node, &site.tree.expression(*only), Template::LiteralNested, 0.3);
    }
}
