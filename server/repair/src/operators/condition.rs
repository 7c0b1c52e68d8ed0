//! Another condition altogether: one that stands elsewhere in the file, or one made from the values in scope.

use super::Operator;
use crate::candidate::Caution;
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::site::Site;
use crate::tree::{Kind, Slot};

pub(super) struct Condition;

impl Operator for Condition {
    fn name(&self) -> &'static str {
        "condition"
    }

    fn doc(&self) -> &'static str {
        "another condition from the file, or one made from values in scope"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if site.slot() != Slot::Condition || !site.kind().is_expression() {
            return;
        }
        let constant = matches!(site.kind(), Kind::Bool | Kind::Integer);
        for condition in site.unit.conditions.iter().take(60) {
            // A loop that runs for ever most likely lacks its condition.
            let extra = if constant { condition.cost - 1.0 } else { condition.cost };
            let template =
                if condition.cost < 1.9 { Template::ConditionReplaced } else { Template::ConditionMade };
            out.replace(site, site.node, &condition.expression, template, extra);
        }
        if !constant {
            for word in [site.family().yes(), site.family().no()] {
                let why = format!("use the constant `{word}` as the condition");
                let range = site.tree.range(site.node);
                out.risky(
                    site,
                    range,
                    word.to_owned(),
                    Template::ConditionConstant,
                    &why,
                    Caution::ConstantCondition,
                );
            }
        }
    }
}
