//! What may be used at a statement: the names in scope, values and conditions of the file, conditions made from them.
//!
//! Each with its distance and unlikeliness as a cost in nats, cheapest first, at most [`MOST`] of a kind.

use std::collections::HashSet;

use bodkin_text::ByteRange;

use crate::expression::Expression;
use crate::facts::Origin;
use crate::shape::Shape;
use crate::site::{Material, Unit, Visible};
use crate::surface::{Family, Level};
use crate::tree::{Kind, NodeId, Slot};

/// Conditions and values that a statement's operators may use, at most.
const MOST: usize = 70;

pub(crate) fn names(unit: &Unit<'_>) -> Vec<Visible> {
    let offset = offset(unit);
    let here = unit.tree.range(unit.statement);
    let home = unit.function.map(|it| unit.tree.range(it));
    let text = unit.tree.slice(here);
    let in_loop = unit.tree.loop_of(unit.statement).is_some();
    let mut names: Vec<Visible> = unit
        .facts
        .visible(offset)
        .into_iter()
        .filter(|it| !unit.tree.family.is_keyword(&it.name))
        .map(|it| {
            let inside = home.is_some_and(|home| home.contains(it.extent));
            let mut cost = match (inside, it.origin) {
                (true, _) => 0.0,
                (false, Origin::Import) => 2.0,
                (false, _) => 1.0,
            };
            if !contains_word(text, &it.name) {
                cost += 0.3;
            }
            // A parameter that nobody reads is waiting to be used.
            if it.uses == 0 && inside && !it.name.starts_with('_') {
                cost -= 1.0;
            }
            // What a loop's head binds is not there for what it walks over.
            let bound_here =
                here.contains(ByteRange::at(it.at)) && unit.tree.kind(unit.statement) == Kind::For;
            if bound_here && !in_loop {
                cost += 3.0;
            }
            let bound_later = it.at >= here.end && it.origin == Origin::Variable;
            if bound_later && !in_loop && inside {
                cost += 3.0;
            }
            if unit.signs.speak_of(&it.name) {
                cost -= 2.0;
            }
            Visible {
                name: it.name.clone(),
                origin: it.origin,
                shape: it.shape,
                cost,
                uses: it.uses,
                arity: it.arity,
            }
        })
        .collect();
    names.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.name.cmp(&b.name)));
    let cheapest = names.first().map_or(0.0, |it| it.cost);
    for name in &mut names {
        name.cost -= cheapest;
    }
    names.truncate(MOST);
    names
}

/// Where names are looked up: inside the function for its own header.
fn offset(unit: &Unit<'_>) -> usize {
    let range = unit.tree.range(unit.statement);
    match unit.tree.child(unit.statement, Slot::Body) {
        Some(body)
            if matches!(unit.tree.kind(unit.statement), Kind::Function | Kind::For | Kind::CountedFor) =>
        {
            unit.tree.range(body).start
        }
        _ => range.start,
    }
}

pub(crate) fn values(unit: &Unit<'_>) -> Vec<Material> {
    let mut values: Vec<Material> = unit
        .variables()
        .map(|it| Material { expression: Expression::atom(it.name.clone()), shape: it.shape, cost: it.cost })
        .collect();
    let mut seen: HashSet<&str> = HashSet::new();
    for &id in &unit.facts.values {
        let (range, text) = (unit.tree.range(id), unit.tree.text(id));
        if range.len() > 60
            || text.contains('\n')
            || !unit.tree.is_replaceable(id)
            || !reads_only_visible(unit, id)
        {
            continue;
        }
        if seen.insert(text) {
            let cost = 0.7 + distance(unit, range) + range.len() as f32 * 0.02;
            values.push(Material {
                expression: unit.tree.expression(id),
                shape: unit.facts.shape(unit.tree, id),
                cost,
            });
        }
    }
    make_values(unit, &mut values);
    cheapest_first(values)
}

/// Values that stand nowhere in the file: the first and last of a list, its length.
fn make_values(unit: &Unit<'_>, values: &mut Vec<Material>) {
    let family = unit.tree.family;
    for name in unit.variables().filter(|it| it.shape.agrees(Shape::LIST)).take(4) {
        let text = &name.name;
        let last =
            if family.is_python() { format!("{text}[-1]") } else { format!("{text}[{text}.length - 1]") };
        for (made, shape, cost) in [
            (format!("{text}[0]"), Shape::UNKNOWN, 2.0),
            (last, Shape::UNKNOWN, 2.2),
            (family.length(text), Shape::NUMBER, 2.0),
        ] {
            values.push(Material { expression: Expression::primary(made), shape, cost: cost + name.cost });
        }
    }
}

pub(crate) fn conditions(unit: &Unit<'_>) -> Vec<Material> {
    let mut found = Vec::new();
    for &id in &unit.facts.conditions {
        let range = unit.tree.range(id);
        if range.len() <= 80 && !unit.tree.text(id).contains('\n') && reads_only_visible(unit, id) {
            let cost = 0.3 + distance(unit, range) + range.len() as f32 * 0.01;
            found.push(Material { expression: unit.tree.expression(id), shape: Shape::TRUTH, cost });
        }
    }
    make_conditions(unit, &mut found);
    cheapest_first(found)
}

