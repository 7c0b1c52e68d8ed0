//! The runs that this client began: what it is told of each, and when.
//!
//! What a run says is kept as its latest state and sent at most every [`EVERY_MS`]; a client that does not read
//! costs nothing more.

use std::collections::BTreeMap;
use std::sync::Arc;

use bodkin_host::{Event, Intent, Offer, Outcome, Plan};
use bodkin_protocol::events::MessageLevel;
use bodkin_protocol::review::ReviewState;
use bodkin_protocol::{self as protocol, News, methods};
use serde_json::{Value, json};
use tower_lsp::ls_types::MessageType;

use crate::folders::{Folder, FolderId, RunKey};
use crate::outgoing::Outgoing;
use crate::progress::Progress;
use crate::queue::Reply;
use crate::review::Review;
use crate::server::{Awaited, Server};
use crate::{failures, messages, offers, review, testing, wire};

/// The shortest time between two reports of one run, milliseconds.
const EVERY_MS: u64 = 50;
/// How many ended runs are remembered.
const ENDED_KEPT: usize = 100;

/// Every run of this client that has not been forgotten.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    list: BTreeMap<RunKey, Run>,
    /// `seq` of the last event that was told.
    seq: u64,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    title: String,
    plan: Plan,
    elapsed_ms: u64,
    offer: Option<Arc<Offer>>,
    review: Option<Review>,
    outcome: Option<Outcome>,
    progress: Progress,
    /// When what has changed is to be sent.
    due_ms: Option<u64>,
    /// The earliest time at which the next report may be sent.
    free_ms: u64,
}

impl Runs {
    /// When a report is due.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        self.list.values().filter_map(|it| it.due_ms).min()
    }

    /// How many runs have not ended.
    pub(crate) fn alive(&self) -> usize {
        self.list.values().filter(|it| it.outcome.is_none()).count()
    }

    /// How many of them only wait for the user's decision.
    pub(crate) fn waiting(&self) -> usize {
        let alive = self.list.values().filter(|it| it.outcome.is_none());
        alive.filter(|it| it.review.as_ref().is_some_and(Review::waits)).count()
    }

    /// Whether a run has not ended.
    pub(crate) fn any_alive(&self) -> bool {
        self.list.values().any(|it| it.outcome.is_none())
    }

    /// The run that shows its progress under this token.
    pub(crate) fn by_token(&self, token: &str) -> Option<RunKey> {
        self.list.iter().find(|(_, run)| run.progress.is_under(token)).map(|(key, _)| *key)
    }

    /// The offer of a run.
    pub(crate) fn offer(&self, key: RunKey) -> Option<Arc<Offer>> {
        self.list.get(&key).and_then(|it| it.offer.clone())
    }

    /// Takes in what a run offers and that nothing, or all, is decided about it; the run's title.
    pub(crate) fn take_offer(&mut self, key: RunKey, offer: Arc<Offer>, review: Review) -> Option<String> {
        let run = self.list.get_mut(&key)?;
        (run.offer, run.review) = (Some(offer), Some(review));
        Some(run.title.clone())
    }

    /// The decision about the offer of a run.
    pub(crate) fn review(&self, key: RunKey) -> Option<&Review> {
        self.list.get(&key).and_then(|it| it.review.as_ref())
    }

    /// The same, to be changed.
    pub(crate) fn review_mut(&mut self, key: RunKey) -> Option<&mut Review> {
        self.list.get_mut(&key).and_then(|it| it.review.as_mut())
    }

    /// Forgets the oldest runs that have ended where there are many.
    fn prune(&mut self) {
        let ended: Vec<RunKey> =
            self.list.iter().filter(|(_, it)| it.outcome.is_some()).map(|(key, _)| *key).collect();
        for key in ended.iter().take(ended.len().saturating_sub(ENDED_KEPT)) {
            self.list.remove(key);
        }
    }

    /// `seq` of the last event that was told.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// Ends the progress of a run with this text.
    pub(crate) fn end_progress(&mut self, key: RunKey, text: &str, out: &Outgoing) {
        if let Some(run) = self.list.get_mut(&key) {
            run.progress.end(text, out);
        }
    }
}

/// Begins a run and answers with its name; everything else is told later.
pub(crate) fn start(server: &mut Server, folder: FolderId, intent: Intent, reply: Reply<Option<Value>>) {
    if reply.is_cancelled() {
        return;
    }
    let Some(engine) = server.folders.engine(folder) else { return }; // the reply's end answers for it
    let title = intent.title();
    let key = match engine.start(intent) {
        Ok(run) => RunKey { folder, run },
        Err(error) => return reply.send(Err(failures::error(&error))),
    };
    reply.send(Ok(Some(json!({ "runId": key.to_string() }))));
    let progress = if server.client.progress {
        let (progress, id) =
            Progress::create(format!("bodkin/{key}"), format!("Bodkin: {title}"), &server.out);
        server.awaited.insert(id, Awaited::Progress(key));
        progress
    } else {
        Progress::off(title.clone())
    };
    let run = Run {
        title,
        plan: Plan::default(),
        elapsed_ms: 0,
        offer: None,
        review: None,
        outcome: None,
        progress,
        due_ms: None,
        free_ms: 0,
    };
    server.runs.list.insert(key, run);
    server.status.touch();
    server.runs.prune();
}

