//! A language-neutral tree of one file, owned, so that a search can be kept and resumed.
//!
//! Built once from a syntax tree; comments, types and brackets are left out, operator tokens are kept as ranges.
//! Knows shapes, not meaning. Bounded in nodes and in depth: what lies beyond is [`Kind::Opaque`].
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a place speaks of a few kinds of node; a new kind means nothing to it until it says so"
)]

mod build;
mod kind;
mod roles;

use std::sync::Arc;

use bodkin_text::ByteRange;

pub(crate) use build::build;
pub(crate) use kind::{Kind, Slot};

use crate::surface::Family;

/// A node of one [`Tree`]; the root is number zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

/// One node.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Which part of its parent it is.
    pub(crate) slot: Slot,
    pub(crate) range: ByteRange,
    pub(crate) parent: Option<NodeId>,
    pub(crate) children: Vec<NodeId>,
    /// Operator tokens, in order: one for binary and unary forms, several for a chained comparison.
    pub(crate) operators: Vec<ByteRange>,
    /// Line of its first byte, from zero.
    pub(crate) line: u32,
    /// Line of its last byte, from zero.
    pub(crate) last_line: u32,
    /// Number after the last node below it: nodes are numbered parents before children.
    pub(crate) end: u32,
    /// Whether the parser found an error in it.
    pub(crate) broken: bool,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) family: Family,
    pub(crate) text: Arc<str>,
    nodes: Vec<Node>,
    nothing: Node,
}

impl Tree {
    pub(crate) const ROOT: NodeId = NodeId(0);

    /// The node; an empty opaque one for a number that is not of this tree.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id.0 as usize).unwrap_or(&self.nothing)
    }

    pub(crate) fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    pub(crate) fn slot(&self, id: NodeId) -> Slot {
        self.node(id).slot
    }

    pub(crate) fn range(&self, id: NodeId) -> ByteRange {
        self.node(id).range
    }

    pub(crate) fn text(&self, id: NodeId) -> &str {
        self.slice(self.range(id))
    }

    pub(crate) fn slice(&self, range: ByteRange) -> &str {
        range.of(&self.text).unwrap_or_default()
    }

    pub(crate) fn children(&self, id: NodeId) -> &[NodeId] {
        &self.node(id).children
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).parent
    }

    /// The first child in that slot.
    pub(crate) fn child(&self, id: NodeId, slot: Slot) -> Option<NodeId> {
        self.children(id).iter().copied().find(|&it| self.slot(it) == slot)
    }

    /// All children in that slot.
    pub(crate) fn parts(&self, id: NodeId, slot: Slot) -> Vec<NodeId> {
        self.children(id).iter().copied().filter(|&it| self.slot(it) == slot).collect()
    }

    /// The node's `index`th operator token.
    pub(crate) fn operator(&self, id: NodeId, index: usize) -> Option<(ByteRange, &str)> {
        self.node(id).operators.get(index).map(|&range| (range, self.slice(range)))
    }

    /// Parents, nearest first.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(id), |&it| self.parent(it))
    }

    /// Every node, parents before children, in the order of the text.
    pub(crate) fn all(&self) -> impl Iterator<Item = NodeId> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// The node and all below it, parents before children.
    pub(crate) fn within(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (id.0..self.node(id).end.max(id.0.saturating_add(1))).map(NodeId)
    }

    /// The statement (or `elif`/`else` header) that holds the node, itself included.
    pub(crate) fn statement_of(&self, id: NodeId) -> Option<NodeId> {
        std::iter::once(id).chain(self.ancestors(id)).find(|&it| self.kind(it).is_unit())
    }

    /// The function that holds the node, itself excluded.
    pub(crate) fn function_of(&self, id: NodeId) -> Option<NodeId> {
        self.ancestors(id).find(|&it| matches!(self.kind(it), Kind::Function | Kind::Lambda))
    }

    /// Statements beside it: its parent's children that are statements, itself included.
    pub(crate) fn siblings(&self, id: NodeId) -> Vec<NodeId> {
        self.parent(id).map_or_else(Vec::new, |parent| {
            self.children(parent).iter().copied().filter(|&it| self.kind(it).is_statement()).collect()
        })
    }

    /// The loop that holds the node within the same function.
    pub(crate) fn loop_of(&self, id: NodeId) -> Option<NodeId> {
        self.ancestors(id)
            .take_while(|&it| !matches!(self.kind(it), Kind::Function | Kind::Lambda | Kind::Class))
            .find(|&it| self.kind(it).is_loop())
    }
}
