//! How JavaScript and TypeScript import.

use crate::facts::{Import, ImportedName};
use crate::node::Node;
use crate::role::{Role, Slot};

/// `import a, {b as c} from "d"`, `import * as e from "f"`, `import g = require("h")`.
pub(super) fn import(statement: Node<'_>) -> Import {
    let mut import = Import { module: "".into(), names: Vec::new(), range: statement.range() };
    let mut walk = statement.walk();
    while let Some(node) = walk.next() {
        if node.role() == Role::StringLiteral {
            import.module = unquoted(node).into();
        } else if let Some(name) = node.slot(Slot::Name) {
            let here = node.slot(Slot::Alias).unwrap_or(name);
            import.names.push(ImportedName::new(name.text(), here));
            walk.skip_below();
        } else if node.role() == Role::Identifier {
            let whole = node.parent().is_some_and(|it| it.kind() == "namespace_import");
            import.names.push(ImportedName::new(if whole { "*" } else { "default" }, node));
        }
    }
    import
}

/// The text of a string without its quotes.
fn unquoted(string: Node<'_>) -> &str {
    string.text().trim_matches(['"', '\'', '`'])
}

/// `const a = require("b")`, `const {c: d} = require("e")`, given its `a = require("b")`.
pub(super) fn required(assignment: Node<'_>) -> Option<Import> {
    let (target, call) = (assignment.target()?, assignment.value()?);
    let is_require = call.role() == Role::Call && call.callee()?.text() == "require";
    let module =
        call.arguments().into_iter().next().filter(|it| is_require && it.role() == Role::StringLiteral)?;
    let names = target.bound_names().into_iter().map(|here| {
        let key = here.parent().and_then(|it| it.slot(Slot::Key));
        let name = if here == target { "*" } else { key.unwrap_or(here).text() };
        ImportedName::new(name, here)
    });
    Some(Import { module: unquoted(module).into(), names: names.collect(), range: assignment.range() })
}
