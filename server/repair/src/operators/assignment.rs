//! Something that is not kept or not kept up to date: an assignment, an update or a call inserted, a result kept.

use std::collections::HashSet;

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::{Site, Visible};
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Assignment;

impl Operator for Assignment {
    fn name(&self) -> &'static str {
        "assignment"
    }

    fn doc(&self) -> &'static str {
        "keeps a result, or inserts an assignment, an update or a call"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if !site.is_statement() {
            return;
        }
        if site.kind() == Kind::ExpressionStatement {
            keep(site, out);
            forget(site, out);
        }
        if site.in_function() && !matches!(site.kind(), Kind::Import | Kind::Function | Kind::Class) {
            let places = places(site);
            insert_assignments(site, &places, out);
            insert_calls(site, &places, out);
        }
    }
}

/// `f(x)` and `x = f(x)`; `a.sort()` and `a = a.sort()`.
fn keep(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let Some(call) = tree
        .child(site.node, Slot::Value)
        .filter(|&it| matches!(tree.kind(it), Kind::Call | Kind::Arithmetic | Kind::Comparison))
    else {
        return;
    };
    let text = tree.text(call);
    for (at, name) in site.unit.variables().take(10).enumerate() {
        let used = tree.within(call).any(|it| tree.kind(it) == Kind::Name && tree.text(it) == name.name);
        let cost = name.cost + if used { 0.0 } else { 1.0 } + at as f32 * 0.05;
        let why = Why::Sentence(format!("keep the result in `{}`", name.name));
        out.change(
            site,
            tree.range(call),
            format!("{} = {text}", name.name),
            Template::CallToAssignment,
            cost,
            why,
        );
        let sum = Why::Sentence(format!("add the result to `{}`", name.name));
        out.change(
            site,
            tree.range(call),
            format!("{} += {text}", name.name),
            Template::CallToAssignment,
            cost + 1.0,
            sum,
        );
    }
    // `a.append(b)` that should have made another list, or the other way round.
    if let (Some(callee), [only]) = (tree.child(call, Slot::Callee), tree.arguments(call).as_slice())
        && let Some(object) = tree.child(callee, Slot::Object)
        && site.family().is_python()
        && tree.kind(callee) == Kind::Attribute
    {
        let (object, item) = (tree.text(object), tree.text(*only));
        for (text, extra) in [
            (format!("{object} = {object} + [{item}]"), 1.0),
            (format!("{object} = {item}"), 1.5),
            (format!("{object} += {item}"), 1.2),
        ] {
            out.change(site, tree.range(call), text, Template::CallToAssignment, extra, Why::Instead);
        }
    }
}

/// `x = x.sort()` and `x.sort()`: the result of a call that gives nothing.
fn forget(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let Some(assignment) = tree.child(site.node, Slot::Value).filter(|&it| tree.kind(it) == Kind::Assignment)
    else {
        return;
    };
    let Some(value) = tree.child(assignment, Slot::Value).filter(|&it| tree.kind(it) == Kind::Call) else {
        return;
    };
    let nothing = matches!(
        tree.callee_name(value),
        "sort" | "append" | "extend" | "reverse" | "insert" | "update" | "add" | "remove" | "push"
    );
    let why = Why::Sentence("do not keep the result".to_owned());
    out.change(
        site,
        tree.range(assignment),
        tree.text(value).to_owned(),
        Template::CallToAssignment,
        if nothing { -1.0 } else { 2.0 },
        why,
    );
}

/// Where a statement may be inserted: offset, text before, text after, cost.
type Insertion = (ByteRange, String, String, f32);

fn places(site: &Site<'_>) -> Vec<Insertion> {
    let tree = site.tree;
    let Some(indent) = site.indent() else { return Vec::new() };
    let range = tree.range(site.node);
    let mut places: Vec<Insertion> =
        vec![(ByteRange::at(range.start), String::new(), format!("\n{indent}"), 0.3)];
    if !matches!(site.kind(), Kind::Return | Kind::Raise | Kind::Break | Kind::Continue) {
        places.push((ByteRange::at(range.end), format!("\n{indent}"), String::new(), 0.0));
    }
    // Into the block of a header, as its first.
    let body = tree.child(site.node, Slot::Body).or_else(|| tree.child(site.node, Slot::Then));
    if let Some(first) = body.and_then(|it| tree.children(it).first().copied())
        && let Some(inner) = tree.indent(first)
    {
        places.push((ByteRange::at(tree.range(first).start), String::new(), format!("\n{inner}"), 0.7));
    }
    for (at, (offset, outer)) in endings(site).into_iter().enumerate() {
        places.push((ByteRange::at(offset), format!("\n{outer}"), String::new(), 0.7 + at as f32 * 0.3));
    }
    places
}

/// Ends of the blocks that end with this statement, innermost first: offset behind, indentation there.
pub(super) fn endings(site: &Site<'_>) -> Vec<(usize, String)> {
    let tree = site.tree;
    let mut found = Vec::new();
    let mut at = site.node;
    while tree.siblings(at).last() == Some(&at) {
        let owner = tree.ancestors(at).find(|&it| tree.kind(it).is_statement());
        let Some(owner) = owner.filter(|&it| !matches!(tree.kind(it), Kind::Function | Kind::Class)) else {
            break;
        };
        if let Some(outer) = tree.indent(owner).filter(|_| found.len() < 3) {
            found.push((tree.range(owner).end, outer.to_owned()));
        }
        at = owner;
    }
    found
}

