//! A case that nobody thought of: leave, skip or refuse before the statement, or do it only if.

use super::Operator;
use crate::candidate::Caution;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::Site;
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Guard;

impl Operator for Guard {
    fn name(&self) -> &'static str {
        "guard"
    }

    fn doc(&self) -> &'static str {
        "leaves, skips or refuses in a case that the statement does not bear, or does it only if"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let bears = site.is_statement() && !matches!(site.kind(), Kind::Import | Kind::Class | Kind::Pass);
        let Some(indent) = site.indent().filter(|_| bears && site.in_function()) else { return };
        if site.kind() == Kind::Function {
            return;
        }
        let Some(before) = line_start(site) else { return };
        leave(site, before, indent, out);
        if site.in_loop() {
            skip(site, before, indent, out);
        }
        only_if(site, indent, out);
    }
}

/// Where a statement before this one begins.
fn line_start(site: &Site<'_>) -> Option<ByteRange> {
    Some(ByteRange::at(site.tree.range(site.unit.statement).start))
}

fn leave(site: &Site<'_>, before: ByteRange, indent: &str, out: &mut Proposals) {
    let results = results(site);
    let first = is_first(site);
    let asked = asked_before(site);
    for condition in site.unit.conditions.iter().take(28) {
        for (result, extra) in &results {
            let statement = format!("return {result}");
            let text =
                site.family().guarded(&condition.expression.text, &statement, indent, &site.unit.facts.step);
            let why = Why::Sentence(format!("return `{result}` first if `{}`", condition.expression.text));
            let place = if first { 0.0 } else { 1.0 };
            let cost = condition.cost + extra + place + coherence(&asked, &condition.expression.text, result);
            out.change(site, before, format!("{text}\n{indent}"), Template::GuardInserted, cost, why);
        }
    }
}

/// Conditions of the `if`s before the statement in its block: what they ask needs no second guard.
fn asked_before<'t>(site: &Site<'t>) -> Vec<&'t str> {
    let tree = site.tree;
    let before = tree.siblings(site.unit.statement).into_iter().take_while(|&it| it != site.unit.statement);
    before.filter_map(|it| tree.child(it, Slot::Condition)).map(|it| tree.text(it)).collect()
}

/// What a condition and a result say together: `if k in d: return d[k]` fits, the same question twice does not.
fn coherence(asked: &[&str], condition: &str, result: &str) -> f32 {
    if asked.contains(&condition) {
        return 1.5;
    }
    let looks_up = condition.split_once(" in ").is_some_and(|(key, of)| result == format!("{of}[{key}]"));
    if looks_up { -1.5 } else { 0.0 }
}

/// Whether it opens its function: guards stand there most.
fn is_first(site: &Site<'_>) -> bool {
    let siblings = site.tree.siblings(site.unit.statement);
    let documented = siblings.first().is_some_and(|&it| {
        site.tree.child(it, Slot::Value).is_some_and(|value| site.tree.kind(value) == Kind::Text)
    });
    siblings.get(usize::from(documented)) == Some(&site.unit.statement)
}

/// What the function may give back early: what its other returns look like.
fn results(site: &Site<'_>) -> Vec<(String, f32)> {
    let tree = site.tree;
    let family = site.family();
    let mut results: Vec<(String, f32)> = Vec::new();
    let mut shape = Shape::UNKNOWN;
    for id in site
        .unit
        .function
        .into_iter()
        .flat_map(|it| tree.within(it))
        .filter(|&it| tree.kind(it) == Kind::Return)
    {
        let Some(value) = tree.child(id, Slot::Value) else { continue };
        shape = shape.or(site.unit.facts.shape(tree, value));
        let simple = tree.range(value).len() <= 30 && !tree.text(value).contains('\n');
        let known =
            tree.within(value).filter(|&it| tree.kind(it) == Kind::Name).all(|it| is_bound_before(site, it));
        if simple && known && !results.iter().any(|(it, _)| it == tree.text(value)) {
            results.push((tree.text(value).to_owned(), 0.5));
        }
    }
    let parameters = site.unit.names.iter().filter(|it| it.origin == crate::facts::Origin::Parameter);
    let mut more: Vec<(String, f32)> = parameters.take(4).map(|it| (it.name.clone(), 1.2)).collect();
    let literals = [
        (family.null(), 0.7, Shape::NOTHING),
        ("0", 1.0, Shape::NUMBER),
        ("[]", 1.0, Shape::LIST),
        (family.no(), 1.0, Shape::TRUTH),
        (family.yes(), 1.2, Shape::TRUTH),
        ("\"\"", 1.2, Shape::TEXT),
        ("-1", 1.7, Shape::NUMBER),
        ("1", 1.5, Shape::NUMBER),
        ("{}", 1.7, Shape::DICT),
    ];
    more.extend(
        literals
            .into_iter()
            .map(|(text, cost, of)| (text.to_owned(), if shape.fits(of) { cost } else { cost + 1.0 })),
    );
    for (text, cost) in more {
        if !results.iter().any(|(it, _)| *it == text) {
            results.push((text, cost));
        }
    }
    let own = site.text().trim_start_matches("return").trim_matches([' ', ';']);
    results.retain(|(text, _)| site.kind() != Kind::Return || text != own);
    results
}

fn is_bound_before(site: &Site<'_>, id: NodeId) -> bool {
    let start = site.tree.range(site.unit.statement).start;
    site.unit.facts.resolve(site.tree.text(id), start).is_none_or(|it| it.at < start)
}

fn skip(site: &Site<'_>, before: ByteRange, indent: &str, out: &mut Proposals) {
    for condition in site.unit.conditions.iter().take(30) {
        for (statement, extra) in [("continue", 0.0), ("break", 0.3)] {
            let text =
                site.family().guarded(&condition.expression.text, statement, indent, &site.unit.facts.step);
            let why = Why::Sentence(format!("{statement} first if `{}`", condition.expression.text));
            out.change(
                site,
                before,
                format!("{text}\n{indent}"),
                Template::GuardLoop,
                condition.cost + extra,
                why,
            );
        }
    }
    for statement in ["break", "continue"] {
        let text = format!("{statement}{}\n{indent}", site.family().end());
        let why = format!("{statement} before this statement");
        out.risky(site, before, text, Template::GuardLoop, &why, Caution::LeavesEarly);
    }
}

/// `if c:` around a simple statement.
fn only_if(site: &Site<'_>, indent: &str, out: &mut Proposals) {
    let simple = matches!(
        site.kind(),
        Kind::ExpressionStatement | Kind::Return | Kind::Raise | Kind::Break | Kind::Continue
    );
    if !simple {
        return;
    }
    let statement = site.text().trim_end_matches(';');
    if statement.contains('\n') {
        return;
    }
    for condition in site.unit.conditions.iter().take(40) {
        let text =
            site.family().guarded(&condition.expression.text, statement, indent, &site.unit.facts.step);
        let why = Why::Sentence(format!("do this only if `{}`", condition.expression.text));
        out.change(site, site.tree.range(site.node), text, Template::StatementGuarded, condition.cost, why);
    }
}
