//! `editors/vscode/src/protocol.ts`: the wire types as TypeScript sees them, and the names that are spoken.

use std::fmt::Write as _;

use super::WRITTEN;
use super::shape::{Body, Field, Named, Shape, types};
use crate::methods::{How, METHODS, Method};

/// The file.
pub fn typescript() -> String {
    let mut text = format!("// {WRITTEN}\n/* eslint-disable */\n");
    for (name, how, what) in [
        ("Notifications", How::ToClient, "Notifications from the server"),
        ("Requests", How::ToServer, "Requests to the server"),
        ("Commands", How::Command, "Commands of the server, for `workspace/executeCommand`"),
    ] {
        let methods: Vec<&Method> = METHODS.iter().filter(|it| it.how == how).collect();
        names(&mut text, name, what, &methods);
        conversation(&mut text, name, what, &methods);
    }
    for it in types() {
        describe(&mut text, &it);
    }
    text
}

fn names(text: &mut String, name: &str, what: &str, methods: &[&Method]) {
    let _ = write!(text, "\n/** {what}, by name. */\nexport const {name} = {{\n");
    for it in methods {
        let _ = writeln!(text, "    /** {} */\n    {}: '{}',", it.meaning, it.short_name(), it.name);
    }
    text.push_str("} as const;\n");
}

fn conversation(text: &mut String, name: &str, what: &str, methods: &[&Method]) {
    let single = name.trim_end_matches('s');
    let _ = write!(text, "\n/** {what}: what goes with each. */\nexport interface {single}Types {{\n");
    for it in methods {
        let (params, result) = (or_null(it.params), or_null(it.result));
        let _ = writeln!(text, "    '{}': {{ params: {params}; result: {result} }};", it.name);
    }
    text.push_str("}\n");
}

fn or_null(name: &str) -> &str {
    if name == "-" { "null" } else { name }
}

fn describe(text: &mut String, it: &Named) {
    let _ = write!(text, "\n/** {} */\n", it.said);
    match &it.body {
        Body::Fields(all) => {
            let _ = writeln!(text, "export interface {} {{", it.name);
            fields(text, all);
            text.push_str("}\n");
        }
        Body::Words(words) => {
            let _ = write!(text, "export type {} =", it.name);
            for (word, said) in words {
                let _ = write!(text, "\n    /** {said} */\n    | '{word}'");
            }
            text.push_str(";\n");
        }
        Body::Variants(variants) => {
            let names: Vec<String> =
                variants.iter().map(|one| format!("{}{}", it.name, pascal(&one.kind))).collect();
            let _ = writeln!(text, "export type {} = {};", it.name, names.join(" | "));
            for (one, name) in variants.iter().zip(&names) {
                let _ = write!(text, "\n/** {} */\nexport interface {name} {{\n", one.said);
                let _ = writeln!(text, "    kind: '{}';", one.kind);
                fields(text, &one.fields);
                text.push_str("}\n");
            }
        }
    }
}

fn fields(text: &mut String, fields: &[Field]) {
    for it in fields {
        let null = if it.nullable { " | null" } else { "" };
        let _ = writeln!(text, "    /** {} */\n    {}: {}{null};", it.said, it.name, type_of(&it.shape));
    }
}

fn type_of(shape: &Shape) -> String {
    match shape {
        Shape::Named(name) => name.clone(),
        Shape::List(items) => format!("{}[]", type_of(items)),
        Shape::Text => "string".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Flag => "boolean".to_owned(),
        Shape::Object => "Record<string, unknown>".to_owned(),
    }
}

fn pascal(snake: &str) -> String {
    snake
        .split('_')
        .flat_map(|part| {
            part.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c })
        })
        .collect()
}
