//! What a file takes from elsewhere.

use bodkin_text::ByteRange;

use crate::node::Node;

/// One import statement, or a call that is as good as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Where from, as it is written: `os.path`, `..a`, `./b.js`; empty where each name says it itself.
    pub module: Box<str>,
    /// What is bound by it; none for an import that takes all names or is there for its effect.
    pub names: Vec<ImportedName>,
    /// The statement.
    pub range: ByteRange,
}

/// One name of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedName {
    /// Its name there: `a.b` of `import a.b`, `default`, `*` for a module as a whole.
    pub name: Box<str>,
    /// The name here.
    pub bound: Box<str>,
    /// Where the name here stands.
    pub range: ByteRange,
}

impl Import {
    /// Reads an import statement.
    pub(crate) fn of(statement: Node<'_>) -> Self {
        (statement.syntax().language().table().grammar.import)(statement)
    }
}

impl ImportedName {
    /// `name` of there, called as `here` says.
    pub(crate) fn new(name: &str, here: Node<'_>) -> Self {
        Self { name: name.into(), bound: here.text().into(), range: here.range() }
    }
}
