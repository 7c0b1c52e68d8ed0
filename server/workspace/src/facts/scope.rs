//! The names of one function, or of a module outside its functions.
//!
//! A function's scope holds those of the functions in it as well: each binding says within which bytes it is seen.

use bodkin_text::ByteRange;

use super::collect::Collector;
use super::uses::{CallUse, LiteralUse, MemberUse, NameUse};
use crate::node::Node;
use crate::syntax::Syntax;

/// What a function binds and refers to, in order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Each place at which a name is bound.
    pub bindings: Vec<Binding>,
    /// Names that are read or written.
    pub names: Vec<NameUse>,
    /// Members that are taken of something.
    pub members: Vec<MemberUse>,
    /// Calls.
    pub calls: Vec<CallUse>,
    /// Constants written out.
    pub literals: Vec<LiteralUse>,
}

/// One place at which a name is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The name.
    pub name: Box<str>,
    /// By what.
    pub kind: BindingKind,
    /// Where the name stands.
    pub range: ByteRange,
    /// Where it may be used: a function, a block, a comprehension, a class, the module.
    pub within: ByteRange,
}

/// What binds a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BindingKind {
    /// A parameter of a function or lambda.
    Parameter,
    /// An assignment or declaration.
    Assigned,
    /// A loop's variable.
    Loop,
    /// A comprehension's variable.
    Comprehension,
    /// `with … as name`.
    With,
    /// `except … as name`, `catch (name)`.
    Caught,
    /// A pattern of a `case`.
    Case,
    /// A function's definition.
    Function,
    /// A class's definition.
    Class,
    /// An import.
    Import,
    /// An assignment or a definition in a class: seen there, but not in its methods.
    Member,
}

impl Syntax {
    /// The scope of a function or lambda and of all in it. Costs as much as the function is long.
    pub fn scope_of(&self, function: Node<'_>) -> Scope {
        Collector::whole(function.range()).run(function)
    }

    /// The scope of the file outside its functions. Costs as much as the file is long without them.
    pub fn module_scope(&self) -> Scope {
        Collector::outside_functions(ByteRange::new(0, self.text().len())).run(self.root())
    }
}
