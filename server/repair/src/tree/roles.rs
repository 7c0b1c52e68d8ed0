//! The workspace's roles and slots in the words of the neutral tree: one match, so that a new role asks for its word.

use bodkin_text::ByteRange;
use bodkin_workspace as workspace;
use bodkin_workspace::Role;

use super::{Kind, Slot};
use crate::surface::Family;

/// Slots of the parent's parts, by the concrete node's number.
pub(super) fn marks(from: workspace::Node<'_>, kind: Kind) -> Vec<(usize, Slot)> {
    use workspace::Slot as From;
    let pairs: &[(From, Slot)] = match kind {
        Kind::Call => &[(From::Callee, Slot::Callee), (From::Arguments, Slot::Arguments)],
        Kind::Attribute => &[(From::Object, Slot::Object), (From::Member, Slot::Property)],
        Kind::Subscript => &[(From::Object, Slot::Object)],
        Kind::Keyword | Kind::Pair => {
            &[(From::Key, Slot::Key), (From::Name, Slot::Property), (From::Value, Slot::Value)]
        }
        Kind::Arithmetic | Kind::Boolean => &[(From::Left, Slot::Left), (From::Right, Slot::Right)],
        Kind::Ternary => {
            &[(From::Then, Slot::Left), (From::Condition, Slot::Condition), (From::Else, Slot::Right)]
        }
        Kind::Assignment | Kind::AugmentedAssignment => {
            &[(From::Target, Slot::Target), (From::Value, Slot::Value)]
        }
        Kind::Parameter => &[(From::Value, Slot::Default)],
        Kind::Pattern => &[(From::Value, Slot::Value), (From::Key, Slot::Key)],
        Kind::Comprehension => &[(From::Body, Slot::Value)],
        Kind::ComprehensionIf => &[(From::Condition, Slot::Condition)],
        Kind::For | Kind::ComprehensionFor => {
            &[(From::Target, Slot::Target), (From::Iterable, Slot::Iterable), (From::Body, Slot::Body)]
        }
        Kind::CountedFor => {
            &[(From::Condition, Slot::Condition), (From::Step, Slot::Step), (From::Body, Slot::Body)]
        }
        Kind::If | Kind::ElseIf => &[(From::Condition, Slot::Condition), (From::Then, Slot::Then)],
        Kind::While | Kind::DoWhile => &[(From::Condition, Slot::Condition), (From::Body, Slot::Body)],
        Kind::Function | Kind::Class | Kind::Lambda => {
            &[(From::Name, Slot::Declared), (From::Body, Slot::Body)]
        }
        Kind::Try | Kind::With | Kind::Else => &[(From::Body, Slot::Body)],
        Kind::Clause => &[(From::Body, Slot::Body), (From::Value, Slot::Value), (From::Target, Slot::Target)],
        _ => &[],
    };
    pairs.iter().filter_map(|(of, slot)| from.slot(*of).map(|it| (it.raw().id(), *slot))).collect()
}

/// The slot of a part that no slot of the role table names.
pub(super) fn by_parent(parent: Kind, role: Role) -> Slot {
    match parent {
        Kind::Arguments => Slot::Argument,
        Kind::Subscript => Slot::Index,
        Kind::Comparison | Kind::Not | Kind::Negate | Kind::Update => Slot::Operand,
        Kind::Pattern => Slot::Target,
        Kind::If | Kind::While | Kind::For | Kind::Try if matches!(role, Role::Else | Role::ElseIf) => {
            Slot::Else
        }
        Kind::Else | Kind::Try | Kind::With => {
            if role == Role::Block {
                Slot::Body
            } else {
                Slot::Other
            }
        }
        Kind::Clause => {
            if role == Role::Block {
                Slot::Body
            } else {
                Slot::Statement
            }
        }
        Kind::Parameter | Kind::Parameters | Kind::Lambda => Slot::Declared,
        Kind::Return
        | Kind::Raise
        | Kind::Yield
        | Kind::Await
        | Kind::Parenthesised
        | Kind::ExpressionStatement => Slot::Value,
        Kind::List | Kind::Tuple | Kind::Set | Kind::Dict | Kind::Slice => Slot::Element,
        Kind::Block | Kind::Module => Slot::Statement,
        _ => Slot::Other,
    }
}

