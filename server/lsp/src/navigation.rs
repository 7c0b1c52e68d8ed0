//! Symbols, definitions and references: offered only where the user wants them from this server.
//!
//! Told at `initialize` where the client registers nothing later, else registered when the setting says so. Answered
//! beside the loop from frozen snapshots.

use std::sync::Arc;

use bodkin_host::code::{Snapshot, Spot, Symbol, SymbolKind as Kind};
use bodkin_text::{ByteRange, Encoding, LineIndex, RelPath};
use serde_json::{Value, json};
use tower_lsp::ls_types::{
    DocumentSymbol, Location, OneOf, Position, ServerCapabilities, SymbolInformation, SymbolKind, Uri,
};

use crate::engine::Engine;
use crate::folders::{Folder, FolderId};
use crate::positions;
use crate::server::Server;

const METHODS: [&str; 4] =
    ["textDocument/documentSymbol", "workspace/symbol", "textDocument/definition", "textDocument/references"];

/// Promises what can not be promised later.
pub(crate) fn promise(server: &Server, capabilities: &mut ServerCapabilities) {
    if server.preferences.features.navigation && !server.client.registers_navigation {
        capabilities.document_symbol_provider = Some(OneOf::Left(true));
        capabilities.workspace_symbol_provider = Some(OneOf::Left(true));
        capabilities.definition_provider = Some(OneOf::Left(true));
        capabilities.references_provider = Some(OneOf::Left(true));
    }
}

/// Registers or takes back, where the setting of any folder has changed.
pub(crate) fn sync(server: &mut Server) {
    let wanted = server.preferences.features.navigation
        || server.folders.iter().any(|folder| folder.preferences.features.navigation);
    if !server.client.registers_navigation || wanted == server.navigates {
        return;
    }
    server.navigates = wanted;
    let id = |method: &str| format!("bodkin.{method}");
    let (method, key) = match wanted {
        true => ("client/registerCapability", "registrations"),
        // The protocol's own spelling.
        false => ("client/unregisterCapability", "unregisterations"),
    };
    let all: Vec<Value> = METHODS.iter().map(|it| json!({ "id": id(it), "method": it })).collect();
    server.out.request(method, json!({ key: all }));
}

/// A folder that is looked at, with what is needed to tell places in it.
pub(crate) struct Ground {
    engine: Arc<dyn Engine>,
    root: std::path::PathBuf,
    /// Files that the editor has open, under its own names.
    open: Vec<(RelPath, Uri)>,
    encoding: Encoding,
}

impl Ground {
    /// `None` where the folder is not open, or its user wants this from another server.
    pub(crate) fn of(server: &Server, id: FolderId) -> Option<Self> {
        let folder: &Folder = server.folders.get(id).filter(|it| it.preferences.features.navigation)?;
        let own = server.documents.iter().filter_map(|(_, document)| {
            let (home, rel) = document.home.as_ref()?;
            (*home == id).then(|| (rel.clone(), document.uri.clone()))
        });
        let open = own.collect();
        Some(Self {
            engine: folder.engine()?,
            root: folder.root.clone(),
            open,
            encoding: server.client.encoding,
        })
    }

    /// The files as they are, once all are known.
    pub(crate) fn walked(&self) -> Snapshot {
        self.engine.walked()
    }

    /// The files as they are.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.engine.snapshot()
    }

    /// The byte that a place of a file means.
    pub(crate) fn offset(&self, snapshot: &Snapshot, path: &RelPath, place: Position) -> Option<usize> {
        let lines = LineIndex::new(&snapshot.file(path)?.text());
        Some(positions::bytes(&lines, tower_lsp::ls_types::Range::new(place, place), self.encoding)?.start)
    }

    /// The editor's name of a place.
    pub(crate) fn location(&self, snapshot: &Snapshot, path: &RelPath, range: ByteRange) -> Option<Location> {
        let own = self.open.iter().find(|(rel, _)| rel == path).map(|(_, uri)| uri.clone());
        let made = || Uri::from_file_path(path.parts().fold(self.root.clone(), |it, part| it.join(part)));
        let lines = LineIndex::new(&snapshot.file(path)?.text());
        Some(Location { uri: own.or_else(made)?, range: positions::range(&lines, range, self.encoding) })
    }

    /// The editor's names of spots.
    pub(crate) fn locations(&self, snapshot: &Snapshot, spots: Vec<Spot>) -> Vec<Location> {
        spots.into_iter().filter_map(|it| self.location(snapshot, &it.path, it.range)).collect()
    }

    /// The symbols of a file as a tree.
    pub(crate) fn tree(&self, snapshot: &Snapshot, path: &RelPath) -> Vec<DocumentSymbol> {
        let Some(file) = snapshot.file(path) else { return Vec::new() };
        let Some(facts) = file.facts() else { return Vec::new() };
        let lines = LineIndex::new(&file.text());
        let mut nodes: Vec<Option<DocumentSymbol>> =
            facts.symbols.iter().map(|it| Some(symbol(it, &lines, self.encoding))).collect();
        let mut roots = Vec::new();
        // Children come after their parents: from the end, each is whole when it is put into its own.
        for (place, it) in facts.symbols.iter().enumerate().rev() {
            let Some(node) = nodes.get_mut(place).and_then(Option::take) else { continue };
            match it.parent.and_then(|parent| nodes.get_mut(parent)).and_then(Option::as_mut) {
                Some(parent) => parent.children.get_or_insert_default().insert(0, node),
                None => roots.insert(0, node),
            }
        }
        roots
    }

    /// The symbols of a file in a row.
    #[expect(deprecated, reason = "the protocol's type has a field that it calls deprecated")]
    pub(crate) fn row(
        &self,
        snapshot: &Snapshot,
        path: &RelPath,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Vec<SymbolInformation> {
        let Some(facts) = snapshot.file(path).and_then(bodkin_host::code::File::facts) else {
            return Vec::new();
        };
        let wanted = facts.symbols.iter().filter(|it| is_wanted(&it.name));
        wanted
            .filter_map(|it| {
                let around = it.parent.and_then(|parent| facts.symbols.get(parent));
                Some(SymbolInformation {
                    name: it.name.to_string(),
                    kind: kind(it.kind),
                    tags: None,
                    deprecated: None,
                    location: self.location(snapshot, path, it.selection)?,
                    container_name: around.map(|it| it.name.to_string()),
                })
            })
            .collect()
    }
}

#[expect(deprecated, reason = "the protocol's type has a field that it calls deprecated")]
fn symbol(it: &Symbol, lines: &LineIndex, encoding: Encoding) -> DocumentSymbol {
    DocumentSymbol {
        name: if it.name.is_empty() { "(no name)".to_owned() } else { it.name.to_string() },
        detail: None,
        kind: kind(it.kind),
        tags: None,
        deprecated: None,
        range: positions::range(
            lines,
            ByteRange::new(it.range.start.min(it.selection.start), it.range.end.max(it.selection.end)),
            encoding,
        ),
        selection_range: positions::range(lines, it.selection, encoding),
        children: None,
    }
}

fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Class => SymbolKind::CLASS,
        Kind::Function | Kind::Test => SymbolKind::FUNCTION,
        Kind::Method => SymbolKind::METHOD,
        Kind::Variable => SymbolKind::VARIABLE,
        Kind::Field => SymbolKind::FIELD,
        Kind::Interface | Kind::Type => SymbolKind::INTERFACE,
        Kind::Enum => SymbolKind::ENUM,
    }
}

/// Whether the letters of `query` stand in `name` in their order, in any case.
pub(crate) fn fits(query: &str, name: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|it| it == wanted))
}
