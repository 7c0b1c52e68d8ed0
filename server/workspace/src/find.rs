//! From a place in the text to the code that stands there.

use bodkin_text::ByteRange;

use crate::node::Node;
use crate::role::Role;
use crate::syntax::Syntax;

impl Syntax {
    /// The innermost function or lambda around the byte at `offset`.
    pub fn function_at(&self, offset: usize) -> Option<Node<'_>> {
        let node = self.node_at(ByteRange::at(offset))?;
        if node.kind_role().is_function() { Some(node) } else { node.enclosing_function() }
    }

    /// The innermost statement around the byte at `offset`; at white space before a statement, that statement.
    pub fn statement_at(&self, offset: usize) -> Option<Node<'_>> {
        self.node_at(ByteRange::at(self.first_code(offset)))?.statement()
    }

    /// The statements of which the header or, if they are simple, any part lies in `range`; in order, outer first.
    pub fn statements_in(&self, range: ByteRange) -> Vec<Node<'_>> {
        self.nodes_in(range)
            .into_iter()
            .filter(|it| it.is_statement() && overlap(it.header(), range))
            .collect()
    }

    /// The named nodes that share a byte with `range`, parents before children.
    pub fn nodes_in(&self, range: ByteRange) -> Vec<Node<'_>> {
        let mut found = Vec::new();
        let mut walk = self.root().walk();
        while let Some(node) = walk.next() {
            if !overlap(node.range(), range) {
                walk.skip_below();
            } else if node.is_named() {
                found.push(node);
            }
        }
        found
    }

    /// Whether the text is broken.
    pub fn has_errors(&self) -> bool {
        self.tree().root_node().has_error()
    }

    /// Where the text is broken: what could not be placed, and what is missing; in order.
    pub fn error_nodes(&self) -> Vec<Node<'_>> {
        let mut found = Vec::new();
        let mut walk = self.root().walk();
        while let Some(node) = walk.next() {
            if node.is_error() || node.is_missing() {
                found.push(node);
            }
            if !node.has_error() {
                walk.skip_below();
            }
        }
        found
    }

    /// The first byte at or after `offset` on its line that is no white space; `offset` if there is none.
    fn first_code(&self, offset: usize) -> usize {
        let rest = self.text().get(offset..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\u{c}']).len();
        match rest.as_bytes().get(blank) {
            Some(b'\n' | b'\r') | None => offset,
            Some(_) => offset + blank,
        }
    }
}

/// Whether two ranges share a byte; an empty one counts where it stands inside the other or at its start.
fn overlap(one: ByteRange, other: ByteRange) -> bool {
    (one.start < other.end && other.start < one.end)
        || (one.is_empty() && other.start <= one.start && one.start <= other.end)
        || (other.is_empty() && one.start <= other.start && other.start <= one.end)
}

impl<'s> Node<'s> {
    /// Itself if it is a statement, else the statement around it.
    pub fn statement(self) -> Option<Self> {
        if self.is_statement() { Some(self) } else { self.ancestors().find(|it| it.is_statement()) }
    }

    /// The innermost function or lambda around it, not itself.
    pub fn enclosing_function(self) -> Option<Self> {
        self.ancestors().find(|it| it.kind_role().is_function())
    }

    /// The innermost class around it, not itself.
    pub fn enclosing_class(self) -> Option<Self> {
        self.ancestors().find(|it| it.kind_role() == Role::Class)
    }

    /// The innermost loop around it within the same function, not itself.
    pub fn enclosing_loop(self) -> Option<Self> {
        self.ancestors().take_while(|it| !it.kind_role().is_function()).find(|it| it.kind_role().is_loop())
    }

    /// The block, module or case that a statement stands in.
    pub fn enclosing_block(self) -> Option<Self> {
        self.ancestors().find(|it| matches!(it.kind_role(), Role::Block | Role::Module | Role::Case))
    }

    /// A compound statement's part before its body (`if a < b:`); the whole of any other node.
    pub fn header(self) -> ByteRange {
        match self.body() {
            Some(body) if self.is_statement() || self.role() == Role::ElseIf => {
                let from = self.start();
                let text = self.syntax().text().get(from..body.start()).unwrap_or_default();
                ByteRange::new(from, from + text.trim_end().len())
            }
            Some(_) | None => self.range(),
        }
    }

    /// The white space between the start of the line and the node's first line's first character.
    pub fn indentation(self) -> &'s str {
        let text: &'s str = self.syntax().text();
        let before = text.get(..self.start()).unwrap_or_default();
        let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = text.get(line..).unwrap_or_default();
        let blank = line.len() - line.trim_start_matches([' ', '\t', '\u{c}']).len();
        line.get(..blank).unwrap_or_default()
    }
}
