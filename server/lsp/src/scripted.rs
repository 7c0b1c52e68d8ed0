//! An engine that does what a script says, and checks at every call that it is used as it must be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use bodkin_agent::outcome::OfferedFile;
use bodkin_guard::ledger::{Chain, Entry, Kind, Timestamp, verify_bytes};
use bodkin_guard::report::{Isolation, IsolationLevel};
use bodkin_host::review::Unproved;
use bodkin_host::{
    About, BufferChange, ChangeView, CheckpointId, EditorApply, EditorFile, Event, HostError, Intent,
    LedgerPage, Offer, Plan, RunId, RunView, Settings, Snapshot,
};
use bodkin_protocol::FailureKind;
use bodkin_text::merge::{Merge, three_way};
use bodkin_text::{ContentHash, Edit, Edits, HunkId, RelPath};

use crate::engine::Engine;
use crate::folders::{Open, Opened, Watch};

/// Where every scripted engine's folder really is; clients may name it so.
pub(crate) const REAL_ROOT: &str = "/real/w";

/// A scripted engine; clones are one and the same.
#[derive(Clone, Default)]
pub(crate) struct Scripted {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What stands on the screen, as it was told.
    buffers: BTreeMap<RelPath, (i32, String)>,
    /// What stands on the disk.
    disk: BTreeMap<RelPath, String>,
    /// Every call, in a line each.
    calls: Vec<String>,
    /// What an accepted offer replaces, by file: this text, by that.
    fixes: Vec<(RelPath, String, String)>,
    /// Checkpoints that wait to be told: each file's text before and after.
    pending: BTreeMap<u64, Vec<(RelPath, String, String)>>,
    runs: Vec<RunView>,
    /// Runs of an earlier process.
    past: Vec<RunView>,
    /// What runs offer, hunk by hunk.
    offers: BTreeMap<RunId, Arc<Offer>>,
    /// What stands in the list of changes.
    changes: Vec<ChangeView>,
    next: u64,
    panics: bool,
    runs_have_ended: bool,
    is_reduced: bool,
    refuses_to_open: bool,
    settings: Option<Settings>,
}

impl Scripted {
    /// How a server opens this engine, for every folder.
    pub(crate) fn opener(&self) -> Open {
        let engine = self.clone();
        Arc::new(move |root: &Path, settings, watch| {
            let mut state = engine.state();
            let unwatched = if watch == Watch::Client { ", watched by the client" } else { "" };
            state.calls.push(format!("open {}{unwatched}", root.display()));
            state.settings = Some(settings);
            if state.refuses_to_open {
                return Err(failure(
                    FailureKind::Unavailable,
                    "The state folder can not be written",
                    "Free some space.",
                ));
            }
            // What happens is posted by the test itself, so that nothing comes this way.
            let (_, events) = std::sync::mpsc::channel::<Event>();
            let past = state.past.clone();
            Ok(Opened { engine: Arc::new(engine.clone()), events, recovered: Vec::new(), past })
        })
    }

    /// From now on an accepted offer replaces `from` by `to` in a file.
    pub(crate) fn will_replace(&self, path: &str, from: &str, to: &str) {
        self.state().fixes.push((RelPath::new(path).unwrap(), from.to_owned(), to.to_owned()));
    }

    /// A run offers this: its parts can be accepted.
    pub(crate) fn will_offer(&self, run: u64, offer: &Offer) {
        self.state().offers.insert(RunId(run), Arc::new(offer.clone()));
    }

    /// An earlier process had this run.
    pub(crate) fn had_run(&self, view: RunView) {
        self.state().past.push(view);
    }

    /// What stands in the list of changes.
    pub(crate) fn has_changed(&self, change: ChangeView) {
        self.state().changes.push(change);
    }

    /// Puts a file on the disk.
    pub(crate) fn disk(&self, path: &str, text: &str) {
        self.state().disk.insert(RelPath::new(path).unwrap(), text.to_owned());
    }

    /// From now on every start panics.
    pub(crate) fn will_panic(&self, panics: bool) {
        self.state().panics = panics;
    }

    /// From now on the walls are weaker than they should be.
    pub(crate) fn reduce(&self) {
        self.state().is_reduced = true;
    }

    /// From now on no run works on.
    pub(crate) fn end_runs(&self) {
        self.state().runs_have_ended = true;
    }

    /// Whether it can be opened.
    pub(crate) fn refuse_to_open(&self, refuses: bool) {
        self.state().refuses_to_open = refuses;
    }

    /// The calls since the last look.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    /// What it holds to be on the screen.
    pub(crate) fn buffer(&self, path: &str) -> Option<String> {
        self.state().buffers.get(&RelPath::new(path).unwrap()).map(|(_, text)| text.clone())
    }

