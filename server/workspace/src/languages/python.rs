//! Python.

use std::sync::OnceLock;

use super::python_imports;
use crate::grammar::Frame::{Class, Comprehension, Function};
use crate::grammar::Spot::{Child, Field, FirstToken};
use crate::grammar::{Builtins, Grammar, Kind, Refine, Spot, Table};
use crate::role::{Role, Slot};

pub(crate) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(&GRAMMAR))
}

static GRAMMAR: Grammar = Grammar {
    extensions: &["py", "pyi", "pyw"],
    interpreters: &["python", "python2", "python3", "pypy", "pypy3"],
    load: || tree_sitter_python::LANGUAGE.into(),
    kinds: &[DEFINITIONS, STATEMENTS, EXPRESSIONS, PATTERNS],
    builtins: BUILTINS,
    assignment_declares: true,
    import: python_imports::import,
    required: |_| None,
    is_test: |name, class| name.starts_with("test_") || (class.is_some() && name.starts_with("test")),
    test_calls: &[],
    group_calls: &[],
};

const DEFINITIONS: &[Kind] = &[
    Kind::part("module", Role::Module).frame(Function),
    Kind::statement("function_definition", Role::Function).frame(Function).slots(&[
        (Slot::Name, Field("name")),
        (Slot::Parameters, Field("parameters")),
        (Slot::Body, Field("body")),
        (Slot::Type, Field("return_type")),
    ]),
    Kind::part("lambda", Role::Lambda)
        .frame(Function)
        .slots(&[(Slot::Parameters, Field("parameters")), (Slot::Body, Field("body"))]),
    Kind::statement("class_definition", Role::Class).frame(Class).slots(&[
        (Slot::Name, Field("name")),
        (Slot::Bases, Field("superclasses")),
        (Slot::Body, Field("body")),
    ]),
    Kind::statement("decorated_definition", Role::Decorated).slots(&[(Slot::Value, Field("definition"))]),
    Kind::part("decorator", Role::Decorator).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("parameters", Role::Parameters),
    Kind::part("lambda_parameters", Role::Parameters),
    Kind::part("default_parameter", Role::Parameter)
        .slots(&[(Slot::Name, Field("name")), (Slot::Value, Field("value"))]),
    Kind::part("typed_parameter", Role::Parameter)
        .slots(&[(Slot::Name, Child(0)), (Slot::Type, Field("type"))]),
    Kind::part("typed_default_parameter", Role::Parameter).slots(&[
        (Slot::Name, Field("name")),
        (Slot::Value, Field("value")),
        (Slot::Type, Field("type")),
    ]),
    Kind::part("keyword_separator", Role::Token),
    Kind::part("positional_separator", Role::Token),
];

