//! Drives one run: news in, acts out, listeners told.
//!
//! The only place where a run meets the clock: elapsed time is stamped on each news.
#![expect(clippy::disallowed_methods, reason = "the driver stamps news with the time")]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::{Duration, Instant};

use bodkin_agent::run::Target;
use bodkin_agent::testing::{TestId, TestReport};
use bodkin_agent::{Act, Intent, News, Offer, Outcome, Part, Plan, Refused, Run, Start, StepState, Why};
use bodkin_guard::ledger::{Entry, Kind};
use bodkin_guard::{Grant, Grants, Request, RunId};
use serde_json::json;

use crate::alive::Mark;
use crate::events::Event;
use crate::inner::Inner;
use crate::perform::Performer;
use crate::{selection, sending, tree};

/// How often a run that hears nothing looks at its budgets.
const TICK: Duration = Duration::from_millis(100);

/// Changes of a plan's wording are told at most this often; a step that begins or ends is told at once.
const COALESCE: Duration = Duration::from_millis(40);

/// What was asked for.
pub(crate) struct Asked {
    /// What is wanted.
    pub(crate) intent: Intent,
    /// The text that its lines speak of, where it was on the screen.
    pub(crate) selected: Option<Arc<str>>,
}

/// Runs on a thread of its own until the run has ended. A fault of ours ends the run, never the host.
pub(crate) fn drive(
    host: &Arc<Inner>,
    id: RunId,
    asked: Asked,
    mark: Option<Mark>,
    news: &Receiver<News>,
    sender: Sender<News>,
) {
    let began = Instant::now();
    let mut told = Told { host, id, mark, began, seq: 0, states: Vec::new(), at: None };
    let lived = catch_unwind(AssertUnwindSafe(|| follow(&mut told, asked, news, sender)));
    if lived.is_err() {
        let reason =
            "Bodkin itself failed in this run; please report it, with `bodkin doctor --json`".to_owned();
        let plan = host.runs.get(id).map(|view| view.plan).unwrap_or_default();
        told.end(&plan, Outcome::Failed { reason });
    }
}

fn follow(told: &mut Told<'_>, asked: Asked, news: &Receiver<News>, sender: Sender<News>) {
    let (host, id) = (told.host, told.id);
    let Asked { intent, selected } = asked;
    let asked = Entry::new(Some(id), Kind::Asked, json!({"intent": intent.title()}));
    if let Err(error) = host.note(asked) {
        let outcome =
            Outcome::Refused(Refused { why: Why::Unavailable, message: error.message, hint: error.hint });
        return told.end(&Plan::default(), outcome);
    }
    let request = Request { run: id, asker: host.asker, grants: grants(host) };
    let mut performer = Performer::new(host.clone(), request, sender);
    let Some(start) = start(host, &intent, news) else {
        let _ = host.note(ended(id, &Outcome::Cancelled, 0));
        return told.end(&Plan::default(), Outcome::Cancelled);
    };
    let intent = selection::follow(intent, selected.as_deref(), &start.snapshot);
    let (mut run, acts) = Run::start(intent, start);
    told.plan(&run, true);
    obey(told, &mut performer, acts);
    while run.outcome().is_none() {
        let wait = if told.is_behind(&run) { COALESCE } else { TICK };
        let (news, quiet) = match news.recv_timeout(wait) {
            Ok(news) => (news, false),
            Err(RecvTimeoutError::Timeout) => (News::Tick, true),
            Err(RecvTimeoutError::Disconnected) => (News::Cancelled, true),
        };
        let acts = run.step(news, millis(told.began.elapsed()));
        told.plan(&run, quiet);
        obey(told, &mut performer, acts);
    }
    performer.stop_all();
    let outcome = run.outcome().cloned().unwrap_or(Outcome::Cancelled);
    // The run is over either way; a ledger that fails now refuses the next act.
    let _ = host.note(ended(id, &outcome, run.tried()));
    told.plan(&run, true);
    told.end(run.plan(), outcome);
}

fn ended(id: RunId, outcome: &Outcome, tried: u32) -> Entry {
    Entry::new(Some(id), Kind::Ended, json!({"outcome": word(outcome), "candidates": tried}))
}