/// Takes in what happened in a folder's engine.
pub(crate) fn event(server: &mut Server, folder: FolderId, event: Event) {
    let now = server.now_ms;
    let key = |run| RunKey { folder, run };
    match event {
        Event::Plan { run, plan, elapsed_ms, .. } => {
            if let Some(run) = server.runs.list.get_mut(&key(run)) {
                (run.plan, run.elapsed_ms) = (plan, elapsed_ms);
                run.due_ms.get_or_insert(run.free_ms.max(now));
            }
        }
        Event::Offered { run, offer } => offers::offered(server, key(run), offer),
        Event::Part { run, part } => review::part_proved(server, key(run), &part),
        Event::Tests { run, tests } => testing::told(server, key(run), &tests),
        Event::Ended { run, outcome, elapsed_ms } => ended(server, key(run), outcome, elapsed_ms),
    }
}

/// Says something about a run to the user, and to a client that follows events.
pub(crate) fn warn(server: &mut Server, key: RunKey, text: &str) {
    server.out.show(MessageType::WARNING, text);
    tell(server, key, |_| Some(wire::message(MessageLevel::Warning, text)));
}

/// Tells an event to a client that asked for them.
pub(crate) fn tell(server: &mut Server, key: RunKey, news: impl FnOnce(&Server) -> Option<News>) {
    if !server.client.events {
        return;
    }
    let Some(news) = news(server) else { return };
    // A change that is taken back may be one of an earlier process: its run is not known here.
    let at_ms = server.runs.list.get(&key).map_or(0, |run| run.elapsed_ms);
    server.runs.seq += 1;
    let event = protocol::Event { seq: server.runs.seq, run_id: key.to_string(), at_ms, news };
    server.out.notify(methods::EVENT, event);
}

fn ended(server: &mut Server, key: RunKey, outcome: Outcome, elapsed_ms: u64) {
    let Some(run) = server.runs.list.get_mut(&key) else { return };
    let text = messages::outcome(&outcome, run.offer.as_deref());
    run.elapsed_ms = elapsed_ms;
    run.progress.end(&text, &server.out);
    let shown = match &outcome {
        Outcome::Tested(_) if !server.client.events => Some(MessageType::INFO),
        Outcome::Proved | Outcome::Tested(_) | Outcome::Cancelled => None,
        Outcome::Unproved { .. } if run.offer.is_some() => None, // told when it was offered
        Outcome::Unproved { .. } | Outcome::Exhausted { .. } => Some(MessageType::WARNING),
        Outcome::Refused(_) | Outcome::Failed { .. } => Some(MessageType::ERROR),
    };
    if let Some(kind) = shown {
        server.out.show(kind, format!("Bodkin, {}: {text}", run.title));
    }
    if outcome == Outcome::Cancelled
        && let Some(review) = run
            .review
            .as_mut()
            .filter(|it| !matches!(it.state(), ReviewState::Applied | ReviewState::Applying))
    {
        review.set_state(ReviewState::Declined);
    }
    run.outcome = Some(outcome);
    server.status.touch();
    run.due_ms = Some(server.now_ms);
    flush(server); // the last plan, before the end
    tell(server, key, |server| {
        let view = server.folders.engine(key.folder)?.run(key.run)?;
        Some(wire::ended(key, &view))
    });
}

/// The client has answered whether it shows progress.
pub(crate) fn progress_created(server: &mut Server, key: RunKey, created: bool) {
    if let Some(run) = server.runs.list.get_mut(&key) {
        run.progress.created(created, &server.out);
    }
}

/// Cancels one run; whether there was one to cancel.
pub(crate) fn cancel(server: &mut Server, key: RunKey) -> bool {
    let alive = server.runs.list.get(&key).is_some_and(|it| it.outcome.is_none());
    let Some(engine) = server.folders.engine(key.folder).filter(|_| alive) else { return false };
    engine.cancel(key.run)
}

/// Cancels every run.
pub(crate) fn cancel_all(server: &mut Server) {
    let alive: Vec<RunKey> =
        server.runs.list.iter().filter(|(_, it)| it.outcome.is_none()).map(|(key, _)| *key).collect();
    for key in alive {
        cancel(server, key);
    }
}

/// The folder of some runs was closed: they are cancelled and forgotten.
pub(crate) fn folder_left(server: &mut Server, folder: &Folder) {
    let left: Vec<RunKey> = server.runs.list.keys().filter(|it| it.folder == folder.id).copied().collect();
    for key in left {
        if let Some(mut run) = server.runs.list.remove(&key) {
            run.progress.end("Cancelled: the folder was closed.", &server.out);
            if let (None, Some(engine)) = (&run.outcome, folder.engine()) {
                engine.cancel(key.run);
            }
        }
    }
}

/// Sends what is due.
pub(crate) fn flush(server: &mut Server) {
    let (now, events) = (server.now_ms, server.client.events);
    for (key, run) in &mut server.runs.list {
        if run.due_ms.is_none_or(|due| due > now) {
            continue;
        }
        run.free_ms = now + EVERY_MS;
        if server.out.is_behind() && run.outcome.is_none() {
            run.due_ms = Some(run.free_ms);
            continue;
        }
        run.due_ms = None;
        run.progress.report(messages::progress(&run.plan), messages::percentage(&run.plan), &server.out);
        if events {
            server.out.notify(methods::PLAN, wire::plan(*key, &run.plan));
        }
    }
}
