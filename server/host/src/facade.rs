//! The host of one workspace folder: the one owner of its model, its runs and its state folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bodkin_agent::run::Target;
use bodkin_agent::{Decision, Intent, News, Offer, Outcome, Plan};
use bodkin_guard::ledger::{Did, Entry, LedgerSink};
use bodkin_guard::{Asker, Guard, Rules, RunId};
use bodkin_sandbox::Sandbox;
use bodkin_text::{ByteRange, ContentHash, Edit, RelPath};
use bodkin_workspace::{Snapshot, Workspace};
use notify::RecommendedWatcher;

use crate::accept::SentEdits;
use crate::error::HostError;
use crate::events::{Broadcast, Event};
use crate::ledger::FileLedger;
use crate::settings::Settings;
use crate::state::{StateDir, real_folder};
use crate::tree::{self, Found};
use crate::{driver, recover, watch};

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

/// One workspace folder and everything that goes on in it. Cheap to clone.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

/// A change of a buffer, in the editor's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BufferChange {
    /// Bytes of the text after the change before this one; `None`: the whole text.
    pub range: Option<ByteRange>,
    /// What stands there now.
    pub text: String,
}

/// A run as it is now.
#[derive(Debug, Clone)]
pub struct RunView {
    /// Its name.
    pub id: RunId,
    /// What is wanted.
    pub title: String,
    /// The steps.
    pub plan: Plan,
    /// Candidates tried so far.
    pub tried: u32,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What it offers.
    pub offer: Option<Arc<Offer>>,
    /// When it began, milliseconds since 1970.
    pub started_unix_ms: u64,
    /// Milliseconds it took so far.
    pub elapsed_ms: u64,
}

pub(crate) struct Inner {
    root: PathBuf,
    pub(crate) state: StateDir,
    sandbox: Arc<dyn Sandbox>,
    settings: Mutex<Settings>,
    asker: Asker,
    ledger: Mutex<FileLedger>,
    workspace: Mutex<Workspace>,
    walked: (Mutex<Option<Arc<Vec<RelPath>>>>, Condvar),
    runs: Mutex<BTreeMap<RunId, Slot>>,
    broadcast: Broadcast,
    recovered: Vec<String>,
    watcher: Mutex<Option<RecommendedWatcher>>,
    sent: Mutex<SentEdits>,
}

struct Slot {
    view: RunView,
    news: Sender<News>,
}

impl Host {
    /// Opens a workspace: puts right what a killed process left, then walks the tree in the background.
    pub fn open(options: HostOptions) -> Result<Self, HostError> {
        let HostOptions { root, state_home, sandbox, settings, asker, watch } = options;
        let root = real_folder(&root)?;
        let state = StateDir::open(&state_home, &root)
            .map_err(|error| HostError::io("opening the state folder below", &state_home, &error))?;
        let mut ledger = FileLedger::new(state.clone(), &root);
        let recovered = recover::recover(&state, &guard(&settings), &mut ledger);
        let inner = Arc::new(Inner {
            root,
            state,
            sandbox,
            settings: Mutex::new(settings),
            asker,
            ledger: Mutex::new(ledger),
            workspace: Mutex::new(Workspace::new()),
            walked: (Mutex::new(None), Condvar::new()),
            runs: Mutex::new(BTreeMap::new()),
            broadcast: Broadcast::default(),
            recovered,
            watcher: Mutex::new(None),
            sent: Mutex::new(SentEdits::new()),
        });
        let walker = Arc::downgrade(&inner);
        std::thread::Builder::new()
            .name("walk".to_owned())
            .spawn(move || {
                if let Some(inner) = walker.upgrade() {
                    inner.first_walk(watch);
                }
            })
            .map_err(|error| {
                HostError::unavailable(
                    format!("no thread to walk the workspace: {error}"),
                    "Close other programs.",
                )
            })?;
        Ok(Self(inner))
    }

    /// What opening had to finish or roll back, in sentences.
    pub fn recovered(&self) -> Vec<String> {
        self.0.recovered.clone()
    }

    /// The workspace folder, without links in it.
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// A path of the disk as one of the workspace.
    pub fn rel(&self, path: &Path) -> Result<RelPath, HostError> {
        let root = self.root();
        let full = root.join(path);
        let plain = tree::relative(root, &full);
        let in_real_folder = || Some(std::fs::canonicalize(full.parent()?).ok()?.join(full.file_name()?));
        let real = std::fs::canonicalize(&full).ok().or_else(in_real_folder);
        let linked = real.as_deref().and_then(|real| tree::relative(root, real));
        match (plain, linked, real) {
            (Some(plain), _, None) => Ok(plain),
            (_, Some(linked), _) => Ok(linked),
            (Some(plain), None, Some(real)) => Err(HostError::bad(
                format!("`{plain}` is a link out of the workspace, to `{}`", real.display()),
                "Open the folder that really holds it as the workspace (--root).",
            )),
            (None, None, real) => Err(HostError::bad(
                format!(
                    "`{}` lies outside the workspace `{}`",
                    real.as_deref().unwrap_or(path).display(),
                    root.display()
                ),
                "Name a file of the workspace, or open the folder that holds this one as the workspace (--root).",
            )),
        }
    }

