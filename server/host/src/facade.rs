//! The host of one workspace folder: the one owner of its model, its runs and its state folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bodkin_agent::{Decision, Intent, News, Plan};
use bodkin_guard::{Asker, RunId};
use bodkin_sandbox::Sandbox;
use bodkin_text::{ByteRange, Edit, RelPath};
use bodkin_workspace::Snapshot;

use crate::driver::Asked;
use crate::editor::SentEdits;
use crate::error::HostError;
use crate::events::{Broadcast, Event};
use crate::inner::{Inner, guard, lock};
use crate::ledger::FileLedger;
use crate::model::Model;
use crate::runs::{RunView, Runs};
use crate::settings::Settings;
use crate::state::{StateDir, real_folder};
use crate::{alive, driver, left, recover, selection, tree};

/// How a host is opened.
#[derive(Clone)]
pub struct HostOptions {
    /// The workspace folder.
    pub root: PathBuf,
    /// The folder below which every workspace's state is kept.
    pub state_home: PathBuf,
    /// Where commands run.
    pub sandbox: Arc<dyn Sandbox>,
    /// What the user set.
    pub settings: Settings,
    /// Who asks.
    pub asker: Asker,
    /// Follow changes on disk.
    pub watch: bool,
}

/// One workspace folder and everything that goes on in it. Cheap to clone; its runs end with its last clone.
#[derive(Clone)]
pub struct Host(Arc<Handle>);

/// A change of a buffer, in the editor's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BufferChange {
    /// Bytes of the text after the change before this one; `None`: the whole text.
    pub range: Option<ByteRange>,
    /// What stands there now.
    pub text: String,
}

/// Closes the host with its last handle: what nobody can hear of any more is cancelled.
struct Handle(Arc<Inner>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.runs.close();
    }
}

impl Host {
    /// Opens a workspace: puts right what a killed process left, then walks the tree in the background.
    pub fn open(options: HostOptions) -> Result<Self, HostError> {
        let HostOptions { root, state_home, sandbox, settings, asker, watch } = options;
        let root = real_folder(&root)?;
        let state = StateDir::open(&state_home, &root)
            .map_err(|error| HostError::io("opening the state folder below", &state_home, &error))?;
        let mut ledger = FileLedger::new(state.clone(), &root);
        alive::end_the_dead(&state, &mut ledger);
        let mut recovered = recover::recover(&state, &guard(&settings), &mut ledger);
        recovered.extend(left::settle(&state, &root, &guard(&settings), &mut ledger));
        let model = Arc::new(Model::new(root));
        let walker = model.clone();
        std::thread::Builder::new().name("walk".to_owned()).spawn(move || walker.first_walk(watch)).map_err(
            |error| {
                HostError::unavailable(
                    format!("no thread to walk the workspace: {error}"),
                    "Close other programs.",
                )
            },
        )?;
        Ok(Self(Arc::new(Handle(Arc::new(Inner {
            state,
            model,
            runs: Runs::default(),
            broadcast: Broadcast::default(),
            recovered,
            asker,
            sandbox,
            settings: Mutex::new(settings),
            ledger: Mutex::new(ledger),
            sent: Mutex::new(SentEdits::new()),
            manifest: Mutex::new(None),
        })))))
    }

    /// What opening had to finish or roll back, in sentences.
    pub fn recovered(&self) -> Vec<String> {
        self.inner().recovered.clone()
    }

    /// The workspace folder, without links in it.
    pub fn root(&self) -> &Path {
        self.inner().root()
    }

    /// A path of the disk as one of the workspace.
    pub fn rel(&self, path: &Path) -> Result<RelPath, HostError> {
        let root = self.root();
        let full = root.join(path);
        let real = real(&full);
        // What links name counts; where nothing stands yet, the path as it is written.
        if let Some(found) = real.as_deref().and_then(|real| tree::relative(root, real)) {
            return Ok(found);
        }
        let shown = real.as_deref().unwrap_or(path).display();
        Err(match tree::relative(root, &full) {
            Some(plain) => HostError::bad(
                format!("`{plain}` is a link out of the workspace, to `{shown}`"),
                "Open the folder that really holds it as the workspace (--root).",
            ),
            None => HostError::bad(
                format!("`{shown}` lies outside the workspace `{}`", root.display()),
                "Name a file of the workspace, or open the folder that holds this one as the workspace (--root).",
            ),
        })
    }

    /// A document appeared on the screen.
    pub fn open_buffer(&self, path: RelPath, version: i32, text: String) {
        self.inner().model.workspace().open(path, version, text.into());
    }

