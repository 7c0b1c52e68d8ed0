//! A condition the wrong way round.

use super::Operator;
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::site::Site;
use crate::tree::{Kind, Slot};

pub(super) struct Negation;

impl Operator for Negation {
    fn name(&self) -> &'static str {
        "negation"
    }

    fn doc(&self) -> &'static str {
        "negates a condition, or drops its negation"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let tree = site.tree;
        if !tree.is_replaceable(site.node) {
            return;
        }
        if site.kind() == Kind::Not {
            if let Some(inner) = tree.child(site.node, Slot::Operand) {
                out.replace(site, site.node, &tree.expression(inner), Template::NegationDropped, 0.0);
            }
            return;
        }
        let parent = tree.parent(site.node).map(|it| tree.kind(it));
        let extra = match (parent, site.slot(), site.kind()) {
            // Another operator says it better.
            (_, _, Kind::Comparison) => return,
            (_, Slot::Condition, _) => 0.0,
            (Some(Kind::Boolean), _, _) => 0.5,
            (Some(Kind::Return), _, Kind::Boolean | Kind::Call) => 1.0,
            (Some(Kind::ComprehensionIf), _, _) => 0.0,
            (Some(Kind::Assignment), Slot::Value, Kind::Boolean | Kind::Name | Kind::Attribute) => 2.0,
            _ => return,
        };
        out.replace(site, site.node, &tree.negation(site.node), Template::Negated, extra);
    }
}
