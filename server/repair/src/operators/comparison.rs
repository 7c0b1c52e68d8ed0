//! Another comparison: `<` for `<=`, `==` for `!=`, `===` for `==`, `in` for `not in`.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::surface::Family;
use crate::tree::Kind;

pub(super) struct Comparison;

impl Operator for Comparison {
    fn name(&self) -> &'static str {
        "comparison"
    }

    fn doc(&self) -> &'static str {
        "another comparison operator"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if site.kind() != Kind::Comparison {
            return;
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
