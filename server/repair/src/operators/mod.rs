//! The operators, one file each. A new one is a file here and a line in [`ALL`]; its templates get a weight in
//! `priors`.
//!
//! An operator sees one node of a statement in language-neutral words and proposes changes; it does not know why the
//! place was chosen, what was tried, or how a change will be checked.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a place speaks of a few kinds of node; a new kind means nothing to it until it says so"
)]

mod argument;
mod arithmetic;
mod assignment;
mod attribute;
mod boolean;
mod call;
mod clause;
mod comparison;
mod condition;
mod constant;
mod declaration;
mod deletion;
mod effect;
mod element;
mod fallback;
mod function;
mod guard;
mod import;
mod insertion;
mod known_argument;
mod loops;
mod missing_return;
mod movement;
mod negation;
mod off_by_one;
mod operand;
mod statement_copy;
mod subscript;
mod text;
mod variable;
mod wrap;
mod yields;

pub(crate) use argument::brief;

use crate::proposal::Proposals;
use crate::site::Site;
use crate::surface::Family;

/// One family of changes.
pub(crate) trait Operator: Sync {
    /// Its name, as in the file's.
    fn name(&self) -> &'static str;
    /// One line for the user.
    fn doc(&self) -> &'static str;
    /// Whether it speaks of a language.
    fn knows(&self, _family: Family) -> bool {
        true
    }
    /// Hands in what it has to say of one node.
    fn propose(&self, site: &Site<'_>, out: &mut Proposals);
}

/// Every operator.
pub(crate) const ALL: &[&dyn Operator] = &[
    &comparison::Comparison,
    &arithmetic::Arithmetic,
    &boolean::Boolean,
    &off_by_one::OffByOne,
    &negation::Negation,
    &clause::Clause,
    &condition::Condition,
    &variable::Variable,
    &constant::Constant,
    &text::Text,
    &argument::Argument,
    &known_argument::KnownArgument,
    &operand::Operand,
    &missing_return::MissingReturn,
    &call::Call,
    &wrap::Wrap,
    &guard::Guard,
    &function::Function,
    &attribute::Attribute,
    &subscript::Subscript,
    &element::Element,
    &fallback::Fallback,
    &assignment::Assignment,
    &effect::Effect,
    &statement_copy::StatementCopy,
    &movement::Movement,
    &loops::Loops,
    &yields::Yields,
    &declaration::Declaration,
    &import::Import,
    &deletion::Deletion,
];

/// Name and description of every operator.
pub fn operators() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().map(|it| (it.name(), it.doc()))
}
