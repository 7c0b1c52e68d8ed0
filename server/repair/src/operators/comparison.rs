//! Another comparison: `<` for `<=`, `==` for `!=`, `===` for `==`, `in` for `not in`.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::surface::Family;
use crate::tree::{Kind, Slot};

pub(super) struct Comparison;

impl Operator for Comparison {
    fn name(&self) -> &'static str {
        "comparison"
    }

    fn doc(&self) -> &'static str {
        "another comparison operator"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        match site.kind() {
            Kind::Comparison => {}
            Kind::Assignment => return assigned(site, out),
            _ => return,
        }
        for &range in &site.tree.node(site.node).operators {
            let token = site.tree.slice(range);
            with_constant(site, token, out);
            for (template, others) in alternatives(site.family(), token) {
                for (at, other) in others.iter().enumerate() {
                    out.change(site, range, (*other).to_owned(), template, at as f32 * 0.4, Why::Instead);
                }
            }
        }
    }
}

/// `if (x = 1)` and `if (x === 1)`.
fn assigned(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let decides = std::iter::once(site.node)
        .chain(tree.ancestors(site.node).take(2))
        .any(|it| tree.slot(it) == Slot::Condition);
    if let (true, Some(target), Some(value)) =
        (decides, tree.child(site.node, Slot::Target), tree.child(site.node, Slot::Value))
    {
        let text = format!("{} {} {}", tree.text(target), site.family().equals(), tree.text(value));
        out.change(site, tree.range(site.node), text, Template::ComparisonStrictness, 0.0, Why::Instead);
    }
}

/// `x == 0` and `x <= 1`: the operator and its constant together.
fn with_constant(site: &Site<'_>, token: &str, out: &mut Proposals) {
    let &[left, right] = site.tree.children(site.node) else { return };
    let Ok(value) = site.tree.text(right).parse::<i64>() else { return };
    let near = [value.saturating_add(1), value.saturating_sub(1), 0];
    for (at, other) in
        ["<=", ">=", "<", ">", site.family().equals()].into_iter().filter(|it| *it != token).enumerate()
    {
        for (step, constant) in near.iter().enumerate().filter(|(_, it)| **it != value) {
            let text = format!("{} {other} {constant}", site.tree.text(left));
            let cost = at as f32 * 0.3 + step as f32 * 0.4;
            out.change(
                site,
                site.tree.range(site.node),
                text,
                Template::ComparisonConstant,
                cost,
                Why::Instead,
            );
        }
    }
}

type Alternatives = &'static [&'static str];

fn alternatives(family: Family, token: &str) -> [(Template, Alternatives); 4] {
    use Template::{
        ComparisonFlipped as Flipped, ComparisonNear as Near, ComparisonOther as Other,
        ComparisonStrictness as Strict,
    };
    let (near, flipped, other, strict): (Alternatives, Alternatives, Alternatives, Alternatives) =
        match (family, token) {
            (Family::Python, "<") => (&["<="], &[">", ">="], &["!=", "=="], &[]),
            (Family::Python, "<=") => (&["<"], &[">=", ">"], &["==", "!="], &[]),
            (Family::Python, ">") => (&[">="], &["<", "<="], &["!=", "=="], &[]),
            (Family::Python, ">=") => (&[">"], &["<=", "<"], &["==", "!="], &[]),
            (Family::Python, "==") => (&["!="], &["in"], &[">=", "<=", "<", ">"], &["is"]),
            (Family::Python, "!=") => (&["=="], &["not in"], &["<", ">", "<=", ">="], &["is not"]),
            (Family::Python, "is") => (&["is not"], &[], &[], &["=="]),
            (Family::Python, "is not") => (&["is"], &[], &[], &["!="]),
            (Family::Python, "in") => (&["not in"], &["=="], &[], &[]),
            (Family::Python, "not in") => (&["in"], &["!="], &[], &[]),
            (Family::JavaScript { .. }, "<") => (&["<="], &[">", ">="], &["!==", "==="], &[]),
            (Family::JavaScript { .. }, "<=") => (&["<"], &[">=", ">"], &["===", "!=="], &[]),
            (Family::JavaScript { .. }, ">") => (&[">="], &["<", "<="], &["!==", "==="], &[]),
            (Family::JavaScript { .. }, ">=") => (&[">"], &["<=", "<"], &["===", "!=="], &[]),
            (Family::JavaScript { .. }, "==") => (&["!="], &[], &[">=", "<=", "<", ">"], &["==="]),
            (Family::JavaScript { .. }, "!=") => (&["=="], &[], &["<", ">", "<=", ">="], &["!=="]),
            (Family::JavaScript { .. }, "===") => (&["!=="], &[], &[">=", "<=", "<", ">"], &["=="]),
            (Family::JavaScript { .. }, "!==") => (&["==="], &[], &["<", ">", "<=", ">="], &["!="]),
            _ => (&[], &[], &[], &[]),
        };
    [(Near, near), (Flipped, flipped), (Other, other), (Strict, strict)]
}
