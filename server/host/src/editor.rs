//! Changes that an editor makes: handed over as edits, believed only when the texts stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use bodkin_agent::{Decision, News};
use bodkin_guard::RunId;
use bodkin_guard::action::Through;
use bodkin_guard::ledger::Did;
use bodkin_text::{ContentHash, Edits, RelPath};

use crate::change::{self, Step, Wanted};
use crate::checkpoint::{self, CheckpointId, State};
use crate::content::Content;
use crate::error::HostError;
use crate::facade::Host;
use crate::inner::Inner;
use crate::left::{self, Waiting};

/// A change that the editor is to make.
#[derive(Debug, Clone)]
pub struct EditorApply {
    /// By which it can be taken back.
    pub checkpoint: CheckpointId,
    /// The run that the change comes from.
    pub run: RunId,
    /// What it is, in a line.
    pub title: String,
    /// The files and their edits.
    pub files: Vec<EditorFile>,
    /// Whether something else had changed them meanwhile.
    pub rebased: bool,
}

/// One file that the editor is to change.
#[derive(Debug, Clone)]
pub struct EditorFile {
    /// The file.
    pub path: RelPath,
    /// Version of the open buffer that the edits speak of; `None` when it is not open.
    pub version: Option<i32>,
    /// Minimal edits of `before`.
    pub edits: Edits,
    /// The text that the edits speak of.
    pub before: Arc<str>,
    /// What must stand there afterwards.
    pub after_hash: ContentHash,
}

/// A change on its way to an editor.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    run: RunId,
    permit: u64,
    becomes: State,
    otherwise: State,
    /// What the run hears when the texts stand.
    decision: Decision,
    expected: Vec<Expected>,
    /// Held as long as the answer is waited for: who finds it free settles the change in our place.
    waiting: Option<Arc<Waiting>>,
}

/// One file of it.
#[derive(Debug, Clone)]
struct Expected {
    path: RelPath,
    before: Arc<str>,
    after: String,
}

/// Changes on their way through an editor, by their checkpoint.
pub(crate) type SentEdits = BTreeMap<CheckpointId, Sent>;

impl Host {
    /// Takes in the editor's answer; true once every file holds the change, whatever was typed around it since.
    ///
    /// `applied: true` alone is not believed: while the texts differ the answer is false, and it can be asked again
    /// after the next change of the buffer.
    pub fn editor_applied(&self, checkpoint: CheckpointId, applied: bool) -> bool {
        let inner = self.inner();
        let Some(sent) = inner.sent().get(&checkpoint).cloned() else { return false };
        let stands = sent.expected.iter().all(|it| it.stands(inner.model.present(&it.path).as_deref()));
        if applied && !stands {
            return false;
        }
        if inner.sent().remove(&checkpoint).is_none() {
            return false;
        }
        if let Some(waiting) = &sent.waiting {
            waiting.end();
        }
        let summary = if stands { "the editor made the edit" } else { "the editor did not make the edit" };
        let did =
            Did { permit: sent.permit, done: stands, summary: summary.to_owned(), figures: BTreeMap::new() };
        // The editor's text stands or not, whatever can be written down about it.
        let _ = inner.record(sent.run, &did);
        let _ =
            checkpoint::mark(&inner.state, checkpoint, if stands { sent.becomes } else { sent.otherwise });
        if stands {
            let stays = (sent.becomes == State::Applied).then_some(checkpoint);
            inner.runs.update(sent.run, |view| view.checkpoint = stays);
            inner.runs.send(sent.run, News::Decided(sent.decision));
        }
        stands
    }
}

/// The edits of a change, for the editor to make, against exactly what it shows now; `None` where that holds the
/// change already.
pub(crate) fn hand_over(
    host: &Inner,
    wanted: &Wanted,
    undoes: Option<CheckpointId>,
) -> Result<Option<EditorApply>, HostError> {
    let snapshot = host.model.snapshot();
    let steps = change::rebase(wanted, |path| match snapshot.file(path) {
        Some(file) if file.suspect().is_some() => Err(HostError::stale(
            format!("the editor and Bodkin may disagree about `{path}`; no edit is made"),
            "Close and re-open the file, then run it again.",
        )),
        Some(file) if file.is_open() => Ok((Some(file.text().into()), file.version())),
        Some(_) | None => Ok((change::read(host.root(), path)?, None)),
    })?;
    if steps.is_empty() {
        return Ok(None);
    }
    let files = steps.iter().map(file).collect::<Result<Vec<_>, _>>()?;
    let (permit, checkpoint) = change::prepare(host, wanted, &steps, Through::Editor, undoes)?;
    let expected = files.iter().map(|(_, expected)| expected.clone()).collect();
    let (becomes, otherwise) = match undoes {
        None => (State::Applied, State::RolledBack),
        Some(_) => (State::Undone, State::Applied),
    };
    let decision = Decision::Applied;
    let waiting = undoes.is_none().then(|| Waiting::begin(&host.state, checkpoint)).flatten().map(Arc::new);
    let sent =
        Sent { run: wanted.run, permit: permit.seq(), becomes, otherwise, decision, expected, waiting };
    // The editor is the performer: the permit is used up by handing it the edits.
    let _ = permit.into_action();
    host.sent().insert(checkpoint, sent);
    let rebased = steps.iter().any(|step| step.rebased);
    let files = files.into_iter().map(|(file, _)| file).collect();
    Ok(Some(EditorApply { checkpoint, run: wanted.run, title: wanted.title.clone(), files, rebased }))
}

/// Changes what the run hears when the texts stand.
pub(crate) fn decides(host: &Inner, checkpoint: CheckpointId, decision: Decision) {
    if let Some(sent) = host.sent().get_mut(&checkpoint) {
        sent.decision = decision;
    }
}

impl Expected {
    fn stands(&self, now: Option<&str>) -> bool {
        now.is_some_and(|now| left::stands(&self.before, &self.after, now))
    }
}

/// What the editor is to do with a file, and what it must then show. An editor shows nothing but texts.
fn file(step: &Step) -> Result<(EditorFile, Expected), HostError> {
    let text = |content: &Option<Content>| match content {
        Some(content) => content.text().map(str::to_owned).ok_or_else(|| {
            HostError::bad(
                format!("`{}` is no text, which no editor can change", step.path),
                "`bodkin undo` takes the change back on the disk.",
            )
        }),
        None => Ok(String::new()),
    };
    let (before, after) = (Arc::<str>::from(text(&step.before)?), text(&step.after)?);
    let edits = Edits::between(&before, &after);
    let path = step.path.clone();
    let expected = Expected { path: path.clone(), before: before.clone(), after: after.clone() };
    let after_hash = ContentHash::of(after);
    Ok((EditorFile { path, version: step.version, edits, before, after_hash }, expected))
}
