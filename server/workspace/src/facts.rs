//! What is known of a file or a function beside its tree: names, calls, imports, symbols.
//!
//! Facts are values without a tie to the tree; they are worked out when first asked for, by one pass of a cursor, and
//! hold for broken code as far as it can be read.

mod collect;
mod define;
mod imports;
mod outline;
mod scope;
mod tests;
mod uses;
mod visible;

pub use imports::{Import, ImportedName};
pub use outline::{Class, Facts, Function, Symbol, SymbolKind};
pub use scope::{Binding, BindingKind, Scope};
pub use tests::{TestItem, TestKind};
pub use uses::{CallUse, LiteralUse, MemberUse, NameUse};
pub use visible::{Origin, VisibleName};