fn insert(
    site: &Site<'_>,
    places: &[Insertion],
    statement: &str,
    template: Template,
    cost: f32,
    out: &mut Proposals,
) {
    for (at, before, after, extra) in places {
        let text = format!("{before}{statement}{}{after}", site.family().end());
        let why = Why::Sentence(format!("insert `{statement}`"));
        out.change(site, *at, text, template, cost + extra, why);
    }
}

fn insert_assignments(site: &Site<'_>, places: &[Insertion], out: &mut Proposals) {
    let tree = site.tree;
    let names: Vec<&Visible> = site.unit.variables().filter(|it| is_local(site, &it.name)).take(8).collect();
    for name in &names {
        insert_updates(site, places, name, out);
        for value in site
            .unit
            .values
            .iter()
            .filter(|it| it.expression.text != name.name && it.shape.fits(name.shape))
            .take(14)
        {
            let agrees = if value.shape.agrees(name.shape) { 0.0 } else { 0.7 };
            let cost = name.cost + value.cost + agrees;
            insert(
                site,
                places,
                &format!("{} = {}", name.name, value.expression.text),
                Template::AssignmentInserted,
                cost,
                out,
            );
        }
        for (literal, of) in [
            ("0", Shape::NUMBER),
            ("[]", Shape::LIST),
            (site.family().null(), Shape::NOTHING),
            (site.family().yes(), Shape::TRUTH),
            (site.family().no(), Shape::TRUTH),
        ] {
            if name.shape.agrees(of) {
                insert(
                    site,
                    places,
                    &format!("{} = {literal}", name.name),
                    Template::AssignmentInserted,
                    name.cost + 0.7,
                    out,
                );
            }
        }
    }
    // What is used but bound nowhere.
    for word in site.unit.signs.words.iter().filter(|it| crate::facts::is_word(it)).take(2) {
        let unbound = site
            .unit
            .facts
            .resolve(word, tree.range(site.node).start)
            .is_none_or(|it| it.at >= tree.range(site.node).start);
        let used = tree
            .within(site.unit.function.unwrap_or(site.node))
            .any(|it| tree.kind(it) == Kind::Name && tree.text(it) == word);
        if unbound && used && site.family().is_python() {
            for (literal, extra) in [
                ("0", 0.0),
                ("[]", 0.3),
                ("None", 0.3),
                ("{}", 0.7),
                ("\"\"", 0.7),
                ("set()", 1.2),
                ("1", 1.2),
                ("False", 1.2),
            ] {
                insert(
                    site,
                    places,
                    &format!("{word} = {literal}"),
                    Template::AssignmentInserted,
                    extra - 2.0,
                    out,
                );
            }
        }
    }
}

/// `x += 1`, `x //= 10`, `x -= y`.
fn insert_updates(site: &Site<'_>, places: &[Insertion], name: &Visible, out: &mut Proposals) {
    let number = name.shape.agrees(Shape::NUMBER);
    if !(number || name.shape.is_unknown()) {
        return;
    }
    let stuck = if stands_still(site, &name.name) { -1.5 } else { 0.0 };
    let unsure = if number { 0.0 } else { 1.5 };
    let divide = if site.family().is_python() { "//=" } else { "/=" };
    let mut offer = |operator: &str, value: &str, extra: f32| {
        let cost = name.cost + extra + unsure + stuck;
        insert(
            site,
            places,
            &format!("{} {operator} {value}", name.name),
            Template::UpdateInserted,
            cost,
            out,
        );
    };
    for (operator, value, extra) in
        [("+=", "1", 0.0), ("-=", "1", 0.5), (divide, "10", 2.0), (divide, "2", 1.7), ("*=", "2", 2.0)]
    {
        offer(operator, value, extra);
    }
    for value in site
        .unit
        .values
        .iter()
        .filter(|it| it.shape.fits(Shape::NUMBER) && it.expression.text != name.name)
        .take(6)
    {
        offer("+=", &value.expression.text, 1.0 + value.cost);
        offer("-=", &value.expression.text, 1.5 + value.cost);
    }
}

/// Whether the loop around asks for the name and nothing in it changes the name.
fn stands_still(site: &Site<'_>, name: &str) -> bool {
    let tree = site.tree;
    let Some(around) = tree.loop_of(site.node) else { return false };
    let named = |id: NodeId| tree.kind(id) == Kind::Name && tree.text(id) == name;
    let asked = tree.child(around, Slot::Condition).is_some_and(|it| tree.within(it).any(named));
    let changed = tree.within(around).any(|it| {
        named(it)
            && (crate::facts::is_bound(tree, it)
                || tree.parent(it).is_some_and(|it| tree.kind(it) == Kind::Update))
    });
    asked && !changed
}

/// Whether assigning to the name changes a variable of this function.
fn is_local(site: &Site<'_>, name: &str) -> bool {
    let home = site.unit.function.map(|it| site.tree.range(it));
    let binding = site.unit.facts.resolve(name, site.tree.range(site.node).end);
    binding.zip(home).is_some_and(|(it, home)| home.contains(it.extent))
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
