//! A change that is wanted, over whatever stands there now: rebased, kept for an undo, and permitted.
#![expect(clippy::disallowed_methods, reason = "the present text is read from the disk")]

use std::fs;
use std::io;
use std::path::Path;

use bodkin_guard::action::{FileWrite, Through, WriteFiles, WriteReason};
use bodkin_guard::ledger::{Did, Entry, Kind};
use bodkin_guard::{Grant, Grants, Permit, Request, RunId};
use bodkin_text::merge::{Merge, three_way};
use bodkin_text::{Edits, Line1, LineIndex, RelPath};
use serde_json::json;

use crate::apply;
use crate::checkpoint::{self, CheckpointId, Contents};
use crate::content::Content;
use crate::error::HostError;
use crate::inner::Inner;

/// A change that is wanted: from which text to which, over whatever stands there now.
pub(crate) struct Wanted {
    pub(crate) run: RunId,
    pub(crate) title: String,
    pub(crate) reason: WriteReason,
    pub(crate) files: Vec<(RelPath, Option<Content>, Option<Content>)>,
    /// Sensitive files that the user named, each by its path.
    pub(crate) named: Vec<RelPath>,
}

/// One file's content now and as it is to be.
pub(crate) struct Step {
    pub(crate) path: RelPath,
    pub(crate) before: Option<Content>,
    pub(crate) after: Option<Content>,
    pub(crate) version: Option<i32>,
    pub(crate) rebased: bool,
}

/// Each file's text now, and with the wanted change in it; only files that it changes.
pub(crate) fn rebase(
    wanted: &Wanted,
    present: impl Fn(&RelPath) -> Result<(Option<Content>, Option<i32>), HostError>,
) -> Result<Vec<Step>, HostError> {
    let mut steps = Vec::new();
    for (path, from, to) in &wanted.files {
        let (before, version) = present(path)?;
        let same = before == *from;
        let after = match (same, text(&before), text(from), text(to)) {
            (true, ..) => to.clone(),
            (false, Some(Some(now)), Some(Some(from)), Some(Some(to))) => {
                match (same_line(from, now, to), three_way(from, now, to)) {
                    (None, Merge::Merged(text)) => Some(text.into()),
                    (Some(line), Merge::Merged(_)) => return Err(same_place(path, line.0, wanted.reason)),
                    (_, Merge::Conflicts(conflicts)) => {
                        let line = conflicts.first().map_or(1, |it| it.lines.start.0 + 1);
                        return Err(same_place(path, line, wanted.reason));
                    }
                }
            }
            (false, None, ..) => return Err(conflict(path, "is not there any more", wanted.reason)),
            (false, Some(_), ..) => {
                return Err(conflict(path, "was written by something else", wanted.reason));
            }
        };
        if after != before {
            steps.push(Step { path: path.clone(), before, after, version, rebased: !same });
        }
    }
    Ok(steps)
}

fn text(content: &Option<Content>) -> Option<Option<&str>> {
    content.as_ref().map(Content::text)
}

/// The failure of a change that changes nothing any more.
pub(crate) fn stands_already() -> HostError {
    HostError::bad("the text is already as the change would make it", "Nothing is left to do.")
}

/// A line that both sides change, each in its own way. Words of one line could be merged, but nobody has proved, or
/// even read, what comes out.
fn same_line(from: &str, now: &str, to: &str) -> Option<Line1> {
    let hunks = |other: &str| Edits::between(from, other).hunks(from).unwrap_or_default();
    let (typed, wanted) = (hunks(now), hunks(to));
    let both = wanted.iter().find(|ours| {
        typed.iter().any(|theirs| {
            let overlap = ours.range.start < theirs.range.end && theirs.range.start < ours.range.end;
            overlap && (ours.range, &ours.after) != (theirs.range, &theirs.after)
        })
    });
    both.map(|hunk| Line1::from(LineIndex::new(from).line(hunk.range.start)))
}

