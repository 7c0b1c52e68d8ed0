//! The incremental model of a workspace: files pushed in, frozen snapshots taken out, trees and facts on demand.
//!
//! Pure: knows no disk, no editor, no git. Broken code gives facts and problems, never an error.
//! invariants: snapshot-is-frozen, typing-in-a-body-keeps-other-files-facts, incremental-equals-from-scratch

mod buffer;
mod content;
mod facts;
mod file;
mod find;
mod grammar;
mod languages;
mod modules;
mod navigate;
mod node;
mod parse;
mod point;
mod problem;
mod role;
mod shape;
mod snapshot;
mod syntax;
mod walk;
mod workspace;

pub use buffer::{Change, Lines, Suspect};
pub use facts::{
    Binding, BindingKind, CallUse, Class, Facts, Function, Import, ImportedName, LiteralUse, MemberUse,
    NameUse, Origin, Scope, Symbol, SymbolKind, TestItem, TestKind, VisibleName,
};
pub use file::File;
pub use grammar::Builtins;
pub use languages::Language;
pub use navigate::Spot;
pub use node::Node;
pub use problem::{Problem, ProblemKind};
pub use role::{Role, Slot};
pub use snapshot::Snapshot;
pub use syntax::Syntax;
pub use walk::Walk;
pub use workspace::Workspace;
