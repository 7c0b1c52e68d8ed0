//! From a concrete syntax tree to the neutral one.

use std::sync::Arc;

use bodkin_text::ByteRange;

use super::{Kind, Node, NodeId, Slot, Tree, javascript, python};
use crate::surface::Family;

/// Nodes in all; what comes later in the file is left out.
const MAX_NODES: usize = 200_000;
/// Levels; deeper nodes are opaque.
const MAX_DEPTH: u32 = 300;

/// What a language's table says of one concrete node.
pub(super) enum Visit {
    /// A node of this kind, looked into.
    Node(Kind),
    /// A node of this kind, its inside left alone.
    Leaf(Kind),
    /// No node: its children belong to its parent, in its slot.
    Through,
    /// Left out with all that it holds.
    Skip,
}

/// Builds the neutral tree. Never fails: errors become broken nodes.
pub(crate) fn build(family: Family, text: Arc<str>, concrete: &tree_sitter::Tree) -> Tree {
    let mut builder = Builder { family, text: &text, nodes: Vec::new() };
    let root = concrete.root_node();
    builder.add(&root, Visit::Node(Kind::Module), Slot::Other, None, 0);
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
    let nodes = builder.nodes;
    Tree { family, text, nodes, nothing }
}

struct Builder<'t> {
    family: Family,
    text: &'t str,
    nodes: Vec<Node>,
}

impl<'t> Builder<'t> {
    fn text_of(&self, node: &tree_sitter::Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn add(
        &mut self,
        from: &tree_sitter::Node<'_>,
        visit: Visit,
        slot: Slot,
        parent: Option<NodeId>,
        depth: u32,
    ) {
        let Ok(number) = u32::try_from(self.nodes.len()) else { return };
        if self.nodes.len() >= MAX_NODES {
            return;
        }
        let (kind, look_inside) = match visit {
            Visit::Node(kind) => (kind, true),
            Visit::Leaf(kind) => (kind, false),
            Visit::Through | Visit::Skip => return,
        };
        let too_deep = depth >= MAX_DEPTH && from.named_child_count() > 0;
        self.nodes.push(Node {
            kind: if too_deep { Kind::Opaque } else { kind },
            slot,
            range: ByteRange::new(from.start_byte(), from.end_byte()),
            parent,
            children: Vec::new(),
            operators: Vec::new(),
            line: row(from.start_position()),
            last_line: row(from.end_position()),
            end: number.saturating_add(1),
            broken: from.has_error(),
        });
        let id = NodeId(number);
        if let Some(parent) = parent.and_then(|it| self.nodes.get_mut(it.0 as usize)) {
            parent.children.push(id);
        }
        if look_inside && !too_deep {
            self.children(from, id, kind, None, depth);
        }
        let end = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(number as usize) {
            node.end = end;
        }
    }

    fn children(
        &mut self,
        from: &tree_sitter::Node<'_>,
        id: NodeId,
        kind: Kind,
        slot: Option<Slot>,
        depth: u32,
    ) {
        let mut cursor = from.walk();
        if !cursor.goto_first_child() {
            return;
        }
        loop {
            let child = cursor.node();
            let field = cursor.field_name();
            if child.is_named() && !child.is_extra() {
                let (visit, child_slot) = match self.family {
                    Family::Python => python::visit(&child, kind, field),
                    Family::JavaScript { .. } => javascript::visit(&child, self.text_of(&child), kind, field),
                };
                let child_slot = slot.unwrap_or(child_slot);
                match visit {
                    Visit::Through if depth < MAX_DEPTH => {
                        self.children(&child, id, kind, Some(child_slot), depth.saturating_add(1));
                    }
                    Visit::Through | Visit::Skip => {}
                    Visit::Node(_) | Visit::Leaf(_) => {
                        self.add(&child, visit, child_slot, Some(id), depth.saturating_add(1));
                    }
                }
            } else if (field.is_some_and(|it| it == "operator" || it == "operators") || kind == Kind::Slice)
                && let Some(node) = self.nodes.get_mut(id.0 as usize)
            {
                node.operators.push(ByteRange::new(child.start_byte(), child.end_byte()));
            }
            if !cursor.goto_next_sibling() {
                return;
            }
        }
    }
}

fn row(point: tree_sitter::Point) -> u32 {
    u32::try_from(point.row).unwrap_or(u32::MAX)
}
