//! JavaScript, JSX included.

use std::sync::OnceLock;

use super::javascript_imports;
use crate::grammar::Frame::{Block, Class, Function};
use crate::grammar::Spot::{Child, Field, FirstToken, Inside};
use crate::grammar::{Builtins, Grammar, Kind, Refine, Spot, Table};
use crate::role::{Role, Slot};

pub(crate) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(&GRAMMAR))
}

static GRAMMAR: Grammar = Grammar {
    extensions: &["js", "mjs", "cjs", "jsx"],
    interpreters: &["node", "nodejs"],
    load: || tree_sitter_javascript::LANGUAGE.into(),
    kinds: &[DEFINITIONS, STATEMENTS, EXPRESSIONS, PATTERNS],
    builtins: BUILTINS,
    assignment_declares: false,
    import: javascript_imports::import,
    required: javascript_imports::required,
    is_test: |_, _| false,
    test_calls: TEST_CALLS,
    group_calls: GROUP_CALLS,
};

/// node:test, mocha, jasmine, jest, vitest.
pub(super) const TEST_CALLS: &[&str] = &["test", "it", "specify", "fit", "xit", "xtest"];

/// Of the same.
pub(super) const GROUP_CALLS: &[&str] = &["describe", "suite", "context", "fdescribe", "xdescribe"];

pub(super) const DEFINITIONS: &[Kind] = &[
    Kind::part("program", Role::Module).frame(Function),
    Kind::statement("function_declaration", Role::Function).frame(Function).slots(FUNCTION),
    Kind::statement("generator_function_declaration", Role::Function).frame(Function).slots(FUNCTION),
    Kind::part("function_expression", Role::Function).frame(Function).slots(FUNCTION),
    Kind::part("generator_function", Role::Function).frame(Function).slots(FUNCTION),
    Kind::part("method_definition", Role::Function).frame(Function).slots(FUNCTION),
    Kind::part("arrow_function", Role::Lambda).frame(Function).slots(&[
        (Slot::Parameters, Field("parameters")),
        (Slot::Parameters, Field("parameter")),
        (Slot::Body, Field("body")),
        (Slot::Type, Field("return_type")),
    ]),
    Kind::statement("class_declaration", Role::Class).frame(Class).slots(CLASS),
    Kind::part("class", Role::Class).frame(Class).slots(CLASS),
    Kind::part("class_body", Role::Block),
    Kind::part("class_static_block", Role::Other).frame(Function).slots(&[(Slot::Body, Field("body"))]),
    Kind::part("field_definition", Role::Field)
        .slots(&[(Slot::Name, Field("property")), (Slot::Value, Field("value"))]),
    Kind::part("decorator", Role::Decorator).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("formal_parameters", Role::Parameters),
];

const FUNCTION: &[(Slot, Spot)] = &[
    (Slot::Name, Field("name")),
    (Slot::Parameters, Field("parameters")),
    (Slot::Body, Field("body")),
    (Slot::Type, Field("return_type")),
];

const CLASS: &[(Slot, Spot)] = &[(Slot::Name, Field("name")), (Slot::Body, Field("body"))];

