//! One file a command; each answers with its exit code.

pub(crate) mod doctor;
pub(crate) mod fix;
pub(crate) mod ledger;
pub(crate) mod lsp;
pub(crate) mod sandbox;
pub(crate) mod sandboxd;
pub(crate) mod sync;
pub(crate) mod undo;
