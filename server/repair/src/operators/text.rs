//! Another text literal, or the same one in another form: `f"…"`, a template, another case.

use std::collections::HashSet;

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::similarity;
use crate::site::Site;
use crate::tree::{Kind, Slot};

pub(super) struct Text;

/// Other texts of the file that are tried at one place.
const MOST: usize = 25;

impl Operator for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn doc(&self) -> &'static str {
        "another text literal of the file, or the same in another form"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let documents =
            site.tree.parent(site.node).is_some_and(|it| site.tree.kind(it) == Kind::ExpressionStatement);
        if site.kind() != Kind::Text
            || documents
            || !(site.tree.is_replaceable(site.node) || site.slot() == Slot::Key)
        {
            return;
        }
        others(site, out);
        forms(site, out);
    }
}

fn others(site: &Site<'_>, out: &mut Proposals) {
    let (own, tree) = (site.text(), site.tree);
    let spoken = if site.unit.signs.speak_of(own) { -2.0 } else { 0.0 };
    let mut seen: HashSet<&str> = HashSet::from([own]);
    let mut found: Vec<(f32, &str)> = Vec::new();
    for &literal in &site.unit.facts.literals {
        let text = tree.text(literal);
        if tree.kind(literal) != Kind::Text || text.len() > 60 || text.contains('\n') || !seen.insert(text) {
            continue;
        }
        let home = site.unit.function.is_some_and(|it| tree.range(it).contains(tree.range(literal)));
        found.push((1.5 - 2.0 * similarity::of_names(own, text) + if home { 0.0 } else { 0.7 }, text));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    for (cost, text) in found.into_iter().take(MOST) {
        out.replace(site, site.node, &Expression::atom(text), Template::TextReplaced, cost + spoken);
    }
    let Some(quote) = own.chars().next_back() else { return };
    let bare = own.trim_matches(quote);
    let mut offer = |text: String, extra: f32| {
        out.replace(
            site,
            site.node,
            &Expression::atom(format!("{quote}{text}{quote}")),
            Template::TextReplaced,
            extra + spoken,
        );
    };
    if matches!(quote, '"' | '\'') && own.starts_with(quote) && own.len() < 60 {
        for (text, extra) in [("", 1.0), (" ", 1.0), (", ", 2.0), ("\\n", 2.0), (",", 2.5)] {
            offer(text.to_owned(), extra);
        }
        offer(bare.to_lowercase(), 2.0);
        offer(bare.to_uppercase(), 2.5);
        offer(bare.trim().to_owned(), 1.5);
    }
}

fn forms(site: &Site<'_>, out: &mut Proposals) {
    let own = site.text();
    let Some(quote) = own.chars().next() else { return };
    if !matches!(quote, '"' | '\'') {
        return;
    }
    if site.family().is_python() {
        if own.contains('{') && own.contains('}') {
            out.change(
                site,
                site.tree.range(site.node),
                format!("f{own}"),
                Template::TextForm,
                0.0,
                Why::Instead,
            );
        }
        if own.contains('\\') {
            out.change(
                site,
                site.tree.range(site.node),
                format!("r{own}"),
                Template::TextForm,
                0.5,
                Why::Instead,
            );
        }
    } else if own.contains("${") {
        let text = format!("`{}`", own.trim_matches(quote));
        out.change(site, site.tree.range(site.node), text, Template::TextForm, 0.0, Why::Instead);
    }
}
