//! A statement too many. Often passes the tests, seldom is the fix: always with a caution.

use super::Operator;
use crate::candidate::Caution;
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::site::Site;
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Deletion;

impl Operator for Deletion {
    fn name(&self) -> &'static str {
        "deletion"
    }

    fn doc(&self) -> &'static str {
        "deletes a statement, or a condition around statements"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if !site.is_statement() {
            return;
        }
        match site.kind() {
            Kind::ExpressionStatement | Kind::Return | Kind::Raise | Kind::Break | Kind::Continue => {
                delete(site, out);
            }
            Kind::If => unwrap_block(site, out),
            _ => {}
        }
    }
}

fn delete(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let range = tree.range(site.node);
    let alone = tree.siblings(site.node).len() == 1;
    let caution = caution(site);
    let why = format!("delete `{}`", super::argument::brief(site.text()));
    if alone {
        let nothing = if site.family().is_python() { "pass" } else { "" };
        out.risky(site, range, nothing.to_owned(), Template::StatementDeleted, &why, caution);
        return;
    }
    let Some(indent) = site.indent() else { return };
    let start = range.start - indent.len();
    let after = tree.text.get(range.end..).unwrap_or_default();
    let newline = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
    let whole = ByteRange::new(start, range.end + newline);
    out.risky(site, whole, String::new(), Template::StatementDeleted, &why, caution);
}

fn caution(site: &Site<'_>) -> Caution {
    let tree = site.tree;
    let Some(value) = tree.child(site.node, Slot::Value) else { return Caution::DeletesStatement };
    match tree.kind(value) {
        Kind::Assignment | Kind::AugmentedAssignment | Kind::Update if moves_loop(site, value) => {
            Caution::DeletesLoopUpdate
        }
        Kind::Call => Caution::DeletesCall,
        _ => Caution::DeletesStatement,
    }
}

/// Whether the loop around it asks for what the statement sets.
fn moves_loop(site: &Site<'_>, assignment: NodeId) -> bool {
    let tree = site.tree;
    let target = tree.child(assignment, Slot::Target).or_else(|| tree.child(assignment, Slot::Operand));
    let condition = tree.loop_of(site.node).and_then(|it| tree.child(it, Slot::Condition));
    target.zip(condition).is_some_and(|(target, condition)| {
        tree.within(condition).any(|it| {
            tree.kind(it) == Kind::Name && tree.within(target).any(|own| tree.text(own) == tree.text(it))
        })
    })
}

/// `if c: s` and `s`: the condition goes, what it guarded stays.
fn unwrap_block(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (Some(block), Some(indent)) = (tree.child(site.node, Slot::Then), site.indent()) else { return };
    let (Some(&first), Some(&last)) = (tree.children(block).first(), tree.children(block).last()) else {
        return;
    };
    let Some(inner) = tree
        .indent(first)
        .filter(|_| tree.child(site.node, Slot::Else).is_none() && tree.kind(block) == Kind::Block)
    else {
        return;
    };
    let body = tree.slice(ByteRange::new(tree.range(first).start, tree.range(last).end));
    let text = body.replace(&format!("\n{inner}"), &format!("\n{indent}"));
    out.risky(
        site,
        tree.range(site.node),
        text,
        Template::StatementDeleted,
        "do this without the condition",
        Caution::ConstantCondition,
    );
}
