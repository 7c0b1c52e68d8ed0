//! What a folder's engine is to this crate: the host's public face, as a trait, so that tests can script it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bodkin_host::review::Unproved;
use bodkin_host::{
    About, BufferChange, ChangeView, CheckpointId, EditorApply, Host, HostError, Intent, LedgerPage, RunId,
    RunView, Settings, Snapshot,
};
use bodkin_text::{HunkId, RelPath};

/// One workspace folder at work. No method waits for a test run or a walk; those that say so touch the disk.
pub(crate) trait Engine: Send + Sync {
    /// The folder, without links in it.
    fn root(&self) -> &Path;
    /// A document is on the screen with this text.
    fn open_buffer(&self, path: RelPath, version: i32, text: String);
    /// It changed; each range speaks of the text after the change before it.
    fn change_buffer(
        &self,
        path: &RelPath,
        version: i32,
        changes: Vec<BufferChange>,
    ) -> Result<(), HostError>;
    /// It left the screen.
    fn close_buffer(&self, path: &RelPath);
    /// The client saw these paths change on disk. Touches the disk.
    fn files_changed(&self, paths: &BTreeSet<PathBuf>);
    /// Looks at the whole tree again. Touches the disk.
    fn rescan(&self);
    /// From now on the engine watches the disk itself.
    fn watch_disk(&self);
    /// How the folder is set up; waits for its first walk.
    fn about(&self) -> About;
    /// Begins a run; all else is events.
    fn start(&self, intent: Intent) -> Result<RunId, HostError>;
    /// Cancels a run; whether there was one to cancel.
    fn cancel(&self, run: RunId) -> bool;
    /// Every run of this process, the oldest first.
    fn runs(&self) -> Vec<RunView>;
    /// One run.
    fn run(&self, run: RunId) -> Option<RunView>;
    /// The offered edits against the present texts, recorded as about to be applied. Touches the disk.
    fn accept(&self, run: RunId) -> Result<EditorApply, HostError>;
    /// Has a run prove these hunks of its offer without the others; false when it has ended.
    fn prove_part(&self, run: RunId, hunks: Vec<HunkId>) -> bool;
    /// The same as [`Engine::accept`] for these hunks alone.
    fn accept_part(&self, run: RunId, hunks: &[HunkId], unproved: Unproved)
    -> Result<EditorApply, HostError>;
    /// The editor has, or has not, applied; whether the texts are now what they should be. Touches the disk.
    fn applied(&self, checkpoint: CheckpointId, applied: bool) -> bool;
    /// The offer is not wanted.
    fn decline(&self, run: RunId);
    /// The edits that take back a change, the last that stands where none is named. Touches the disk.
    fn undo(&self, which: Option<CheckpointId>) -> Result<EditorApply, HostError>;
    /// Every change, the newest first. Touches the disk.
    fn changes(&self) -> Result<Vec<ChangeView>, HostError>;
    /// The end of the ledger, the newest entry first. Touches the disk.
    fn ledger_page(&self, before: Option<u64>, limit: usize) -> Result<LedgerPage, HostError>;
    /// The folder's files as they are on the screen and on disk, as far as they have been walked.
    fn snapshot(&self) -> Snapshot;
    /// The same once the first walk is done; waits for it.
    fn walked(&self) -> Snapshot;
    /// The user's settings changed.
    fn set_settings(&self, settings: Settings);
}

impl Engine for Host {
    fn root(&self) -> &Path {
        Self::root(self)
    }

    fn open_buffer(&self, path: RelPath, version: i32, text: String) {
        Self::open_buffer(self, path, version, text);
    }

    fn change_buffer(
        &self,
        path: &RelPath,
        version: i32,
        changes: Vec<BufferChange>,
    ) -> Result<(), HostError> {
        Self::change_buffer(self, path, version, changes)
    }

    fn close_buffer(&self, path: &RelPath) {
        Self::close_buffer(self, path);
    }

    fn files_changed(&self, paths: &BTreeSet<PathBuf>) {
        Self::files_changed(self, paths);
    }

    fn rescan(&self) {
        Self::rescan(self);
    }

    fn watch_disk(&self) {
        Self::watch_disk(self);
    }

    fn about(&self) -> About {
        Self::about(self)
    }

    fn start(&self, intent: Intent) -> Result<RunId, HostError> {
        Self::start(self, intent)
    }

    fn cancel(&self, run: RunId) -> bool {
        Self::cancel(self, run)
    }

    fn runs(&self) -> Vec<RunView> {
        Self::runs(self)
    }

    fn run(&self, run: RunId) -> Option<RunView> {
        Self::run(self, run)
    }

    fn accept(&self, run: RunId) -> Result<EditorApply, HostError> {
        self.accept_to_editor(run)
    }

    fn prove_part(&self, run: RunId, hunks: Vec<HunkId>) -> bool {
        Self::prove_part(self, run, hunks)
    }

    fn accept_part(
        &self,
        run: RunId,
        hunks: &[HunkId],
        unproved: Unproved,
    ) -> Result<EditorApply, HostError> {
        self.accept_part_to_editor(run, hunks, unproved)
    }

    fn applied(&self, checkpoint: CheckpointId, applied: bool) -> bool {
        self.editor_applied(checkpoint, applied)
    }

    fn decline(&self, run: RunId) {
        Self::decline(self, run);
    }

    fn undo(&self, which: Option<CheckpointId>) -> Result<EditorApply, HostError> {
        self.undo_in_editor(which)
    }

    fn changes(&self) -> Result<Vec<ChangeView>, HostError> {
        Self::changes(self)
    }

    fn ledger_page(&self, before: Option<u64>, limit: usize) -> Result<LedgerPage, HostError> {
        Self::ledger_page(self, before, limit)
    }

    fn snapshot(&self) -> Snapshot {
        Self::snapshot(self)
    }

    fn walked(&self) -> Snapshot {
        let _ = self.listing();
        Self::snapshot(self)
    }

    fn set_settings(&self, settings: Settings) {
        Self::set_settings(self, settings);
    }
}