/// The neutral kind; `None` where nothing is of use.
pub(super) fn kind(family: Family, parent: Kind, node: workspace::Node<'_>, role: Role) -> Option<Kind> {
    let kind = match role {
        Role::Module => Kind::Module,
        Role::Function if node.is_statement() || matches!(parent, Kind::Block | Kind::Dict) => Kind::Function,
        Role::Function | Role::Lambda => Kind::Lambda,
        Role::Class => Kind::Class,
        Role::Parameters => Kind::Parameters,
        Role::Parameter if matches!(parent, Kind::Parameters | Kind::Parameter) => Kind::Parameter,
        Role::Parameter => Kind::Pattern,
        Role::Identifier if matches!(parent, Kind::Parameters) => Kind::Parameter,
        Role::Identifier if parent == Kind::Lambda => Kind::Parameter,
        Role::Identifier if parent == Kind::Dict => Kind::Property,
        Role::Identifier if parent == Kind::Attribute && is_member(node) => Kind::Property,
        Role::Identifier if parent == Kind::Keyword && is_name(node) => Kind::Property,
        Role::Identifier | Role::This => Kind::Name,
        Role::MemberName => Kind::Property,
        Role::Pattern if parent == Kind::Parameters && family.is_python() => Kind::Parameter,
        Role::Pattern => Kind::Pattern,
        Role::Block => Kind::Block,
        Role::ExpressionStatement => Kind::ExpressionStatement,
        Role::Declaration => Kind::Declaration,
        Role::If => Kind::If,
        Role::ElseIf => {
            if node.is_statement() {
                Kind::If
            } else {
                Kind::ElseIf
            }
        }
        Role::Else => Kind::Else,
        Role::While => Kind::While,
        Role::DoWhile => Kind::DoWhile,
        Role::For => Kind::CountedFor,
        Role::ForEach => Kind::For,
        Role::Return => Kind::Return,
        Role::Raise => Kind::Raise,
        Role::Break => Kind::Break,
        Role::Continue => Kind::Continue,
        Role::Pass => Kind::Pass,
        Role::Try => Kind::Try,
        Role::Catch | Role::Finally | Role::Case => Kind::Clause,
        Role::With => Kind::With,
        Role::Import => Kind::Import,
        Role::Assert
        | Role::Delete
        | Role::OuterNames
        | Role::Switch
        | Role::OtherStatement
        | Role::Field => Kind::OtherStatement,
        Role::Assignment => Kind::Assignment,
        Role::AugmentedAssignment => Kind::AugmentedAssignment,
        Role::Update => Kind::Update,
        Role::Call | Role::New => Kind::Call,
        Role::Arguments => {
            if parent == Kind::Class {
                Kind::OtherExpression
            } else {
                Kind::Arguments
            }
        }
        Role::KeywordArgument => Kind::Keyword,
        Role::Spread => Kind::Splat,
        Role::BinaryOp if node.operator().is_some_and(|it| it.text() == "??") => Kind::Boolean,
        Role::BinaryOp => Kind::Arithmetic,
        Role::Comparison => Kind::Comparison,
        Role::BooleanOp => Kind::Boolean,
        Role::Not => Kind::Not,
        Role::UnaryMinus => Kind::Negate,
        Role::Conditional => Kind::Ternary,
        Role::Subscript => Kind::Subscript,
        Role::Slice => Kind::Slice,
        Role::Attribute => Kind::Attribute,
        Role::Await => Kind::Await,
        Role::Yield => Kind::Yield,
        Role::Parenthesized => Kind::Parenthesised,
        Role::Comprehension => Kind::Comprehension,
        Role::ComprehensionFor => Kind::ComprehensionFor,
        Role::Guard => Kind::ComprehensionIf,
        Role::Sequence => {
            if family.is_python() {
                Kind::Tuple
            } else {
                Kind::OtherExpression
            }
        }
        Role::IntegerLiteral => Kind::Integer,
        Role::FloatLiteral => Kind::Float,
        Role::StringLiteral | Role::Template => Kind::Text,
        Role::BooleanLiteral => Kind::Bool,
        Role::NullLiteral => Kind::Null,
        Role::List => Kind::List,
        Role::Tuple => Kind::Tuple,
        Role::Set => Kind::Set,
        Role::Dict => Kind::Dict,
        Role::Pair => Kind::Pair,
        Role::UnaryOp | Role::Other | Role::Regex | Role::CaseName => Kind::OtherExpression,
        Role::Error => Kind::Opaque,
        Role::Type | Role::TypeDeclaration | Role::Decorator | Role::Comment | Role::Token => return None,
        Role::Decorated | Role::Export => Kind::OtherStatement,
    };
    Some(kind)
}

fn is_member(node: workspace::Node<'_>) -> bool {
    node.parent().and_then(workspace::Node::member) == Some(node)
}

fn is_name(node: workspace::Node<'_>) -> bool {
    node.parent().and_then(workspace::Node::name) == Some(node)
}

/// Nodes that are not looked into.
pub(super) fn is_leaf(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Opaque
            | Kind::Import
            | Kind::Name
            | Kind::Property
            | Kind::Integer
            | Kind::Float
            | Kind::Bool
            | Kind::Null
    )
}

pub(super) fn operators(from: workspace::Node<'_>, kind: Kind) -> Vec<ByteRange> {
    let tokens = |wanted: &[&str]| {
        from.children()
            .into_iter()
            .filter(|it| !it.is_named() && wanted.contains(&it.kind()))
            .map(workspace::Node::range)
            .collect()
    };
    match kind {
        Kind::Slice => tokens(&[":"]),
        Kind::For => tokens(&["of", "in"]),
        Kind::Arithmetic
        | Kind::Comparison
        | Kind::Boolean
        | Kind::Not
        | Kind::Negate
        | Kind::Update
        | Kind::AugmentedAssignment => from.operators().into_iter().map(workspace::Node::range).collect(),
        _ => Vec::new(),
    }
}