fn obey(told: &mut Told<'_>, performer: &mut Performer, acts: Vec<Act>) {
    for act in acts {
        match &act {
            Act::Offer(offer) => told.offer(offer),
            Act::OfferPart(part) => told.part(part),
            Act::Tests(tests) => told.tests(tests),
            Act::Look { .. } | Act::Probe { .. } | Act::Command { .. } | Act::Stop(_) => {}
        }
        performer.perform(act);
    }
}

/// What the run begins with: the workspace once the walk is done, and what stands at the path.
/// `None` when it was cancelled before.
fn start(host: &Inner, intent: &Intent, news: &Receiver<News>) -> Option<Start> {
    let listing = loop {
        if let Some(listing) = host.model.listing_within(TICK) {
            break listing;
        }
        match news.try_recv() {
            Ok(News::Cancelled) | Err(TryRecvError::Disconnected) => return None,
            Ok(_) | Err(TryRecvError::Empty) => {}
        }
    };
    let refresh = |file: &_| host.model.refresh(file, &tree::look(host.root(), file));
    let target = match intent {
        Intent::Fix(fix) => refresh(&fix.file),
        Intent::FixTest(fix) => {
            fix.test.file().iter().for_each(|file| _ = refresh(file));
            Target::Text
        }
        Intent::Test(test) => {
            let files: BTreeSet<_> = test.tests.iter().filter_map(TestId::file).collect();
            files.iter().for_each(|file| _ = refresh(file));
            Target::Text
        }
    };
    Some(Start {
        snapshot: host.model.snapshot(),
        listing,
        target,
        settings: host.settings().agent,
        isolation: host.sandbox.isolation(),
    })
}

fn grants(host: &Inner) -> Grants {
    host.settings().env.into_keys().map(|name| Grant::Env { name }).chain(sending::grant(host)).collect()
}

/// What listeners have been told of a run.
struct Told<'h> {
    host: &'h Arc<Inner>,
    id: RunId,
    /// Goes before listeners hear of the end: they may leave at once.
    mark: Option<Mark>,
    began: Instant,
    seq: u64,
    states: Vec<StepState>,
    at: Option<Instant>,
}

impl Told<'_> {
    fn is_behind(&self, run: &Run) -> bool {
        run.plan().seq != self.seq
    }

    fn plan(&mut self, run: &Run, now: bool) {
        let plan = run.plan();
        if plan.seq == self.seq {
            return;
        }
        let states: Vec<StepState> = plan.steps.iter().map(|step| step.state).collect();
        let due = self.at.is_none_or(|at| at.elapsed() >= COALESCE);
        if !now && !due && states == self.states {
            return;
        }
        (self.seq, self.states, self.at) = (plan.seq, states, Some(Instant::now()));
        let elapsed_ms = millis(self.began.elapsed());
        self.host.runs.update(self.id, |view| {
            (view.plan, view.tried, view.elapsed_ms) = (plan.clone(), run.tried(), elapsed_ms);
        });
        self.host.broadcast.send(&Event::Plan {
            run: self.id,
            plan: plan.clone(),
            tried: run.tried(),
            elapsed_ms,
        });
    }

    fn offer(&mut self, offer: &Offer) {
        let offer = Arc::new(offer.clone());
        self.host.runs.update(self.id, |view| view.offer = Some(offer.clone()));
        self.host.broadcast.send(&Event::Offered { run: self.id, offer });
    }

    fn part(&mut self, part: &Part) {
        let part = Arc::new(part.clone());
        self.host.runs.update(self.id, |view| view.part = Some(part.clone()));
        self.host.broadcast.send(&Event::Part { run: self.id, part });
    }

    fn tests(&self, tests: &[TestReport]) {
        self.host.broadcast.send(&Event::Tests { run: self.id, tests: tests.into() });
    }

    fn end(&mut self, plan: &Plan, outcome: Outcome) {
        drop(self.mark.take());
        let elapsed_ms = millis(self.began.elapsed());
        self.host.runs.update(self.id, |view| {
            (view.plan, view.outcome, view.elapsed_ms) = (plan.clone(), Some(outcome.clone()), elapsed_ms);
        });
        self.host.broadcast.send(&Event::Ended { run: self.id, outcome, elapsed_ms });
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Proved => "proved",
        Outcome::Unproved { .. } => "unproved",
        Outcome::Tested(_) => "tested",
        Outcome::Exhausted { .. } => "exhausted",
        Outcome::Refused(_) => "refused",
        Outcome::Cancelled => "cancelled",
        Outcome::Failed { .. } => "failed",
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
