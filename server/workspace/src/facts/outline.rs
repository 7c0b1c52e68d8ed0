//! What a file defines.

use bodkin_text::ByteRange;

use super::imports::Import;
use super::scope::Binding;
use super::tests::TestItem;
use crate::syntax::Syntax;

/// What a file defines and takes from elsewhere; all in order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Functions and methods that have a name, nested ones included.
    pub functions: Vec<Function>,
    /// Classes and enumerations that have a name.
    pub classes: Vec<Class>,
    /// Imports, those in functions included.
    pub imports: Vec<Import>,
    /// Each place that binds a name of the module.
    pub top_level: Vec<Binding>,
    /// What an outline shows, as a tree: [`Symbol::parent`].
    pub symbols: Vec<Symbol>,
    /// The tests that it writes down, and their groups.
    pub tests: Vec<TestItem>,
}

/// A function or method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name, or that of the variable that holds it; of a test given to a runner's function, what it says.
    pub name: Box<str>,
    /// All of it, without decorators.
    pub range: ByteRange,
    /// Where its name stands.
    pub selection: ByteRange,
    /// The names of its parameters.
    pub parameters: Vec<Box<str>>,
    /// The class whose method it is.
    pub class: Option<Box<str>>,
    /// Whether a test runner would run it.
    pub is_test: bool,
}

/// A class or an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Its name, or that of the variable that holds it.
    pub name: Box<str>,
    /// All of it, without decorators.
    pub range: ByteRange,
    /// Where its name stands.
    pub selection: ByteRange,
}

/// One line of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: Box<str>,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub range: ByteRange,
    /// Where its name stands.
    pub selection: ByteRange,
    /// The place in the list of the symbol that it is in; smaller than its own.
    pub parent: Option<usize>,
}

/// What a symbol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SymbolKind {
    /// A class.
    Class,
    /// A function.
    Function,
    /// A function of a class.
    Method,
    /// A test given to a runner's function.
    Test,
    /// A variable of a module.
    Variable,
    /// A variable of a class.
    Field,
    /// An interface.
    Interface,
    /// An enumeration.
    Enum,
    /// A name for a type.
    Type,
}

impl Facts {
    /// Works them out; costs as much as the file is long.
    pub fn of(syntax: &Syntax) -> Self {
        let mut facts = super::define::Definer::default().run(syntax.root());
        let whole = ByteRange::new(0, syntax.text().len());
        facts.top_level = syntax.module_scope().bindings;
        facts.top_level.retain(|it| it.within == whole);
        facts.tests = super::tests::of(syntax.root());
        facts
    }

    /// The function with this name; the first, if there are more.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|it| *it.name == *name)
    }
}
