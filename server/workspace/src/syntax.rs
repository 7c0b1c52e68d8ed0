//! The tree of one text.
//!
//! A value: made once, never changed. Broken code has a tree with errors in it.

use std::sync::Arc;

use bodkin_text::{ByteRange, Edits};
use tree_sitter::{Point, Tree};

use crate::languages::Language;
use crate::node::Node;
use crate::parse::parse;
use crate::point::{after, input_edit};

/// A text with its tree.
#[derive(Debug, Clone)]
pub struct Syntax {
    language: Language,
    text: Arc<str>,
    tree: Tree,
}

impl Syntax {
    /// Parses a text. `None`: it takes more than its length allows (see [`crate::Problem`]).
    pub fn parse(language: Language, text: Arc<str>) -> Option<Self> {
        Self::parse_from(language, text, None)
    }

    /// Parses a text with the help of a tree of an earlier one that was told of the edits since.
    pub(crate) fn parse_from(language: Language, text: Arc<str>, old: Option<&Tree>) -> Option<Self> {
        let tree = parse(language, &text, old)?;
        Some(Self { language, text, tree })
    }

    /// The tree after some edits, made from this one: fast, for looking at candidates.
    /// `None`: the edits do not fit the text, or the parser was given up.
    pub fn after(&self, edits: &Edits) -> Option<Self> {
        let text: Arc<str> = edits.apply(&self.text).ok()?.into();
        let mut old = self.tree.clone();
        // From the last to the first, so that what is still to come keeps its place.
        for edit in edits.iter().rev() {
            let at = after(Point::new(0, 0), self.text.get(..edit.range.start)?);
            old.edit(&input_edit(edit.range.start, at, edit.range.of(&self.text)?, &edit.text));
        }
        Self::parse_from(self.language, text, Some(&old))
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The parser's own tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The node of the whole text.
    pub fn root(&self) -> Node<'_> {
        Node::new(self.tree.root_node(), self)
    }

    /// The smallest node around all of `range`.
    pub fn node_at(&self, range: ByteRange) -> Option<Node<'_>> {
        self.tree.root_node().descendant_for_byte_range(range.start, range.end).map(|it| Node::new(it, self))
    }
}
