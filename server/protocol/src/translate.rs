//! From the inner types to the wire types.
//!
//! Inner types are taken apart here and nowhere else, so that they may change without the wire changing.
//! invariant: no-inner-type-is-serialised-directly

use std::sync::Arc;

use bodkin_agent::{outcome as agent, plan as agent_plan};
use bodkin_guard::RunId;
use bodkin_guard::action::CommandLine;
use bodkin_guard::{ledger, report};
use bodkin_text::{ContentHash, Edit, Hunk, Line1, LineIndex, PatchHunk, RelPath, diff};

use crate::failure::{Failure, FailureKind};
use crate::history;
use crate::offer::{
    Check, FileLines, Isolation, IsolationLevel, Offer, OfferedEdit, OfferedFile, OfferedHunk, Proof,
};
use crate::payloads::{LedgerBreak, LedgerFault, LedgerHead, LedgerPayload, LedgerTail};
use crate::plan::{Outcome, Plan, PlanEntry, StepState};

mod entry;

/// Lines of context around each change of a diff.
const CONTEXT: usize = 3;

/// A run's plan.
pub fn plan(run: RunId, plan: &agent_plan::Plan) -> Plan {
    Plan { run_id: run.to_string(), seq: plan.seq, entries: plan.steps.iter().map(plan_entry).collect() }
}

fn plan_entry(step: &agent_plan::Step) -> PlanEntry {
    PlanEntry {
        id: step.id.to_owned(),
        title: step.title.to_owned(),
        state: match step.state {
            agent_plan::StepState::Pending => StepState::Pending,
            agent_plan::StepState::InProgress => StepState::InProgress,
            agent_plan::StepState::Done => StepState::Done,
            agent_plan::StepState::Failed => StepState::Failed,
            agent_plan::StepState::Skipped => StepState::Skipped,
        },
        detail: step.detail.clone(),
        started_ms: step.started_ms,
        ended_ms: step.ended_ms,
    }
}

/// How a run ended.
pub fn outcome(outcome: &agent::Outcome) -> Outcome {
    match outcome {
        agent::Outcome::Proved => Outcome::Proved,
        agent::Outcome::Unproved { .. } => Outcome::Unproved,
        agent::Outcome::Tested(_) => Outcome::Tested,
        agent::Outcome::Exhausted { .. } => Outcome::Exhausted,
        agent::Outcome::Refused(_) => Outcome::Refused,
        agent::Outcome::Cancelled => Outcome::Cancelled,
        agent::Outcome::Failed { .. } => Outcome::Failed,
    }
}

/// Why a run did not end with a proof; `None` when it did.
pub fn failure(outcome: &agent::Outcome) -> Option<Failure> {
    Some(match outcome {
        agent::Outcome::Proved | agent::Outcome::Tested(_) => return None,
        agent::Outcome::Unproved { missing } => Failure::new(
            FailureKind::NotProved,
            format!("the patch passes the tests, but is not proved: {}", missing.join("; ")),
            "read the patch before you apply it, or give a test command that shows more",
        ),
        agent::Outcome::Exhausted { reason } => Failure::new(
            FailureKind::NotProved,
            reason.clone(),
            "select other lines, or give a larger budget",
        ),
        agent::Outcome::Refused(refused) => {
            Failure::new(refused_kind(refused.why), refused.message.clone(), refused.hint.clone())
        }
        agent::Outcome::Cancelled => {
            Failure::new(FailureKind::Cancelled, "the run was cancelled", "run it again to go on")
        }
        agent::Outcome::Failed { reason } => Failure::new(
            FailureKind::Bug,
            reason.clone(),
            "see `bodkin doctor`; if it finds nothing, report it with the run's lines of the ledger",
        ),
    })
}

fn refused_kind(why: agent::Why) -> FailureKind {
    match why {
        agent::Why::BadRequest => FailureKind::BadRequest,
        agent::Why::Policy => FailureKind::Refused,
        agent::Why::Stale => FailureKind::Stale,
        agent::Why::Unavailable => FailureKind::Unavailable,
    }
}

/// A patch with its evidence; `is_test` says which files hold tests.
/// A file whose edits do not fit its text has no hunks, but its diff.
pub fn offer(offer: &agent::Offer, is_test: impl Fn(&RelPath) -> bool) -> Offer {
    let before = |path: &RelPath| {
        let file = offer.files.iter().find(|file| file.path == *path);
        file.map(|file| Arc::<str>::from(file.before.as_str()))
    };
    let hunks = offer.patch.hunks(before).unwrap_or_default();
    let tests_changed = offer.files.iter().any(|file| is_test(&file.path));
    Offer {
        summary: offer.summary.clone(),
        proposer: offer.proposer.clone(),
        files: offer.files.iter().map(|file| offered_file(file, &hunks)).collect(),
        cautions: offer.cautions.clone(),
        alternatives: offer.alternatives.try_into().unwrap_or(u64::MAX),
        proof: proof(&offer.proof, tests_changed),
    }
}

fn offered_file(file: &agent::OfferedFile, hunks: &[PatchHunk]) -> OfferedFile {
    let agent::OfferedFile { path, before, after } = file;
    let lines = LineIndex::new(before);
    let own = hunks.iter().filter(|it| it.path == *path);
    OfferedFile {
        path: path.to_string(),
        base_hash: ContentHash::of(before).to_string(),
        diff: diff::unified(Some(path), Some(path), before, after, CONTEXT),
        hunks: own.map(|it| offered_hunk(&it.hunk, &lines)).collect(),
    }
}

