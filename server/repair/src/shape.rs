//! What a value is likely to be, guessed from literals, known functions and use.
//!
//! A guess only orders candidates, it never drops one.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a place speaks of a few kinds of node; a new kind means nothing to it until it says so"
)]

use crate::tree::{Kind, NodeId, Slot, Tree};

/// A set of likely types; the empty set means nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shape(u16);

impl Shape {
    pub(crate) const UNKNOWN: Self = Self(0);
    pub(crate) const NUMBER: Self = Self(1);
    pub(crate) const TEXT: Self = Self(2);
    pub(crate) const LIST: Self = Self(4);
    pub(crate) const DICT: Self = Self(8);
    pub(crate) const TRUTH: Self = Self(16);
    pub(crate) const FUNCTION: Self = Self(32);
    pub(crate) const OBJECT: Self = Self(64);
    pub(crate) const NOTHING: Self = Self(128);
    pub(crate) const SET: Self = Self(256);
    /// What has a length and can be walked.
    pub(crate) const MANY: Self = Self(2 | 4 | 8 | 256);

    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether one may stand for the other, as far as is known.
    pub(crate) fn fits(self, other: Self) -> bool {
        self.0 == 0 || other.0 == 0 || self.0 & other.0 != 0
    }

    /// Whether the two surely share a type.
    pub(crate) fn agrees(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn is_unknown(self) -> bool {
        self.0 == 0
    }
}

/// The shape of an expression by its form alone; names and unknown calls give nothing.
pub(crate) fn of_form(tree: &Tree, id: NodeId) -> Shape {
    match tree.kind(id) {
        Kind::Integer | Kind::Float | Kind::Negate | Kind::Update => Shape::NUMBER,
        Kind::Text => Shape::TEXT,
        Kind::List => Shape::LIST,
        Kind::Comprehension => match tree.text(id).as_bytes().first() {
            Some(b'{') => Shape::DICT.or(Shape::SET),
            _ => Shape::LIST,
        },
        Kind::Tuple => Shape::LIST,
        Kind::Dict => Shape::DICT,
        Kind::Set => Shape::SET,
        Kind::Comparison | Kind::Not | Kind::Bool => Shape::TRUTH,
        Kind::Null => Shape::NOTHING,
        Kind::Lambda => Shape::FUNCTION,
        Kind::Arithmetic => arithmetic(tree, id),
        Kind::Parenthesised => tree.child(id, Slot::Value).map_or(Shape::UNKNOWN, |it| of_form(tree, it)),
        Kind::Call => of_call(tree.callee_name(id)),
        Kind::Attribute => match tree.child(id, Slot::Property).map(|it| tree.text(it)) {
            Some("length" | "size") => Shape::NUMBER,
            _ => Shape::UNKNOWN,
        },
        _ => Shape::UNKNOWN,
    }
}

fn arithmetic(tree: &Tree, id: NodeId) -> Shape {
    let side = |slot| tree.child(id, slot).map_or(Shape::UNKNOWN, |it| of_form(tree, it));
    let (left, right) = (side(Slot::Left), side(Slot::Right));
    match tree.operator(id, 0).map(|(_, token)| token) {
        Some("-" | "/" | "//" | "**" | "<<" | ">>") => Shape::NUMBER,
        Some("%") if left == Shape::TEXT => Shape::TEXT,
        Some("%") => Shape::NUMBER,
        Some("*") if left.agrees(Shape::LIST) || right.agrees(Shape::LIST) => Shape::LIST,
        Some("+") => {
            if left.is_unknown() {
                right
            } else {
                left
            }
        }
        _ => Shape::UNKNOWN,
    }
}

/// The shape of what a well-known function gives.
pub(crate) fn of_call(name: &str) -> Shape {
    match name {
        "len" | "abs" | "int" | "float" | "round" | "ord" | "sum" | "index" | "find" | "count"
        | "indexOf" | "lastIndexOf" | "floor" | "ceil" | "sqrt" | "parseInt" | "parseFloat" | "Number"
        | "hash" | "id" => Shape::NUMBER,
        "str" | "repr" | "chr" | "join" | "upper" | "lower" | "strip" | "lstrip" | "rstrip" | "format"
        | "toString" | "trim" | "toUpperCase" | "toLowerCase" | "String" | "input" | "charAt"
        | "substring" | "padStart" => Shape::TEXT,
        "list" | "sorted" | "range" | "split" | "splitlines" | "map" | "filter" | "zip" | "enumerate"
        | "reversed" | "tuple" | "keys" | "values" | "items" | "entries" | "Array" | "from" => Shape::LIST,
        "dict" | "defaultdict" | "Counter" | "OrderedDict" | "Map" => Shape::DICT,
        "set" | "frozenset" | "Set" => Shape::SET,
        "isinstance" | "any" | "all" | "bool" | "callable" | "startswith" | "endswith" | "isdigit"
        | "isalpha" | "includes" | "startsWith" | "endsWith" | "some" | "every" | "has" | "isArray"
        | "Boolean" => Shape::TRUTH,
        _ => Shape::UNKNOWN,
    }
}

/// What the use of a name at `id` tells of it.
pub(crate) fn of_use(tree: &Tree, id: NodeId) -> Shape {
    let Some(parent) = tree.parent(id) else { return Shape::UNKNOWN };
    match (tree.kind(parent), tree.slot(id)) {
        (Kind::Call, Slot::Callee) => Shape::FUNCTION,
        (Kind::Subscript, Slot::Object) => Shape::LIST.or(Shape::DICT).or(Shape::TEXT),
        (Kind::Subscript, Slot::Index) => Shape::NUMBER.or(Shape::TEXT),
        (Kind::For | Kind::ComprehensionFor, Slot::Iterable) => Shape::MANY,
        (Kind::Slice | Kind::Update | Kind::Negate, _) => Shape::NUMBER,
        (Kind::Not, _) => Shape::UNKNOWN,
        (Kind::Attribute, Slot::Object) => {
            tree.child(parent, Slot::Property).map_or(Shape::OBJECT, |it| of_member(tree.text(it)))
        }
        (Kind::Arithmetic, Slot::Left | Slot::Right) => {
            match tree.operator(parent, 0).map(|(_, token)| token) {
                Some("-" | "/" | "//" | "**" | "<<" | ">>" | "&" | "^") => Shape::NUMBER,
                Some("+" | "*" | "%") => other_side(tree, parent, id),
                _ => Shape::UNKNOWN,
            }
        }
        (Kind::Comparison, _) => match tree.operator(parent, 0).map(|(_, token)| token) {
            Some("<" | "<=" | ">" | ">=") => match other_side(tree, parent, id) {
                Shape::UNKNOWN => Shape::NUMBER,
                shape => shape,
            },
            Some("==" | "!=" | "===" | "!==") => other_side(tree, parent, id),
            Some("in" | "not in") if tree.children(parent).last() == Some(&id) => Shape::MANY,
            _ => Shape::UNKNOWN,
        },
        (Kind::AugmentedAssignment, _) => match tree.operator(parent, 0).map(|(_, token)| token) {
            Some("-=" | "*=" | "/=" | "//=" | "%=" | "**=") => Shape::NUMBER,
            _ => other_side(tree, parent, id),
        },
        (Kind::Arguments, _) => match tree.parent(parent).map(|call| tree.callee_name(call)) {
            Some("range" | "abs" | "chr" | "floor" | "ceil" | "sqrt") => Shape::NUMBER,
            Some("len" | "sorted" | "sum" | "enumerate" | "reversed" | "list" | "any" | "all") => Shape::MANY,
            _ => Shape::UNKNOWN,
        },
        _ => Shape::UNKNOWN,
    }
}

fn other_side(tree: &Tree, parent: NodeId, id: NodeId) -> Shape {
    tree.children(parent)
        .iter()
        .copied()
        .filter(|&it| it != id)
        .map(|it| of_form(tree, it))
        .fold(Shape::UNKNOWN, Shape::or)
}

fn of_member(name: &str) -> Shape {
    match name {
        "append" | "extend" | "insert" | "sort" | "reverse" | "push" | "unshift" | "shift" | "map"
        | "filter" | "forEach" | "reduce" | "splice" | "join"
            if name != "join" =>
        {
            Shape::LIST
        }
        "pop" => Shape::LIST.or(Shape::DICT).or(Shape::SET),
        "items" | "keys" | "values" | "get" | "setdefault" | "update" => {
            Shape::DICT.or(Shape::SET).or(Shape::OBJECT)
        }
        "add" | "discard" | "union" | "has" => Shape::SET,
        "strip" | "lower" | "upper" | "split" | "startswith" | "endswith" | "replace" | "isdigit"
        | "format" | "trim" | "toLowerCase" | "toUpperCase" | "charAt" | "charCodeAt" | "join" => Shape::TEXT,
        "length" => Shape::LIST.or(Shape::TEXT),
        _ => Shape::OBJECT,
    }
}

/// The customary meaning of a name, for when nothing else is known.
pub(crate) fn of_custom(name: &str) -> Shape {
    let last = name.rsplit('_').next().unwrap_or(name).to_ascii_lowercase();
    match last.as_str() {
        "i" | "j" | "k" | "n" | "m" | "x" | "y" | "lo" | "hi" | "low" | "high" | "left" | "right" | "mid"
        | "start" | "end" | "count" | "total" | "size" | "length" | "index" | "idx" | "num" | "number"
        | "depth" | "width" | "height" | "amount" | "price" | "rate" | "limit" | "offset" | "max" | "min" => {
            Shape::NUMBER
        }
        "text" | "name" | "s" | "word" | "line" | "string" | "message" | "prefix" | "suffix" => Shape::TEXT,
        "items" | "list" | "values" | "arr" | "array" | "xs" | "nums" | "rows" | "lines" | "words"
        | "result" => Shape::LIST.or(Shape::UNKNOWN),
        _ => Shape::UNKNOWN,
    }
}
