//! `bodkin fix`: runs the main job, shows the proved change, applies it on a yes.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use bodkin_host::code::TestId;
use bodkin_host::{
    Applied, Asker, Event, Fix, FixTest, Host, HostError, Intent, Offer, Outcome, Plan, RunId,
};
use bodkin_protocol::{Failure, FailureKind, FixPayload, translate};
use bodkin_text::RelPath;

use crate::args::{FixArgs, Shared};
use crate::output::{self, Output, Progress};
use crate::stop::Stop;
use crate::world;

mod show;
mod target;

use target::Target;

/// How often the live line is redrawn while nothing happens.
const REDRAW: Duration = Duration::from_millis(100);

/// What came of a run.
struct Ended {
    run: RunId,
    outcome: Outcome,
    plan: Plan,
    offer: Option<Arc<Offer>>,
    answer: Answer,
    tried: u32,
    elapsed_ms: u64,
}

/// What was answered to an offer.
enum Answer {
    /// Nobody was asked, and it was not to be applied.
    Left,
    /// It was shown on the terminal, and declined.
    Declined,
    /// It was put in place; `asked`: it was shown before.
    Applied { change: Applied, asked: bool },
    /// It was to be put in place, and could not be.
    Failed { error: HostError, asked: bool },
}

impl Answer {
    fn change(&self) -> Option<&Applied> {
        match self {
            Self::Applied { change, .. } => Some(change),
            Self::Left | Self::Declined | Self::Failed { .. } => None,
        }
    }

    /// Whether the offer has been on the terminal already.
    fn was_shown(&self) -> bool {
        match self {
            Self::Left => false,
            Self::Declined => true,
            Self::Applied { asked, .. } | Self::Failed { asked, .. } => *asked,
        }
    }
}

pub(crate) fn run(shared: &Shared, args: &FixArgs) -> u8 {
    let mut output = Output::new("fix", shared.json);
    match work(shared, args, &mut output) {
        Ok(ended) => finish(&output, &ended, args.apply),
        Err(error) => output.failure(&error),
    }
}

fn work(shared: &Shared, args: &FixArgs, output: &mut Output) -> Result<Ended, HostError> {
    let stop = Stop::listen();
    let target = target::of(args)?;
    let asks = !args.apply && !output.is_json() && output::can_ask();
    let mut settings = world::settings(shared)?;
    settings.env = world::named_variables(&args.env)?;
    let agent = &mut settings.agent;
    agent.test_wall_ms = args.test_timeout.map_or(agent.test_wall_ms, |seconds| seconds.saturating_mul(1000));
    agent.run_wall_ms = args.timeout.map_or(agent.run_wall_ms, |seconds| seconds.saturating_mul(1000));
    agent.max_candidates = args.max_candidates.unwrap_or(agent.max_candidates);
    agent.seed = args.seed.unwrap_or(agent.seed);
    let host = world::open(shared, settings, if asks { Asker::Terminal } else { Asker::Headless })?;
    output.about(host.root());
    host.recovered().into_iter().for_each(|sentence| output.remark(sentence));
    let here = world::here()?;
    let intent = intent(&host, args, target, &here)?;
    let events = host.events();
    let run = host.start(intent)?;
    let mut progress = Progress::new();
    let mut answer = Answer::Left;
    let mut waited = 0;
    let mut is_cancelled = false;
    loop {
        if stop.is_asked() && !is_cancelled {
            is_cancelled = true;
            host.cancel(run);
        }
        let event = match events.recv_timeout(REDRAW) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => {
                waited += 100;
                progress.tick(waited);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(HostError {
                    kind: FailureKind::Bug,
                    message: "the run's events ended".to_owned(),
                    hint: "Report this.".to_owned(),
                });
            }
        };
        match event {
            Event::Plan { run: whose, plan, elapsed_ms, .. } if whose == run => {
                waited = elapsed_ms;
                progress.plan(&plan, elapsed_ms);
            }
            Event::Offered { run: whose, offer } if whose == run => {
                progress.clear();
                answer = decide(&host, run, &offer, args.apply, asks.then_some(&stop));
            }
            Event::Ended { run: whose, outcome, elapsed_ms } if whose == run => {
                progress.end(refusal(&outcome));
                let view = host.run(run);
                let (plan, offer, tried) =
                    view.map_or((Plan::default(), None, 0), |view| (view.plan, view.offer, view.tried));
                return Ok(Ended { run, outcome, plan, offer, answer, tried, elapsed_ms });
            }
            Event::Plan { .. }
            | Event::Offered { .. }
            | Event::Part { .. }
            | Event::Tests { .. }
            | Event::Ended { .. } => {}
        }
    }
}

