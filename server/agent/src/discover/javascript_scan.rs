//! What a JavaScript or TypeScript text imports, passes on and declares, read from its characters.
//!
//! Lexical: whatever stands in quotes after `from`, `import`, `require` or a mock's call counts, also in a
//! comment.

use std::collections::BTreeSet;

/// One import, or one export of what another file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    /// Where from, as it is written.
    pub(super) from: String,
    /// Whether it is passed on (`export … from`).
    pub(super) is_passed_on: bool,
    /// The names that are taken, and as what; `None`: all of it.
    pub(super) names: Option<Vec<(String, String)>>,
}

/// A text's imports and the names that it declares and exports.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) imports: Vec<Import>,
    pub(super) exports: BTreeSet<String>,
}

/// Reads a text.
pub(super) fn scan(text: &str) -> Scanned {
    let mut imports = Vec::new();
    let mut rest = text;
    let mut lead_start = text;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let (_, quoted) = rest.split_at(at);
        let quote = quoted.chars().next().unwrap_or('"');
        let inner = quoted.get(1..).unwrap_or_default();
        // What is imported stands on one line: a quote without its end is an apostrophe.
        let end =
            inner.find([quote, '\n']).filter(|end| inner.get(*end..).is_some_and(|it| it.starts_with(quote)));
        let Some(end) = end else {
            rest = inner;
            continue;
        };
        let lead = lead_start.get(..lead_start.len() - quoted.len()).unwrap_or_default();
        imports.extend(import(lead, inner.get(..end).unwrap_or_default()));
        rest = inner.get(end + 1..).unwrap_or_default();
        lead_start = rest;
    }
    Scanned { imports, exports: text.lines().filter_map(declared).collect() }
}

/// The import that `lead`, the text before a string, makes of it.
fn import(lead: &str, from: &str) -> Option<Import> {
    let calls = ["require", "import", "mock", "doMock", "requireActual", "importActual", "resolve"];
    let whole = Import { from: from.to_owned(), is_passed_on: false, names: None };
    let lead = lead.trim_end();
    if let Some(call) = lead.strip_suffix('(') {
        return calls.iter().any(|it| ends_in_word(call.trim_end(), it)).then_some(whole);
    }
    if ends_in_word(lead, "import") {
        return Some(whole);
    }
    let clause = lead.strip_suffix("from").filter(|_| ends_in_word(lead, "from"))?;
    let start = ["import", "export"].into_iter().filter_map(|it| Some((clause.rfind(it)?, it))).max();
    let (at, keyword) = start.unwrap_or_default();
    let names = clause.get(at + keyword.len()..).and_then(names);
    Some(Import { is_passed_on: keyword == "export", names, ..whole })
}

fn ends_in_word(text: &str, word: &str) -> bool {
    let before = text.strip_suffix(word);
    before.is_some_and(|it| !it.ends_with(|it: char| it.is_alphanumeric() || it == '_' || it == '$'))
}

/// `A, { b as c }`; `None` for `* as all` and `*`.
fn names(clause: &str) -> Option<Vec<(String, String)>> {
    let clause = clause.trim().trim_start_matches("type ").trim_start();
    if clause.contains('*') {
        return None;
    }
    let (default, braces) = clause.split_once('{').unwrap_or((clause, ""));
    let default = default.trim().trim_end_matches(',').trim_end();
    let default = Some(("default".to_owned(), default.to_owned())).filter(|_| !default.is_empty());
    let named = braces.trim_end_matches('}').split(',').filter_map(|it| {
        let mut words = it.split_whitespace().filter(|it| *it != "type");
        let name = words.next()?.trim_end_matches('}');
        let known_as = words.nth(1).unwrap_or(name).trim_end_matches('}');
        (!name.is_empty()).then(|| (name.to_owned(), known_as.to_owned()))
    });
    Some(default.into_iter().chain(named).collect())
}

/// The name that a line like `export const a = 1` declares.
fn declared(line: &str) -> Option<String> {
    let keywords = [
        "async",
        "function",
        "function*",
        "const",
        "let",
        "var",
        "class",
        "abstract",
        "declare",
        "type",
        "interface",
        "enum",
    ];
    let rest = line.trim_start().strip_prefix("export ")?;
    let mut words =
        rest.split(|it: char| !(it.is_alphanumeric() || "_$*".contains(it))).filter(|it| !it.is_empty());
    let name = words.find(|it| !keywords.contains(it))?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let shown = scan(text).imports.into_iter().map(|it| {
            let names = it.names.map_or("*".to_owned(), |names| {
                names.iter().map(|(a, b)| format!("{a}:{b}")).collect::<Vec<_>>().join(" ")
            });
            format!("{}{} {names}", if it.is_passed_on { "> " } else { "" }, it.from)
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn imports_of_every_form_are_read() {
        check("import a from './a';\nimport './b'\n", &["./a default:a", "./b *"]);
        check("import {\n  c,\n  d as e,\n} from \"./c\"", &["./c c:c d:e"]);
        check("import F, { type G } from `./f`", &["./f default:F G:G"]);
        check("import type { H } from './h'", &["./h H:H"]);
        check("import * as i from './i'", &["./i *"]);
        check("const e = require('./e'), f = await import(\"./f\");", &["./e *", "./f *"]);
        check("jest.mock('./g', () => ({}));", &["./g *"]);
    }

    #[test]
    fn what_is_passed_on_is_told_apart() {
        check("export * from './a'\nexport { b as c } from './b'", &["> ./a *", "> ./b b:c"]);
    }

    #[test]
    fn other_strings_are_not_imports() {
        check(
            "// it's here\nconst from = 'a'; log('b'); x.upfrom('c'); don't\nimport d from 'd'",
            &["d default:d"],
        );
    }

    #[test]
    fn exported_names_are_read() {
        let text =
            "export const a = 1\nexport async function b() {}\nexport default class C {}\nconst d = 2\n";
        let exports: Vec<String> = scan(text).exports.into_iter().collect();
        assert_eq!(exports, ["a", "b", "default"]);
    }
}
