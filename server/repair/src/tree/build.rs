//! From a concrete syntax tree, read through the workspace's roles, to the neutral tree.
//!
//! Knows no grammar: a language that has a role table has a neutral tree.

use bodkin_text::ByteRange;
use bodkin_workspace as workspace;
use bodkin_workspace::{Role, Syntax};

use super::roles::{by_parent, is_leaf, kind, marks, operators};
use super::{Kind, Node, NodeId, Slot, Tree};
use crate::surface::Family;

/// Nodes in all; what comes later in the file is left out.
const MAX_NODES: usize = 200_000;
/// Levels; deeper nodes are opaque.
const MAX_DEPTH: u32 = 250;

/// Builds the neutral tree. Never fails: errors become broken nodes.
pub(crate) fn build(family: Family, syntax: &Syntax) -> Tree {
    let mut builder = Builder { family, nodes: Vec::new() };
    builder.add(syntax.root(), Kind::Module, Slot::Other, None, 0);
    let nothing = Node {
        kind: Kind::Opaque,
        slot: Slot::Other,
        range: ByteRange::at(0),
        parent: None,
        children: Vec::new(),
        operators: Vec::new(),
        line: 0,
        last_line: 0,
        end: 0,
        broken: false,
    };
    Tree { family, text: syntax.text().clone(), nodes: builder.nodes, nothing }
}

/// What becomes of a concrete node.
enum Visit {
    /// A node of this kind.
    Node(Kind),
    /// No node: its children belong to its parent, in its slot.
    Through,
    /// Left out with all that it holds.
    Skip,
}

/// A node being looked into: where its children go.
struct Parent {
    id: NodeId,
    kind: Kind,
    depth: u32,
}

struct Builder {
    family: Family,
    nodes: Vec<Node>,
}

impl Builder {
    fn add(&mut self, from: workspace::Node<'_>, kind: Kind, slot: Slot, parent: Option<NodeId>, depth: u32) {
        let Ok(number) = u32::try_from(self.nodes.len()) else { return };
        if self.nodes.len() >= MAX_NODES {
            return;
        }
        let raw = from.raw();
        let kind = if depth >= MAX_DEPTH && raw.named_child_count() > 0 { Kind::Opaque } else { kind };
        let row = |point: tree_sitter::Point| u32::try_from(point.row).unwrap_or(u32::MAX);
        self.nodes.push(Node {
            kind,
            slot,
            range: from.range(),
            parent,
            children: Vec::new(),
            operators: operators(from, kind),
            line: row(raw.start_position()),
            last_line: row(raw.end_position()),
            end: number.saturating_add(1),
            broken: from.has_error(),
        });
        let id = NodeId(number);
        if let Some(parent) = parent.and_then(|it| self.nodes.get_mut(it.0 as usize)) {
            parent.children.push(id);
        }
        if !is_leaf(kind) {
            self.children(from, &Parent { id, kind, depth }, None);
        }
        let end = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(number as usize) {
            node.end = end;
        }
    }

    fn children(&mut self, from: workspace::Node<'_>, parent: &Parent, slot: Option<Slot>) {
        let marks = marks(from, parent.kind);
        for child in from.parts() {
            let role = child.role();
            let place = slot.unwrap_or_else(|| self.slot(parent.kind, &marks, child, role));
            match self.visit(parent.kind, place, child, role, slot.is_some()) {
                Visit::Node(kind) => {
                    self.add(child, kind, place, Some(parent.id), parent.depth.saturating_add(1));
                }
                Visit::Through if parent.depth < MAX_DEPTH => {
                    let deeper = Parent { depth: parent.depth.saturating_add(1), ..*parent };
                    self.children(child, &deeper, Some(place));
                }
                Visit::Through | Visit::Skip => {}
            }
        }
    }

    fn visit(
        &self,
        parent: Kind,
        place: Slot,
        child: workspace::Node<'_>,
        role: Role,
        inside: bool,
    ) -> Visit {
        let wraps_condition = !self.family.is_python()
            && role == Role::Parenthesized
            && place == Slot::Condition
            && matches!(parent, Kind::If | Kind::While | Kind::DoWhile)
            && !inside;
        let wraps_part = match parent {
            Kind::Text | Kind::With => role == Role::Other,
            Kind::CountedFor => role == Role::ExpressionStatement && place != Slot::Body,
            Kind::OtherStatement => role == Role::Other && child.kind().ends_with("body"),
            _ => false,
        };
        if wraps_condition || wraps_part || matches!(role, Role::Decorated | Role::Export) {
            return Visit::Through;
        }
        match kind(self.family, parent, child, role) {
            Some(kind) => Visit::Node(kind),
            None => Visit::Skip,
        }
    }

    /// Which part of its parent the child is.
    fn slot(&self, parent: Kind, marks: &[(usize, Slot)], child: workspace::Node<'_>, role: Role) -> Slot {
        let marked = |id: usize| marks.iter().find(|(it, _)| *it == id).map(|(_, slot)| *slot);
        // A slot may name what is in the brackets that the statement itself asks for.
        let found = marked(child.raw().id()).or_else(|| match role {
            Role::Parenthesized if !self.family.is_python() => {
                marked(child.unwrapped().raw().id()).filter(|it| *it == Slot::Condition)
            }
            _ => None,
        });
        found.unwrap_or_else(|| by_parent(parent, role))
    }
}
