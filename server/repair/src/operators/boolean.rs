//! `and` for `or` and the other way round.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::tree::Kind;

pub(super) struct Boolean;

impl Operator for Boolean {
    fn name(&self) -> &'static str {
        "boolean"
    }

    fn doc(&self) -> &'static str {
        "`and` for `or` and the other way round; `??` for `||`"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if site.kind() != Kind::Boolean {
            return;
        }
        let Some((range, token)) = site.tree.operator(site.node, 0) else { return };
        let others: &[&str] = match token {
            "and" => &["or"],
            "or" => &["and"],
            "&&" => &["||"],
            "||" => &["&&", "??"],
            "??" => &["||"],
            _ => &[],
        };
        for (at, other) in others.iter().enumerate() {
            out.change(site, range, (*other).to_owned(), Template::BooleanOperator, at as f32, Why::Instead);
        }
    }
}
