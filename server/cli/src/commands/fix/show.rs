//! A run's end in words: the diff, its proof, and what to do next. Said of the same payload that a program gets.
#![expect(clippy::print_stderr, reason = "what is asked about is shown beside the question")]

use bodkin_protocol::offer::{Check, IsolationLevel};
use bodkin_protocol::{FixPayload, Offer, Outcome, Proof};

use super::Answer;
use crate::output::{Style, count, seconds};

/// How many tests are named before the rest is only counted.
const NAMED: usize = 5;

/// The end of a run for people. `apply`: it was asked for beforehand.
pub(super) fn text(payload: &FixPayload, answer: &Answer, apply: bool, style: Style) -> String {
    let mut out = String::new();
    if let (Some(offer), Outcome::Proved | Outcome::Unproved, false) =
        (&payload.offer, payload.outcome, answer.was_shown())
    {
        out.push_str(&offered(offer, style));
    }
    match payload.outcome {
        Outcome::Proved => out.push_str(&proved(answer, style)),
        Outcome::Unproved => {
            out.push_str(&format!("{} what is missing:\n", style.warn("not proved;")));
            for sentence in payload.offer.iter().flat_map(|offer| &offer.proof.missing) {
                out.push_str(&format!("  - {sentence}\n"));
            }
            if apply {
                out.push_str("nothing was applied: only a proved change is\n");
            }
        }
        Outcome::Exhausted => {
            let head = format!("not fixed in {}:", seconds(payload.elapsed_ms));
            out.push_str(&format!("{} {}\n", style.warn(&head), payload.reason));
        }
        Outcome::Cancelled => out.push_str("cancelled; nothing was changed\n"),
        Outcome::Tested => out.push_str(&format!("{}\n", payload.reason)),
        // Printed as failures.
        Outcome::Refused | Outcome::Failed => {}
    }
    out
}

fn proved(answer: &Answer, style: Style) -> String {
    match answer {
        Answer::Applied { change, .. } => {
            let note = if change.rebased { ", rebased over a change made meanwhile" } else { "" };
            let done = style.good("applied");
            format!("{done} as {}{note}; take it back with `bodkin undo`\n", change.checkpoint)
        }
        Answer::Left => "nothing was changed; run it again with --apply to put it in place\n".to_owned(),
        Answer::Declined | Answer::Failed { .. } => "nothing was changed\n".to_owned(),
    }
}

/// The change and its evidence beside a question, on standard error.
pub(super) fn before_question(offer: &Offer) {
    eprint!("{}", offered(offer, Style::of_stderr()));
}

fn offered(offer: &Offer, style: Style) -> String {
    let mut out = format!("\n{}\n", style.strong(&offer.summary));
    for file in &offer.files {
        out.push_str(&style.diff(&file.diff));
    }
    out.push_str(&evidence(&offer.proof, style));
    for caution in &offer.cautions {
        out.push_str(&format!("  {} {caution}\n", style.warn("look twice:")));
    }
    if offer.alternatives > 0 {
        let others = count(offer.alternatives, "other candidate");
        out.push_str(&format!("  {others} passed the tests as well\n"));
    }
    out
}

fn evidence(proof: &Proof, style: Style) -> String {
    let mark = if proof.missing.is_empty() { style.good("proved") } else { style.warn("tested") };
    let place = proof.cwd.as_ref().map_or_else(String::new, |cwd| format!(" in {cwd}"));
    let mut out = format!("\n{mark} by `{}`{place}\n", proof.command);
    out.push_str(&format!("  before: {}\n", check(&proof.before)));
    out.push_str(&format!("  after:  {}\n", check(&proof.after)));
    out.push_str(&named("  mended: ", &proof.mended));
    out.push_str(&named("  failing before and still: ", &proof.still_failing));
    let lines: Vec<String> = proof
        .changed_lines_executed
        .iter()
        .flat_map(|file| file.lines.iter().map(move |line| format!("{}:{line}", file.path)))
        .collect();
    if !lines.is_empty() {
        out.push_str(&format!("  changed lines that ran: {}\n", lines.join(", ")));
    }
    let walls = &proof.isolation;
    let level = match walls.level {
        IsolationLevel::Full => "isolated".to_owned(),
        IsolationLevel::Reduced => format!("weaker walls: {}", walls.missing.join("; ")),
    };
    let (tried, took) = (count(proof.candidates_tried, "candidate"), seconds(proof.wall_ms));
    out.push_str(&format!("  {tried} tried in {took}, {} sandbox ({level})\n", walls.backend));
    out
}

fn check(result: &Check) -> String {
    let failed = result.failed_tests.len() as u64;
    let tests = match (result.passed_tests.map(u64::from), failed) {
        (Some(passed), 0) => format!("{} passed, ", count(passed, "test")),
        (Some(passed), _) => format!("{failed} of {} failed, ", count(failed + passed, "test")),
        (None, _) => String::new(),
    };
    let said = first_words(&result.summary);
    let said = if said.is_empty() { said } else { format!(": {said}") };
    format!("{tests}{}{said}", result.exit)
}

/// The first line that says something; with the next one where it ends in a colon.
fn first_words(summary: &str) -> String {
    let mut lines = summary.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut said = lines.next().unwrap_or_default().to_owned();
    if let (true, Some(next)) = (said.ends_with(':'), lines.next()) {
        said.push_str(&format!(" {next}"));
    }
    said.chars().take(140).collect()
}

fn named(lead: &str, tests: &[String]) -> String {
    if tests.is_empty() {
        return String::new();
    }
    let more = tests.len().saturating_sub(NAMED);
    let names = tests.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{lead}{names}{rest}\n")
}
