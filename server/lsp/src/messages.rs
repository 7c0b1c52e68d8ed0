//! What the user reads: sentences made of plans, outcomes and failures.

use bodkin_host::{HostError, Offer, Outcome, Plan};
use bodkin_protocol::translate;

/// `2/6 Probe: 128 tried`
pub(crate) fn progress(plan: &Plan) -> String {
    let (ended, all) = plan.progress();
    let Some(step) = plan.current() else { return String::new() };
    let at = (ended + usize::from(step.ended_ms.is_none())).min(all);
    if step.detail.is_empty() {
        format!("{at}/{all} {}", step.title)
    } else {
        format!("{at}/{all} {}: {}", step.title, step.detail)
    }
}

/// How far a plan is, percent.
pub(crate) fn percentage(plan: &Plan) -> u32 {
    let (ended, all) = plan.progress();
    u32::try_from(ended * 100 / all.max(1)).unwrap_or(100)
}

/// How a run ended, in a line.
pub(crate) fn outcome(outcome: &Outcome, offer: Option<&Offer>) -> String {
    match outcome {
        Outcome::Proved => offer.map_or_else(|| "Proved.".to_owned(), proved),
        Outcome::Unproved { missing } => not_proved(missing),
        Outcome::Tested(tally) => format!("{}.", tally.sentence()),
        Outcome::Exhausted { reason } => capitalised(reason),
        Outcome::Refused(refused) => sentence(&refused.message, &refused.hint),
        Outcome::Cancelled => "Cancelled.".to_owned(),
        Outcome::Failed { reason } => format!("Failed: {reason}"),
    }
}

/// What was shown, in a line.
pub(crate) fn proved(offer: &Offer) -> String {
    let proof = &offer.proof;
    format!(
        "Proved: `{}` failed before and passes now ({}, {} s).",
        translate::command(&proof.command),
        tried(proof.candidates),
        seconds(proof.elapsed_ms)
    )
}

/// How an offer stands, in a line.
pub(crate) fn offered(offer: &Offer) -> String {
    if offer.proof.is_complete() { proved(offer) } else { not_proved(&offer.proof.missing) }
}

/// What is missing, in a line.
pub(crate) fn not_proved(missing: &[String]) -> String {
    if missing.is_empty() {
        return "Not proved.".to_owned();
    }
    format!("Not proved: {}.", missing.join("; ").trim_end_matches('.'))
}

/// What happened, and what to do.
pub(crate) fn failure(error: &HostError) -> String {
    sentence(&error.message, &error.hint)
}

fn tried(candidates: u32) -> String {
    match candidates {
        1 => "1 candidate".to_owned(),
        many => format!("{many} candidates"),
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}

/// A clause as the beginning of a text.
fn capitalised(clause: &str) -> String {
    let mut letters = clause.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn sentence(message: &str, hint: &str) -> String {
    let message = message.trim_end();
    match hint.trim() {
        "" => message.to_owned(),
        hint if message.ends_with(['.', '!', '?', ':']) => format!("{message} {hint}"),
        hint => format!("{message}. {hint}"),
    }
}

#[cfg(test)]
mod tests {
    use bodkin_host::StepState;

    use super::*;

    #[test]
    fn progress_names_the_step_that_is_being_worked_on() {
        let mut plan = Plan::of(&[("a", "Understand"), ("b", "Probe"), ("c", "Prove")]);
        assert_eq!(progress(&plan), "");
        plan.begin("a", 0);
        assert_eq!(progress(&plan), "1/3 Understand");
        plan.end("a", StepState::Done, 1);
        plan.begin("b", 1);
        plan.note("b", "128 tried");
        assert_eq!((progress(&plan).as_str(), percentage(&plan)), ("2/3 Probe: 128 tried", 33));
    }

    #[test]
    fn what_is_missing_is_one_sentence_and_a_reason_begins_one() {
        let missing = ["no line was run".to_owned(), "a test is gone".to_owned()];
        assert_eq!(not_proved(&missing), "Not proved: no line was run; a test is gone.");
        let exhausted = Outcome::Exhausted { reason: "no change was proved.".to_owned() };
        assert_eq!(outcome(&exhausted, None), "No change was proved.");
    }

    #[test]
    fn a_hint_follows_its_message_as_a_sentence() {
        assert_eq!(
            sentence("No tests found", "Set bodkin.testCommand."),
            "No tests found. Set bodkin.testCommand."
        );
        assert_eq!(sentence("No tests.", ""), "No tests.");
    }
}
