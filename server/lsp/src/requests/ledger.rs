//! `bodkin/ledger`: the end of a folder's ledger, and whether all of it stands as it was written.

use bodkin_host::wire as host_wire;
use bodkin_protocol::history::{Ledger, LedgerArguments};
use bodkin_protocol::translate;

use crate::failures;
use crate::folders::{Folder, RunKey};
use crate::queue::Reply;
use crate::requests::execute_command::folder_named;
use crate::server::Server;

/// Answers once the ledger has been read and checked, which is done in the background.
pub(crate) fn answer(server: &mut Server, params: &LedgerArguments, reply: Reply<Ledger>) {
    let folder = match &params.folder {
        Some(uri) => match folder_named(server, uri) {
            Ok(folder) => Some(folder),
            Err(error) => return reply.send(Err(error)),
        },
        None => server.folders.iter().find(|it| it.engine().is_some()).map(|it| it.id),
    };
    let Some((folder, engine)) =
        folder.and_then(|id| Some((id, server.folders.get(id).and_then(Folder::engine)?)))
    else {
        return reply.send(Ok(translate::ledger_page("", None, &[])));
    };
    let (before, limit) = (params.before, usize::try_from(params.limit).unwrap_or(usize::MAX));
    server.background.beside(Box::new(move || {
        let page = engine.ledger_page(before, limit).map_err(|error| failures::error(&error));
        reply.send(page.map(|page| {
            let mut ledger = host_wire::ledger_page(&page);
            for entry in &mut ledger.entries {
                // Runs have one name over all folders.
                let run = entry.run_id.take().and_then(|run| run.parse().ok());
                entry.run_id = run.map(|run| RunKey { folder, run }.to_string());
            }
            ledger
        }));
    }));
}