/// What is asked for, with its paths as the workspace has them.
fn intent(host: &Host, args: &FixArgs, target: Target<'_>, here: &Path) -> Result<Intent, HostError> {
    let folder = args.test.as_ref().and_then(|_| folder_below(host.root(), here));
    let command = args.test.clone();
    Ok(match target {
        Target::Lines(path, lines) => {
            let file = host.rel(&here.join(path))?;
            Intent::Fix(Fix { file, lines, test: command, test_dir: folder, message: None })
        }
        Target::Test(path, names) => {
            let file = host.rel(&here.join(path))?;
            let test = TestId::parse(&format!("{file}{names}")).ok_or_else(|| target::no_test(path))?;
            Intent::FixTest(FixTest { test, command, command_dir: folder })
        }
    })
}

/// What is said of a run that was refused, in full, at its end.
fn refusal(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Refused(refused) => Some(&refused.message),
        Outcome::Proved
        | Outcome::Unproved { .. }
        | Outcome::Exhausted { .. }
        | Outcome::Tested(_)
        | Outcome::Cancelled
        | Outcome::Failed { .. } => None,
    }
}

/// Applies, asks, or leaves the offer: only a proved change is put in place. Asks where being stopped is heard of.
fn decide(host: &Host, run: RunId, offer: &Offer, apply: bool, asks: Option<&Stop>) -> Answer {
    let stop = asks.filter(|_| offer.proof.is_complete());
    let asked = stop.is_some();
    let mut wanted = offer.proof.is_complete() && apply;
    if let Some(stop) = stop {
        show::before_question(&bodkin_host::wire::offer(offer));
        let Some(is_yes) = output::ask("Apply this change?", stop) else { return Answer::Declined };
        wanted |= is_yes;
    }
    if !wanted {
        host.decline(run);
        return if asked { Answer::Declined } else { Answer::Left };
    }
    match host.accept_to_disk(run) {
        Ok(change) => Answer::Applied { change, asked },
        Err(error) => {
            // The run is over all the same.
            host.decline(run);
            Answer::Failed { error, asked }
        }
    }
}

fn finish(output: &Output, ended: &Ended, apply: bool) -> u8 {
    let failure = match &ended.answer {
        Answer::Failed { error, .. } => {
            Some(Failure::new(error.kind, error.message.clone(), error.hint.clone()))
        }
        Answer::Left | Answer::Declined | Answer::Applied { .. } => translate::failure(&ended.outcome),
    };
    let payload = payload(ended, failure.as_ref().map(|it| it.message.clone()).unwrap_or_default());
    if let (Answer::Failed { asked: false, .. }, Some(offer)) = (&ended.answer, &payload.offer)
        && !output.is_json()
    {
        show::before_question(offer);
    }
    match (failure, &ended.outcome, &ended.answer) {
        (Some(failure), Outcome::Refused(_) | Outcome::Failed { .. }, _)
        | (Some(failure), _, Answer::Failed { .. }) => output.failed(Some(&payload), failure),
        (failure, ..) => {
            output.result(failure, &payload, |style| show::text(&payload, &ended.answer, apply, style))
        }
    }
}

fn payload(ended: &Ended, reason: String) -> FixPayload {
    let wire = |offer: &Offer| bodkin_host::wire::offer(offer);
    FixPayload {
        run_id: ended.run.to_string(),
        outcome: translate::outcome(&ended.outcome),
        reason,
        plan: translate::plan(ended.run, &ended.plan),
        offer: ended.offer.as_deref().map(wire),
        applied: ended.answer.change().is_some(),
        checkpoint: ended.answer.change().map(|it| it.checkpoint.to_string()),
        candidates: ended.tried.into(),
        elapsed_ms: ended.elapsed_ms,
    }
}

/// The folder that a given test command runs in: where it was typed, if that is inside the workspace.
fn folder_below(root: &Path, here: &Path) -> Option<RelPath> {
    let below = here.strip_prefix(root).ok()?.to_str()?;
    RelPath::new(below).ok()
}
