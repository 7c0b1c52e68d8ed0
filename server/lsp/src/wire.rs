//! Inner values as what goes over the wire, under the names that runs have over all folders.

use bodkin_host::{Offer, Outcome, Plan, RunView};
use bodkin_protocol::events::MessageLevel;
use bodkin_protocol::methods::RunState;
use bodkin_protocol::plan::RunSummary;
use bodkin_protocol::{self as protocol, News, translate};

use crate::folders::RunKey;
use crate::messages;

/// The whole plan of a run.
pub(crate) fn plan(key: RunKey, plan: &Plan) -> protocol::Plan {
    protocol::Plan { run_id: key.to_string(), ..translate::plan(key.run, plan) }
}

/// A run as it is now.
pub(crate) fn state(key: RunKey, view: &RunView) -> RunState {
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