fn offered_hunk(hunk: &Hunk, lines: &LineIndex) -> OfferedHunk {
    OfferedHunk {
        id: hunk.id.to_string(),
        line: Line1::from(lines.line(hunk.range.start)).0,
        before: hunk.before.clone(),
        after: hunk.after.clone(),
        edits: hunk.edits.iter().map(offered_edit).collect(),
    }
}

fn offered_edit(edit: &Edit) -> OfferedEdit {
    let offset = |at: usize| at.try_into().unwrap_or(u64::MAX);
    OfferedEdit {
        start_byte: offset(edit.range.start),
        end_byte: offset(edit.range.end),
        text: edit.text.clone(),
    }
}

/// The evidence for a patch.
pub fn proof(proof: &agent::Proof, tests_changed: bool) -> Proof {
    let executed = proof.executed.iter().map(|(path, lines)| FileLines {
        path: path.to_string(),
        lines: lines.iter().map(|line| line.0).collect(),
    });
    Proof {
        command: command(&proof.command),
        cwd: proof.cwd.as_ref().map(ToString::to_string),
        before: check(&proof.before),
        after: check(&proof.after),
        mended: proof.mended.clone(),
        still_failing: proof.still_failing.clone(),
        changed_lines_executed: executed.collect(),
        tests_changed,
        candidates_tried: u64::from(proof.candidates),
        wall_ms: proof.elapsed_ms,
        isolation: isolation(&proof.isolation),
        missing: proof.missing.clone(),
    }
}

fn check(check: &agent::CheckResult) -> Check {
    Check {
        exit: check.ended.clone(),
        succeeded: check.succeeded,
        passed_tests: check.passed,
        failed_tests: check.failed.clone(),
        summary: check.said.clone(),
        wall_ms: check.wall_ms,
    }
}

/// How strong the walls around a run were.
pub fn isolation(isolation: &report::Isolation) -> Isolation {
    Isolation {
        backend: isolation.backend.clone(),
        level: match isolation.level {
            report::IsolationLevel::Reduced => IsolationLevel::Reduced,
            report::IsolationLevel::Full => IsolationLevel::Full,
        },
        missing: isolation.missing.clone(),
    }
}

/// A command as it would be typed into a POSIX shell.
pub fn command(command: &CommandLine) -> String {
    match command {
        CommandLine::Shell(line) => line.clone(),
        CommandLine::Argv(words) => words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
    }
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What was found of a ledger at `path`.
pub fn ledger(path: &str, report: &ledger::Report) -> LedgerPayload {
    LedgerPayload {
        path: Some(path.to_owned()),
        intact: report.breaks.is_empty(),
        entries: report.entries,
        head: report.head.map(|head| LedgerHead { seq: head.seq, hash: head.hash.to_string() }),
        breaks: report.breaks.iter().map(ledger_break).collect(),
        tail: match report.tail {
            ledger::Tail::Whole => LedgerTail::Whole,
            ledger::Tail::Unended => LedgerTail::Unended,
            ledger::Tail::Torn { .. } => LedgerTail::Torn,
        },
    }
}

/// The end of a ledger at `path`, as `lines`, the newest first; no report: nothing has been recorded yet.
pub fn ledger_page(path: &str, report: Option<&ledger::Report>, lines: &[ledger::Line]) -> history::Ledger {
    let Some(report) = report else {
        let message = "Nothing has been recorded yet.".to_owned();
        return history::Ledger { intact: true, message, entries: Vec::new(), path: None };
    };
    let message = match report.breaks.as_slice() {
        [] => format!("All {} entries stand as they were written.", report.entries),
        [one] => format!("The ledger is not what was written: line {}: {one}.", one.line),
        [first, rest @ ..] => format!(
            "The ledger is not what was written: line {}: {first}, and {} more.",
            first.line,
            rest.len()
        ),
    };
    let entries = lines.iter().map(ledger_entry).collect();
    history::Ledger { intact: report.breaks.is_empty(), message, entries, path: Some(path.to_owned()) }
}

fn ledger_entry(line: &ledger::Line) -> history::LedgerEntry {
    history::LedgerEntry {
        seq: line.seq,
        at: line.time.to_string(),
        run_id: line.run.map(|run| run.to_string()),
        kind: serde_json::to_value(line.kind)
            .ok()
            .and_then(|it| it.as_str().map(str::to_owned))
            .unwrap_or_default(),
        summary: entry::summary(line),
    }
}

/// What is said where nothing has been recorded yet.
pub fn no_ledger() -> LedgerPayload {
    let tail = LedgerTail::Whole;
    LedgerPayload { path: None, intact: true, entries: 0, head: None, breaks: Vec::new(), tail }
}

fn ledger_break(it: &ledger::Break) -> LedgerBreak {
    LedgerBreak {
        line: it.line.0,
        kind: match it.what {
            ledger::What::Unreadable => LedgerFault::Unreadable,
            ledger::What::Changed => LedgerFault::Changed,
            ledger::What::Unchained => LedgerFault::Unchained,
            ledger::What::Missing { .. } => LedgerFault::Missing,
            ledger::What::Repeated => LedgerFault::Repeated,
            ledger::What::OutOfOrder { .. } => LedgerFault::OutOfOrder,
            ledger::What::NoFirstLine => LedgerFault::NoFirstLine,
            ledger::What::UnknownFormat(_) => LedgerFault::UnknownFormat,
            ledger::What::NotAsRemembered => LedgerFault::NotAsRemembered,
            ledger::What::CutOff { .. } => LedgerFault::CutOff,
        },
        message: it.to_string(),
    }
}