    /// A document on the screen was changed. An impossible change marks it suspect and says so.
    pub fn change_buffer(
        &self,
        path: &RelPath,
        version: i32,
        changes: Vec<BufferChange>,
    ) -> Result<(), HostError> {
        let changes: Vec<bodkin_workspace::Change> = changes.into_iter().map(change).collect();
        self.inner().model.workspace().change(path, version, &changes).map_err(|suspect| {
            HostError::stale(
                format!("the editor and Bodkin may disagree about `{path}`: {suspect}"),
                "Close and re-open the file.",
            )
        })
    }

    /// Somebody who watches the disk for us saw these paths change. Reads them, once the first walk is done: what it
    /// has read before must not come after.
    pub fn files_changed(&self, paths: &BTreeSet<PathBuf>) {
        drop(self.listing());
        self.inner().model.disk_changed(paths);
    }

    /// Looks at the whole tree again, once the first walk is done.
    pub fn rescan(&self) {
        drop(self.listing());
        self.inner().model.rescan();
    }

    /// From now on the disk is watched here, which was not so when the workspace was opened.
    pub fn watch_disk(&self) {
        let model = self.inner().model.clone();
        // Without a thread the disk is looked at again at the next start.
        drop(std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
            drop(model.listing_within(Duration::from_secs(60)));
            model.follow_disk();
        }));
    }

    /// A document left the screen.
    pub fn close_buffer(&self, path: &RelPath) {
        self.inner().model.workspace().close(path);
    }

    /// The workspace as it is now, frozen.
    pub fn snapshot(&self) -> Snapshot {
        self.inner().model.snapshot()
    }

    /// Every file that the walk found; waits for the first walk, at most a minute.
    pub fn listing(&self) -> Arc<Vec<RelPath>> {
        self.inner().model.listing_within(Duration::from_secs(60)).unwrap_or_default()
    }

    /// Begins a run. Everything else is events, a refusal too.
    pub fn start(&self, intent: Intent) -> Result<RunId, HostError> {
        let inner = self.inner();
        let counter = inner.state.at("counter");
        let id =
            inner.state.next_run().map_err(|error| HostError::io("numbering a run in", &counter, &error))?;
        let (sender, news) = channel();
        let view = RunView {
            id,
            title: intent.title(),
            plan: Plan::default(),
            tried: 0,
            outcome: None,
            offer: None,
            part: None,
            checkpoint: None,
            file: intent.file(),
            started_unix_ms: unix_ms(),
            elapsed_ms: 0,
        };
        if !inner.runs.add(view, sender.clone()) {
            return Err(HostError::unavailable("this workspace is closed", "Open it again."));
        }
        let asked = Asked { selected: selection::text_of(&intent, &self.snapshot()), intent };
        let driven = inner.clone();
        // Without a mark the run is not told from one that was cut off, which is no reason not to work.
        let mark = alive::mark(&inner.state, id).ok();
        let spawned = std::thread::Builder::new()
            .name(format!("run-{id}"))
            .spawn(move || driver::drive(&driven, id, asked, mark, &news, sender));
        if let Err(error) = spawned {
            inner.runs.remove(id);
            return Err(HostError::unavailable(
                format!("no thread for a run: {error}"),
                "Wait for other runs to end.",
            ));
        }
        Ok(id)
    }

    /// Stops a run; false when there is none of that name under way.
    pub fn cancel(&self, run: RunId) -> bool {
        self.inner().runs.send(run, News::Cancelled)
    }

    /// The runs of this process, oldest first: all that are under way and the last hundred that ended.
    pub fn runs(&self) -> Vec<RunView> {
        self.inner().runs.all()
    }

    /// One run.
    pub fn run(&self, id: RunId) -> Option<RunView> {
        self.inner().runs.get(id)
    }

    /// Events from now on. A listener that falls 4,096 events behind is cut off.
    pub fn events(&self) -> Receiver<Event> {
        self.inner().broadcast.listen()
    }

    /// The user does not want the offer, or leaves it for later.
    pub fn decline(&self, run: RunId) {
        self.inner().runs.send(run, News::Decided(Decision::Declined));
    }

    /// Takes new settings for what begins from now on.
    pub fn set_settings(&self, settings: Settings) {
        *lock(&self.inner().settings) = settings;
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.inner().settings()
    }

    /// Cancels every run and begins none any more.
    pub fn close(&self) {
        self.inner().runs.close();
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.0.0
    }
}

fn change(change: BufferChange) -> bodkin_workspace::Change {
    match change.range {
        Some(range) => bodkin_workspace::Change::Replace(Edit::replace(range, change.text)),
        None => bodkin_workspace::Change::Whole(change.text.into()),
    }
}

/// A path without links in it; of one that does not exist yet, the part that exists.
fn real(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|folder| {
        let real = std::fs::canonicalize(folder).ok()?;
        let rest = path.strip_prefix(folder).ok()?;
        Some(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
    })
}

#[expect(clippy::disallowed_methods, reason = "a run remembers when it began")]
fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