const STATEMENTS: &[Kind] = &[
    Kind::part("block", Role::Block),
    Kind::statement("expression_statement", Role::ExpressionStatement).slots(&[(Slot::Value, Child(0))]),
    Kind::statement("if_statement", Role::If).slots(&[
        (Slot::Condition, Field("condition")),
        (Slot::Then, Field("consequence")),
        (Slot::Body, Field("consequence")),
        (Slot::Else, Field("alternative")),
    ]),
    Kind::part("elif_clause", Role::ElseIf).slots(&[
        (Slot::Condition, Field("condition")),
        (Slot::Then, Field("consequence")),
        (Slot::Body, Field("consequence")),
    ]),
    Kind::part("else_clause", Role::Else).slots(&[(Slot::Body, Field("body"))]),
    Kind::statement("while_statement", Role::While).slots(&[
        (Slot::Condition, Field("condition")),
        (Slot::Body, Field("body")),
        (Slot::Else, Field("alternative")),
    ]),
    Kind::statement("for_statement", Role::ForEach).slots(&[
        (Slot::Target, Field("left")),
        (Slot::Iterable, Field("right")),
        (Slot::Body, Field("body")),
        (Slot::Else, Field("alternative")),
    ]),
    Kind::statement("return_statement", Role::Return).slots(&[(Slot::Value, Child(0))]),
    Kind::statement("raise_statement", Role::Raise).slots(&[(Slot::Value, Child(0))]),
    Kind::statement("break_statement", Role::Break),
    Kind::statement("continue_statement", Role::Continue),
    Kind::statement("pass_statement", Role::Pass),
    Kind::statement("assert_statement", Role::Assert)
        .slots(&[(Slot::Condition, Child(0)), (Slot::Value, Child(1))]),
    Kind::statement("try_statement", Role::Try).slots(&[(Slot::Body, Field("body"))]),
    Kind::part("except_clause", Role::Catch)
        .slots(&[(Slot::Value, Field("value")), (Slot::Alias, Field("alias"))]),
    Kind::part("finally_clause", Role::Finally).slots(&[(Slot::Body, Child(0))]),
    Kind::statement("with_statement", Role::With).slots(&[(Slot::Body, Field("body"))]),
    Kind::statement("delete_statement", Role::Delete).slots(&[(Slot::Operand, Child(0))]),
    Kind::statement("global_statement", Role::OuterNames),
    Kind::statement("nonlocal_statement", Role::OuterNames),
    Kind::statement("import_statement", Role::Import),
    Kind::statement("import_from_statement", Role::Import).slots(&[(Slot::Source, Field("module_name"))]),
    Kind::statement("future_import_statement", Role::Import),
    Kind::statement("match_statement", Role::Switch)
        .slots(&[(Slot::Operand, Field("subject")), (Slot::Body, Field("body"))]),
    Kind::part("case_clause", Role::Case)
        .slots(&[(Slot::Condition, Field("guard")), (Slot::Body, Field("consequence"))]),
    Kind::statement("type_alias_statement", Role::TypeDeclaration),
    Kind::statement("print_statement", Role::OtherStatement),
    Kind::statement("exec_statement", Role::OtherStatement),
];

const EXPRESSIONS: &[Kind] = &[
    Kind::part("assignment", Role::Assignment).slots(&[
        (Slot::Target, Field("left")),
        (Slot::Value, Field("right")),
        (Slot::Type, Field("type")),
    ]),
    Kind::part("augmented_assignment", Role::AugmentedAssignment).slots(&[
        (Slot::Target, Field("left")),
        (Slot::Operator, Field("operator")),
        (Slot::Value, Field("right")),
    ]),
    Kind::part("named_expression", Role::Assignment)
        .slots(&[(Slot::Target, Field("name")), (Slot::Value, Field("value"))]),
    Kind::part("call", Role::Call)
        .slots(&[(Slot::Callee, Field("function")), (Slot::Arguments, Field("arguments"))]),
    Kind::part("argument_list", Role::Arguments),
    Kind::part("keyword_argument", Role::KeywordArgument)
        .slots(&[(Slot::Name, Field("name")), (Slot::Value, Field("value"))]),
    Kind::part("list_splat", Role::Spread).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("dictionary_splat", Role::Spread).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("binary_operator", Role::BinaryOp).slots(OPERATION),
    Kind::part("boolean_operator", Role::BooleanOp).slots(OPERATION),
    Kind::part("comparison_operator", Role::Comparison).slots(&[
        (Slot::Left, Child(0)),
        (Slot::Operator, Field("operators")),
        (Slot::Right, Child(1)),
    ]),
    Kind::part("not_operator", Role::Not)
        .slots(&[(Slot::Operator, FirstToken), (Slot::Operand, Field("argument"))]),
    Kind::part("unary_operator", Role::UnaryOp)
        .refine(Refine::Operator)
        .slots(&[(Slot::Operator, Field("operator")), (Slot::Operand, Field("argument"))]),
    Kind::part("conditional_expression", Role::Conditional).slots(&[
        (Slot::Then, Child(0)),
        (Slot::Condition, Child(1)),
        (Slot::Else, Child(2)),
    ]),
    Kind::part("subscript", Role::Subscript)
        .slots(&[(Slot::Object, Field("value")), (Slot::Index, Field("subscript"))]),
    Kind::part("slice", Role::Slice),
    Kind::part("attribute", Role::Attribute)
        .slots(&[(Slot::Object, Field("object")), (Slot::Member, Field("attribute"))]),
    Kind::part("identifier", Role::Identifier),
    Kind::part("await", Role::Await).slots(&[(Slot::Value, Child(0))]),
    Kind::part("yield", Role::Yield).slots(&[(Slot::Value, Child(0))]),
    Kind::part("parenthesized_expression", Role::Parenthesized).slots(&[(Slot::Operand, Child(0))]),
    Kind::part("list_comprehension", Role::Comprehension).frame(Comprehension).slots(COMPREHENSION),
    Kind::part("set_comprehension", Role::Comprehension).frame(Comprehension).slots(COMPREHENSION),
    Kind::part("dictionary_comprehension", Role::Comprehension).frame(Comprehension).slots(COMPREHENSION),
    Kind::part("generator_expression", Role::Comprehension).frame(Comprehension).slots(COMPREHENSION),
    Kind::part("for_in_clause", Role::ComprehensionFor)
        .slots(&[(Slot::Target, Field("left")), (Slot::Iterable, Field("right"))]),
    Kind::part("if_clause", Role::Guard).slots(&[(Slot::Condition, Child(0))]),
    Kind::part("expression_list", Role::Sequence),
    Kind::part("integer", Role::IntegerLiteral),
    Kind::part("float", Role::FloatLiteral),
    Kind::part("string", Role::StringLiteral).refine(Refine::Parts),
    Kind::part("concatenated_string", Role::Template),
    Kind::part("interpolation", Role::Other).slots(&[(Slot::Value, Field("expression"))]),
    Kind::part("true", Role::BooleanLiteral),
    Kind::part("false", Role::BooleanLiteral),
    Kind::part("none", Role::NullLiteral),
    Kind::part("list", Role::List),
    Kind::part("tuple", Role::Tuple),
    Kind::part("set", Role::Set),
    Kind::part("dictionary", Role::Dict),
    Kind::part("pair", Role::Pair).slots(&[(Slot::Key, Field("key")), (Slot::Value, Field("value"))]),
    Kind::part("type", Role::Type),
    Kind::part("type_parameter", Role::Type),
    Kind::part("comment", Role::Comment),
];