/// Conditions that stand nowhere in the file: about one value, or about two names.
fn make_conditions(unit: &Unit<'_>, found: &mut Vec<Material>) {
    let family = unit.tree.family;
    let mut push = |text: String, level: Level, cost: f32| {
        found.push(Material { expression: Expression::new(text, level), shape: Shape::TRUTH, cost });
    };
    for value in unit.values.iter().filter(|it| it.expression.level >= Level::PRIMARY).take(14) {
        let (text, shape, cost) = (&value.expression.text, value.shape, 1.0 + value.cost);
        let flat = |it: f32| if shape.is_unknown() { it + 0.7 } else { it };
        push(
            format!("{}{text}", family.not()),
            family.not_level(),
            cost + if shape == Shape::NUMBER { 0.7 } else { 0.0 },
        );
        push(text.clone(), Level::PRIMARY, cost + 0.7);
        if shape.is_unknown() || shape.agrees(Shape::OBJECT) || shape.agrees(Shape::NOTHING) {
            push(family.is_null(text), Level::COMPARISON, cost + 0.2);
            push(family.is_not_null(text), Level::COMPARISON, cost + 0.9);
        }
        if Shape::NUMBER.fits(shape) {
            push(format!("{text} {} 0", family.equals()), Level::COMPARISON, flat(cost));
            push(format!("{text} < 0"), Level::COMPARISON, flat(cost + 0.5));
            push(format!("{text} <= 0"), Level::COMPARISON, flat(cost + 0.5));
            push(format!("{text} {} 1", family.equals()), Level::COMPARISON, flat(cost + 1.0));
            push(format!("{text} <= 1"), Level::COMPARISON, flat(cost + 1.2));
            push(format!("{text} > 0"), Level::COMPARISON, flat(cost + 1.2));
        }
        if shape.agrees(Shape::LIST) || shape.agrees(Shape::TEXT) {
            push(format!("{} {} 0", family.length(text), family.equals()), Level::COMPARISON, cost + 0.5);
            push(format!("{} {} 1", family.length(text), family.equals()), Level::COMPARISON, cost + 1.5);
        }
    }
    make_pairs(unit, found);
}

fn make_pairs(unit: &Unit<'_>, found: &mut Vec<Material>) {
    let family = unit.tree.family;
    let mut push = |text: String, cost: f32| {
        found.push(Material {
            expression: Expression::new(text, Level::COMPARISON),
            shape: Shape::TRUTH,
            cost,
        });
    };
    let names: Vec<&Visible> = unit.variables().take(7).collect();
    for (at, one) in names.iter().enumerate() {
        for other in names.iter().skip(at + 1) {
            let (a, b, cost) = (&one.name, &other.name, 2.0 + one.cost + other.cost);
            if one.shape.fits(other.shape) {
                push(format!("{a} {} {b}", family.equals()), cost);
                push(format!("{a} {} {b}", family.differs()), cost + 0.7);
            }
            if one.shape.fits(Shape::NUMBER) && other.shape.fits(Shape::NUMBER) {
                for operator in ["<", "<=", ">", ">="] {
                    push(format!("{a} {operator} {b}"), cost + 0.3);
                }
            }
            for (item, many) in [(one, other), (other, one)] {
                if many.shape.agrees(Shape::MANY) && !item.shape.agrees(Shape::LIST) {
                    match family {
                        Family::Python => {
                            push(format!("{} in {}", item.name, many.name), cost + 0.3);
                            push(format!("{} not in {}", item.name, many.name), cost + 0.3);
                        }
                        Family::JavaScript { .. } => {
                            push(format!("{}.includes({})", many.name, item.name), cost + 0.5);
                        }
                    }
                }
            }
        }
    }
}

/// Distance of an ingredient: same line, function, file.
fn distance(unit: &Unit<'_>, range: ByteRange) -> f32 {
    let here = unit.tree.range(unit.statement);
    if here.contains(range) {
        return 0.0;
    }
    match unit.function.map(|it| unit.tree.range(it)) {
        Some(home) if home.contains(range) => 0.3,
        _ => 1.5,
    }
}

/// Whether every name in the expression may be used at the statement and means the same there.
fn reads_only_visible(unit: &Unit<'_>, id: NodeId) -> bool {
    let offset = offset(unit);
    unit.tree.within(id).filter(|&it| unit.tree.kind(it) == Kind::Name).all(|it| {
        let name = unit.tree.text(it);
        let there = unit.facts.resolve(name, unit.tree.range(it).start);
        match (there, unit.facts.resolve(name, offset)) {
            (Some(there), Some(here)) => {
                there.extent == here.extent || there.name == here.name && !is_local(unit, there.extent)
            }
            (None, None) => true,
            _ => false,
        }
    })
}

/// Whether an extent is narrower than a function: of a comprehension, a block.
fn is_local(unit: &Unit<'_>, extent: ByteRange) -> bool {
    unit.function.map(|it| unit.tree.range(it)).is_some_and(|home| home.contains(extent) && home != extent)
}

fn cheapest_first(mut all: Vec<Material>) -> Vec<Material> {
    all.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.expression.text.cmp(&b.expression.text)));
    let mut seen = HashSet::new();
    all.retain(|it| seen.insert(it.expression.text.clone()));
    all.truncate(MOST);
    all
}

fn contains_word(text: &str, word: &str) -> bool {
    let edge = |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric() && it != '_' && it != '$');
    text.match_indices(word).any(|(at, _)| {
        edge(text.get(..at).and_then(|it| it.chars().next_back()))
            && edge(text.get(at + word.len()..).and_then(|it| it.chars().next()))
    })
}
