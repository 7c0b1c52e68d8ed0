//! How names are bound: where, how far they reach, and what an import brings.

use bodkin_text::ByteRange;

use crate::surface::Family;
use crate::tree::{Kind, NodeId, Slot, Tree};

/// Whether the name is being bound here.
pub(crate) fn is_bound(tree: &Tree, id: NodeId) -> bool {
    tree.slot(id) == Slot::Target
        && tree.parent(id).is_some_and(|it| {
            matches!(
                tree.kind(it),
                Kind::Assignment
                    | Kind::AugmentedAssignment
                    | Kind::For
                    | Kind::ComprehensionFor
                    | Kind::Pattern
                    | Kind::Clause
                    | Kind::With
            )
        })
}

/// Where a variable that is bound here may be used; `None` where binding it here makes no variable.
pub(crate) fn extent(tree: &Tree, id: NodeId) -> Option<ByteRange> {
    let home = |wanted: &dyn Fn(Kind) -> bool| {
        tree.ancestors(id).find(|&it| wanted(tree.kind(it))).map(|it| tree.range(it))
    };
    match tree.family {
        Family::Python => home(&|kind| {
            matches!(kind, Kind::Comprehension | Kind::Function | Kind::Lambda | Kind::Class | Kind::Module)
        }),
        Family::JavaScript { .. } => {
            let declares = tree
                .ancestors(id)
                .find(|&it| matches!(tree.kind(it), Kind::Declaration | Kind::For | Kind::Clause));
            if tree.ancestors(id).take(4).any(|it| tree.kind(it) == Kind::Parameters) {
                return home(&|kind| matches!(kind, Kind::Function | Kind::Lambda));
            }
            let declared = declares.map(|it| tree.text(it));
            if declared.is_some_and(|text| text.starts_with("var")) {
                return home(&|kind| matches!(kind, Kind::Function | Kind::Lambda | Kind::Module));
            }
            declares?;
            let in_head =
                declares.and_then(|it| tree.parent(it)).is_some_and(|it| tree.kind(it) == Kind::CountedFor);
            home(&|kind| {
                matches!(kind, Kind::For | Kind::Clause)
                    || in_head && kind == Kind::CountedFor
                    || !in_head && matches!(kind, Kind::Block | Kind::Function | Kind::Lambda | Kind::Module)
            })
        }
    }
}

/// The names that an import statement binds.
pub(crate) fn imported_names(family: Family, text: &str) -> Vec<String> {
    let body = match family {
        Family::Python => text.split_once("import").map_or("", |(_, after)| after),
        Family::JavaScript { .. } => {
            text.split_once("import").map_or("", |(_, after)| after.split(" from ").next().unwrap_or(""))
        }
    };
    body.split([',', '{', '}', '(', ')', '\n', ';'])
        .filter_map(|part| {
            let name = part.rsplit(" as ").next()?.trim();
            let first = if part.contains(" as ") { name } else { name.split('.').next()? };
            is_word(first).then(|| first.to_owned())
        })
        .collect()
}

/// Whether the text is one name.
pub(crate) fn is_word(text: &str) -> bool {
    text.chars().next().is_some_and(|it| it.is_alphabetic() || it == '_' || it == '$')
        && text.chars().all(|it| it.is_alphanumeric() || it == '_' || it == '$')
}

/// The step by which the file indents its blocks.
pub(crate) fn indent_step(tree: &Tree) -> String {
    let steps = tree.all().filter(|&it| tree.kind(it).is_statement()).filter_map(|id| {
        let outer = tree.ancestors(id).find(|&it| tree.kind(it).is_statement())?;
        let own = tree.indent(id)?;
        let rest = own.strip_prefix(tree.indent(outer)?)?;
        (!rest.is_empty() && rest.len() <= 8).then(|| rest.to_owned())
    });
    steps.min_by_key(String::len).unwrap_or_else(|| match tree.family {
        Family::Python => "    ".to_owned(),
        Family::JavaScript { .. } => "  ".to_owned(),
    })
}
