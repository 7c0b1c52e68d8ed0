//! The wire types as plain shapes, read from their schemas.
//!
//! Holds what a client needs: the types that the methods name, and all that those are made of.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::methods::METHODS;
use crate::schema::definitions;

/// A type with a name.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) said: String,
    pub(super) body: Body,
}

/// What it is made of.
pub(super) enum Body {
    /// Fields, in the order in which they are declared.
    Fields(Vec<Field>),
    /// One of some words, each with what it means.
    Words(Vec<(String, String)>),
    /// One of some variants, told apart by `kind`.
    Variants(Vec<Variant>),
}

/// One variant of a type.
pub(super) struct Variant {
    pub(super) kind: String,
    pub(super) said: String,
    pub(super) fields: Vec<Field>,
}

/// One field.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) said: String,
    pub(super) shape: Shape,
    pub(super) nullable: bool,
}

/// The type of a field.
pub(super) enum Shape {
    Named(String),
    List(Box<Shape>),
    Text,
    Number,
    Flag,
    /// An object with any fields.
    Object,
}

/// Every type that a client meets, by name.
pub(super) fn types() -> Vec<Named> {
    let all = definitions();
    let mut met = BTreeSet::new();
    for method in METHODS {
        meet(method.params, &all, &mut met);
        meet(method.result, &all, &mut met);
    }
    met.iter().filter_map(|name| Some(named(name, all.get(name)?))).collect()
}

fn meet(name: &str, all: &Map<String, Value>, met: &mut BTreeSet<String>) {
    let Some(schema) = all.get(name) else { return };
    if met.insert(name.to_owned()) {
        for inner in references(schema) {
            meet(&inner, all, met);
        }
    }
}

fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value {
                value if key == "$ref" => value.as_str().map(last_part).into_iter().collect(),
                value => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn last_part(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn named(name: &str, schema: &Value) -> Named {
    let variants = schema.get("oneOf").and_then(Value::as_array);
    let body = match variants {
        None => Body::Fields(fields(schema)),
        Some(variants) if variants.iter().all(|it| it.get("const").is_some()) => {
            Body::Words(variants.iter().map(|it| (word(it), said(it))).collect())
        }
        Some(variants) => Body::Variants(variants.iter().map(variant).collect()),
    };
    Named { name: name.to_owned(), said: said(schema), body }
}

fn variant(schema: &Value) -> Variant {
    let kind = schema.pointer("/properties/kind").map(word).unwrap_or_default();
    let fields = fields(schema).into_iter().filter(|it| it.name != "kind").collect();
    Variant { kind, said: said(schema), fields }
}

fn word(schema: &Value) -> String {
    schema.get("const").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn fields(schema: &Value) -> Vec<Field> {
    let declared = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let declared = declared.filter_map(Value::as_str);
    let field = |name: &str| {
        let schema = schema.get("properties")?.get(name)?;
        let (shape, nullable) = shape(schema);
        Some(Field { name: name.to_owned(), said: said(schema), shape, nullable })
    };
    declared.filter_map(field).collect()
}

/// A schema's shape, and whether it can be null too.
fn shape(schema: &Value) -> (Shape, bool) {
    if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
        return (Shape::Named(last_part(path)), false);
    }
    if let Some(either) = schema.get("anyOf").and_then(Value::as_array) {
        let real = either.iter().find(|it| it.get("type").is_none_or(|it| it != "null"));
        return (real.map_or(Shape::Object, |it| shape(it).0), either.len() > 1);
    }
    let (names, nullable) = match schema.get("type") {
        Some(Value::String(name)) => (name.as_str(), false),
        Some(Value::Array(names)) => {
            let real = names.iter().filter_map(Value::as_str).find(|it| *it != "null");
            (real.unwrap_or_default(), true)
        }
        Some(_) | None => ("", false),
    };
    let plain = match names {
        "string" => Shape::Text,
        "integer" | "number" => Shape::Number,
        "boolean" => Shape::Flag,
        "array" => Shape::List(Box::new(schema.get("items").map_or(Shape::Object, |it| shape(it).0))),
        _ => Shape::Object,
    };
    (plain, nullable)
}

fn said(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
