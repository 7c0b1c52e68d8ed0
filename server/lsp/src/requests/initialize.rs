//! `initialize`: what the client can do, what the server can do, which folders there are.
//!
//! Answered before any folder is opened.

use std::path::PathBuf;

use tower_lsp::ls_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions, DiagnosticOptions,
    DiagnosticServerCapabilities, ExecuteCommandOptions, InitializeParams, InitializeResult, MessageType,
    OneOf, SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};

use crate::actions;
use crate::client::Client;
use crate::navigation;
use crate::queue::Reply;
use crate::requests::execute_command;
use crate::server::Server;

/// Answers, then opens the folders.
pub(crate) fn answer(server: &mut Server, params: InitializeParams, reply: Reply<InitializeResult>) {
    server.client = Client::of(&params);
    let problems =
        params.initialization_options.as_ref().map(|it| server.preferences.read(it)).unwrap_or_default();
    let mut capabilities = capabilities(&server.client);
    navigation::promise(server, &mut capabilities);
    reply.send(Ok(InitializeResult {
        capabilities,
        server_info: Some(ServerInfo {
            name: "bodkin".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
        offset_encoding: None,
    }));
    for problem in problems {
        server.out.log(MessageType::WARNING, format!("Bodkin settings: {problem}"));
    }
    for root in roots(params) {
        server.add_folder(root);
    }
}

fn capabilities(client: &Client) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(client.encoding_kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(actions::KINDS.iter().map(|&it| CodeActionKind::new(it)).collect()),
            ..CodeActionOptions::default()
        })),
        diagnostic_provider: client.pulls_diagnostics.then(|| {
            DiagnosticServerCapabilities::Options(DiagnosticOptions {
                identifier: Some("bodkin".to_owned()),
                ..DiagnosticOptions::default()
            })
        }),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: execute_command::COMMANDS.iter().map(|&it| it.to_owned()).collect(),
            ..ExecuteCommandOptions::default()
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            ..WorkspaceServerCapabilities::default()
        }),
        ..ServerCapabilities::default()
    }
}

/// The folders that the client names, in whichever of the protocol's three ways.
#[expect(deprecated, reason = "clients still send rootUri and rootPath")]
fn roots(params: InitializeParams) -> Vec<PathBuf> {
    let folders = params.workspace_folders.unwrap_or_default();
    let mut roots: Vec<PathBuf> = folders.iter().filter_map(|it| file_path(&it.uri)).collect();
    if roots.is_empty() {
        roots.extend(params.root_uri.as_ref().and_then(file_path));
    }
    if roots.is_empty() {
        roots.extend(params.root_path.map(PathBuf::from).filter(|it| it.is_absolute()));
    }
    roots
}

/// The path that a `file:` name means; none for other schemes.
pub(crate) fn file_path(uri: &Uri) -> Option<PathBuf> {
    let is_file = uri.scheme().as_str().eq_ignore_ascii_case("file");
    let path = uri.to_file_path().filter(|_| is_file)?;
    path.is_absolute().then(|| path.components().collect())
}
