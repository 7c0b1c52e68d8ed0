//! A statement that was forgotten beside one of its kind: the same again, with another name in it.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::tree::Kind;
use bodkin_text::ByteRange;

pub(super) struct StatementCopy;

impl Operator for StatementCopy {
    fn name(&self) -> &'static str {
        "statement_copy"
    }

    fn doc(&self) -> &'static str {
        "repeats a statement with another name in it"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let repeats = site.is_statement() && matches!(site.kind(), Kind::ExpressionStatement);
        let Some(indent) = site.indent().filter(|_| repeats && site.in_function()) else { return };
        let tree = site.tree;
        let range = tree.range(site.node);
        let text = site.text();
        if text.len() > 160 {
            return;
        }
        let mut offer = |copy: &str, cost: f32| {
            let why = || Why::Sentence(format!("repeat the statement as `{}`", super::argument::brief(copy)));
            out.change(
                site,
                ByteRange::at(range.end),
                format!("\n{indent}{copy}"),
                Template::StatementCopied,
                cost,
                why(),
            );
            out.change(
                site,
                ByteRange::at(range.start),
                format!("{copy}\n{indent}"),
                Template::StatementCopied,
                cost + 0.3,
                why(),
            );
        };
        offer(text, 1.0);
        for id in tree.within(site.node).filter(|&it| tree.kind(it) == Kind::Name) {
            let own = tree.range(id);
            let known = site.unit.names.iter().any(|it| it.name == tree.text(id) && it.origin.is_variable());
            let (Some(head), Some(tail)) =
                (text.get(..own.start - range.start), text.get(own.end - range.start..))
            else {
                continue;
            };
            for name in site.unit.variables().filter(|it| known && it.name != tree.text(id)).take(10) {
                offer(&format!("{head}{}{tail}", name.name), name.cost + site.unit.unlikeness(id, name));
            }
        }
    }
}