    /// The settings that it was given last.
    pub(crate) fn settings(&self) -> Settings {
        self.state().settings.clone().unwrap()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Engine for Scripted {
    fn root(&self) -> &Path {
        Path::new(REAL_ROOT)
    }

    fn open_buffer(&self, path: RelPath, version: i32, text: String) {
        let mut state = self.state();
        state.calls.push(format!("open_buffer {path} v{version}"));
        state.buffers.insert(path, (version, text));
    }

    fn change_buffer(
        &self,
        path: &RelPath,
        version: i32,
        changes: Vec<BufferChange>,
    ) -> Result<(), HostError> {
        let mut state = self.state();
        let (old_version, text) =
            state.buffers.get_mut(path).expect("a change of a buffer that was not opened");
        for change in changes {
            match change.range {
                None => *text = change.text,
                Some(range) => {
                    let edits = Edits::one(Edit { range, text: change.text });
                    let new = edits.apply(text);
                    *text =
                        new.map_err(|it| failure(FailureKind::Stale, &it.to_string(), "Open it again."))?;
                }
            }
        }
        assert!(version > *old_version, "version {version} after {old_version}");
        *old_version = version;
        Ok(())
    }

    fn close_buffer(&self, path: &RelPath) {
        let mut state = self.state();
        assert!(state.buffers.remove(path).is_some(), "a buffer is closed that was not open");
        state.calls.push(format!("close_buffer {path}"));
    }

    fn files_changed(&self, paths: &BTreeSet<PathBuf>) {
        let paths: Vec<String> = paths.iter().map(|it| it.display().to_string()).collect();
        self.state().calls.push(format!("files_changed {}", paths.join(" ")));
    }

    fn rescan(&self) {
        self.state().calls.push("rescan".to_owned());
    }

    fn watch_disk(&self) {
        self.state().calls.push("watch_disk".to_owned());
    }

    fn about(&self) -> About {
        let state = self.state();
        let level = if state.is_reduced { IsolationLevel::Reduced } else { IsolationLevel::Full };
        let missing = if state.is_reduced { vec!["user namespaces are off".to_owned()] } else { Vec::new() };
        let set = state.settings.as_ref().and_then(|it| it.agent.test_command.clone());
        About {
            isolation: Isolation { backend: "scripted".to_owned(), level, missing },
            tests: Some((set.unwrap_or_else(|| "pytest".to_owned()), "as scripted".to_owned())),
        }
    }

    fn start(&self, intent: Intent) -> Result<RunId, HostError> {
        let mut state = self.state();
        assert!(!state.panics, "as scripted");
        state.next += 1;
        let id = RunId(state.next);
        state.calls.push(format!("start {}", intent.title()));
        state.runs.push(RunView {
            id,
            title: intent.title(),
            plan: Plan::default(),
            tried: 0,
            outcome: None,
            offer: None,
            part: None,
            checkpoint: None,
            file: intent.file(),
            started_unix_ms: 0,
            elapsed_ms: 0,
        });
        Ok(id)
    }

    fn cancel(&self, run: RunId) -> bool {
        self.state().calls.push(format!("cancel {run}"));
        true
    }

    fn runs(&self) -> Vec<RunView> {
        self.state().runs.clone()
    }

    fn run(&self, run: RunId) -> Option<RunView> {
        self.state().runs.iter().find(|it| it.id == run).cloned()
    }

    fn accept(&self, run: RunId) -> Result<EditorApply, HostError> {
        let mut state = self.state();
        state.calls.push(format!("accept {run}"));
        match state.offers.get(&run).cloned() {
            Some(offer) => state.put(run, &offer.summary, &offer.files),
            None => state.replace(run, "`<` becomes `<=`"),
        }
    }

    fn prove_part(&self, run: RunId, hunks: Vec<HunkId>) -> bool {
        let mut state = self.state();
        state.calls.push(format!("prove_part {run} {}", hunks.len()));
        assert!(state.offers[&run].only(&hunks).is_ok(), "only hunks of the offer are asked for");
        !state.runs_have_ended
    }

    fn accept_part(
        &self,
        run: RunId,
        hunks: &[HunkId],
        unproved: Unproved,
    ) -> Result<EditorApply, HostError> {
        let mut state = self.state();
        state.calls.push(format!("accept_part {run} {} {unproved:?}", hunks.len()));
        let offer = state.offers[&run].clone();
        let (_, files) = offer.only(hunks).expect("only hunks of the offer are accepted");
        state.put(run, &offer.summary, &files)
    }

    fn applied(&self, checkpoint: CheckpointId, applied: bool) -> bool {
        let mut state = self.state();
        let files = state.pending.get(&checkpoint.0).expect("a checkpoint is settled once");
        let stands = files.iter().all(|(path, before, after)| {
            let now = state.text(path);
            now == after || now != before && three_way(before, after, now) == Merge::Merged(now.to_owned())
        });
        let verdict = applied && stands;
        if verdict || !applied {
            state.pending.remove(&checkpoint.0);
        }
        state.calls.push(format!("applied {applied}: {verdict}"));
        verdict
    }

    fn decline(&self, run: RunId) {
        self.state().calls.push(format!("decline {run}"));
    }

    fn undo(&self, which: Option<CheckpointId>) -> Result<EditorApply, HostError> {
        let mut state = self.state();
        state.calls.push(which.map_or_else(|| "undo".to_owned(), |id| format!("undo {id}")));
        state.replace(RunId(1), "undo: `<` becomes `<=`")
    }

    fn changes(&self) -> Result<Vec<ChangeView>, HostError> {
        Ok(self.state().changes.clone())
    }

    fn ledger_page(&self, before: Option<u64>, limit: usize) -> Result<LedgerPage, HostError> {
        self.state().calls.push(format!("ledger_page {before:?} {limit}"));
        let (mut chain, first) = Chain::start("/w", Timestamp::from_unix_ms(0));
        let asked = Entry::new(Some(RunId(1)), Kind::Asked, serde_json::json!({"intent": "fix a.py"}));
        let second = chain.append(asked, Timestamp::from_unix_ms(1));
        let text = format!("{}\n{}\n", first.render(), second.render());
        let report = Some(verify_bytes(text.as_bytes(), None));
        Ok(LedgerPage { path: "/state/ledger.jsonl".into(), report, lines: vec![second, first] })
    }

    fn snapshot(&self) -> Snapshot {
        let state = self.state();
        let mut workspace = bodkin_workspace::Workspace::new();
        for (path, text) in &state.disk {
            workspace.set_disk(path.clone(), text.as_str().into());
        }
        for (path, (version, text)) in &state.buffers {
            workspace.open(path.clone(), *version, text.as_str().into());
        }
        workspace.snapshot()
    }

    fn walked(&self) -> Snapshot {
        Engine::snapshot(self)
    }

    fn set_settings(&self, settings: Settings) {
        self.state().settings = Some(settings);
    }
}

impl State {
    fn text(&self, path: &RelPath) -> &str {
        self.buffers
            .get(path)
            .map(|(_, text)| text)
            .or_else(|| self.disk.get(path))
            .map_or("", String::as_str)
    }

    /// The scripted fixes as edits of the present texts.
    fn replace(&mut self, run: RunId, title: &str) -> Result<EditorApply, HostError> {
        let fixes = self.fixes.clone();
        self.edit(run, title, &fixes)
    }

    /// Files with another text whole.
    fn put(&mut self, run: RunId, title: &str, files: &[OfferedFile]) -> Result<EditorApply, HostError> {
        let fixes: Vec<_> =
            files.iter().map(|it| (it.path.clone(), it.before.clone(), it.after.clone())).collect();
        self.edit(run, title, &fixes)
    }

    fn edit(
        &mut self,
        run: RunId,
        title: &str,
        fixes: &[(RelPath, String, String)],
    ) -> Result<EditorApply, HostError> {
        let (mut files, mut expected) = (Vec::new(), Vec::new());
        for (path, from, to) in fixes {
            let before = self.text(path);
            let Some(at) = before.find(from) else {
                return Err(failure(
                    FailureKind::Stale,
                    &format!("`{path}` has changed in the same place"),
                    "Run it again.",
                ));
            };
            let edits = match before == from {
                true => Edits::between(before, to),
                false => Edits::one(Edit::replace(at..at + from.len(), to.as_str())),
            };
            let after = edits.apply(before).unwrap();
            let after_hash = ContentHash::of(&after);
            expected.push((path.clone(), before.to_owned(), after));
            let version = self.buffers.get(path).map(|(version, _)| *version);
            files.push(EditorFile { path: path.clone(), version, edits, before: before.into(), after_hash });
        }
        self.next += 1;
        self.pending.insert(self.next, expected);
        Ok(EditorApply {
            checkpoint: CheckpointId(self.next),
            run,
            title: title.to_owned(),
            files,
            rebased: false,
        })
    }
}

fn failure(kind: FailureKind, message: &str, hint: &str) -> HostError {
    HostError { kind, message: message.to_owned(), hint: hint.to_owned() }
}
