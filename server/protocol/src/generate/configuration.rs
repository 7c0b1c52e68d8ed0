//! The settings where people set them: `docs/settings.md`, and the configuration of the VS Code extension.

use std::fmt::Write as _;

use serde_json::Value;

use super::WRITTEN;
use crate::settings::{Kind, Reader, SECTION, SETTINGS, Scope, Setting};

const HEAD: &str = "\
Every setting lives in the section `bodkin`. Editors give them by `workspace/configuration`, per workspace folder
where they can, by `workspace/didChangeConfiguration`, or in `initializationOptions`, each time as
`{\"bodkin\": {…}}`; names with a dot are nested. A value that can not be understood is told once and not taken. The command line
reads its own file, see `bodkin --help`.
";

/// `docs/settings.md`.
pub fn settings_page() -> String {
    let mut page = format!("# Settings\n\n{WRITTEN}\n\n{HEAD}");
    for it in SETTINGS {
        let _ = write!(page, "\n## `{SECTION}.{}`\n\n{}\n\n", it.name, it.meaning);
        let _ = writeln!(page, "{}", possible(it.kind));
        if let Kind::Choice { words, .. } = it.kind {
            page.push('\n');
            for (word, said) in words {
                let _ = writeln!(page, "- `{word}`: {said}");
            }
        }
        if it.reader == Reader::VsCode {
            page.push_str("\nRead by the VS Code extension only.\n");
        }
        if it.scope == Scope::User {
            page.push_str("\nTaken from the user's own settings only.\n");
        }
    }
    page
}

fn possible(kind: Kind) -> String {
    match kind {
        Kind::OptionalText => "A text or null. Default: null.".to_owned(),
        Kind::Flag { default } => format!("True or false. Default: {default}."),
        Kind::Whole { default, least, most } => {
            format!("A whole number from {least} to {most}. Default: {default}.")
        }
        Kind::Choice { default, .. } => format!("Default: `{default}`."),
    }
}

/// The object `contributes.configuration` of the extension, as it stands in its `package.json`, two levels deep.
pub fn configuration() -> String {
    let mut text = "{\n  \"title\": \"Bodkin\",\n  \"properties\": {".to_owned();
    for (at, it) in SETTINGS.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n    \"{SECTION}.{}\": {{", it.name);
        let fields: Vec<String> =
            fields(it, at).iter().map(|(name, value)| format!("\n      \"{name}\": {value}")).collect();
        let _ = write!(text, "{}\n    }}", fields.join(","));
    }
    text.push_str("\n  }\n}");
    text.replace('\n', "\n    ")
}

fn fields(it: &Setting, order: usize) -> Vec<(&'static str, String)> {
    let text = |text: &str| Value::from(text).to_string();
    let mut fields = match it.kind {
        // Empty is none: a text that may be null has no box to type it in on VS Code's settings page.
        Kind::OptionalText => vec![("type", text("string")), ("default", text(""))],
        Kind::Flag { default } => vec![("type", text("boolean")), ("default", default.to_string())],
        Kind::Whole { default, least, most } => vec![
            ("type", text("integer")),
            ("default", default.to_string()),
            ("minimum", least.to_string()),
            ("maximum", most.to_string()),
        ],
        Kind::Choice { default, words } => {
            let list = |pick: fn(&(&'static str, &'static str)) -> &'static str| {
                let all: Vec<String> = words.iter().map(|it| text(pick(it))).collect();
                format!("[{}]", all.join(", "))
            };
            vec![
                ("type", text("string")),
                ("enum", list(|it| it.0)),
                ("enumDescriptions", list(|it| it.1)),
                ("default", text(default)),
            ]
        }
    };
    let scope = match it.scope {
        Scope::Folder => "resource",
        Scope::User => "machine",
    };
    fields.push(("scope", text(scope)));
    fields.push(("order", order.to_string()));
    fields.push(("markdownDescription", text(it.meaning)));
    fields
}