pub(super) const STATEMENTS: &[Kind] = &[
    Kind::part("statement_block", Role::Block).frame(Block),
    Kind::statement("expression_statement", Role::ExpressionStatement).slots(&[(Slot::Value, Child(0))]),
    Kind::statement("lexical_declaration", Role::Declaration).slots(&[(Slot::Keyword, Field("kind"))]),
    Kind::statement("variable_declaration", Role::Declaration).slots(&[(Slot::Keyword, FirstToken)]),
    Kind::statement("using_declaration", Role::Declaration).slots(&[(Slot::Keyword, Field("kind"))]),
    Kind::statement("if_statement", Role::If).refine(Refine::ElseIf).slots(&[
        (Slot::Condition, Inside("condition")),
        (Slot::Then, Field("consequence")),
        (Slot::Body, Field("consequence")),
        (Slot::Else, Field("alternative")),
    ]),
    Kind::part("else_clause", Role::Else).slots(&[(Slot::Body, Child(0))]),
    Kind::statement("while_statement", Role::While)
        .slots(&[(Slot::Condition, Inside("condition")), (Slot::Body, Field("body"))]),
    Kind::statement("do_statement", Role::DoWhile)
        .slots(&[(Slot::Body, Field("body")), (Slot::Condition, Inside("condition"))]),
    Kind::statement("for_statement", Role::For).frame(Block).slots(&[
        (Slot::Init, Field("initializer")),
        (Slot::Condition, Field("condition")),
        (Slot::Step, Field("increment")),
        (Slot::Body, Field("body")),
    ]),
    Kind::statement("for_in_statement", Role::ForEach).frame(Block).slots(&[
        (Slot::Keyword, Field("kind")),
        (Slot::Target, Field("left")),
        (Slot::Iterable, Field("right")),
        (Slot::Body, Field("body")),
    ]),
    Kind::statement("return_statement", Role::Return).slots(&[(Slot::Value, Child(0))]),
    Kind::statement("throw_statement", Role::Raise).slots(&[(Slot::Value, Child(0))]),
    Kind::statement("break_statement", Role::Break),
    Kind::statement("continue_statement", Role::Continue),
    Kind::statement("empty_statement", Role::Pass),
    Kind::statement("debugger_statement", Role::OtherStatement),
    Kind::statement("try_statement", Role::Try).slots(&[(Slot::Body, Field("body"))]),
    Kind::part("catch_clause", Role::Catch)
        .frame(Block)
        .slots(&[(Slot::Target, Field("parameter")), (Slot::Body, Field("body"))]),
    Kind::part("finally_clause", Role::Finally).slots(&[(Slot::Body, Field("body"))]),
    Kind::statement("with_statement", Role::OtherStatement).slots(&[(Slot::Body, Field("body"))]),
    Kind::statement("labeled_statement", Role::OtherStatement).slots(&[(Slot::Body, Field("body"))]),
    Kind::statement("import_statement", Role::Import).slots(&[(Slot::Source, Field("source"))]),
    Kind::statement("export_statement", Role::Export).slots(&[
        (Slot::Value, Field("declaration")),
        (Slot::Value, Field("value")),
        (Slot::Source, Field("source")),
    ]),
    Kind::part("import_specifier", Role::Other)
        .slots(&[(Slot::Name, Field("name")), (Slot::Alias, Field("alias"))]),
    Kind::statement("switch_statement", Role::Switch)
        .slots(&[(Slot::Operand, Inside("value")), (Slot::Body, Field("body"))]),
    Kind::part("switch_body", Role::Other).frame(Block),
    Kind::part("switch_case", Role::Case).slots(&[(Slot::Value, Field("value"))]),
    Kind::part("switch_default", Role::Case),
];

