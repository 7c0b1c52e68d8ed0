//! JavaScript's and TypeScript's node kinds in the neutral words.

use super::build::Visit;
use super::{Kind, Slot};

/// What a concrete node is, and its slot in a parent of kind `parent`.
pub(super) fn visit(
    node: &tree_sitter::Node<'_>,
    text: &str,
    parent: Kind,
    field: Option<&str>,
) -> (Visit, Slot) {
    (visit_kind(node, text, parent, field), slot(parent, field, node.kind()))
}

fn visit_kind(node: &tree_sitter::Node<'_>, text: &str, parent: Kind, field: Option<&str>) -> Visit {
    use Kind::*;
    let kind = match node.kind() {
        "identifier" | "this" | "super" | "shorthand_property_identifier_pattern" => match parent {
            Parameters => return Visit::Leaf(Parameter),
            Lambda if field == Some("parameter") => return Visit::Leaf(Parameter),
            _ => return Visit::Leaf(Name),
        },
        "property_identifier"
        | "private_property_identifier"
        | "shorthand_property_identifier"
        | "statement_identifier" => {
            return Visit::Leaf(Property);
        }
        "member_expression" => Attribute,
        "call_expression" | "new_expression" => Call,
        "arguments" => Arguments,
        "subscript_expression" => Subscript,
        "binary_expression" => binary(node),
        "unary_expression" => match operator(node) {
            Some("!") => Not,
            Some("-" | "~" | "+") => Negate,
            _ => OtherExpression,
        },
        "update_expression" => Update,
        "number" => {
            return Visit::Leaf(if text.bytes().all(|it| it.is_ascii_digit()) { Integer } else { Float });
        }
        "string" => return Visit::Leaf(Text),
        "template_string" => Text,
        "template_substitution" => return Visit::Through,
        "true" | "false" => return Visit::Leaf(Bool),
        "null" | "undefined" => return Visit::Leaf(Null),
        "array" => List,
        "object" => Dict,
        "pair" => Pair,
        "ternary_expression" => Ternary,
        "arrow_function" | "function_expression" | "generator_function" => Lambda,
        "await_expression" => Await,
        "yield_expression" => Yield,
        "spread_element" => Splat,
        // The brackets around a condition belong to the statement.
        "parenthesized_expression" => match (parent, field) {
            (If | While | DoWhile, Some("condition")) => return Visit::Through,
            _ => Parenthesised,
        },
        "assignment_expression" | "variable_declarator" => Assignment,
        "augmented_assignment_expression" => AugmentedAssignment,
        "formal_parameters" => Parameters,
        "required_parameter" | "optional_parameter" | "assignment_pattern" | "rest_pattern" => {
            if parent == Parameters { Parameter } else { Pattern }
        }
        "object_pattern" | "array_pattern" | "object_assignment_pattern" => Pattern,
        "pair_pattern" => Pattern,
        "statement_block" | "class_body" => Block,
        "function_declaration" | "generator_function_declaration" | "method_definition" => Function,
        "class_declaration" | "class" | "abstract_class_declaration" => Class,
        "expression_statement" => match parent {
            CountedFor => return Visit::Through,
            _ => ExpressionStatement,
        },
        "lexical_declaration" | "variable_declaration" => Declaration,
        "return_statement" => Return,
        "throw_statement" => Raise,
        "if_statement" => If,
        "else_clause" => Else,
        "while_statement" => While,
        "do_statement" => DoWhile,
        "for_in_statement" => For,
        "for_statement" => CountedFor,
        "break_statement" => Break,
        "continue_statement" => Continue,
        "empty_statement" => Pass,
        "try_statement" => Try,
        "catch_clause" | "finally_clause" | "switch_case" | "switch_default" => Clause,
        "switch_body" => return Visit::Through,
        "switch_statement" | "labeled_statement" | "field_definition" | "public_field_definition" => {
            OtherStatement
        }
        "import_statement" => Import,
        "export_statement" => return Visit::Through,
        "as_expression" | "satisfies_expression" | "non_null_expression" => OtherExpression,
        "type_annotation"
        | "type_arguments"
        | "type_parameters"
        | "interface_declaration"
        | "type_alias_declaration"
        | "enum_declaration"
        | "ambient_declaration"
        | "predefined_type"
        | "type_identifier"
        | "comment"
        | "string_fragment"
        | "escape_sequence"
        | "regex_pattern"
        | "regex_flags"
        | "optional_chain"
        | "accessibility_modifier"
        | "class_heritage"
        | "implements_clause"
        | "decorator"
        | "hash_bang_line" => {
            return Visit::Skip;
        }
        "regex" => return Visit::Leaf(OtherExpression),
        "ERROR" => return Visit::Leaf(Opaque),
        _ => OtherExpression,
    };
    Visit::Node(kind)
}

fn binary(node: &tree_sitter::Node<'_>) -> Kind {
    match operator(node) {
        Some("&&" | "||" | "??") => Kind::Boolean,
        Some("<" | "<=" | ">" | ">=" | "==" | "!=" | "===" | "!==" | "in" | "instanceof") => Kind::Comparison,
        _ => Kind::Arithmetic,
    }
}

fn operator<'t>(node: &tree_sitter::Node<'t>) -> Option<&'t str> {
    node.child_by_field_name("operator").map(|it| it.kind())
}

fn slot(parent: Kind, field: Option<&str>, child: &str) -> Slot {
    use Kind::*;
    match (parent, field) {
        (Call, Some("function" | "constructor")) => Slot::Callee,
        (Call, Some("arguments")) => Slot::Arguments,
        (Arguments, _) => Slot::Argument,
        (Attribute | Subscript, Some("object")) => Slot::Object,
        (Attribute, _) => Slot::Property,
        (Subscript, _) => Slot::Index,
        (Arithmetic | Boolean, Some("left")) => Slot::Left,
        (Arithmetic | Boolean, Some("right")) => Slot::Right,
        (Comparison | Not | Negate | Update, _) => Slot::Operand,
        (Assignment | AugmentedAssignment, Some("left" | "name")) => Slot::Target,
        (Assignment | AugmentedAssignment, _) => Slot::Value,
        (For, Some("left")) => Slot::Target,
        (For, Some("right")) => Slot::Iterable,
        (CountedFor, Some("increment")) => Slot::Step,
        (If | While | DoWhile | CountedFor | Ternary, Some("condition")) => Slot::Condition,
        (Ternary, Some("consequence")) => Slot::Left,
        (Ternary, _) => Slot::Right,
        (If, Some("consequence")) => Slot::Then,
        (If, Some("alternative")) => Slot::Else,
        (_, Some("body" | "finalizer")) => Slot::Body,
        (Else, _) => Slot::Body,
        (Clause, Some("value")) => Slot::Value,
        (Clause, Some("parameter")) => Slot::Target,
        (Clause, _) => Slot::Statement,
        (Function | Class, Some("name")) => Slot::Declared,
        (Lambda, Some("parameter")) => Slot::Declared,
        (Parameter | Pattern, Some("right" | "value")) if !child.ends_with("pattern") => Slot::Default,
        (Parameter | Parameters, _) => Slot::Declared,
        (Pattern, _) => Slot::Target,
        (Return | Raise | Yield | Await | Parenthesised | ExpressionStatement, _) => Slot::Value,
        (Pair, Some("key")) => Slot::Key,
        (Pair, _) => Slot::Value,
        (List | Dict, _) => Slot::Element,
        (Block | Module, _) => Slot::Statement,
        _ => Slot::Other,
    }
}