    /// A document appeared on the screen.
    pub fn open_buffer(&self, path: RelPath, version: i32, text: String) {
        self.0.workspace().open(path, version, text.into());
    }

    /// A document on the screen was changed. An impossible change marks it suspect and says so.
    pub fn change_buffer(
        &self,
        path: &RelPath,
        version: i32,
        changes: Vec<BufferChange>,
    ) -> Result<(), HostError> {
        let changes: Vec<bodkin_workspace::Change> = changes.into_iter().map(change).collect();
        self.0.workspace().change(path, version, &changes).map_err(|suspect| {
            HostError::stale(
                format!("the editor and Bodkin may disagree about `{path}`: {suspect}"),
                "Close and re-open the file.",
            )
        })
    }

    /// A document left the screen.
    pub fn close_buffer(&self, path: &RelPath) {
        self.0.workspace().close(path);
    }

    /// The workspace as it is now, frozen.
    pub fn snapshot(&self) -> Snapshot {
        self.0.snapshot()
    }

    /// Every file that the walk found; waits for the first walk.
    pub fn listing(&self) -> Arc<Vec<RelPath>> {
        self.0.wait_for_walk()
    }

    /// Begins a run. Everything else is events, a refusal too.
    pub fn start(&self, intent: Intent) -> Result<RunId, HostError> {
        let id = self
            .0
            .state
            .next_run()
            .map_err(|error| HostError::io("numbering a run in", &self.0.state.at("counter"), &error))?;
        let (sender, news) = channel();
        let view = RunView {
            id,
            title: intent.title(),
            plan: Plan::default(),
            tried: 0,
            outcome: None,
            offer: None,
            started_unix_ms: unix_ms(),
            elapsed_ms: 0,
        };
        lock(&self.0.runs).insert(id, Slot { view, news: sender.clone() });
        let inner = self.0.clone();
        std::thread::Builder::new()
            .name(format!("run-{id}"))
            .spawn(move || driver::drive(&inner, id, intent, &news, sender))
            .map_err(|error| {
                HostError::unavailable(format!("no thread for a run: {error}"), "Wait for other runs to end.")
            })?;
        Ok(id)
    }

    /// Stops a run; false when there is none of that name under way.
    pub fn cancel(&self, run: RunId) -> bool {
        self.0.send(run, News::Cancelled)
    }

    /// Every run of this process, oldest first.
    pub fn runs(&self) -> Vec<RunView> {
        lock(&self.0.runs).values().map(|slot| slot.view.clone()).collect()
    }

    /// One run.
    pub fn run(&self, id: RunId) -> Option<RunView> {
        lock(&self.0.runs).get(&id).map(|slot| slot.view.clone())
    }

    /// Events from now on. A listener that falls 4,096 events behind is cut off.
    pub fn events(&self) -> Receiver<Event> {
        self.0.broadcast.listen()
    }

    /// The user does not want the offer, or leaves it for later.
    pub fn decline(&self, run: RunId) {
        self.0.send(run, News::Decided(Decision::Declined));
    }

    /// Takes new settings for what begins from now on.
    pub fn set_settings(&self, settings: Settings) {
        *lock(&self.0.settings) = settings;
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.0.settings()
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.0
    }
}

impl Inner {
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn sandbox(&self) -> &dyn Sandbox {
        self.sandbox.as_ref()
    }

    pub(crate) fn asker(&self) -> Asker {
        self.asker
    }

