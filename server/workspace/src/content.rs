//! One text and what is known of it, worked out when first asked for.
//!
//! Shared by every revision in which the text is the same, so that nothing is worked out twice.
//! invariant: typing-in-a-body-keeps-other-files-facts

use std::sync::{Arc, OnceLock};

use bodkin_text::ContentHash;
use ropey::Rope;
use tree_sitter::Tree;

use crate::facts::Facts;
use crate::languages::Language;
use crate::syntax::Syntax;

/// Broken texts up to this length have the tree that parsing from nothing gives.
const SETTLED_BYTES: usize = 256 << 10;

/// A text, and its hash, tree and facts once somebody asked.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) language: Option<Language>,
    source: Source,
    text: OnceLock<Arc<str>>,
    hash: OnceLock<ContentHash>,
    syntax: OnceLock<Option<Arc<Syntax>>>,
    facts: OnceLock<Option<Arc<Facts>>>,
}

/// Where the text comes from.
#[derive(Debug)]
enum Source {
    /// It was given whole.
    Whole,
    /// It came about by edits of a buffer; the tree, if any, is that of an earlier text, told of the edits since.
    Buffer(Rope, Option<Tree>),
}

impl Content {
    pub(crate) fn whole(language: Option<Language>, text: Arc<str>) -> Self {
        Self::new(language, Source::Whole, OnceLock::from(text))
    }

    pub(crate) fn edited(language: Option<Language>, rope: Rope, old: Option<Tree>) -> Self {
        Self::new(language, Source::Buffer(rope, old), OnceLock::new())
    }

    fn new(language: Option<Language>, source: Source, text: OnceLock<Arc<str>>) -> Self {
        Self {
            language,
            source,
            text,
            hash: OnceLock::new(),
            syntax: OnceLock::new(),
            facts: OnceLock::new(),
        }
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        self.text.get_or_init(|| match &self.source {
            Source::Whole => Arc::from(""),
            Source::Buffer(rope, _) => rope_text(rope),
        })
    }

    pub(crate) fn hash(&self) -> ContentHash {
        *self.hash.get_or_init(|| ContentHash::of(self.text().as_bytes()))
    }

    pub(crate) fn syntax(&self) -> Option<Arc<Syntax>> {
        self.syntax.get_or_init(|| self.parse().map(Arc::new)).clone()
    }

    pub(crate) fn facts(&self) -> Option<Arc<Facts>> {
        self.facts.get_or_init(|| Some(Arc::new(Facts::of(&*self.syntax()?)))).clone()
    }

    /// A tree made with the help of an older one is the same as one made from nothing, except, now and then, in broken
    /// text, where the parser guesses by what it has. So broken text is parsed from nothing; only where that would be
    /// felt is the guess kept.
    fn parse(&self) -> Option<Syntax> {
        let (language, text) = (self.language?, self.text());
        let settle = text.len() <= SETTLED_BYTES;
        let is_broken = |tree: &Tree| settle && tree.root_node().has_error();
        let Some(old) = self.old().filter(|it| !is_broken(it)) else {
            return Syntax::parse(language, text.clone());
        };
        let syntax = Syntax::parse_from(language, text.clone(), Some(old))?;
        if is_broken(syntax.tree()) { Syntax::parse(language, text.clone()) } else { Some(syntax) }
    }

    /// The text as a rope: made anew unless it came about by edits.
    pub(crate) fn rope(&self) -> Rope {
        match &self.source {
            Source::Whole => Rope::from_str(self.text()),
            Source::Buffer(rope, _) => rope.clone(),
        }
    }

    /// The newest tree that there is, to parse the next text with.
    pub(crate) fn latest_tree(&self) -> Option<Tree> {
        match self.syntax.get() {
            Some(Some(syntax)) => Some(syntax.tree().clone()),
            Some(None) => None,
            None => self.old().cloned(),
        }
    }

    /// The same text and what is known of it, without its tree.
    pub(crate) fn without_tree(&self) -> Self {
        Self {
            language: self.language,
            source: Source::Whole,
            text: OnceLock::from(self.text().clone()),
            hash: self.hash.clone(),
            syntax: OnceLock::new(),
            facts: self.facts.clone(),
        }
    }

    pub(crate) fn has_tree(&self) -> bool {
        self.syntax.get().is_some()
    }

    fn old(&self) -> Option<&Tree> {
        match &self.source {
            Source::Whole => None,
            Source::Buffer(_, old) => old.as_ref(),
        }
    }
}

fn rope_text(rope: &Rope) -> Arc<str> {
    let mut text = String::with_capacity(rope.len_bytes());
    rope.chunks().for_each(|chunk| text.push_str(chunk));
    text.into()
}
