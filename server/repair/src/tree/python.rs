//! Python's node kinds in the neutral words.

use super::build::Visit;
use super::{Kind, Slot};

/// What a concrete node is, and its slot in a parent of kind `parent`.
pub(super) fn visit(node: &tree_sitter::Node<'_>, parent: Kind, field: Option<&str>) -> (Visit, Slot) {
    let slot = slot(parent, field, node.kind());
    (visit_kind(node, parent, field), slot)
}

fn visit_kind(node: &tree_sitter::Node<'_>, parent: Kind, field: Option<&str>) -> Visit {
    use Kind::*;
    let kind = match node.kind() {
        "identifier" => match (parent, field) {
            (Attribute, Some("attribute")) => return Visit::Leaf(Property),
            (Keyword, Some("name")) => return Visit::Leaf(Property),
            (Parameters, _) => return Visit::Leaf(Parameter),
            _ => return Visit::Leaf(Name),
        },
        "attribute" => Attribute,
        "call" => Call,
        "argument_list" => {
            if parent == Class {
                OtherExpression
            } else {
                Arguments
            }
        }
        "keyword_argument" => Keyword,
        "subscript" => Subscript,
        "slice" => Slice,
        "binary_operator" => Arithmetic,
        "comparison_operator" => Comparison,
        "boolean_operator" => Boolean,
        "not_operator" => Not,
        "unary_operator" => Negate,
        "integer" => return Visit::Leaf(Integer),
        "float" => return Visit::Leaf(Float),
        "string" | "concatenated_string" => Text,
        "interpolation" => return Visit::Through,
        "true" | "false" => return Visit::Leaf(Bool),
        "none" => return Visit::Leaf(Null),
        "list" => List,
        "tuple" | "expression_list" => Tuple,
        "dictionary" => Dict,
        "set" => Set,
        "pair" => Pair,
        "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
            Comprehension
        }
        "for_in_clause" => ComprehensionFor,
        "if_clause" => ComprehensionIf,
        "conditional_expression" => Ternary,
        "lambda" => Lambda,
        "await" => Await,
        "yield" => Yield,
        "list_splat" | "dictionary_splat" => Splat,
        "parenthesized_expression" => Parenthesised,
        "named_expression" => OtherExpression,
        "assignment" => Assignment,
        "augmented_assignment" => AugmentedAssignment,
        "parameters" | "lambda_parameters" => Parameters,
        "default_parameter"
        | "typed_parameter"
        | "typed_default_parameter"
        | "list_splat_pattern"
        | "dictionary_splat_pattern" => Parameter,
        "pattern_list" | "tuple_pattern" | "list_pattern" => Pattern,
        "as_pattern" | "as_pattern_target" | "with_clause" | "with_item" => return Visit::Through,
        "block" => Block,
        "decorated_definition" => return Visit::Through,
        "function_definition" => Function,
        "class_definition" => Class,
        "expression_statement" => ExpressionStatement,
        "return_statement" => Return,
        "raise_statement" => Raise,
        "if_statement" => If,
        "elif_clause" => ElseIf,
        "else_clause" => Else,
        "while_statement" => While,
        "for_statement" => For,
        "break_statement" => Break,
        "continue_statement" => Continue,
        "pass_statement" => Pass,
        "try_statement" => Try,
        "except_clause" | "finally_clause" | "case_clause" => Clause,
        "with_statement" => With,
        "import_statement" | "import_from_statement" | "future_import_statement" => Import,
        "dotted_name" | "aliased_import" => {
            if parent == Import {
                return Visit::Leaf(OtherExpression);
            } else {
                Attribute
            }
        }
        "assert_statement"
        | "delete_statement"
        | "global_statement"
        | "nonlocal_statement"
        | "match_statement"
        | "print_statement"
        | "exec_statement"
        | "type_alias_statement" => OtherStatement,
        "type" | "type_parameter" | "decorator" | "string_start" | "string_content" | "string_end"
        | "comment" | "line_continuation" | "format_specifier" | "escape_sequence" => return Visit::Skip,
        "ERROR" => return Visit::Leaf(Opaque),
        _ => OtherExpression,
    };
    Visit::Node(kind)
}

fn slot(parent: Kind, field: Option<&str>, child: &str) -> Slot {
    use Kind::*;
    match (parent, field) {
        (Call, Some("function")) => Slot::Callee,
        (Call, Some("arguments")) => Slot::Arguments,
        (Arguments, _) => Slot::Argument,
        (Keyword, Some("value")) => Slot::Value,
        (Attribute, Some("object")) => Slot::Object,
        (Attribute | Keyword, _) => Slot::Property,
        (Subscript, Some("value")) => Slot::Object,
        (Subscript, _) => Slot::Index,
        (Slice, _) => Slot::Element,
        (Arithmetic | Boolean, Some("left")) => Slot::Left,
        (Arithmetic | Boolean, Some("right")) => Slot::Right,
        (Comparison | Not | Negate, _) => Slot::Operand,
        (Assignment | AugmentedAssignment, Some("left")) => Slot::Target,
        (Assignment | AugmentedAssignment, Some("right")) => Slot::Value,
        (Pattern, _) => Slot::Target,
        (For | ComprehensionFor, Some("left")) => Slot::Target,
        (For | ComprehensionFor, Some("right")) => Slot::Iterable,
        (ComprehensionIf, _) => Slot::Condition,
        (If | ElseIf | While, Some("condition")) => Slot::Condition,
        (If | ElseIf, Some("consequence")) => Slot::Then,
        (If | While | For | Try, Some("alternative")) => Slot::Else,
        (Comprehension, Some("body")) => Slot::Value,
        (_, Some("body")) => Slot::Body,
        (Else | Clause | Try | With, _) if child == "block" => Slot::Body,
        (Function | Class, Some("name")) => Slot::Declared,
        (Parameter, Some("value")) => Slot::Default,
        (Parameter, _) => Slot::Declared,
        (Parameters, _) => Slot::Declared,
        (Return | Raise | Yield | Await | Parenthesised | ExpressionStatement, _) => Slot::Value,
        (Pair, Some("key")) => Slot::Key,
        (Pair, _) => Slot::Value,
        (List | Tuple | Set | Dict, _) => Slot::Element,
        (Block | Module, _) => Slot::Statement,
        _ => {
            if child == "as_pattern_target" {
                Slot::Target
            } else {
                Slot::Other
            }
        }
    }
}
