//! A module of the language's own library that is used and not imported.

use std::collections::BTreeSet;

use bodkin_text::{ByteRange, Edit, Edits};
use bodkin_workspace::{Facts, Language, Node, Role, Syntax};

use super::{QuickFix, is_script, modules, name};

/// An import for each module that is used as `module.member`.
pub(super) fn fixes(syntax: &Syntax, range: ByteRange) -> Vec<QuickFix> {
    let names: BTreeSet<&str> = name::unknown(syntax, range)
        .into_iter()
        .filter(|it| is_object(*it) && modules::is_module(syntax.language(), it.text()))
        .map(Node::text)
        .collect();
    names.into_iter().filter_map(|name| fix(syntax, name)).collect()
}

fn is_object(node: Node<'_>) -> bool {
    node.parent().is_some_and(|it| it.role() == Role::Attribute && it.object() == Some(node))
}

fn fix(syntax: &Syntax, name: &str) -> Option<QuickFix> {
    let statement = match syntax.language() {
        Language::Python => format!("import {name}"),
        Language::JavaScript | Language::TypeScript | Language::Tsx => scripted(syntax, name)?,
    };
    let text = syntax.text();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line_end = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.find(['\r', '\n']).unwrap_or(rest.len()) // behind a comment
    };
    let edit = match after_imports(syntax).map(line_end) {
        Some(at) => Edit::insert(at, format!("{end}{statement}")),
        None => Edit::insert(top(syntax), format!("{statement}{end}")),
    };
    let edits = Edits::one(edit);
    let whole = syntax.after(&edits).is_some_and(|it| !it.has_errors());
    whole.then(|| QuickFix { title: format!("Import `{name}`"), edits, mends_syntax: false })
}

/// As the file imports its other modules of Node; `None` where it imports none, and may not run there.
fn scripted(syntax: &Syntax, name: &str) -> Option<String> {
    let facts = Facts::of(syntax);
    let is_known = |module: &str| modules::is_module(syntax.language(), module.trim_start_matches("node:"));
    let known = facts.imports.iter().find(|it| is_known(&it.module))?;
    let prefix = if known.module.starts_with("node:") { "node:" } else { "" };
    let line = known.range.of(syntax.text()).unwrap_or_default();
    let semicolon = if syntax.text().lines().any(|it| it.trim_end().ends_with(';')) { ";" } else { "" };
    let quote = if line.contains('"') { '"' } else { '\'' };
    let module = format!("{quote}{prefix}{name}{quote}");
    Some(if line.contains("require") {
        format!("const {name} = require({module}){semicolon}")
    } else if syntax.language() == Language::JavaScript {
        format!("import {name} from {module}{semicolon}")
    } else {
        format!("import * as {name} from {module}{semicolon}")
    })
}

/// The end of the last import that stands before all other code.
fn after_imports(syntax: &Syntax) -> Option<usize> {
    let mut last = None;
    for statement in syntax.root().parts() {
        let text = statement.text();
        let is_import = statement.role() == Role::Import
            || (is_script(syntax.language()) && text.contains("require(") && !text.contains('\n'));
        let is_doc = statement.role() == Role::ExpressionStatement
            && statement
                .slot(bodkin_workspace::Slot::Value)
                .is_some_and(|it| it.role() == Role::StringLiteral);
        match (is_import, is_doc) {
            (true, _) => last = Some(statement.end()),
            (false, true) => {}
            (false, false) => break,
        }
    }
    last
}

/// The first place for code: behind what speaks of the file as a whole.
fn top(syntax: &Syntax) -> usize {
    let first = syntax.root().parts().into_iter().find(|it| {
        let doc = it.role() == Role::ExpressionStatement
            && it.slot(bodkin_workspace::Slot::Value).is_some_and(|it| it.role() == Role::StringLiteral);
        !doc
    });
    let start = first.map_or(syntax.text().len(), Node::start);
    let before = syntax.text().get(..start).unwrap_or_default();
    before.rfind('\n').map_or(0, |at| at + 1)
}
