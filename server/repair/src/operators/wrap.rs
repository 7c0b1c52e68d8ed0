//! A conversion, a bound, a copy around an expression: `int(x)`, `min(x, limit)`, `x.strip()`.

use super::Operator;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::Proposals;
use crate::shape::Shape;
use crate::site::Site;
use crate::surface::Level;
use crate::tree::{Kind, Slot};

pub(super) struct Wrap;

impl Operator for Wrap {
    fn name(&self) -> &'static str {
        "wrap"
    }

    fn doc(&self) -> &'static str {
        "wraps an expression in a conversion, a bound, a copy or a function of the file"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let tree = site.tree;
        let place = match (tree.is_replaceable(site.node), site.kind()) {
            (false, _)
            | (
                _,
                Kind::Lambda
                | Kind::Yield
                | Kind::Null
                | Kind::Bool
                | Kind::Not
                | Kind::Parenthesised
                | Kind::OtherExpression,
            ) => return,
            (_, Kind::Comparison | Kind::Boolean) => 2.5,
            (_, Kind::Integer | Kind::Float | Kind::Text | Kind::Dict) => 2.0,
            (_, Kind::Call | Kind::List | Kind::Tuple) => 0.5,
            _ => 0.0,
        };
        if site.slot() == Slot::Callee || tree.is_under_target(site.node) {
            return;
        }
        let place = place + if site.slot() == Slot::Object { 1.0 } else { 0.0 };
        forms(site, place, out);
        own_functions(site, place, out);
        bounds(site, place, out);
    }
}

fn forms(site: &Site<'_>, place: f32, out: &mut Proposals) {
    let shape = site.unit.facts.shape(site.tree, site.node);
    let own = site.tree.expression(site.node);
    let known = if shape.is_unknown() { 0.7 } else { 0.0 };
    for &(form, of, extra) in if site.family().is_python() { PYTHON } else { JAVASCRIPT } {
        let fits = of.is_unknown() || of.fits(shape);
        let cost = place + extra + known + if fits { 0.0 } else { 2.5 };
        let text = form.replace(
            '$',
            &if form.starts_with('$') { own.at_least(Level::PRIMARY) } else { own.at_least(Level::TERNARY) },
        );
        out.replace(site, site.node, &Expression::primary(text), Template::Wrapped, cost);
    }
}

/// Functions of the file that take one argument.
fn own_functions(site: &Site<'_>, place: f32, out: &mut Proposals) {
    let own = site.tree.expression(site.node).at_least(Level::TERNARY);
    for name in
        site.unit.names.iter().filter(|it| it.arity.is_some_and(|(few, most)| few <= 1 && most >= 1)).take(10)
    {
        let cost = place + 0.7 + name.cost;
        out.replace(
            site,
            site.node,
            &Expression::primary(format!("{}({own})", name.name)),
            Template::Wrapped,
            cost,
        );
    }
}

/// `min(x, y)`, `max(x, y)`.
fn bounds(site: &Site<'_>, place: f32, out: &mut Proposals) {
    let shape = site.unit.facts.shape(site.tree, site.node);
    let parent = site.tree.parent(site.node).map(|it| site.tree.kind(it));
    let root =
        matches!(parent, Some(Kind::Return | Kind::Assignment | Kind::Arguments | Kind::Tuple | Kind::Slice));
    if !shape.fits(Shape::NUMBER) || !root {
        return;
    }
    let own = site.tree.expression(site.node).at_least(Level::TERNARY);
    let prefix = if site.family().is_python() { "" } else { "Math." };
    let numbers = [("0", 0.0), ("1", 0.3)];
    let values = site.unit.values.iter().filter(|it| it.shape.fits(Shape::NUMBER)).take(14);
    let home = site.unit.function.map(|it| site.tree.range(it));
    let literals = site.unit.facts.literals.iter().copied().filter(|&it| {
        site.tree.kind(it) == Kind::Integer && home.is_some_and(|home| home.contains(site.tree.range(it)))
    });
    let literals = literals.map(|it| (site.tree.text(it), 0.7)).take(6);
    let values = values.map(|it| (it.expression.text.as_str(), it.cost));
    let others = numbers.into_iter().chain(values).chain(literals);
    for (other, extra) in others.filter(|(it, _)| *it != site.text()) {
        for function in ["max", "min"] {
            let text = format!("{prefix}{function}({own}, {other})");
            out.replace(site, site.node, &Expression::primary(text), Template::WrappedBounded, place + extra);
        }
    }
}