const OPERATION: &[(Slot, Spot)] =
    &[(Slot::Left, Field("left")), (Slot::Operator, Field("operator")), (Slot::Right, Field("right"))];

const COMPREHENSION: &[(Slot, Spot)] = &[(Slot::Body, Field("body"))];

const PATTERNS: &[Kind] = &[
    Kind::part("pattern_list", Role::Pattern),
    Kind::part("tuple_pattern", Role::Pattern),
    Kind::part("list_pattern", Role::Pattern),
    Kind::part("list_splat_pattern", Role::Pattern),
    Kind::part("dictionary_splat_pattern", Role::Pattern),
    Kind::part("as_pattern", Role::Pattern).slots(&[
        (Slot::Value, Child(0)),
        (Slot::Alias, Field("alias")),
        (Slot::Alias, Child(1)),
    ]),
    Kind::part("as_pattern_target", Role::Pattern),
    Kind::part("case_pattern", Role::Pattern),
    Kind::part("dotted_name", Role::CaseName),
    Kind::part("splat_pattern", Role::CaseName),
    Kind::part("keyword_pattern", Role::KeywordArgument)
        .slots(&[(Slot::Name, Child(0)), (Slot::Value, Child(1))]),
    Kind::part("aliased_import", Role::Other)
        .slots(&[(Slot::Name, Field("name")), (Slot::Alias, Field("alias"))]),
];

const BUILTINS: Builtins = Builtins {
    functions: "abs aiter all anext any ascii bin breakpoint callable chr compile delattr dir divmod enumerate eval \
        exec filter format getattr globals hasattr hash help hex id input isinstance issubclass iter len \
        locals map max min next oct open ord pow print range repr reversed round setattr sorted sum vars zip \
        __import__",
    types: "bool bytearray bytes classmethod complex dict float frozenset int list memoryview object property \
        set slice staticmethod str super tuple type",
    exceptions: "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError \
        BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError \
        ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError EncodingWarning \
        EnvironmentError Exception ExceptionGroup FileExistsError FileNotFoundError FloatingPointError \
        FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError \
        InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError \
        ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError \
        PendingDeprecationWarning PermissionError ProcessLookupError RecursionError ReferenceError \
        ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError \
        SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError \
        UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning \
        ValueError Warning ZeroDivisionError",
    values: "Ellipsis NotImplemented __debug__ __doc__ __file__ __name__ __package__ __spec__",
};
