//! `window/workDoneProgress/cancel`: the user pressed the cross beside the progress.

use tower_lsp::ls_types::{NumberOrString, WorkDoneProgressCancelParams};

use crate::runs;
use crate::server::Server;

/// Cancels the run that shows its progress there; other tokens are not ours.
pub(crate) fn tell(server: &mut Server, params: &WorkDoneProgressCancelParams) {
    let NumberOrString::String(token) = &params.token else { return };
    if let Some(run) = server.runs.by_token(token) {
        runs::cancel(server, run);
    }
}
