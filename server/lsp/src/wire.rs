//! Inner values as what goes over the wire, under the names that runs have over all folders.

use bodkin_host::{Offer, Outcome, Plan, RunView};
use bodkin_protocol::events::MessageLevel;
use bodkin_protocol::history::ChangedFile;
use bodkin_protocol::methods::RunState;
use bodkin_protocol::plan::RunSummary;
use bodkin_protocol::review::Review;
use bodkin_protocol::{self as protocol, News, translate};
use bodkin_text::RelPath;

use crate::folders::{CheckpointKey, FolderId, RunKey};
use crate::server::Server;
use crate::{apply, messages};

/// The whole plan of a run.
pub(crate) fn plan(key: RunKey, plan: &Plan) -> protocol::Plan {
    protocol::Plan { run_id: key.to_string(), ..translate::plan(key.run, plan) }
}

/// A run as it is now, with what this server knows beside its engine.
pub(crate) fn present(server: &Server, key: RunKey, view: &RunView) -> RunState {
    let checkpoint = view.checkpoint.map(|checkpoint| CheckpointKey { folder: key.folder, checkpoint });
    RunState {
        review: server.runs.review(key).map(|it| it.told(server, key)),
        uri: view.file.as_ref().map(|file| apply::uri_of(server, key.folder, file)),
        checkpoint: checkpoint.map(|it| it.to_string()),
        ..state(key, view)
    }
}

/// A run as its engine has it.
fn state(key: RunKey, view: &RunView) -> RunState {
    RunState {
        summary: RunSummary {
            run_id: key.to_string(),
            title: view.title.clone(),
            outcome: view.outcome.as_ref().map(translate::outcome),
            reason: view.outcome.as_ref().map(reason).unwrap_or_default(),
            candidates: view.tried.into(),
            started_unix_ms: view.started_unix_ms,
            elapsed_ms: view.elapsed_ms,
            has_offer: view.offer.is_some(),
        },
        plan: plan(key, &view.plan),
        offer: view.offer.as_deref().map(bodkin_host::wire::offer),
        review: None,
        uri: None,
        checkpoint: None,
    }
}

/// That a change waits for a decision.
pub(crate) fn offered(offer: &Offer) -> News {
    News::Offered { offer: Box::new(bodkin_host::wire::offer(offer)) }
}

/// That the decision about a change is another.
pub(crate) fn reviewed(review: Review) -> News {
    News::Reviewed { review }
}

/// That a change stands.
pub(crate) fn applied(server: &Server, checkpoint: CheckpointKey, files: &[RelPath]) -> News {
    News::Applied {
        checkpoint: checkpoint.to_string(),
        files: changed_files(server, checkpoint.folder, files),
    }
}

/// That a change was taken back.
pub(crate) fn undone(checkpoint: CheckpointKey) -> News {
    News::Undone { checkpoint: checkpoint.to_string() }
}

/// Files with the names that the client has for them.
pub(crate) fn changed_files(server: &Server, folder: FolderId, files: &[RelPath]) -> Vec<ChangedFile> {
    let file = |rel: &RelPath| ChangedFile { path: rel.to_string(), uri: apply::uri_of(server, folder, rel) };
    files.iter().map(file).collect()
}

/// That a run has ended.
pub(crate) fn ended(key: RunKey, view: &RunView) -> News {
    News::Ended { summary: state(key, view).summary }
}

/// Something for people.
pub(crate) fn message(level: MessageLevel, text: &str) -> News {
    News::Message { level, text: text.to_owned() }
}

/// Why a run ended as it did; empty where the outcome says it all.
fn reason(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Proved | Outcome::Cancelled => String::new(),
        Outcome::Unproved { .. }
        | Outcome::Tested(_)
        | Outcome::Exhausted { .. }
        | Outcome::Refused(_)
        | Outcome::Failed { .. } => messages::outcome(outcome, None),
    }
}
