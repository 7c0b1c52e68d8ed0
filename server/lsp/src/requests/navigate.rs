//! `textDocument/documentSymbol`, `workspace/symbol`, `textDocument/definition`, `textDocument/references`.

use tower_lsp::ls_types::{
    DocumentSymbolParams, DocumentSymbolResponse, GotoDefinitionParams, GotoDefinitionResponse, Location,
    ReferenceParams, SymbolInformation, TextDocumentPositionParams, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};

use bodkin_text::RelPath;

use crate::folders::FolderId;
use crate::navigation::{Ground, fits};
use crate::queue::Reply;
use crate::requests::initialize::file_path;
use crate::server::Server;

/// Symbols of the workspace that are told at most.
const MOST_SYMBOLS: usize = 500;

/// The symbols of a document: as a tree where the client takes one.
pub(crate) fn document_symbols(
    server: &Server,
    params: &DocumentSymbolParams,
    reply: Reply<Option<DocumentSymbolResponse>>,
) {
    let Some((ground, path)) = ground_of(server, &params.text_document.uri) else {
        return reply.send(Ok(None));
    };
    let takes_trees = server.client.symbol_trees;
    server.background.beside(Box::new(move || {
        let snapshot = ground.snapshot();
        reply.send(Ok(Some(match takes_trees {
            true => DocumentSymbolResponse::Nested(ground.tree(&snapshot, &path)),
            false => DocumentSymbolResponse::Flat(ground.row(&snapshot, &path, |_| true)),
        })));
    }));
}

/// The symbols of all folders whose names hold the letters of the query.
pub(crate) fn workspace_symbols(
    server: &Server,
    params: WorkspaceSymbolParams,
    reply: Reply<Option<WorkspaceSymbolResponse>>,
) {
    let folders: Vec<FolderId> = server.folders.iter().map(|it| it.id).collect();
    let grounds: Vec<Ground> = folders.into_iter().filter_map(|id| Ground::of(server, id)).collect();
    server.background.beside(Box::new(move || {
        let mut found: Vec<SymbolInformation> = Vec::new();
        for ground in grounds {
            let snapshot = ground.walked();
            for (path, _) in snapshot.files() {
                if found.len() < MOST_SYMBOLS && !reply.is_cancelled() {
                    found.extend(ground.row(&snapshot, path, |name| fits(&params.query, name)));
                }
            }
        }
        // Names that are the query come first, then those that begin with it.
        let query = params.query.to_lowercase();
        found.sort_by_key(|it| {
            let name = it.name.to_lowercase();
            (name != query, !name.starts_with(&query), name.len())
        });
        found.truncate(MOST_SYMBOLS);
        reply.send(Ok(Some(WorkspaceSymbolResponse::Flat(found))));
    }));
}

/// Where the name at a place is defined.
pub(crate) fn definition(
    server: &Server,
    params: &GotoDefinitionParams,
    reply: Reply<Option<GotoDefinitionResponse>>,
) {
    let TextDocumentPositionParams { text_document, position } = params.text_document_position_params.clone();
    let Some((ground, path)) = ground_of(server, &text_document.uri) else { return reply.send(Ok(None)) };
    server.background.beside(Box::new(move || {
        let snapshot = ground.walked();
        let offset = ground.offset(&snapshot, &path, position);
        let spots = offset.map(|at| snapshot.definitions(&path, at)).unwrap_or_default();
        reply.send(Ok(Some(GotoDefinitionResponse::Array(ground.locations(&snapshot, spots)))));
    }));
}

/// Where the name at a place is used.
pub(crate) fn references(server: &Server, params: &ReferenceParams, reply: Reply<Option<Vec<Location>>>) {
    let TextDocumentPositionParams { text_document, position } = params.text_document_position.clone();
    let declares = params.context.include_declaration;
    let Some((ground, path)) = ground_of(server, &text_document.uri) else { return reply.send(Ok(None)) };
    server.background.beside(Box::new(move || {
        let snapshot = ground.walked();
        let Some(at) = ground.offset(&snapshot, &path, position) else { return reply.send(Ok(None)) };
        let mut spots = snapshot.references(&path, at);
        if !declares {
            let defined = snapshot.definitions(&path, at);
            spots.retain(|it| !defined.contains(it));
        }
        reply.send(Ok(Some(ground.locations(&snapshot, spots))));
    }));
}

fn ground_of(server: &Server, uri: &tower_lsp::ls_types::Uri) -> Option<(Ground, RelPath)> {
    let (folder, rel) = server.folders.home(&file_path(uri)?)?;
    Some((Ground::of(server, folder)?, rel))
}
