//! An engine that does what a script says, and checks at every call that it is used as it must be.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use bodkin_host::{
    BufferChange, CheckpointId, EditorApply, EditorFile, Event, HostError, Intent, Plan, RunId, RunView,
    Settings, Snapshot,
};
use bodkin_protocol::FailureKind;
use bodkin_text::merge::{Merge, three_way};
use bodkin_text::{ContentHash, Edit, Edits, RelPath};

use crate::engine::Engine;
use crate::folders::{Open, Opened};

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
    next: u64,
    panics: bool,
    refuses_to_open: bool,
    settings: Option<Settings>,
}

impl Scripted {
    /// How a server opens this engine, for every folder.
    pub(crate) fn opener(&self) -> Open {
        let engine = self.clone();
        Arc::new(move |root: &Path, settings| {
            let mut state = engine.state();
            state.calls.push(format!("open {}", root.display()));
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
            Ok(Opened { engine: Arc::new(engine.clone()), events, recovered: Vec::new() })
        })
    }

    /// From now on an accepted offer replaces `from` by `to` in a file.
    pub(crate) fn will_replace(&self, path: &str, from: &str, to: &str) {
        self.state().fixes.push((RelPath::new(path).unwrap(), from.to_owned(), to.to_owned()));
    }

    /// Puts a file on the disk.
    pub(crate) fn disk(&self, path: &str, text: &str) {
        self.state().disk.insert(RelPath::new(path).unwrap(), text.to_owned());
    }

    /// From now on every start panics.
    pub(crate) fn will_panic(&self, panics: bool) {
        self.state().panics = panics;
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
        state.replace("`<` becomes `<=`")
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

    fn undo(&self) -> Result<EditorApply, HostError> {
        let mut state = self.state();
        state.calls.push("undo".to_owned());
        state.replace("undo: `<` becomes `<=`")
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
    fn replace(&mut self, title: &str) -> Result<EditorApply, HostError> {
        let (mut files, mut expected) = (Vec::new(), Vec::new());
        for (path, from, to) in &self.fixes {
            let before = self.text(path);
            let Some(at) = before.find(from) else {
                return Err(failure(
                    FailureKind::Stale,
                    &format!("`{path}` has changed in the same place"),
                    "Run it again.",
                ));
            };
            let edits = Edits::one(Edit::replace(at..at + from.len(), to.as_str()));
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
            title: title.to_owned(),
            files,
            rebased: false,
        })
    }
}

fn failure(kind: FailureKind, message: &str, hint: &str) -> HostError {
    HostError { kind, message: message.to_owned(), hint: hint.to_owned() }
}
