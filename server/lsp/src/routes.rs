//! The route table: every method, and what it does to the state.
//!
//! The first statement of every handler posts to the queue, so that messages are taken in the order in which
//! the client sent them; only then is an answer awaited.
//! invariants: no request waits for a run; every request is answered exactly once

use bodkin_protocol::history::{Changes, ChangesArguments, Ledger, LedgerArguments};
use bodkin_protocol::methods::{self, Runs};
use bodkin_protocol::review::{Content, ContentArguments, DecideArguments, Review};
use bodkin_protocol::status::Status;
use bodkin_protocol::testing::{Tests, TestsArguments};
use serde_json::Value;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{
    CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, DidChangeConfigurationParams,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    DocumentDiagnosticParams, DocumentDiagnosticReportResult, DocumentSymbolParams, DocumentSymbolResponse,
    ExecuteCommandParams, GotoDefinitionParams, GotoDefinitionResponse, InitializeParams, InitializeResult,
    InitializedParams, Location, ReferenceParams, WorkDoneProgressCancelParams, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};
use tower_lsp::{ClientSocket, LanguageServer, LspService};

use crate::queue::Queue;
use crate::requests;

/// The router over the queue, and the library's own way to the client, which is not used.
pub(crate) fn service(queue: Queue) -> (LspService<Routes>, ClientSocket) {
    LspService::build(|_| Routes { queue })
        .custom_method(methods::RUNS, Routes::runs)
        .custom_method(methods::TESTS, Routes::tests)
        .custom_method(methods::STATUS, Routes::status)
        .custom_method(methods::DECIDE, Routes::decide)
        .custom_method(methods::CONTENT, Routes::content)
        .custom_method(methods::CHANGES, Routes::changes)
        .custom_method(methods::LEDGER, Routes::ledger)
        .custom_method("window/workDoneProgress/cancel", Routes::cancel_progress)
        .finish()
}

/// Methods without parameters; what a client sends with them all the same is left out.
pub(crate) const WITHOUT_PARAMETERS: [&str; 4] = ["shutdown", "exit", methods::RUNS, methods::STATUS];

/// Posts what the client says.
#[derive(Clone)]
pub(crate) struct Routes {
    queue: Queue,
}

impl LanguageServer for Routes {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        self.queue
            .ask("initialize", |server, reply| requests::initialize::answer(server, params, reply))
            .await
    }

    async fn initialized(&self, _: InitializedParams) {
        self.queue.post("initialized", requests::initialized::tell);
    }

    async fn shutdown(&self) -> Result<()> {
        self.queue
            .ask("shutdown", |server, reply| {
                crate::runs::cancel_all(server);
                reply.send(Ok(()));
            })
            .await
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        self.queue.post("textDocument/didOpen", |server| requests::did_open::tell(server, params));
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        self.queue.post("textDocument/didChange", |server| requests::did_change::tell(server, params));
    }

    async fn did_save(&self, _: DidSaveTextDocumentParams) {} // the disk is watched; the text is known

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.queue.post("textDocument/didClose", move |server| requests::did_close::tell(server, &params));
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.queue
            .ask("textDocument/codeAction", move |server, reply| {
                reply.send(Ok(Some(requests::code_action::answer(server, &params))));
            })
            .await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        self.queue
            .ask("textDocument/documentSymbol", move |server, reply| {
                server.once_open(move |server| requests::navigate::document_symbols(server, &params, reply));
            })
            .await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        self.queue
            .ask("workspace/symbol", move |server, reply| {
                server.once_open(move |server| requests::navigate::workspace_symbols(server, params, reply));
            })
            .await
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.queue
            .ask("textDocument/definition", move |server, reply| {
                server.once_open(move |server| requests::navigate::definition(server, &params, reply));
            })
            .await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        self.queue
            .ask("textDocument/references", move |server, reply| {
                server.once_open(move |server| requests::navigate::references(server, &params, reply));
            })
            .await
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        self.queue
            .ask("textDocument/diagnostic", move |server, reply| {
                server.once_open(move |server| requests::diagnostic::answer(server, &params, reply));
            })
            .await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        self.queue
            .ask("textDocument/codeLens", move |server, reply| {
                server.once_open(move |server| {
                    reply.send(Ok(Some(requests::code_lens::answer(server, &params))));
                });
            })
            .await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        self.queue
            .ask("workspace/executeCommand", |server, reply| {
                requests::execute_command::answer(server, params, reply);
            })
            .await
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        self.queue.post("workspace/didChangeConfiguration", move |server| {
            requests::did_change_configuration::tell(server, &params);
        });
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.queue.post("workspace/didChangeWatchedFiles", move |server| {
            requests::did_change_watched_files::tell(server, &params);
        });
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        self.queue.post("workspace/didChangeWorkspaceFolders", move |server| {
            requests::did_change_workspace_folders::tell(server, &params);
        });
    }
}

impl Routes {
    async fn cancel_progress(&self, params: WorkDoneProgressCancelParams) {
        self.queue.post("window/workDoneProgress/cancel", move |server| {
            requests::cancel_progress::tell(server, &params);
        });
    }

    async fn tests(&self, arguments: TestsArguments) -> Result<Tests> {
        self.queue
            .ask(methods::TESTS, move |server, reply| {
                server.once_open(move |server| requests::tests::answer(server, &arguments, reply));
            })
            .await
    }

    async fn status(&self) -> Result<Status> {
        self.queue
            .ask(methods::STATUS, |server, reply| reply.send(Ok(requests::status::answer(server))))
            .await
    }

    async fn decide(&self, params: DecideArguments) -> Result<Review> {
        self.queue
            .ask(methods::DECIDE, move |server, reply| {
                reply.send(requests::decide::answer(server, &params));
            })
            .await
    }

    async fn content(&self, params: ContentArguments) -> Result<Content> {
        self.queue
            .ask(methods::CONTENT, move |server, reply| {
                reply.send(requests::content::answer(server, &params));
            })
            .await
    }

    async fn changes(&self, params: ChangesArguments) -> Result<Changes> {
        self.queue
            .ask(methods::CHANGES, move |server, reply| requests::changes::answer(server, &params, reply))
            .await
    }

    async fn ledger(&self, params: LedgerArguments) -> Result<Ledger> {
        self.queue
            .ask(methods::LEDGER, move |server, reply| requests::ledger::answer(server, &params, reply))
            .await
    }

    async fn runs(&self) -> Result<Runs> {
        self.queue.ask(methods::RUNS, requests::runs::answer).await
    }
}
