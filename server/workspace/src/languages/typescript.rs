//! TypeScript: JavaScript with types.

use std::sync::OnceLock;

use super::{javascript, javascript_imports};
use crate::grammar::Frame::{Block, Class};
use crate::grammar::Spot::{Child, Field};
use crate::grammar::{Grammar, Kind, Spot, Table};
use crate::role::{Role, Slot};

pub(crate) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(&GRAMMAR))
}

static GRAMMAR: Grammar = Grammar {
    extensions: &["ts", "mts", "cts"],
    interpreters: &["ts-node", "tsx", "deno", "bun"],
    load: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
    kinds: KINDS,
    builtins: javascript::BUILTINS,
    assignment_declares: false,
    import: javascript_imports::import,
    required: javascript_imports::required,
    is_test: |_, _| false,
    test_calls: javascript::TEST_CALLS,
    group_calls: javascript::GROUP_CALLS,
};

pub(super) const KINDS: &[&[Kind]] =
    &[javascript::DEFINITIONS, javascript::STATEMENTS, javascript::EXPRESSIONS, javascript::PATTERNS, TYPES];

const TYPES: &[Kind] = &[
    Kind::part("required_parameter", Role::Parameter).slots(PARAMETER),
    Kind::part("optional_parameter", Role::Parameter).slots(PARAMETER),
    Kind::statement("abstract_class_declaration", Role::Class)
        .frame(Class)
        .slots(&[(Slot::Name, Field("name")), (Slot::Body, Field("body"))]),
    Kind::part("public_field_definition", Role::Field)
        .slots(&[(Slot::Name, Field("name")), (Slot::Value, Field("value"))]),
    Kind::statement("interface_declaration", Role::TypeDeclaration).slots(&[(Slot::Name, Field("name"))]),
    Kind::statement("type_alias_declaration", Role::TypeDeclaration).slots(&[(Slot::Name, Field("name"))]),
    Kind::statement("enum_declaration", Role::Class)
        .frame(Class)
        .slots(&[(Slot::Name, Field("name")), (Slot::Body, Field("body"))]),
    Kind::statement("function_signature", Role::TypeDeclaration).slots(&[(Slot::Name, Field("name"))]),
    Kind::statement("ambient_declaration", Role::OtherStatement),
    Kind::statement("module", Role::OtherStatement).frame(Block).slots(MODULE),
    Kind::statement("internal_module", Role::OtherStatement).frame(Block).slots(MODULE),
    Kind::statement("import_alias", Role::Import),
    Kind::part("as_expression", Role::Other).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("satisfies_expression", Role::Other).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("non_null_expression", Role::UnaryOp).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("type_annotation", Role::Type),
    Kind::part("type_arguments", Role::Type),
    Kind::part("type_parameters", Role::Type),
    Kind::part("type_predicate_annotation", Role::Type),
    Kind::part("asserts_annotation", Role::Type),
    Kind::part("implements_clause", Role::Type),
    Kind::part("method_signature", Role::Type),
    Kind::part("abstract_method_signature", Role::Type),
    Kind::part("index_signature", Role::Type),
    Kind::part("type_identifier", Role::Type),
    Kind::part("predefined_type", Role::Type),
    Kind::part("generic_type", Role::Type),
    Kind::part("union_type", Role::Type),
    Kind::part("intersection_type", Role::Type),
    Kind::part("array_type", Role::Type),
    Kind::part("object_type", Role::Type),
    Kind::part("function_type", Role::Type),
    Kind::part("tuple_type", Role::Type),
    Kind::part("literal_type", Role::Type),
    Kind::part("type_query", Role::Type),
    Kind::part("lookup_type", Role::Type),
    Kind::part("conditional_type", Role::Type),
    Kind::part("nested_type_identifier", Role::Type),
    Kind::part("readonly_type", Role::Type),
    Kind::part("parenthesized_type", Role::Type),
    Kind::part("template_literal_type", Role::Type),
];

const PARAMETER: &[(Slot, Spot)] = &[
    (Slot::Name, Field("pattern")),
    (Slot::Name, Field("name")),
    (Slot::Value, Field("value")),
    (Slot::Type, Field("type")),
];

const MODULE: &[(Slot, Spot)] = &[(Slot::Name, Field("name")), (Slot::Body, Field("body"))];
