//! `bodkin/runs`: the present state of every run, for a client that has just (re)loaded.

use bodkin_protocol::methods::{RunState, Runs};

use crate::folders::RunKey;
use crate::server::Server;
use crate::wire;

/// Every run of every folder, the newest first.
pub(crate) fn answer(server: &Server) -> Runs {
    let mut runs: Vec<RunState> = server
        .folders
        .iter()
        .filter_map(|folder| Some((folder.id, folder.engine()?)))
        .flat_map(|(folder, engine)| {
            let views = engine.runs();
            views.into_iter().map(move |view| wire::present(server, RunKey { folder, run: view.id }, &view))
        })
        .collect();
    runs.sort_by_key(|it| std::cmp::Reverse(it.summary.started_unix_ms));
    Runs { seq: server.runs.seq(), runs }
}
