//! `bodkin fix`: runs the main job, shows the proved change, applies it on a yes.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use bodkin_host::{Applied, Asker, Event, Fix, Host, HostError, Intent, Offer, Outcome, Plan, RunId};
use bodkin_protocol::{FailureKind, FixPayload, translate};
use bodkin_text::{Line0, RelPath};

use crate::args::{FixArgs, Shared};
use crate::output::{self, Output, Progress};
use crate::world;

mod show;

/// How often the live line is redrawn while nothing happens.
const REDRAW: Duration = Duration::from_millis(100);

/// What came of a run.
struct Ended {
    run: RunId,
    outcome: Outcome,
    plan: Plan,
    offer: Option<Arc<Offer>>,
    applied: Option<Applied>,
    tried: u32,
    elapsed_ms: u64,
}

pub(crate) fn run(shared: &Shared, args: &FixArgs) -> u8 {
    let output = Output::new("fix", shared.json);
    match work(shared, args, &output) {
        Ok(ended) => finish(&output, &ended, args.apply),
        Err(error) => output.failure(&error),
    }
}

fn work(shared: &Shared, args: &FixArgs, output: &Output) -> Result<Ended, HostError> {
    let (path, lines) = target(&args.target)?;
    let asks = !args.apply && !output.is_json() && output::can_ask();
    let mut settings = world::settings(shared)?;
    settings.env = world::named_variables(&args.env)?;
    let agent = &mut settings.agent;
    agent.test_wall_ms = args.test_timeout.map_or(agent.test_wall_ms, |seconds| seconds.saturating_mul(1000));
    agent.run_wall_ms = args.timeout.map_or(agent.run_wall_ms, |seconds| seconds.saturating_mul(1000));
    agent.max_candidates = args.max_candidates.unwrap_or(agent.max_candidates);
    agent.seed = args.seed.unwrap_or(agent.seed);
    let host = world::open(shared, settings, if asks { Asker::Terminal } else { Asker::Headless })?;
    for sentence in host.recovered() {
        output.remark(&sentence);
    }
    let here = world::here()?;
    let file = host.rel(&here.join(path))?;
    let test_dir = args.test.as_ref().and_then(|_| folder_below(host.root(), &here));
    let events = host.events();
    let run = host.start(Intent::Fix(Fix { file, lines, test: args.test.clone(), test_dir }))?;
    let mut progress = Progress::new();
    let mut applied = None;
    let mut waited = 0;
    loop {
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
                applied = decide(&host, run, &offer, args.apply, asks, output)?;
            }
            Event::Ended { run: whose, outcome, elapsed_ms } if whose == run => {
                progress.clear();
                let view = host.run(run);
                let (plan, offer, tried) =
                    view.map_or((Plan::default(), None, 0), |view| (view.plan, view.offer, view.tried));
                return Ok(Ended { run, outcome, plan, offer, applied, tried, elapsed_ms });
            }
            Event::Plan { .. } | Event::Offered { .. } | Event::Ended { .. } => {}
        }
    }
}

/// Applies, asks, or leaves the offer: only a proved change is put in place.
fn decide(
    host: &Host,
    run: RunId,
    offer: &Offer,
    apply: bool,
    asks: bool,
    output: &Output,
) -> Result<Option<Applied>, HostError> {
    let wanted = if !offer.proof.is_complete() {
        false
    } else if apply {
        true
    } else if asks {
        show::before_question(&bodkin_host::wire::offer(offer));
        output::ask("Apply this change?")
    } else {
        false
    };
    if !wanted {
        host.decline(run);
        return Ok(None);
    }
    host.accept_to_disk(run).map(Some).inspect_err(|_| {
        // The run is over all the same; what was offered is shown with the error.
        if !asks && !output.is_json() {
            show::before_question(&bodkin_host::wire::offer(offer));
        }
        host.decline(run);
    })
}

fn finish(output: &Output, ended: &Ended, apply: bool) -> u8 {
    let failure = translate::failure(&ended.outcome);
    let payload = payload(ended, failure.as_ref().map(|it| it.message.clone()).unwrap_or_default());
    if let (Outcome::Refused(_) | Outcome::Failed { .. }, Some(failure)) = (&ended.outcome, &failure) {
        return output.failed(Some(&payload), failure.clone());
    }
    let rebased = ended.applied.as_ref().is_some_and(|it| it.rebased);
    output.result(failure, &payload, |style| show::text(&payload, apply, rebased, style))
}

fn payload(ended: &Ended, reason: String) -> FixPayload {
    let wire = |offer: &Offer| bodkin_host::wire::offer(offer);
    FixPayload {
        run_id: ended.run.to_string(),
        outcome: translate::outcome(&ended.outcome),
        reason,
        plan: translate::plan(ended.run, &ended.plan),
        offer: ended.offer.as_deref().map(wire),
        applied: ended.applied.is_some(),
        checkpoint: ended.applied.as_ref().map(|it| it.checkpoint.to_string()),
        candidates: ended.tried.into(),
        elapsed_ms: ended.elapsed_ms,
    }
}

/// `a.py`, `a.py:12` or `a.py:12-20`; lines count from one.
fn target(text: &str) -> Result<(&Path, Option<(Line0, Line0)>), HostError> {
    let wrong = |what: &str| {
        HostError::bad(
            format!("`{text}`: {what}"),
            "Write it as `src/a.py:12` or `src/a.py:12-20`; lines count from 1.",
        )
    };
    let Some((path, lines)) = text.rsplit_once(':').filter(|(path, lines)| {
        !path.is_empty()
            && lines.starts_with(|it: char| it.is_ascii_digit())
            && lines.chars().all(|it| it.is_ascii_digit() || it == '-')
    }) else {
        return Ok((Path::new(text), None));
    };
    let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| wrong("that is no line number"));
    let (first, last) = (number(first)?, number(last)?);
    if first == 0 || last < first {
        return Err(wrong(if first == 0 {
            "there is no line 0"
        } else {
            "the last line stands before the first"
        }));
    }
    Ok((Path::new(path), Some((Line0(first - 1), Line0(last - 1)))))
}

/// The folder that a given test command runs in: where it was typed, if that is inside the workspace.
fn folder_below(root: &Path, here: &Path) -> Option<RelPath> {
    let below = here.strip_prefix(root).ok()?.to_str()?;
    RelPath::new(below).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_may_name_a_line_or_a_range() {
        let lines = |text| {
            target(text)
                .map(|(path, lines)| (path.to_str().unwrap().to_owned(), lines.map(|it| (it.0.0, it.1.0))))
                .unwrap()
        };
        assert_eq!(lines("a.py"), ("a.py".to_owned(), None));
        assert_eq!(lines("a.py:1"), ("a.py".to_owned(), Some((0, 0))));
        assert_eq!(lines("d:x/a.py:12-20"), ("d:x/a.py".to_owned(), Some((11, 19))));
        assert_eq!(lines("odd:name.py"), ("odd:name.py".to_owned(), None));
        for text in ["a.py:0", "a.py:5-4", "a.py:99999999999", "a.py:1-2-3"] {
            assert!(target(text).is_err(), "{text}");
        }
    }
}
