//! Nodes in the order of the text, without recursion: depth of nesting is outside data.

use tree_sitter::TreeCursor;

use crate::node::Node;
use crate::syntax::Syntax;

/// A node and all below it, parents before children; any part may be skipped.
pub struct Walk<'s> {
    cursor: TreeCursor<'s>,
    syntax: &'s Syntax,
    state: State,
    /// Counted here, because the cursor would count it anew each time.
    depth: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Inside,
    Skipping,
    Done,
}

impl<'s> Walk<'s> {
    pub(crate) fn new(node: Node<'s>) -> Self {
        Self { cursor: node.raw().walk(), syntax: node.syntax(), state: State::Fresh, depth: 0 }
    }

    /// Leaves out what lies below the node that came last.
    pub fn skip_below(&mut self) {
        if self.state == State::Inside {
            self.state = State::Skipping;
        }
    }

    /// How far below the node it started from the last node lies.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// The grammar's name for what the last node is to its parent; `None` for the node it started from.
    pub fn field(&self) -> Option<&'s str> {
        self.cursor.field_name()
    }

    fn advance(&mut self) -> bool {
        match self.state {
            State::Done => return false,
            State::Fresh => {
                self.state = State::Inside;
                return true;
            }
            State::Inside if self.cursor.goto_first_child() => {
                self.depth += 1;
                return true;
            }
            State::Inside | State::Skipping => self.state = State::Inside,
        }
        while self.depth > 0 {
            if self.cursor.goto_next_sibling() {
                return true;
            }
            self.cursor.goto_parent();
            self.depth -= 1;
        }
        self.state = State::Done;
        false
    }
}

impl<'s> Iterator for Walk<'s> {
    type Item = Node<'s>;

    fn next(&mut self) -> Option<Node<'s>> {
        self.advance().then(|| Node::new(self.cursor.node(), self.syntax))
    }
}

impl<'s> Node<'s> {
    /// This node and all below it, tokens included, parents before children.
    pub fn walk(self) -> Walk<'s> {
        Walk::new(self)
    }
}
