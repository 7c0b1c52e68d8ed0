//! How Python imports.

use crate::facts::{Import, ImportedName};
use crate::node::Node;
use crate::role::Slot;

/// `import a.b, c as d`, `from .a import b as c`, `from __future__ import d`.
pub(super) fn import(statement: Node<'_>) -> Import {
    let source = statement.slot(Slot::Source);
    let module = match source {
        Some(source) => source.text(),
        None if statement.kind() == "future_import_statement" => "__future__",
        None => "",
    };
    let names = statement.parts().into_iter().filter(|it| Some(*it) != source);
    let names = names.filter_map(|it| imported(it, !module.is_empty()));
    Import { module: module.into(), names: names.collect(), range: statement.range() }
}

fn imported(node: Node<'_>, from: bool) -> Option<ImportedName> {
    match (node.slot(Slot::Name), node.slot(Slot::Alias)) {
        (Some(name), Some(alias)) => Some(ImportedName::new(name.text(), alias)),
        // `import a.b` binds `a`.
        _ => {
            let first = node.parts().into_iter().next()?;
            Some(ImportedName::new(if from { first.text() } else { node.text() }, first))
        }
    }
}
