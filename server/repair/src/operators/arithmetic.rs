//! Another arithmetic operator, alone or in an augmented assignment: `+` for `-`, `//` for `/`, `-=` for `+=`.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::surface::Family;
use crate::tree::{Kind, Slot};

pub(super) struct Arithmetic;

impl Operator for Arithmetic {
    fn name(&self) -> &'static str {
        "arithmetic"
    }

    fn doc(&self) -> &'static str {
        "another arithmetic operator, also of an augmented assignment or `++`"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let Some((range, token)) = site.tree.operator(site.node, 0) else {
            if site.kind() == Kind::Assignment {
                plain_assignment(site, out);
            }
            return;
        };
        match site.kind() {
            Kind::Arithmetic => {
                for (at, other) in alternatives(site.family(), token).iter().enumerate() {
                    binary(site, other, at as f32 * 0.35, out);
                }
            }
            Kind::AugmentedAssignment => {
                let bare = token.trim_end_matches('=');
                for (at, other) in alternatives(site.family(), bare).iter().enumerate() {
                    out.change(
                        site,
                        range,
                        format!("{other}="),
                        Template::AugmentedOperator,
                        at as f32 * 0.35,
                        Why::Instead,
                    );
                }
                out.change(site, range, "=".to_owned(), Template::AugmentedOperator, 0.7, Why::Instead);
            }
            Kind::Update => {
                let other = if token == "++" { "--" } else { "++" };
                out.change(site, range, other.to_owned(), Template::AugmentedOperator, 0.0, Why::Instead);
            }
            Kind::Negate => {
                if let Some(inner) = site.tree.child(site.node, Slot::Operand) {
                    out.replace(
                        site,
                        site.node,
                        &site.tree.expression(inner),
                        Template::ArithmeticOperator,
                        0.7,
                    );
                }
            }
            _ => {}
        }
    }
}

/// With the brackets that another precedence needs.
fn binary(site: &Site<'_>, operator: &str, extra: f32, out: &mut Proposals) {
    let (Some(left), Some(right)) =
        (site.tree.child(site.node, Slot::Left), site.tree.child(site.node, Slot::Right))
    else {
        return;
    };
    let with = site.tree.binary(&site.tree.expression(left), operator, &site.tree.expression(right));
    let Some((range, token)) = site.tree.operator(site.node, 0) else { return };
    let spaced = site.tree.text(site.node).contains(&format!(" {token} "));
    if site.family().level_of_operator(operator) == site.family().level_of_operator(token) || !spaced {
        out.change(site, range, operator.to_owned(), Template::ArithmeticOperator, extra, Why::Instead);
    } else {
        out.replace(site, site.node, &with, Template::ArithmeticOperator, extra);
    }
}

fn plain_assignment(site: &Site<'_>, out: &mut Proposals) {
    let (Some(target), Some(value)) =
        (site.tree.child(site.node, Slot::Target), site.tree.child(site.node, Slot::Value))
    else {
        return;
    };
    let declares = site.tree.parent(site.node).is_some_and(|it| site.tree.kind(it) == Kind::Declaration);
    if declares || site.tree.kind(target) == Kind::Pattern {
        return;
    }
    let (target, value) = (site.tree.text(target), site.tree.text(value));
    for (operator, extra) in [("+=", 0.0), ("-=", 1.0), ("*=", 1.5)] {
        out.change(
            site,
            site.tree.range(site.node),
            format!("{target} {operator} {value}"),
            Template::AugmentedOperator,
            extra,
            Why::Instead,
        );
    }
}

fn alternatives(family: Family, token: &str) -> &'static [&'static str] {
    match (family, token) {
        (_, "+") => &["-", "*"],
        (_, "-") => &["+", "*"],
        (Family::Python, "*") => &["/", "+", "**", "//", "-"],
        (Family::JavaScript { .. }, "*") => &["/", "+", "**", "-"],
        (Family::Python, "/") => &["//", "*", "%", "-"],
        (Family::JavaScript { .. }, "/") => &["*", "%", "-"],
        (_, "//") => &["/", "%", "*"],
        (Family::Python, "%") => &["//", "/"],
        (Family::JavaScript { .. }, "%") => &["/", "*"],
        (_, "**") => &["*", "+"],
        (_, "&") => &["|", "^"],
        (_, "|") => &["&", "^"],
        (_, "^") => &["&", "|", "**"],
        (_, "<<") => &[">>"],
        (_, ">>") => &["<<"],
        (_, ">>>") => &[">>"],
        _ => &[],
    }
}
