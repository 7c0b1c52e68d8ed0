//! `editors/neovim/lua/bodkin/protocol.lua`: the wire types as LuaCATS classes, and the names that are spoken.

use std::fmt::Write as _;

use super::WRITTEN;
use super::shape::{Body, Field, Named, Shape, types};
use crate::methods::{How, METHODS};
use crate::settings::{Kind, Setting, of_server};

/// The file.
pub fn lua() -> String {
    let mut text = format!(
        "-- {WRITTEN}\n-- What is null on the wire may come as nil or as vim.NIL.\n\nlocal M = {{}}\n"
    );
    for (table, how, what) in [
        ("notifications", How::ToClient, "Notifications from the server"),
        ("requests", How::ToServer, "Requests to the server"),
        ("commands", How::Command, "Commands of the server, for `workspace/executeCommand`"),
    ] {
        let _ = write!(text, "\n--- {what}, by name.\nM.{table} = {{\n");
        for it in METHODS.iter().filter(|it| it.how == how) {
            let _ = writeln!(text, "  --- {}", it.meaning);
            let with = if it.params == "-" { "nothing".to_owned() } else { class(it.params) };
            let answer = if it.result == "-" { "nothing".to_owned() } else { class(it.result) };
            let _ = writeln!(text, "  --- With {with}; the answer is {answer}.");
            let _ = writeln!(text, "  {} = '{}',", it.short_name(), it.name);
        }
        text.push_str("}\n");
    }
    for it in types() {
        describe(&mut text, &it);
    }
    settings(&mut text);
    text.push_str("\nreturn M\n");
    text
}

fn describe(text: &mut String, it: &Named) {
    let _ = write!(text, "\n--- {}\n", it.said);
    match &it.body {
        Body::Fields(all) => {
            let _ = writeln!(text, "---@class {}", class(&it.name));
            fields(text, all);
        }
        Body::Words(words) => {
            let _ = writeln!(text, "---@alias {}", class(&it.name));
            for (word, said) in words {
                let _ = writeln!(text, "---| '{word}' # {said}");
            }
        }
        Body::Variants(variants) => {
            let names: Vec<String> =
                variants.iter().map(|one| format!("{}.{}", class(&it.name), one.kind)).collect();
            let _ = writeln!(text, "---@alias {} {}", class(&it.name), names.join("|"));
            for (one, name) in variants.iter().zip(&names) {
                let _ = write!(text, "\n--- {}\n---@class {name}\n", one.said);
                let _ = writeln!(text, "---@field kind '{}'", one.kind);
                fields(text, &one.fields);
            }
        }
    }
}

fn fields(text: &mut String, fields: &[Field]) {
    for it in fields {
        let null = if it.nullable { "?" } else { "" };
        let _ = writeln!(text, "---@field {} {}{null} {}", it.name, type_of(&it.shape), it.said);
    }
}

fn type_of(shape: &Shape) -> String {
    match shape {
        Shape::Named(name) => class(name),
        Shape::List(items) => format!("{}[]", type_of(items)),
        Shape::Text => "string".to_owned(),
        Shape::Number => "integer".to_owned(),
        Shape::Flag => "boolean".to_owned(),
        Shape::Object => "table<string, any>".to_owned(),
    }
}

fn class(name: &str) -> String {
    format!("bodkin.{name}")
}

/// The settings as nested classes; each field may be left out.
fn settings(text: &mut String) {
    let mut groups: Vec<(&str, Vec<&Setting>)> = Vec::new();
    let mut plain = Vec::new();
    for it in of_server() {
        match it.name.split_once('.') {
            None => plain.push(it),
            Some((group, _)) => match groups.iter_mut().find(|(name, _)| *name == group) {
                Some((_, members)) => members.push(it),
                None => groups.push((group, vec![it])),
            },
        }
    }
    text.push_str("\n--- What the server can be told by settings.\n---@class bodkin.Settings\n");
    for it in plain {
        setting(text, it.name, it);
    }
    for (group, _) in &groups {
        let _ = writeln!(text, "---@field {group}? bodkin.Settings.{group}");
    }
    for (group, members) in &groups {
        let _ = write!(text, "\n---@class bodkin.Settings.{group}\n");
        for it in members {
            setting(text, it.name.split_once('.').map_or(it.name, |(_, name)| name), it);
        }
    }
}

fn setting(text: &mut String, name: &str, it: &Setting) {
    let (kind, default) = match it.kind {
        Kind::OptionalText => ("string".to_owned(), "empty".to_owned()),
        Kind::Flag { default } => ("boolean".to_owned(), default.to_string()),
        Kind::Whole { default, .. } => ("integer".to_owned(), default.to_string()),
        Kind::Choice { default, words } => {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("'{word}'")).collect();
            (words.join("|"), format!("'{default}'"))
        }
    };
    let _ = writeln!(text, "---@field {name}? {kind} {} Default: {default}.", it.meaning);
}
