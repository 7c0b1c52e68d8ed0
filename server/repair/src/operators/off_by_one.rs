//! One more or one less: bounds, indices, counts; and an offset that should not be there.

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::shape::Shape;
use crate::site::Site;
use crate::tree::{Kind, NodeId, Slot, Tree};

pub(super) struct OffByOne;

impl Operator for OffByOne {
    fn name(&self) -> &'static str {
        "off_by_one"
    }

    fn doc(&self) -> &'static str {
        "one more or one less than a bound, an index, a count"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let tree = site.tree;
        if !tree.is_replaceable(site.node) {
            return;
        }
        if site.kind() == Kind::Arithmetic {
            drop_offset(site, out);
        }
        let Some(extra) = plausibility(site) else { return };
        let one = Expression::atom("1");
        let own = tree.expression(site.node);
        for (operator, more) in [("-", 0.0), ("+", 0.0)] {
            // `x - 1 + 1` is what dropping the offset gives.
            if offset(tree, site.node).is_some_and(|it| it != operator) {
                continue;
            }
            out.replace(
                site,
                site.node,
                &tree.binary(&own, operator, &one),
                Template::OffByOne,
                extra + more,
            );
        }
    }
}

/// `+` or `-` when the node is something plus or minus one.
fn offset(tree: &Tree, id: NodeId) -> Option<&str> {
    let right = tree.child(id, Slot::Right)?;
    let (_, token) = tree.operator(id, 0)?;
    (tree.kind(id) == Kind::Arithmetic && tree.text(right) == "1" && matches!(token, "+" | "-"))
        .then_some(token)
}

fn drop_offset(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (Some(left), Some(right)) = (tree.child(site.node, Slot::Left), tree.child(site.node, Slot::Right))
    else {
        return;
    };
    let sum = tree.operator(site.node, 0).is_some_and(|(_, token)| matches!(token, "+" | "-"));
    if sum && tree.kind(right) == Kind::Integer {
        out.replace(site, site.node, &tree.expression(left), Template::OffsetDropped, 0.0);
    }
    if sum && tree.kind(left) == Kind::Integer {
        out.replace(site, site.node, &tree.expression(right), Template::OffsetDropped, 0.3);
    }
}

/// How unlikely an offset is at this place; `None` where it makes no sense.
fn plausibility(site: &Site<'_>) -> Option<f32> {
    let tree = site.tree;
    let kind = site.kind();
    let countable =
        matches!(kind, Kind::Name | Kind::Attribute | Kind::Call | Kind::Arithmetic | Kind::Subscript);
    let parent = tree.parent(site.node)?;
    if !countable || tree.kind(parent) == Kind::Arithmetic && matches!(kind, Kind::Arithmetic) {
        return None;
    }
    let shape = site.unit.facts.shape(tree, site.node);
    if !shape.fits(Shape::NUMBER) {
        return None;
    }
    let unsure = if shape.agrees(Shape::NUMBER) { 0.0 } else { 1.0 };
    let by_place = match (tree.kind(parent), tree.slot(site.node)) {
        (Kind::Subscript, Slot::Index) | (Kind::Slice, _) => 0.0,
        (Kind::Comparison, _) => match tree.operator(parent, 0).map(|(_, it)| it) {
            Some("<" | "<=" | ">" | ">=") => 0.2,
            Some("in" | "not in" | "is" | "is not") => return None,
            _ => 1.2,
        },
        (Kind::Arguments, _) => match tree.parent(parent).map(|it| tree.callee_name(it)) {
            Some("range" | "slice" | "substring" | "substr" | "islice") => -0.5,
            _ => 0.7,
        },
        (Kind::Return, _) => 0.5,
        (Kind::Assignment | Kind::AugmentedAssignment, Slot::Value) => 0.8,
        (Kind::Arithmetic, _) => 1.0,
        (Kind::Negate, _) => 2.0,
        (Kind::Tuple | Kind::List, _) => 1.2,
        _ => return None,
    };
    Some(by_place + unsure)
}
