//! `bodkin/runs`: the present state of every run, for a client that has just (re)loaded; the last of earlier
//! processes too.

use bodkin_protocol::methods::{RunState, Runs};

use crate::folders::RunKey;
use crate::queue::Reply;
use crate::server::Server;
use crate::wire;

/// Answers once no folder is being opened any more.
pub(crate) fn answer(server: &mut Server, reply: Reply<Runs>) {
    server.once_open(|server| reply.send(Ok(all(server))));
}

/// Every run of every folder, the newest first.
fn all(server: &Server) -> Runs {
    let mut runs: Vec<RunState> = server
        .folders
        .iter()
        .filter_map(|folder| Some((folder.id, folder.engine()?)))
        .flat_map(|(folder, engine)| {
            let own = engine.runs();
            let past = server.folders.get(folder).map(|it| it.facts.past.clone()).unwrap_or_default();
            let past: Vec<_> = past.into_iter().filter(|it| own.iter().all(|own| own.id != it.id)).collect();
            past.into_iter()
                .chain(own)
                .map(move |view| wire::present(server, RunKey { folder, run: view.id }, &view))
        })
        .collect();
    runs.sort_by_key(|it| std::cmp::Reverse(it.summary.started_unix_ms));
    Runs { seq: server.runs.seq(), runs }
}
