//! `textDocument/codeAction`: what can be done about a selection or a cursor.
//!
//! Never preferred, never on save, never for fixAll: see [`crate::actions`].

use tower_lsp::ls_types::{CodeActionParams, CodeActionResponse};

use crate::actions;
use crate::server::Server;

/// The actions for a selection or a cursor.
pub(crate) fn answer(server: &Server, params: &CodeActionParams) -> CodeActionResponse {
    actions::offered(server, params)
}
