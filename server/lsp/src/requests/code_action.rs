//! `textDocument/codeAction`: "Bodkin: Fix this line".
//!
//! Static: looks at the document in memory and nothing else. Never preferred, never on save, never for fixAll.

use bodkin_protocol::methods::{FIX, FixArguments, SelectedLines};
use tower_lsp::ls_types::{
    CodeAction, CodeActionContext, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse,
    CodeActionTriggerKind, Command,
};

use crate::positions;
use crate::requests::initialize::file_path;
use crate::server::Server;

/// Kind of the action where quick fixes are asked for.
pub(crate) const QUICK_FIX: &str = "quickfix.bodkin";
/// Kind of the same action where only refactorings are.
pub(crate) const REWRITE: &str = "refactor.rewrite.bodkin";

/// The names that editors give to the languages that Bodkin knows.
const LANGUAGES: [&str; 5] = ["python", "javascript", "javascriptreact", "typescript", "typescriptreact"];

/// The actions for a selection or a cursor.
pub(crate) fn answer(server: &Server, params: &CodeActionParams) -> CodeActionResponse {
    offer(server, params).into_iter().collect()
}

fn offer(server: &Server, params: &CodeActionParams) -> Option<CodeActionOrCommand> {
    let kind = wanted_kind(&params.context)?;
    let document = server.documents.get(&file_path(&params.text_document.uri)?)?;
    if document.suspect.is_some() || !LANGUAGES.contains(&document.language.as_str()) {
        return None;
    }
    let lines = positions::lines(&document.index, params.range)?;
    let title = if lines.0 == lines.1 { "Bodkin: Fix this line" } else { "Bodkin: Fix these lines" };
    let argument = FixArguments {
        uri: document.uri.to_string(),
        lines: Some(SelectedLines { first: lines.0.0, last: lines.1.0 }),
        version: Some(document.version),
        test: None,
        message: None,
    };
    let argument = serde_json::to_value(argument).ok()?;
    let command = Command::new(title.to_owned(), FIX.to_owned(), Some(vec![argument]));
    if !server.client.code_action_literals {
        return Some(CodeActionOrCommand::Command(command));
    }
    Some(CodeActionOrCommand::CodeAction(CodeAction {
        title: title.to_owned(),
        kind: Some(CodeActionKind::new(kind)),
        command: Some(command),
        ..CodeAction::default()
    }))
}

/// The kind that the client's filter lets through; none where the user has not asked for a choice.
fn wanted_kind(context: &CodeActionContext) -> Option<&'static str> {
    let only = context.only.as_deref().unwrap_or_default();
    if only.is_empty() {
        return Some(QUICK_FIX);
    }
    if context.trigger_kind == Some(CodeActionTriggerKind::AUTOMATIC) {
        return None; // a filter without a user is an action on save
    }
    [QUICK_FIX, REWRITE].into_iter().find(|kind| only.iter().any(|it| is_within(kind, it.as_str())))
}

/// Whether a kind is `filter` or below it.
fn is_within(kind: &str, filter: &str) -> bool {
    filter.is_empty()
        || kind.strip_prefix(filter).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