type Form = (&'static str, Shape, f32);

/// `$` stands for the expression; the shape is what it must fit.
const PYTHON: &[Form] = &[
    ("len($)", Shape::MANY, 0.0),
    ("int($)", Shape::UNKNOWN, 0.2),
    ("str($)", Shape::UNKNOWN, 0.2),
    ("float($)", Shape::UNKNOWN, 0.7),
    ("list($)", Shape::MANY, 0.3),
    ("sorted($)", Shape::MANY, 0.5),
    ("set($)", Shape::MANY, 0.7),
    ("abs($)", Shape::NUMBER, 0.5),
    ("round($)", Shape::NUMBER, 1.0),
    ("round($, 2)", Shape::NUMBER, 1.0),
    ("reversed($)", Shape::MANY, 1.0),
    ("range($)", Shape::NUMBER, 1.2),
    ("enumerate($)", Shape::MANY, 1.0),
    ("range(len($))", Shape::MANY, 1.2),
    ("tuple($)", Shape::MANY, 1.2),
    ("dict($)", Shape::DICT, 1.2),
    ("sum($)", Shape::MANY, 1.2),
    ("max($)", Shape::MANY, 1.2),
    ("min($)", Shape::MANY, 1.2),
    ("any($)", Shape::MANY, 1.5),
    ("all($)", Shape::MANY, 1.5),
    ("bool($)", Shape::UNKNOWN, 1.5),
    ("iter($)", Shape::MANY, 2.0),
    ("ord($)", Shape::TEXT, 1.5),
    ("chr($)", Shape::NUMBER, 1.5),
    ("$.copy()", Shape::MANY, 0.8),
    ("$[:]", Shape::LIST, 1.2),
    ("$.strip()", Shape::TEXT, 0.5),
    ("$.lower()", Shape::TEXT, 0.5),
    ("$.upper()", Shape::TEXT, 1.5),
    ("$.split()", Shape::TEXT, 1.2),
    ("$.rstrip()", Shape::TEXT, 2.0),
    ("$.items()", Shape::DICT, 0.5),
    ("$.values()", Shape::DICT, 0.7),
    ("$.keys()", Shape::DICT, 1.2),
];

const JAVASCRIPT: &[Form] = &[
    ("Number($)", Shape::UNKNOWN, 0.3),
    ("String($)", Shape::UNKNOWN, 0.5),
    ("parseInt($, 10)", Shape::UNKNOWN, 0.7),
    ("Math.floor($)", Shape::NUMBER, 0.2),
    ("Math.round($)", Shape::NUMBER, 0.7),
    ("Math.ceil($)", Shape::NUMBER, 0.7),
    ("Math.abs($)", Shape::NUMBER, 0.7),
    ("Math.trunc($)", Shape::NUMBER, 1.2),
    ("Object.keys($)", Shape::DICT, 0.7),
    ("Object.values($)", Shape::DICT, 0.9),
    ("Object.entries($)", Shape::DICT, 1.0),
    ("Array.from($)", Shape::MANY, 0.8),
    ("[...$]", Shape::MANY, 0.4),
    ("({ ...$ })", Shape::DICT, 0.9),
    ("new Set($)", Shape::MANY, 1.5),
    ("Boolean($)", Shape::UNKNOWN, 1.2),
    ("JSON.stringify($)", Shape::DICT, 1.7),
    ("Math.max(...$)", Shape::LIST, 1.5),
    ("Math.min(...$)", Shape::LIST, 1.5),
    ("$.length", Shape::MANY, 0.2),
    ("$.slice()", Shape::LIST, 0.8),
    ("$.trim()", Shape::TEXT, 0.5),
    ("$.toLowerCase()", Shape::TEXT, 0.5),
    ("$.toUpperCase()", Shape::TEXT, 1.5),
    ("$.toString()", Shape::UNKNOWN, 1.0),
    ("$.reverse()", Shape::LIST, 1.5),
    ("$.split(\"\")", Shape::TEXT, 1.2),
    ("$.join(\"\")", Shape::LIST, 1.2),
    ("$.flat()", Shape::LIST, 2.0),
];