pub(super) const EXPRESSIONS: &[Kind] = &[
    Kind::part("variable_declarator", Role::Assignment).slots(&[
        (Slot::Target, Field("name")),
        (Slot::Value, Field("value")),
        (Slot::Type, Field("type")),
    ]),
    Kind::part("assignment_expression", Role::Assignment)
        .slots(&[(Slot::Target, Field("left")), (Slot::Value, Field("right"))]),
    Kind::part("augmented_assignment_expression", Role::AugmentedAssignment).slots(&[
        (Slot::Target, Field("left")),
        (Slot::Operator, Field("operator")),
        (Slot::Value, Field("right")),
    ]),
    Kind::part("update_expression", Role::Update)
        .slots(&[(Slot::Operator, Field("operator")), (Slot::Operand, Field("argument"))]),
    Kind::part("call_expression", Role::Call)
        .slots(&[(Slot::Callee, Field("function")), (Slot::Arguments, Field("arguments"))]),
    Kind::part("new_expression", Role::New)
        .slots(&[(Slot::Callee, Field("constructor")), (Slot::Arguments, Field("arguments"))]),
    Kind::part("arguments", Role::Arguments),
    Kind::part("spread_element", Role::Spread).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("binary_expression", Role::BinaryOp).refine(Refine::Operator).slots(&[
        (Slot::Left, Field("left")),
        (Slot::Operator, Field("operator")),
        (Slot::Right, Field("right")),
    ]),
    Kind::part("unary_expression", Role::UnaryOp)
        .refine(Refine::Operator)
        .slots(&[(Slot::Operator, Field("operator")), (Slot::Operand, Field("argument"))]),
    Kind::part("ternary_expression", Role::Conditional).slots(&[
        (Slot::Condition, Field("condition")),
        (Slot::Then, Field("consequence")),
        (Slot::Else, Field("alternative")),
    ]),
    Kind::part("subscript_expression", Role::Subscript)
        .slots(&[(Slot::Object, Field("object")), (Slot::Index, Field("index"))]),
    Kind::part("member_expression", Role::Attribute)
        .slots(&[(Slot::Object, Field("object")), (Slot::Member, Field("property"))]),
    Kind::part("identifier", Role::Identifier),
    Kind::part("shorthand_property_identifier", Role::Identifier),
    Kind::part("property_identifier", Role::MemberName),
    Kind::part("private_property_identifier", Role::MemberName),
    Kind::part("this", Role::This),
    Kind::part("super", Role::This),
    Kind::part("await_expression", Role::Await).slots(&[(Slot::Value, Child(0))]),
    Kind::part("yield_expression", Role::Yield).slots(&[(Slot::Value, Child(0))]),
    Kind::part("parenthesized_expression", Role::Parenthesized).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("sequence_expression", Role::Sequence),
    Kind::part("number", Role::IntegerLiteral).refine(Refine::Number),
    Kind::part("string", Role::StringLiteral),
    Kind::part("template_string", Role::StringLiteral).refine(Refine::Parts),
    Kind::part("template_substitution", Role::Other).slots(&[(Slot::Value, Child(0))]),
    Kind::part("true", Role::BooleanLiteral),
    Kind::part("false", Role::BooleanLiteral),
    Kind::part("null", Role::NullLiteral),
    Kind::part("undefined", Role::NullLiteral),
    Kind::part("regex", Role::Regex),
    Kind::part("array", Role::List),
    Kind::part("object", Role::Dict),
    Kind::part("pair", Role::Pair).slots(&[(Slot::Key, Field("key")), (Slot::Value, Field("value"))]),
    Kind::part("optional_chain", Role::Token),
    Kind::part("comment", Role::Comment),
    Kind::part("html_comment", Role::Comment),
    Kind::part("hash_bang_line", Role::Comment),
];

pub(super) const PATTERNS: &[Kind] = &[
    Kind::part("array_pattern", Role::Pattern),
    Kind::part("object_pattern", Role::Pattern),
    Kind::part("rest_pattern", Role::Pattern),
    Kind::part("shorthand_property_identifier_pattern", Role::Identifier),
    Kind::part("pair_pattern", Role::Pattern)
        .slots(&[(Slot::Key, Field("key")), (Slot::Value, Field("value"))]),
    Kind::part("assignment_pattern", Role::Parameter)
        .slots(&[(Slot::Name, Field("left")), (Slot::Value, Field("right"))]),
    Kind::part("object_assignment_pattern", Role::Parameter)
        .slots(&[(Slot::Name, Field("left")), (Slot::Value, Field("right"))]),
];

pub(super) const BUILTINS: Builtins = Builtins {
    functions: "clearImmediate clearInterval clearTimeout decodeURI decodeURIComponent encodeURI encodeURIComponent \
        fetch isFinite isNaN parseFloat parseInt queueMicrotask require setImmediate setInterval setTimeout \
        structuredClone",
    types: "AbortController AbortSignal Array ArrayBuffer BigInt BigInt64Array BigUint64Array Blob Boolean \
        Buffer DataView Date Event EventTarget FinalizationRegistry Float32Array Float64Array FormData \
        Function Headers Int16Array Int32Array Int8Array Map Number Object Promise Proxy RegExp Request \
        Response Set SharedArrayBuffer String Symbol TextDecoder TextEncoder URL URLSearchParams Uint16Array \
        Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet",
    exceptions: "AggregateError Error EvalError RangeError ReferenceError SyntaxError TypeError URIError",
    values: "Atomics Infinity Intl JSON Math NaN Reflect WebAssembly __dirname __filename console document \
        exports global globalThis module performance process window",
};
