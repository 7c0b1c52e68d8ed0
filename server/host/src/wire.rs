//! The host's own words as wire types.

use bodkin_agent::{Offer, is_test_file};
use bodkin_guard::report::Exit;
use bodkin_protocol::history::{self, ChangeState};
use bodkin_protocol::trial::{TrialChange, TrialChangeKind, TrialPayload, TrialVerdict};
use bodkin_protocol::{LedgerPayload, translate};
use bodkin_sandbox::changes::{Change, Verdict, What};
use bodkin_text::RelPath;

use crate::accept::Applied;
use crate::checkpoint::State;
use crate::history::LedgerPage;
use crate::ledger::LedgerCheck;
use crate::trial::{Base, Tried, rel};

/// A patch with its evidence.
pub fn offer(offer: &Offer) -> bodkin_protocol::Offer {
    translate::offer(offer, is_test_file)
}

/// What a check of the ledger found.
pub fn ledger(found: &LedgerCheck) -> LedgerPayload {
    match &found.report {
        Some(report) => translate::ledger(&found.path.display().to_string(), report),
        None => translate::no_ledger(),
    }
}

/// The end of a ledger.
pub fn ledger_page(page: &LedgerPage) -> history::Ledger {
    translate::ledger_page(&page.path.display().to_string(), page.report.as_ref(), &page.lines)
}

/// Whether a change stands.
pub fn change_state(state: State) -> ChangeState {
    match state {
        State::Pending => ChangeState::Pending,
        State::Applied => ChangeState::Applied,
        State::RolledBack => ChangeState::RolledBack,
        State::Undone => ChangeState::Undone,
    }
}

/// Lines around each change of a diff.
const CONTEXT: usize = 3;

/// A diff that is longer is left out, bytes.
const DIFF_BYTES: usize = 1 << 20;

/// A command that was run on its own, and what was kept of its changes.
pub fn trial(tried: &Tried, kept: Option<&Applied>) -> TrialPayload {
    let finished = &tried.trial.finished;
    TrialPayload {
        run_id: tried.run.to_string(),
        command: tried.title.clone(),
        exit: bodkin_agent::proof::how_it_ended(&finished.exit),
        exit_code: match finished.exit {
            Exit::Code(code) => Some(code),
            Exit::Signal(_) | Exit::Stopped(_) => None,
        },
        output: finished.output.clone(),
        output_bytes: finished.output_bytes,
        wall_ms: finished.wall_us / 1000,
        isolation: translate::isolation(&finished.isolation),
        changes: tried.trial.changes.changes.iter().map(|change| trial_change(change, tried)).collect(),
        left_out: tried.trial.changes.left_out.clone(),
        refused_hosts: tried.trial.refused_hosts.clone(),
        checkpoint: kept.map(|it| it.checkpoint.to_string()),
        kept: kept.iter().flat_map(|it| &it.files).map(ToString::to_string).collect(),
    }
}

fn trial_change(change: &Change, tried: &Tried) -> TrialChange {
    let path = rel(&change.path);
    let base = path.as_ref().and_then(|path| tried.bases.get(path));
    let (mut verdict, mut reason) = match &change.verdict {
        Verdict::Taken => (TrialVerdict::Free, String::new()),
        Verdict::Held(why) => (TrialVerdict::Held, why.clone()),
        Verdict::Refused(why) => (TrialVerdict::Refused, why.clone()),
    };
    let text = match &change.what {
        What::File { content: Some(bytes), .. } => std::str::from_utf8(bytes).ok(),
        What::Gone => Some(""),
        What::File { content: None, .. } | What::Link(_) | What::Folder | What::Other(_) => None,
    };
    let unkept = match (&change.what, base) {
        (What::Folder, _) => None,
        (What::Link(_) | What::Other(_), _) => Some("only files are kept so far"),
        (_, Some(Base::Unknown)) => {
            Some("what stands there is no file, or was touched while the command ran")
        }
        (What::File { .. } | What::Gone, _) => None,
    };
    if let (true, Some(why)) = (verdict != TrialVerdict::Refused, unkept) {
        (verdict, reason) = (TrialVerdict::Refused, why.to_owned());
    }
    let before = match base {
        Some(Base::File(bytes)) => Some(std::str::from_utf8(bytes)),
        Some(Base::Absent | Base::Unknown) | None => None,
    };
    TrialChange {
        path: change.path.to_string_lossy().escape_debug().to_string(),
        kind: match (&change.what, before) {
            (What::File { .. }, None) if base != Some(&Base::Unknown) => TrialChangeKind::Added,
            (What::File { .. }, _) => TrialChangeKind::Changed,
            (What::Gone, _) => TrialChangeKind::Removed,
            (What::Folder, _) => TrialChangeKind::Folder,
            (What::Link(_), _) => TrialChangeKind::Link,
            (What::Other(_), _) => TrialChangeKind::Other,
        },
        size: match change.what {
            What::File { size, .. } => size,
            What::Link(_) | What::Folder | What::Gone | What::Other(_) => 0,
        },
        diff: match (path, text, before.transpose()) {
            (Some(path), Some(text), Ok(before)) if base != Some(&Base::Unknown) => {
                diff(&path, before, text, &change.what)
            }
            _ => String::new(),
        },
        verdict,
        reason,
    }
}

fn diff(path: &RelPath, before: Option<&str>, after: &str, what: &What) -> String {
    let stays = *what != What::Gone;
    let old = before.unwrap_or_default();
    if old.len() + after.len() > DIFF_BYTES {
        return String::new();
    }
    bodkin_text::diff::unified(before.map(|_| path), stays.then_some(path), old, after, CONTEXT)
}
