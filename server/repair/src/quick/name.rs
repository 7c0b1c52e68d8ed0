//! A name that is bound nowhere and misspelt by one letter or two.
#![expect(clippy::wildcard_enum_match_arm, reason = "a role that is not named binds nothing of its own")]

use std::collections::HashSet;

use bodkin_text::{ByteRange, Edit, Edits};
use bodkin_workspace::{Node, Role, Syntax};

use super::{QuickFix, is_script, modules};

/// Names that are looked at in one selection.
const MOST_NAMES: usize = 24;
/// Shorter names are close to too many others, characters.
const SHORTEST: usize = 4;

/// A change to the one visible name that is close.
pub(super) fn fixes(syntax: &Syntax, range: ByteRange) -> Vec<QuickFix> {
    let mut found = Vec::new();
    for node in unknown(syntax, range) {
        let name = node.text();
        if name.chars().count() < SHORTEST || modules::is_module(syntax.language(), name) {
            continue;
        }
        let near = if name.chars().count() < 7 || is_script(syntax.language()) { 1 } else { 2 };
        let visible = syntax.visible_at(node.start());
        let mut close = visible
            .iter()
            .filter(|it| it.name.chars().next() == name.chars().next())
            .filter(|it| it.name.chars().count() >= SHORTEST && distance(name, &it.name, near).is_some());
        if let (Some(one), None) = (close.next(), close.next()) {
            found.push(QuickFix {
                title: format!("Change `{name}` to `{}`", one.name),
                edits: Edits::one(Edit::replace(node.range(), one.name.to_string())),
                mends_syntax: false,
            });
        }
    }
    found
}

/// The names in a range that are read and bound nowhere in the file; none where names may come from elsewhere.
pub(super) fn unknown<'s>(syntax: &'s Syntax, range: ByteRange) -> Vec<Node<'s>> {
    let used: Vec<Node<'s>> = syntax
        .nodes_in(range)
        .into_iter()
        .filter(|it| it.is_variable() && it.start() < range.end && !it.text().starts_with("__"))
        .filter(|it| !is_closed(*it))
        .take(MOST_NAMES)
        .collect();
    // What is seen from here is known; only for the rest the whole file is gone through.
    let mut seen: HashSet<Box<str>> = HashSet::new();
    let mut unseen = Vec::new();
    for node in used {
        if !seen.contains(node.text()) {
            seen.extend(syntax.visible_at(node.start()).into_iter().map(|it| it.name));
        }
        if !seen.contains(node.text()) {
            unseen.push(node);
        }
    }
    if unseen.is_empty() {
        return unseen;
    }
    let Some(bound) = bound(syntax) else { return Vec::new() };
    unseen.into_iter().filter(|it| !bound.contains(it.text())).collect()
}

/// Whether a name stands in a type or an import, where other rules hold.
fn is_closed(node: Node<'_>) -> bool {
    node.ancestors().any(|it| {
        matches!(
            it.role(),
            Role::Type | Role::TypeDeclaration | Role::Import | Role::OuterNames | Role::CaseName
        )
    })
}

/// Every name that the file binds anywhere; `None` where it can not be told.
fn bound(syntax: &Syntax) -> Option<HashSet<String>> {
    let text = syntax.text();
    if ["globals()", "exec(", "eval(", "vars()", "locals()"].iter().any(|it| text.contains(it)) {
        return None;
    }
    let mut bound: HashSet<String> =
        syntax.module_scope().bindings.into_iter().map(|it| it.name.into()).collect();
    let mut walk = syntax.root().walk();
    while let Some(node) = walk.next() {
        match node.role() {
            Role::Import if node.children().iter().any(|it| it.kind() == "wildcard_import") => return None,
            Role::OuterNames => bound.extend(node.parts().iter().map(|it| it.text().to_owned())),
            role if role.is_function() => {
                bound.extend(syntax.scope_of(node).bindings.into_iter().map(|it| it.name.into()));
                let outer = node.walk().filter(|it| it.role() == Role::OuterNames);
                bound.extend(outer.flat_map(Node::parts).map(|it| it.text().to_owned()));
                bound.extend(parameters_of_types(node));
                walk.skip_below();
            }
            _ => bound.extend(parameters_of_types(node)),
        }
    }
    Some(bound)
}

/// `T` of `def f[T](…)`, `class A<T>`.
fn parameters_of_types(node: Node<'_>) -> Vec<String> {
    let Some(list) = node.field("type_parameters") else { return Vec::new() };
    let names = list.walk().filter(|it| matches!(it.kind(), "identifier" | "type_identifier"));
    names.map(|it| it.text().to_owned()).collect()
}

/// How many letters must be changed, put in, left out or swapped with their neighbour; `None` above `most`.
fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let at = |row: Option<&Vec<usize>>, column: usize| row.and_then(|it| it.get(column)).copied();
            let changed = at(rows.last(), j)? + usize::from(a != b);
            let longer = at(rows.last(), j + 1)? + 1;
            let shorter = row.last()? + 1;
            let mut least = changed.min(longer).min(shorter);
            let is_swap = i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if is_swap {
                least = least.min(at(rows.len().checked_sub(2).and_then(|row| rows.get(row)), j - 1)? + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    let found = *rows.last()?.last()?;
    (found <= most).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn letters_changed_put_in_left_out_and_swapped_are_counted() {
        let of = |one: &str, other: &str| distance(one, other, 2);
        assert_eq!(of("length", "length"), Some(0));
        assert_eq!(of("lenght", "length"), Some(1));
        assert_eq!([of("lengt", "length"), of("lengthh", "length"), of("lemgth", "length")], [Some(1); 3]);
        assert_eq!(of("lnegth", "lenght"), Some(2));
        assert_eq!(of("size", "length"), None);
    }
}
