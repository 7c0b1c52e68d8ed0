//! A condition that asks too little or too much: a clause added or dropped.

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::site::Site;
use crate::tree::{Kind, Slot};

pub(super) struct Clause;

/// Clauses tried at one condition.
const MOST: usize = 45;

impl Operator for Clause {
    fn name(&self) -> &'static str {
        "clause"
    }

    fn doc(&self) -> &'static str {
        "adds a clause to a condition, or drops one"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let tree = site.tree;
        if site.kind() == Kind::Boolean {
            for slot in [Slot::Left, Slot::Right] {
                if let Some(kept) = tree.child(site.node, slot) {
                    out.replace(site, site.node, &tree.expression(kept), Template::ClauseDropped, 0.0);
                }
            }
        }
        if decides(site) {
            add(site, out);
        }
    }
}

/// Whether the whole node decides something.
pub(super) fn decides(site: &Site<'_>) -> bool {
    let parent = site.tree.parent(site.node).map(|it| site.tree.kind(it));
    site.kind().is_expression()
        && (site.slot() == Slot::Condition
            || parent == Some(Kind::Return) && site.kind().is_condition()
            || parent == Some(Kind::Boolean) && site.kind() != Kind::Boolean && deep(site))
}

/// Whether the outermost boolean above decides a branch, so that a clause in the middle makes sense.
fn deep(site: &Site<'_>) -> bool {
    let mut above = site
        .tree
        .ancestors(site.node)
        .skip_while(|&it| matches!(site.tree.kind(it), Kind::Boolean | Kind::Parenthesised));
    above
        .next()
        .is_some_and(|it| matches!(site.tree.kind(it), Kind::If | Kind::ElseIf | Kind::While | Kind::Return))
}

fn add(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let own = tree.expression(site.node);
    let inner = if site.slot() == Slot::Condition { 0.0 } else { 1.5 };
    let known: Vec<&str> =
        tree.within(site.node).filter(|&it| tree.kind(it).is_expression()).map(|it| tree.text(it)).collect();
    for condition in site.unit.conditions.iter().take(MOST) {
        let other = &condition.expression;
        if known.contains(&other.text.as_str()) || contradicts(site, &known, &other.text) {
            continue;
        }
        let cost = condition.cost + inner;
        for (word, after, before) in [(site.family().and(), 0.0, 0.3), (site.family().or(), 0.3, 0.3)] {
            out.replace(site, site.node, &join(site, &own, word, other), Template::ClauseAdded, cost + after);
            // What is asked first protects what is asked next.
            out.replace(
                site,
                site.node,
                &join(site, other, word, &own),
                Template::ClauseAdded,
                cost + before,
            );
        }
    }
}

/// Whether one is the plain negation of something that is asked already.
fn contradicts(site: &Site<'_>, known: &[&str], text: &str) -> bool {
    let not = site.family().not();
    known.iter().any(|it| text.strip_prefix(not) == Some(it) || it.strip_prefix(not) == Some(text))
}

fn join(site: &Site<'_>, left: &Expression, word: &str, right: &Expression) -> Expression {
    site.tree.binary(left, word, right)
}