    pub(crate) fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    pub(crate) fn workspace(&self) -> MutexGuard<'_, Workspace> {
        lock(&self.workspace)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.workspace().snapshot()
    }

    /// Edits that an editor was given and has not confirmed.
    pub(crate) fn sent(&self) -> MutexGuard<'_, SentEdits> {
        lock(&self.sent)
    }

    /// Hash of the text on the screen, else on disk; `None` where there is none.
    pub(crate) fn present_hash(&self, path: &RelPath) -> Option<ContentHash> {
        let snapshot = self.snapshot();
        match snapshot.file(path) {
            Some(file) if file.is_open() => Some(file.hash()),
            Some(_) | None => tree::inspect(&self.root.join(path.as_str()))
                .text
                .map(|text| ContentHash::of(text.as_bytes())),
        }
    }

    /// Asks the guard with the ledger in hand.
    pub(crate) fn with_ledger<T>(&self, ask: impl FnOnce(&Guard, &mut dyn LedgerSink) -> T) -> T {
        let guard = guard(&self.settings());
        ask(&guard, &mut *lock(&self.ledger))
    }

    /// Puts on the ledger what came of a permitted act.
    pub(crate) fn record(&self, run: RunId, did: Did) -> Result<(), bodkin_agent::ActFailure> {
        self.with_ledger(|guard, ledger| guard.record_outcome(run, &did, ledger))
            .map(|_| ())
            .map_err(|error| bodkin_agent::ActFailure::Unavailable(error.to_string()))
    }

    /// Puts a line on the ledger that needs no permit.
    pub(crate) fn note(&self, entry: Entry) -> Result<u64, HostError> {
        lock(&self.ledger).note(entry)
    }

    pub(crate) fn send(&self, run: RunId, news: News) -> bool {
        lock(&self.runs)
            .get(&run)
            .is_some_and(|slot| slot.view.outcome.is_none() && slot.news.send(news).is_ok())
    }

    pub(crate) fn update(&self, run: RunId, change: impl FnOnce(&mut RunView)) {
        if let Some(slot) = lock(&self.runs).get_mut(&run) {
            change(&mut slot.view);
        }
    }

    pub(crate) fn view(&self, run: RunId) -> Option<RunView> {
        lock(&self.runs).get(&run).map(|slot| slot.view.clone())
    }

    pub(crate) fn tell(&self, event: &Event) {
        self.broadcast.send(event);
    }

    /// The listing, once the first walk is done.
    pub(crate) fn wait_for_walk(&self) -> Arc<Vec<RelPath>> {
        let (walked, done) = &self.walked;
        let mut listing = lock(walked);
        loop {
            if let Some(listing) = listing.as_ref() {
                return listing.clone();
            }
            listing = done.wait(listing).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn first_walk(self: &Arc<Self>, watch: bool) {
        let walked = tree::walk(&self.root, &self.root);
        if watch {
            *lock(&self.watcher) = watch::start(Arc::downgrade(self), &walked.folders);
        }
        self.take(walked);
    }

    /// Looks at the whole tree again, because changes were missed.
    pub(crate) fn rescan(&self) {
        self.take(tree::walk(&self.root, &self.root));
    }

    fn take(&self, walked: tree::Walked) {
        {
            let mut workspace = self.workspace();
            let gone: Vec<RelPath> = workspace
                .snapshot()
                .files()
                .map(|(path, _)| path.clone())
                .filter(|path| {
                    walked.texts.binary_search_by(|it| it.0.cmp(path)).is_err()
                        && !walked.texts.iter().any(|it| it.0 == *path)
                })
                .collect();
            for path in gone {
                workspace.remove_disk(&path);
            }
            for (path, text) in walked.texts {
                workspace.set_disk(path, text);
            }
        }
        let (listing, done) = &self.walked;
        *lock(listing) = Some(Arc::new(walked.listing));
        done.notify_all();
    }

    /// Takes in what the disk holds at paths that changed.
    #[expect(clippy::disallowed_methods, reason = "a changed path is looked at on disk")]
    pub(crate) fn disk_changed<'p>(&self, paths: impl Iterator<Item = &'p Path>) {
        for path in paths {
            let Some(rel) = tree::relative(&self.root, path) else { continue };
            if std::fs::metadata(path).is_ok_and(|it| it.is_dir()) {
                self.folder_appeared(path);
                continue;
            }
            let found = tree::inspect(path);
            self.list(&rel, found.target != Target::Missing);
            if tree::is_worked_with(&rel) {
                self.refresh(&rel, &found);
            }
        }
    }

    fn folder_appeared(&self, folder: &Path) {
        let walked = tree::walk(&self.root, folder);
        if let Some(watcher) = lock(&self.watcher).as_mut() {
            for folder in &walked.folders {
                watch::add(watcher, folder);
            }
        }
        for rel in &walked.listing {
            self.list(rel, true);
        }
        let mut workspace = self.workspace();
        for (path, text) in walked.texts {
            workspace.set_disk(path, text);
        }
    }

    fn list(&self, path: &RelPath, there: bool) {
        let mut walked = lock(&self.walked.0);
        let Some(listing) = walked.as_mut() else { return };
        match (listing.binary_search(path), there) {
            (Err(at), true) => Arc::make_mut(listing).insert(at, path.clone()),
            (Ok(at), false) => {
                Arc::make_mut(listing).remove(at);
            }
            (Ok(_), true) | (Err(_), false) => {}
        }
    }

    /// Makes the model hold what was found on disk; a buffer stays on top of it. Says what a run may work on.
    pub(crate) fn refresh(&self, path: &RelPath, found: &Found) -> Target {
        let mut workspace = self.workspace();
        match &found.text {
            Some(text) => workspace.set_disk(path.clone(), text.clone()),
            None => workspace.remove_disk(path),
        }
        let on_screen = workspace.snapshot().file(path).is_some_and(bodkin_workspace::File::is_open);
        if on_screen { Target::Text } else { found.target }
    }
}

fn change(change: BufferChange) -> bodkin_workspace::Change {
    match change.range {
        Some(range) => bodkin_workspace::Change::Replace(Edit::replace(range, change.text)),
        None => bodkin_workspace::Change::Whole(change.text.into()),
    }
}

fn guard(settings: &Settings) -> Guard {
    Guard::new(Rules { allow_reduced: settings.allow_reduced })
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "a run remembers when it began")]
fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
