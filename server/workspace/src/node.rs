//! One node of a tree, seen through roles and slots.
//!
//! A thin copy of the parser's node that also knows the text. Nothing here fails: what is missing is `None` or empty.

use std::fmt;

use bodkin_text::ByteRange;
use tree_sitter as ts;

use crate::grammar::{Kind, Place, Refine};
use crate::role::{Role, Slot};
use crate::syntax::Syntax;

/// A node of a [`Syntax`].
#[derive(Clone, Copy)]
pub struct Node<'s> {
    raw: ts::Node<'s>,
    syntax: &'s Syntax,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for Node<'_> {}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {:?}", self.kind(), self.range(), self.text())
    }
}

impl<'s> Node<'s> {
    pub(crate) fn new(raw: ts::Node<'s>, syntax: &'s Syntax) -> Self {
        Self { raw, syntax }
    }

    /// The parser's own node, for what roles do not tell.
    pub fn raw(self) -> ts::Node<'s> {
        self.raw
    }

    /// The tree it belongs to.
    pub fn syntax(self) -> &'s Syntax {
        self.syntax
    }

    /// The grammar's name of it; differs from language to language.
    pub fn kind(self) -> &'s str {
        self.raw.kind()
    }

    /// Its bytes.
    pub fn range(self) -> ByteRange {
        self.raw.byte_range().into()
    }

    /// First byte.
    pub fn start(self) -> usize {
        self.raw.start_byte()
    }

    /// Byte after the last.
    pub fn end(self) -> usize {
        self.raw.end_byte()
    }

    /// Its text.
    pub fn text(self) -> &'s str {
        self.range().of(self.syntax.text()).unwrap_or_default()
    }

    /// What it is for.
    pub fn role(self) -> Role {
        let table = self.syntax.language().table();
        let role = table.role(self.raw.kind_id());
        match table.kind(self.raw.kind_id()).map_or(Refine::No, |it| it.refine) {
            Refine::No => role,
            Refine::Operator => self.slot(Slot::Operator).map_or(role, |it| operation(it.text(), role)),
            Refine::Number if is_fraction(self.text()) => Role::FloatLiteral,
            Refine::Number => role,
            Refine::Parts if self.has_parts() => Role::Template,
            Refine::Parts => role,
            Refine::ElseIf if self.parent().is_some_and(|it| it.role() == Role::Else) => Role::ElseIf,
            Refine::ElseIf => role,
        }
    }

    /// The role as far as the kind alone tells it: cheap, but not sure for operators, numbers, strings, `else if`.
    pub(crate) fn kind_role(self) -> Role {
        self.syntax.language().table().role(self.raw.kind_id())
    }

    pub(crate) fn entry(self) -> Option<&'static Kind> {
        self.syntax.language().table().kind(self.raw.kind_id())
    }

    /// Whether it is a statement: stands in a block and may be moved or left out as a whole.
    pub fn is_statement(self) -> bool {
        self.entry().is_some_and(|it| it.statement)
    }

    /// Whether it has a name in the grammar: no keyword, operator or punctuation.
    pub fn is_named(self) -> bool {
        self.raw.is_named()
    }

    /// Whether it is text that the grammar could not place.
    pub fn is_error(self) -> bool {
        self.raw.is_error()
    }

    /// Whether the parser put it in where the text has nothing.
    pub fn is_missing(self) -> bool {
        self.raw.is_missing()
    }

    /// Whether there is an error in it or below it.
    pub fn has_error(self) -> bool {
        self.raw.has_error()
    }

    /// The node around it.
    pub fn parent(self) -> Option<Self> {
        self.raw.parent().map(|it| Self::new(it, self.syntax))
    }

    /// The nodes around it, innermost first.
    pub fn ancestors(self) -> impl Iterator<Item = Self> {
        // From the root down, once: the parser finds each parent that way.
        let mut path = Vec::new();
        let mut at = self.syntax.tree().root_node();
        while at != self.raw {
            path.push(Self::new(at, self.syntax));
            match at.child_with_descendant(self.raw) {
                Some(next) => at = next,
                None => break,
            }
        }
        path.into_iter().rev()
    }

    /// The nodes in it, tokens and comments included.
    pub fn children(self) -> Vec<Self> {
        let mut cursor = self.raw.walk();
        self.raw.children(&mut cursor).map(|it| Self::new(it, self.syntax)).collect()
    }

    /// The nodes in it without tokens and comments.
    pub fn parts(self) -> Vec<Self> {
        let mut cursor = self.raw.walk();
        let named = self.raw.named_children(&mut cursor).map(|it| Self::new(it, self.syntax));
        named.filter(|it| it.is_part()).collect()
    }

    /// The node after it at the same level, tokens and comments left out.
    pub fn next(self) -> Option<Self> {
        let after = std::iter::successors(self.raw.next_named_sibling(), ts::Node::next_named_sibling);
        after.map(|it| Self::new(it, self.syntax)).find(|it| it.is_part())
    }

    /// The node before it at the same level, tokens and comments left out.
    pub fn previous(self) -> Option<Self> {
        let before = std::iter::successors(self.raw.prev_named_sibling(), ts::Node::prev_named_sibling);
        before.map(|it| Self::new(it, self.syntax)).find(|it| it.is_part())
    }

    /// The child with the grammar's field name; prefer [`Node::slot`], which holds for every language.
    pub fn field(self, name: &str) -> Option<Self> {
        self.raw.child_by_field_name(name).map(|it| Self::new(it, self.syntax))
    }

    /// A part of it, whatever the grammar calls it.
    pub fn slot(self, slot: Slot) -> Option<Self> {
        let table = self.syntax.language().table();
        table.places(self.raw.kind_id(), slot).find_map(|place| self.at(place))
    }

    fn at(self, place: Place) -> Option<Self> {
        let field = |id| self.raw.child_by_field_id(id).map(|it| Self::new(it, self.syntax));
        match place {
            Place::Field(id) => field(id),
            Place::Inside(id) => field(id).map(Self::unwrapped),
            Place::Child(index) => self.part(index),
            Place::FirstToken => {
                self.raw.child(0).filter(|it| !it.is_named()).map(|it| Self::new(it, self.syntax))
            }
        }
    }

    fn part(self, index: u32) -> Option<Self> {
        let mut cursor = self.raw.walk();
        let mut named = self.raw.named_children(&mut cursor).map(|it| Self::new(it, self.syntax));
        named.by_ref().filter(|it| it.is_part()).nth(usize::try_from(index).ok()?)
    }

    /// Whether it is neither token nor comment.
    pub(crate) fn is_part(self) -> bool {
        let role = self.kind_role();
        role != Role::Comment && role != Role::Token
    }

    /// What is in the parentheses, if it is in parentheses; itself if not.
    pub fn unwrapped(self) -> Self {
        let mut node = self;
        while node.role() == Role::Parenthesized {
            match node.part(0) {
                Some(inner) => node = inner,
                None => break,
            }
        }
        node
    }

    fn has_parts(self) -> bool {
        let mut cursor = self.raw.walk();
        self.raw
            .named_children(&mut cursor)
            .any(|it| matches!(it.kind(), "interpolation" | "template_substitution"))
    }
}

/// The role of an operation by its operator.
fn operation(operator: &str, default: Role) -> Role {
    match (operator, default) {
        ("-", Role::UnaryOp) => Role::UnaryMinus,
        ("!", Role::UnaryOp) => Role::Not,
        (_, Role::UnaryOp) => Role::UnaryOp,
        ("&&" | "||", _) => Role::BooleanOp,
        ("<" | "<=" | ">" | ">=" | "==" | "!=" | "===" | "!==" | "in" | "instanceof", _) => Role::Comparison,
        _ => default,
    }
}

/// Whether a number as JavaScript writes it has a fraction or an exponent.
fn is_fraction(text: &str) -> bool {
    let based = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    text.contains('.') || (!based && text.contains(['e', 'E']))
}
