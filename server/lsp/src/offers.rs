//! What becomes of an offer: shown for review, put in place, asked about, left aside.

use std::sync::Arc;

use bodkin_host::Offer;
use bodkin_protocol::review::ReviewState;
use bodkin_text::RelPath;
use serde_json::{Value, json};
use tower_lsp::jsonrpc;
use tower_lsp::ls_types::MessageType;

use crate::folders::{CheckpointKey, RunKey};
use crate::review::Review;
use crate::runs::tell;
use crate::server::{Awaited, Server};
use crate::{apply, messages, review, testing, wire};

/// What the user answers to take an unproved change.
const APPLY_ANYWAY: &str = "Apply anyway";
/// What the user answers to leave it.
const LEAVE_IT: &str = "Leave it";

/// A change is shown by a client that can; else a proved one is put in place, and an unproved one is the user's to
/// decide about.
pub(crate) fn offered(server: &mut Server, key: RunKey, offer: Arc<Offer>) {
    let shows_review = server.shows_review(key.folder);
    let mut review = Review::of(&offer);
    if offer.proof.is_complete() && !shows_review {
        review.take_all();
    }
    let Some(title) = server.runs.take_offer(key, offer.clone(), review) else { return };
    tell(server, key, |_| Some(wire::offered(&offer)));
    review::tell(server, key);
    if shows_review {
        return server.runs.end_progress(key, &messages::offered(&offer), &server.out);
    }
    if offer.proof.is_complete() {
        return apply::accept(server, key);
    }
    let text = messages::not_proved(&offer.proof.missing);
    server.runs.end_progress(key, &text, &server.out);
    let text = format!("{title}: {text} The change was not applied.");
    if server.client.questions {
        let actions = json!([{ "title": LEAVE_IT }, { "title": APPLY_ANYWAY }]);
        let params = json!({ "type": MessageType::WARNING, "message": text, "actions": actions });
        let id = server.out.request("window/showMessageRequest", params);
        server.awaited.insert(id, Awaited::Unproved(key));
    } else {
        server.out.show(MessageType::WARNING, text);
        leave(server, key);
    }
}

/// The user has answered whether an unproved change is wanted.
pub(crate) fn unproved_decided(server: &mut Server, key: RunKey, answer: jsonrpc::Result<Value>) {
    let chosen = answer.ok().and_then(|it| it.get("title").and_then(Value::as_str).map(str::to_owned));
    let Some(review) = server.runs.review_mut(key).filter(|it| it.state() == ReviewState::Open) else {
        return;
    };
    if chosen.as_deref() == Some(APPLY_ANYWAY) {
        review.take_all();
        review::tell(server, key);
        apply::accept(server, key);
    } else {
        leave(server, key);
    }
}

/// The change of a run stands.
pub(crate) fn stands(server: &mut Server, key: RunKey, checkpoint: CheckpointKey, files: &[RelPath]) {
    review::becomes(server, key, ReviewState::Applied);
    tell(server, key, |server| Some(wire::applied(server, checkpoint, files)));
    testing::mended(server, key);
}

/// A change of a run was taken back.
pub(crate) fn undone(server: &mut Server, key: RunKey, checkpoint: CheckpointKey) {
    review::becomes(server, key, ReviewState::Declined);
    tell(server, key, |_| Some(wire::undone(checkpoint)));
    testing::unmended(server, key);
}

/// Leaves an offer aside. A client that shows offers itself may still decide about it.
pub(crate) fn leave(server: &mut Server, key: RunKey) {
    if server.client.events {
        return;
    }
    decline(server, key);
}

/// Tells the engine that an offer is not wanted; it may write that down, so not in this turn.
pub(crate) fn decline(server: &Server, key: RunKey) {
    if let Some(engine) = server.folders.engine(key.folder) {
        server.background.in_order(Box::new(move || engine.decline(key.run)));
    }
}
