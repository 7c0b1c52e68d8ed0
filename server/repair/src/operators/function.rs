//! Another function or method called: one of the file, or one that is easily taken for it.

use bodkin_workspace::Language;

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::similarity;
use crate::site::Site;
use crate::tree::{Kind, Slot};

pub(super) struct Function;

impl Operator for Function {
    fn name(&self) -> &'static str {
        "function"
    }

    fn doc(&self) -> &'static str {
        "calls another function or method, of the file or easily mistaken"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if site.slot() != Slot::Callee {
            return;
        }
        match site.kind() {
            Kind::Name => functions(site, out),
            Kind::Attribute => methods(site, out),
            _ => {}
        }
    }
}

fn functions(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let own = site.text();
    let count = tree.parent(site.node).map_or(0, |it| tree.arguments(it).len());
    let spoken = if site.unit.signs.speak_of(own) { -2.0 } else { 0.0 };
    let range = tree.range(site.node);
    for name in site.unit.names.iter().filter(|it| it.name != own) {
        let callable = if name.origin.is_variable() { 2.5 } else { 0.0 };
        let arity = match name.arity {
            Some((few, most)) if !(few..=most).contains(&count) => 2.0,
            _ => 0.0,
        };
        let cost = name.cost + callable + arity + spoken - 2.0 * similarity::of_names(own, &name.name);
        out.change(site, range, name.name.clone(), Template::FunctionReplaced, cost, Why::Instead);
    }
    for (at, other) in confused(site, own).enumerate() {
        out.change(
            site,
            range,
            other.to_owned(),
            Template::FunctionReplaced,
            spoken + at as f32 * 0.3,
            Why::Instead,
        );
    }
    for known in builtins(site).filter(|it| *it != own) {
        let likeness = similarity::of_names(own, known);
        if likeness > 0.6 {
            out.change(
                site,
                range,
                known.to_owned(),
                Template::FunctionReplaced,
                spoken + 1.0 - likeness,
                Why::Instead,
            );
        }
    }
}

fn builtins(site: &Site<'_>) -> impl Iterator<Item = &'static str> + use<> {
    let (groups, language) = if site.family().is_python() {
        (PYTHON, Language::Python)
    } else {
        (JAVASCRIPT, Language::JavaScript)
    };
    let builtins = language.builtins();
    groups.iter().flat_map(|it| it.iter().copied()).chain(builtins.functions()).chain(builtins.types())
}

fn methods(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let Some(property) = tree.child(site.node, Slot::Property) else { return };
    let (own, range) = (tree.text(property), tree.range(property));
    let spoken = if site.unit.signs.speak_of(own) { -2.0 } else { 0.0 };
    let mut tried: Vec<&str> = vec![own];
    for (at, other) in confused(site, own).enumerate() {
        if !tried.contains(&other) {
            out.change(
                site,
                range,
                other.to_owned(),
                Template::MethodReplaced,
                spoken + at as f32 * 0.3,
                Why::Instead,
            );
            tried.push(other);
        }
    }
    let object = tree.child(site.node, Slot::Object).map(|it| tree.text(it));
    let used = site.unit.facts.calls.iter().filter_map(|&it| {
        let callee = tree.child(it, Slot::Callee).filter(|&it| tree.kind(it) == Kind::Attribute)?;
        let same = tree.child(callee, Slot::Object).map(|it| tree.text(it)) == object;
        Some((tree.callee_name(it), if same { 0.5 } else { 2.0 }))
    });
    let defined = site.unit.facts.methods.iter().map(|(name, _)| (name.as_str(), 1.0));
    let known = builtins(site).filter(|it| similarity::of_names(own, it) > 0.6).map(|it| (it, 1.0));
    for (other, extra) in used.chain(defined).chain(known) {
        if !tried.contains(&other) && tried.len() < 60 {
            let cost = extra + spoken - 2.0 * similarity::of_names(own, other);
            out.change(site, range, other.to_owned(), Template::MethodReplaced, cost, Why::Instead);
            tried.push(other);
        }
    }
}

/// Functions that are taken for this one.
fn confused<'n>(site: &Site<'_>, name: &'n str) -> impl Iterator<Item = &'static str> + use<'n> {
    let groups = if site.family().is_python() { PYTHON } else { JAVASCRIPT };
    groups
        .iter()
        .filter(move |group| group.contains(&name))
        .flat_map(|it| it.iter().copied())
        .filter(move |it| *it != name)
}

type Group = &'static [&'static str];

/// Each group: functions and methods that are mistaken for one another.
const PYTHON: &[Group] = &[
    &["min", "max"],
    &["any", "all"],
    &["sum", "len", "max"],
    &["append", "extend", "insert", "add"],
    &["add", "update", "remove", "discard"],
    &["pop", "popleft", "get", "remove"],
    &["append", "appendleft"],
    &["strip", "lstrip", "rstrip"],
    &["removeprefix", "removesuffix", "lstrip", "rstrip"],
    &["lower", "upper", "title", "capitalize", "casefold"],
    &["startswith", "endswith"],
    &["find", "rfind", "index", "rindex"],
    &["split", "rsplit", "splitlines", "partition"],
    &["partition", "rpartition"],
    &["keys", "values", "items"],
    &["isdigit", "isalpha", "isalnum", "isnumeric", "isdecimal"],
    &["isupper", "islower"],
    &["int", "float", "str", "round"],
    &["list", "tuple", "set", "sorted"],
    &["sorted", "reversed", "list"],
    &["floor", "ceil", "round", "trunc"],
    &["map", "filter"],
    &["sqrt", "pow", "exp", "log"],
    &["ljust", "rjust", "center", "zfill"],
    &["isinstance", "issubclass"],
    &["hasattr", "getattr", "setattr"],
    &["union", "intersection", "difference", "symmetric_difference"],
    &["issubset", "issuperset"],
    &["range", "enumerate", "zip"],
    &["read", "readline", "readlines"],
    &["get", "setdefault", "pop"],
    &["match", "search", "fullmatch", "findall"],
    &["bisect_left", "bisect_right", "bisect", "insort"],
    &["heappush", "heappop", "heapify", "heappushpop"],
    &["combinations", "permutations", "product"],
    &["ord", "chr"],
    &["most_common", "elements"],
    &["sort", "reverse"],
];

const JAVASCRIPT: &[Group] = &[
    &["push", "unshift", "concat"],
    &["pop", "shift"],
    &["slice", "splice", "substring", "substr"],
    &["floor", "ceil", "round", "trunc"],
    &["some", "every", "includes"],
    &["find", "filter", "findIndex", "findLast"],
    &["map", "forEach", "filter", "flatMap"],
    &["reduce", "reduceRight"],
    &["indexOf", "lastIndexOf", "findIndex", "includes"],
    &["min", "max"],
    &["toLowerCase", "toUpperCase"],
    &["startsWith", "endsWith", "includes"],
    &["trim", "trimStart", "trimEnd"],
    &["replace", "replaceAll"],
    &["parseInt", "parseFloat", "Number"],
    &["keys", "values", "entries"],
    &["charAt", "charCodeAt", "at"],
    &["has", "get", "set", "delete", "add"],
    &["padStart", "padEnd"],
    &["all", "allSettled", "race", "any"],
    &["setTimeout", "setInterval"],
    &["stringify", "parse"],
    &["match", "matchAll", "test", "exec"],
    &["sort", "reverse", "toSorted"],
    &["isNaN", "isFinite", "isInteger"],
    &["getMonth", "getDate", "getDay", "getFullYear"],
    &["call", "apply", "bind"],
];
