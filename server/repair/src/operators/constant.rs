//! Another literal: a near number, the other truth value, a name for a number and a number for a name.

use super::Operator;
use crate::candidate::Caution;
use crate::expression::Expression;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::shape::Shape;
use crate::site::Site;
use crate::surface::Level;
use crate::tree::{Kind, Slot};

pub(super) struct Constant;

impl Operator for Constant {
    fn name(&self) -> &'static str {
        "constant"
    }

    fn doc(&self) -> &'static str {
        "another number, truth value or empty value; a literal for a name and a name for a literal"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if !site.tree.is_replaceable(site.node) {
            return;
        }
        match site.kind() {
            Kind::Integer | Kind::Float => {
                numbers(site, out);
                to_name(site, out);
            }
            Kind::Bool => truth(site, out),
            Kind::Null => empty(site, out),
            Kind::Text => {
                let bare = site.text().trim_matches(['"', '\'']);
                if !bare.is_empty() && bare.len() <= 15 && bare.parse::<f64>().is_ok() {
                    out.replace(site, site.node, &Expression::atom(bare), Template::LiteralType, 0.0);
                }
            }
            Kind::Name if site.slot() != Slot::Callee => to_literal(site, out),
            Kind::List | Kind::Dict => empty(site, out),
            _ => {}
        }
    }
}

fn numbers(site: &Site<'_>, out: &mut Proposals) {
    let text = site.text();
    let mut tried: Vec<String> = vec![text.to_owned()];
    let mut offer = |value: String, extra: f32| {
        if !tried.contains(&value) {
            let level = if value.starts_with('-') { Level::UNARY } else { Level::ATOM };
            replace_number(site, &Expression::new(value.clone(), level), extra, out);
            tried.push(value);
        }
    };
    if let Ok(value) = text.parse::<i64>() {
        for (near, extra) in
            [(value.saturating_sub(1), 0.0), (value.saturating_add(1), 0.0), (0, 0.5), (1, 0.5)]
        {
            offer(near.to_string(), extra);
        }
        offer(format!("-{value}"), 1.0);
        for (other, extra) in [(2, 1.2), (-1, 1.0), (10, 2.5)] {
            offer(other.to_string(), extra);
        }
        offer(format!("{value}.0"), 3.0);
        offer(value.saturating_mul(10).to_string(), 2.5);
    }
    for &literal in &site.unit.facts.literals {
        if matches!(site.tree.kind(literal), Kind::Integer | Kind::Float) {
            let home =
                site.unit.function.is_some_and(|it| site.tree.range(it).contains(site.tree.range(literal)));
            offer(site.tree.text(literal).to_owned(), if home { 1.2 } else { 2.0 });
        }
    }
    if site.family().is_python() {
        for (word, extra) in [("float('inf')", 3.0), ("float('-inf')", 3.0), ("None", 2.5)] {
            offer(word.to_owned(), extra);
        }
    } else {
        for (word, extra) in [("Infinity", 3.0), ("-Infinity", 3.0), ("null", 2.5)] {
            offer(word.to_owned(), extra);
        }
    }
    if tried.len() < 60 {
        let quoted = format!("\"{text}\"");
        out.replace(site, site.node, &Expression::atom(quoted), Template::LiteralType, 0.5);
    }
}

/// A number that a test expects, and that stands nowhere else, fits the test only.
fn replace_number(site: &Site<'_>, with: &Expression, extra: f32, out: &mut Proposals) {
    out.replace(site, site.node, with, Template::NumberReplaced, extra);
}

fn to_name(site: &Site<'_>, out: &mut Proposals) {
    for value in site.unit.values.iter().take(30) {
        let shape = if Shape::NUMBER.agrees(value.shape) {
            0.0
        } else if value.shape.is_unknown() {
            0.7
        } else {
            2.5
        };
        out.replace(site, site.node, &value.expression, Template::NumberToName, value.cost + shape);
    }
}

fn to_literal(site: &Site<'_>, out: &mut Proposals) {
    let wanted = site.wanted(site.node);
    let mut offer = |text: &str, shape: Shape, extra: f32| {
        let cost = extra + if wanted.fits(shape) { 0.0 } else { 2.0 };
        let level = if text.starts_with('-') { Level::UNARY } else { Level::ATOM };
        out.replace(site, site.node, &Expression::new(text, level), Template::NameToLiteral, cost);
    };
    for (text, extra) in [("0", 0.0), ("1", 0.0), ("-1", 0.7), ("2", 0.7)] {
        offer(text, Shape::NUMBER, extra);
    }
    offer("\"\"", Shape::TEXT, 0.7);
    offer("[]", Shape::LIST, 0.7);
    offer("{}", Shape::DICT, 1.0);
    offer(site.family().null(), Shape::NOTHING, 0.5);
    offer(site.family().yes(), Shape::TRUTH, 0.7);
    offer(site.family().no(), Shape::TRUTH, 0.7);
}

fn truth(site: &Site<'_>, out: &mut Proposals) {
    let (yes, no) = (site.family().yes(), site.family().no());
    let other = if site.text() == yes { no } else { yes };
    let range = site.tree.range(site.node);
    if site.slot() == Slot::Condition {
        let why = format!("use the constant `{other}` as the condition");
        out.risky(
            site,
            range,
            other.to_owned(),
            Template::ConditionConstant,
            &why,
            Caution::ConstantCondition,
        );
    } else {
        out.change(site, range, other.to_owned(), Template::BoolFlipped, 0.0, Why::Instead);
    }
    for condition in site.unit.conditions.iter().take(25).filter(|_| site.slot() != Slot::Condition) {
        out.replace(site, site.node, &condition.expression, Template::BoolFlipped, 1.5 + condition.cost);
    }
}

fn empty(site: &Site<'_>, out: &mut Proposals) {
    let is_empty = matches!(site.text(), "[]" | "{}") || site.kind() == Kind::Null;
    if !is_empty {
        return;
    }
    let texts: &[&str] = if site.family().is_python() {
        &["[]", "{}", "set()", "0", "\"\"", "False", "True", "None", "1", "-1"]
    } else {
        &["[]", "{}", "0", "\"\"", "false", "true", "null", "undefined", "1", "-1"]
    };
    for (at, text) in texts.iter().enumerate() {
        out.replace(site, site.node, &Expression::primary(*text), Template::NameToLiteral, at as f32 * 0.2);
    }
}