fn same_place(path: &RelPath, line: u32, reason: WriteReason) -> HostError {
    let what = format!("near line {line} was changed in the same place meanwhile");
    conflict(path, &what, reason)
}

fn conflict(path: &RelPath, what: &str, reason: WriteReason) -> HostError {
    let hint = match reason {
        WriteReason::Accepted | WriteReason::Recovery => {
            "Run the fix again on the present text, or take your own change back first."
        }
        WriteReason::Kept => "Run the command again on the present text.",
        WriteReason::Undo => "Take your own change back first, or go on from the present text.",
    };
    HostError::stale(format!("`{path}` {what}; nothing was changed"), hint)
}

/// Keeps the old texts, asks the guard, and writes the checkpoint: everything that must stand before the change.
pub(crate) fn prepare(
    host: &Inner,
    wanted: &Wanted,
    steps: &[Step],
    through: Through,
    undoes: Option<CheckpointId>,
) -> Result<(Permit<WriteFiles>, CheckpointId), HostError> {
    let kept = |error: io::Error| HostError::io("keeping the old text in", &host.state.at("blobs"), &error);
    let contents: Vec<Contents<'_>> = steps
        .iter()
        .map(|step| Contents { path: &step.path, before: step.before.as_ref(), after: step.after.as_ref() })
        .collect();
    let replaced = checkpoint::keep(&host.state, &contents).map_err(kept)?;
    let files = replaced
        .iter()
        .map(|it| FileWrite { path: it.path.clone(), before: it.before, after: it.after })
        .collect();
    let permit = permitted(host, wanted, WriteFiles { reason: wanted.reason, through, files })?;
    if let Some(id) = undoes {
        return Ok((permit, id));
    }
    let seq = permit.seq();
    match checkpoint::create(&host.state, wanted.run, seq, wanted.title.clone(), replaced) {
        Ok(checkpoint) => Ok((permit, checkpoint.id)),
        Err(error) => {
            let summary = format!("no checkpoint could be kept: {error}");
            let did = Did { permit: seq, done: false, summary, figures: Default::default() };
            let _ = host.record(wanted.run, &did);
            Err(kept(error))
        }
    }
}

/// Puts the user's word and the permit on the ledger.
fn permitted(host: &Inner, wanted: &Wanted, action: WriteFiles) -> Result<Permit<WriteFiles>, HostError> {
    let word = match wanted.reason {
        WriteReason::Accepted => "accepted",
        WriteReason::Kept => "kept",
        WriteReason::Undo => "taken back",
        WriteReason::Recovery => "recovered",
    };
    let decided = json!({"decision": word, "change": wanted.title});
    host.note(Entry::new(Some(wanted.run), Kind::Decided, decided))?;
    let mut grants = Grants::none().with(Grant::Apply { patch: action.identity() });
    wanted.named.iter().for_each(|path| grants.add(Grant::Path { path: path.clone() }));
    let request = Request { run: wanted.run, asker: host.asker, grants };
    Ok(host.with_ledger(|guard, ledger| guard.review_write(action, &request, ledger))?)
}

/// What the file on disk holds now; `None` where there is no file.
pub(crate) fn read(root: &Path, path: &RelPath) -> Result<Option<Content>, HostError> {
    let target = apply::resolve(root, path)?;
    match fs::read(&target) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(HostError::io("reading", &target, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::same_line;

    #[test]
    fn words_typed_in_the_changed_line_are_not_mixed_with_the_change() {
        let (from, to) = ("a\nreturn a - b\nc\n", "a\nreturn a + b\nc\n");
        assert_eq!(same_line(from, "a\nreturn b - a\nc\n", to).map(|it| it.0), Some(2));
        assert_eq!(same_line(from, "a!\nreturn a - b\nc\n", to), None, "another line");
        assert_eq!(same_line(from, "new\na\nreturn a - b\nc\n", to), None, "lines moved down");
        assert_eq!(same_line(from, to, to), None, "the same change, made by hand");
    }
}
