//! How a language file is written: one entry for each kind of node, and what is resolved from it.
//!
//! Kinds that no entry names are [`Role::Token`] or [`Role::Other`]: a table may be partial, never wrong.

use tree_sitter as ts;

use crate::facts::Import;
use crate::node::Node;
use crate::role::{Role, Slot};

/// What a language file declares.
pub(crate) struct Grammar {
    /// Extensions without the dot.
    pub(crate) extensions: &'static [&'static str],
    /// Interpreters in a `#!` line.
    pub(crate) interpreters: &'static [&'static str],
    /// The grammar.
    pub(crate) load: fn() -> ts::Language,
    /// What its kinds are for; a later table wins.
    pub(crate) kinds: &'static [&'static [Kind]],
    /// Names that are there without an import.
    pub(crate) builtins: Builtins,
    /// Whether `a = 1` makes `a` a local name.
    pub(crate) assignment_declares: bool,
    /// Reads an import statement.
    pub(crate) import: fn(Node<'_>) -> Import,
    /// Reads an assignment that is as good as an import.
    pub(crate) required: fn(Node<'_>) -> Option<Import>,
    /// Whether a runner takes a function of this name, of this class, for a test.
    pub(crate) is_test: fn(&str, Option<&str>) -> bool,
    /// Functions that are given a test.
    pub(crate) test_calls: &'static [&'static str],
    /// Functions that are given a group of tests.
    pub(crate) group_calls: &'static [&'static str],
}

/// Names that a language gives without an import, apart by spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtins {
    pub(crate) functions: &'static str,
    pub(crate) types: &'static str,
    pub(crate) exceptions: &'static str,
    pub(crate) values: &'static str,
}

impl Builtins {
    /// To be called.
    pub fn functions(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.functions.split_ascii_whitespace()
    }

    /// Classes and constructors that are no exceptions.
    pub fn types(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.types.split_ascii_whitespace()
    }

    /// To be raised and caught.
    pub fn exceptions(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.exceptions.split_ascii_whitespace()
    }

    /// Constants and namespaces.
    pub fn values(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.values.split_ascii_whitespace()
    }

    /// All of them: functions, types, exceptions, values.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.functions().chain(self.types()).chain(self.exceptions()).chain(self.values())
    }
}

/// One kind of node.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) statement: bool,
    pub(crate) frame: Option<Frame>,
    pub(crate) refine: Refine,
    pub(crate) slots: &'static [(Slot, Spot)],
}

/// What names a node keeps to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Parameters and locals.
    Function,
    /// Members: not seen from the functions inside.
    Class,
    /// The variables of a comprehension.
    Comprehension,
    /// Names declared in braces.
    Block,
}

/// What must be looked at beside the kind to tell the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refine {
    /// Nothing.
    No,
    /// The operator's token.
    Operator,
    /// Whether the number is whole.
    Number,
    /// Whether a part is computed.
    Parts,
    /// Whether it stands in an `else`.
    ElseIf,
}

/// Where a slot is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The child with this field name.
    Field(&'static str),
    /// What is in the parentheses of the child with this field name.
    Inside(&'static str),
    /// The named child at this place, comments not counted.
    Child(u32),
    /// The first child that is a token.
    FirstToken,
}

impl Kind {
    const fn new(name: &'static str, role: Role, statement: bool) -> Self {
        Self { name, role, statement, frame: None, refine: Refine::No, slots: &[] }
    }

    pub(crate) const fn statement(name: &'static str, role: Role) -> Self {
        Self::new(name, role, true)
    }

    pub(crate) const fn part(name: &'static str, role: Role) -> Self {
        Self::new(name, role, false)
    }

    pub(crate) const fn slots(mut self, slots: &'static [(Slot, Spot)]) -> Self {
        self.slots = slots;
        self
    }

    pub(crate) const fn frame(mut self, frame: Frame) -> Self {
        self.frame = Some(frame);
        self
    }

    pub(crate) const fn refine(mut self, refine: Refine) -> Self {
        self.refine = refine;
        self
    }
}

/// A grammar made ready: looked up by kind id, in constant time.
pub(crate) struct Table {
    pub(crate) grammar: &'static Grammar,
    pub(crate) language: ts::Language,
    kinds: Vec<Entry>,
}

/// What is known of one kind id.
#[derive(Debug, Default)]
struct Entry {
    kind: Option<&'static Kind>,
    spots: Vec<(Slot, Place)>,
    named: bool,
}

/// A [`Spot`] with its field resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Field(u16),
    Inside(u16),
    Child(u32),
    FirstToken,
}

impl Table {
    pub(crate) fn new(grammar: &'static Grammar) -> Self {
        let language = (grammar.load)();
        let count = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        let kinds = (0..count)
            .map(|id| {
                let named = language.node_kind_is_named(id);
                let name = language.node_kind_for_id(id).unwrap_or_default();
                let kind = named.then(|| kind_of(grammar, name)).flatten();
                Entry { kind, spots: kind.map(|it| places(&language, it)).unwrap_or_default(), named }
            })
            .collect();
        Self { grammar, language, kinds }
    }

    pub(crate) fn kind(&self, id: u16) -> Option<&'static Kind> {
        self.kinds.get(usize::from(id)).and_then(|it| it.kind)
    }

    /// The role as far as the kind tells it.
    pub(crate) fn role(&self, id: u16) -> Role {
        match self.kinds.get(usize::from(id)) {
            Some(Entry { kind: Some(kind), .. }) => kind.role,
            Some(Entry { kind: None, named: true, .. }) => Role::Other,
            Some(Entry { kind: None, named: false, .. }) => Role::Token,
            None => Role::Error,
        }
    }

    pub(crate) fn places(&self, id: u16, slot: Slot) -> impl Iterator<Item = Place> {
        let spots = self.kinds.get(usize::from(id)).map(|it| it.spots.as_slice()).unwrap_or_default();
        spots.iter().filter(move |(has, _)| *has == slot).map(|(_, place)| *place)
    }
}

fn kind_of(grammar: &'static Grammar, name: &str) -> Option<&'static Kind> {
    grammar.kinds.iter().rev().flat_map(|table| table.iter()).find(|kind| kind.name == name)
}

fn places(language: &ts::Language, kind: &'static Kind) -> Vec<(Slot, Place)> {
    let field = |name: &str| language.field_id_for_name(name).map(std::num::NonZero::get);
    kind.slots
        .iter()
        .filter_map(|(slot, spot)| {
            let place = match spot {
                Spot::Field(name) => Place::Field(field(name)?),
                Spot::Inside(name) => Place::Inside(field(name)?),
                Spot::Child(index) => Place::Child(*index),
                Spot::FirstToken => Place::FirstToken,
            };
            Some((*slot, place))
        })
        .collect()
}
