//! An effect that is missing: a call whose result is not kept, as it stands elsewhere or as a collection asks for.

use std::collections::HashSet;

use super::Operator;
use super::insertion::{Insertion, insert, places};
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::shape::Shape;
use crate::site::{Site, Visible};
use crate::tree::{Kind, NodeId, Slot};

pub(super) struct Effect;

impl Operator for Effect {
    fn name(&self) -> &'static str {
        "effect"
    }

    fn doc(&self) -> &'static str {
        "inserts a call for its effect: one of the function's own with another argument, or into a collection"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let bears =
            site.is_statement() && !matches!(site.kind(), Kind::Import | Kind::Function | Kind::Class);
        if bears && site.in_function() {
            insert_calls(site, &places(site), out);
        }
    }
}

/// Calls whose result is not kept, as they stand elsewhere in the file or with another argument.
fn insert_calls(site: &Site<'_>, places: &[Insertion], out: &mut Proposals) {
    let tree = site.tree;
    let own = site.text().trim_end_matches(';').to_owned();
    let mut seen: HashSet<String> = HashSet::from([own]);
    let home = site.unit.function.map(|it| tree.range(it));
    let effects: Vec<NodeId> = site
        .unit
        .facts
        .calls
        .iter()
        .copied()
        .filter(|&it| tree.parent(it).is_some_and(|parent| tree.kind(parent) == Kind::ExpressionStatement))
        .filter(|&it| home.is_some_and(|home| home.contains(tree.range(it))))
        .take(8)
        .collect();
    for &call in &effects {
        let text = tree.text(call);
        if text.len() > 80 || text.contains('\n') {
            continue;
        }
        if seen.insert(text.to_owned()) {
            insert(site, places, text, Template::CallInserted, 0.7, out);
        }
        if let [only] = tree.arguments(call).as_slice() {
            let callee = tree.child(call, Slot::Callee).map(|it| tree.text(it)).unwrap_or_default();
            for value in site.unit.values.iter().filter(|it| it.expression.text != tree.text(*only)).take(10)
            {
                let statement = format!("{callee}({})", value.expression.text);
                if seen.insert(statement.clone()) {
                    insert(site, places, &statement, Template::CallInserted, 0.7 + value.cost, out);
                }
            }
        }
    }
    collect(site, places, &mut seen, out);
}

/// `xs.append(x)`, `seen.add(x)`: what a collection of this function is for.
fn collect(site: &Site<'_>, places: &[Insertion], seen: &mut HashSet<String>, out: &mut Proposals) {
    let many: Vec<&Visible> = site.unit.variables().take(20).collect();
    for of in many {
        let (append, add) = if site.family().is_python() { ("append", "add") } else { ("push", "add") };
        let methods: &[&str] = match of.shape {
            Shape::LIST => &[append],
            Shape::SET => &[add],
            shape if shape.agrees(Shape::LIST) && shape.agrees(Shape::SET) => &[add, append],
            _ => continue,
        };
        for value in site
            .unit
            .values
            .iter()
            .filter(|it| it.expression.text != of.name && !it.shape.agrees(Shape::LIST))
            .take(10)
        {
            for method in methods {
                let statement = format!("{}.{method}({})", of.name, value.expression.text);
                if seen.insert(statement.clone()) {
                    insert(site, places, &statement, Template::CallInserted, 0.5 + of.cost + value.cost, out);
                }
            }
        }
    }
}
