//! Something that is not kept or not kept up to date: an assignment or an update inserted, a result kept.

use super::Operator;
use super::insertion::{Insertion, insert, places};
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::{Site, Visible};
use crate::tree::{Kind, NodeId, Slot};

pub(super) struct Assignment;

impl Operator for Assignment {
    fn name(&self) -> &'static str {
        "assignment"
    }

    fn doc(&self) -> &'static str {
        "keeps a result, or inserts an assignment or an update"
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
