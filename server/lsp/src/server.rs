//! The state of the server. One owner: the loop in [`crate::turn`].
//!
//! Everything here happens in a turn of the loop: no waiting, no disk, no clock. What takes time goes to
//! [`Background`] and comes back as a job; the time of the turn is given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_host::{HostError, RunView, Settings};
use serde_json::Value;
use tower_lsp::jsonrpc;
use tower_lsp::ls_types::MessageType;

use crate::apply::{Applies, ApplyId};
use crate::client::Client;
use crate::documents::{Document, Documents};
use crate::engine::Engine;
use crate::folders::{Facts, Folder, FolderId, Folders, Open, Opened, RunKey, Slot, Watch};
use crate::outcomes::Outcomes;
use crate::outgoing::{OurId, Outgoing};
use crate::queue::Queue;
use crate::runs::Runs;
use crate::settings::{OnOffer, Preferences};
use crate::status::StatusFeed;
use crate::{apply, configuration, diagnostics, failures, messages, offers, runs, status, testing, watching};

/// Where work that takes time is done.
pub(crate) trait Background: Send {
    /// Does it elsewhere, beside whatever else goes on.
    fn beside(&self, work: Box<dyn FnOnce() + Send>);
    /// Does it elsewhere, after all that was given here before.
    fn in_order(&self, work: Box<dyn FnOnce() + Send>);
}

/// Something to do to the state later.
pub(crate) type Deferred = Box<dyn FnOnce(&mut Server) + Send>;

/// The state of the server.
pub(crate) struct Server {
    /// Time of this turn, milliseconds since the server began.
    pub(crate) now_ms: u64,
    /// What the client can do.
    pub(crate) client: Client,
    /// What the user set for all folders.
    pub(crate) preferences: Preferences,
    /// What was wrong with the settings and has been told.
    pub(crate) told_problems: BTreeSet<String>,
    /// The folder below which every workspace's state is kept.
    pub(crate) state_folder: String,
    /// What the client was told of the server's state.
    pub(crate) status: StatusFeed,
    /// What is on the screen.
    pub(crate) documents: Documents,
    /// The workspace folders.
    pub(crate) folders: Folders,
    /// The runs that this client began.
    pub(crate) runs: Runs,
    /// Edits that are with the editor.
    pub(crate) applies: Applies,
    /// What the client has been asked and has not answered.
    pub(crate) awaited: BTreeMap<OurId, Awaited>,
    /// How tests went.
    pub(crate) outcomes: Outcomes,
    /// What waits until every folder is open.
    pub(crate) deferred: Vec<Deferred>,
    /// Whether symbols, definitions and references are registered with the client.
    pub(crate) navigates: bool,
    /// What is wrong with documents.
    pub(crate) diagnostics: diagnostics::Schedule,
    /// When the client is to be told that lenses have changed.
    pub(crate) lenses_due_ms: Option<u64>,
    /// The way to the client.
    pub(crate) out: Outgoing,
    /// The way back here.
    pub(crate) queue: Queue,
    /// Where work that takes time is done.
    pub(crate) background: Box<dyn Background>,
    /// Set once the connection is closing: the time at which waiting for runs to die ends.
    pub(crate) closing_at_ms: Option<u64>,
    open: Open,
}

/// What an answer of the client is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The settings of these folders; `None`: those for all.
    Settings(Vec<Option<FolderId>>),
    /// Watching files for us.
    Watching,
    /// Creating the progress of a run.
    Progress(RunKey),
    /// Applying an edit.
    Apply(ApplyId),
    /// Whether an unproved change is wanted all the same.
    Unproved(RunKey),
}

/// How long runs may take to die once the connection closes.
const CLOSING_MS: u64 = 3_000;

impl Server {
    /// A server that knows nothing of its client yet.
    pub(crate) fn new(
        open: Open,
        settings: Settings,
        out: Outgoing,
        queue: Queue,
        background: Box<dyn Background>,
    ) -> Self {
        Self {
            now_ms: 0,
            client: Client::PLAIN,
            preferences: Preferences::new(settings),
            told_problems: BTreeSet::new(),
            state_folder: String::new(),
            status: StatusFeed::default(),
            documents: Documents::default(),
            folders: Folders::default(),
            runs: Runs::default(),
            applies: Applies::default(),
            awaited: BTreeMap::new(),
            outcomes: Outcomes::default(),
            deferred: Vec::new(),
            navigates: false,
            diagnostics: diagnostics::Schedule::default(),
            lenses_due_ms: None,
            out,
            queue,
            background,
            closing_at_ms: None,
            open,
        }
    }

    /// Whether the client shows offers itself, and the user wants to review them.
    pub(crate) fn shows_review(&self, folder: FolderId) -> bool {
        self.client.review && self.preferences_of(folder).on_offer == OnOffer::Hunks
    }

    /// What the user set for a folder.
    pub(crate) fn preferences_of(&self, folder: FolderId) -> &Preferences {
        self.folders.get(folder).map_or(&self.preferences, |it| &it.preferences)
    }

    /// What the user set for a document.
    pub(crate) fn preferences_at(&self, document: &Document) -> &Preferences {
        document.home.as_ref().map_or(&self.preferences, |home| self.preferences_of(home.0))
    }

    /// Does what is due; after every turn and when [`Server::next_due_ms`] has come.
    pub(crate) fn tick(&mut self) {
        runs::flush(self);
        apply::give_up_waiting(self);
        status::flush(self);
        testing::flush(self);
        diagnostics::flush(self);
    }

    /// When something is due next, if nothing else happens.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        [self.runs.next_due_ms(), self.applies.next_due_ms(), self.lenses_due_ms, self.closing_at_ms]
            .into_iter()
            .chain([self.status.next_due_ms(), self.diagnostics.next_due_ms()])
            .flatten()
            .min()
    }

    /// Whether the loop may end.
    pub(crate) fn is_closed(&self) -> bool {
        self.closing_at_ms.is_some_and(|at| at <= self.now_ms || !self.runs.any_alive())
    }

    /// The connection is closing: every run is cancelled.
    pub(crate) fn close(&mut self) {
        self.closing_at_ms.get_or_insert(self.now_ms + CLOSING_MS);
        runs::cancel_all(self);
    }

    /// Adds a folder of the client's and opens its engine in the background.
    pub(crate) fn add_folder(&mut self, root: PathBuf) -> Option<FolderId> {
        let watch = if self.client.watches { Watch::Client } else { Watch::Engine };
        self.add(root, watch)
    }

    /// Adds the folder of a file that lies in none of the client's.
    pub(crate) fn add_folder_of_file(&mut self, root: PathBuf) -> Option<FolderId> {
        self.add(root, Watch::Engine)
    }

    fn add(&mut self, root: PathBuf, watch: Watch) -> Option<FolderId> {
        let id = self.folders.add(root, self.preferences.clone(), watch)?;
        self.open_engine(id);
        self.rehome();
        self.status.touch();
        Some(id)
    }

    /// Lets a folder go, with its runs.
    pub(crate) fn remove_folder(&mut self, root: &Path) {
        let Some(folder) = self.folders.remove(root) else { return };
        self.status.touch();
        runs::folder_left(self, &folder);
        let gone = self.outcomes.forget(folder.id);
        gone.iter().map(|rel| folder.path_of(rel)).for_each(|path| diagnostics::touch(self, &path));
        for waiting in folder.waiting {
            let error = failures::stale("The folder was closed.", "Open it again.");
            waiting.reply.send(Err(error));
        }
        self.rehome();
        self.do_deferred();
    }

    /// Tries again to open the engine of a folder.
    pub(crate) fn open_engine(&mut self, id: FolderId) {
        let Some(folder) = self.folders.get_mut(id) else { return };
        folder.slot = Slot::Opening;
        let (open, root, watch) = (self.open.clone(), folder.root.clone(), folder.watch);
        let (settings, queue) = (folder.preferences.runs.clone(), self.queue.clone());
        self.background.beside(Box::new(move || match open(&root, settings, watch) {
            Ok(Opened { engine, events, recovered, past }) => {
                queue.post("folder opened", move |server| opened(server, id, engine, recovered, past));
                for event in events {
                    queue.post("event", move |server| runs::event(server, id, event));
                }
            }
            Err(error) => queue.post("folder not opened", move |server| not_opened(server, id, &error)),
        }));
    }

    /// Does something at once, or as soon as no folder is being opened any more.
    pub(crate) fn once_open(&mut self, work: impl FnOnce(&mut Self) + Send + 'static) {
        self.deferred.push(Box::new(work));
        self.do_deferred();
    }

    fn do_deferred(&mut self) {
        if self.folders.iter().all(|it| !matches!(it.slot, Slot::Opening)) {
            for work in std::mem::take(&mut self.deferred) {
                work(self);
            }
        }
    }

    /// Takes in the client's answer to a request of ours; answers that nobody asked for are passed over.
    pub(crate) fn answered(&mut self, id: OurId, answer: jsonrpc::Result<Value>) {
        match self.awaited.remove(&id) {
            Some(Awaited::Settings(folders)) => configuration::answered(self, &folders, answer),
            Some(Awaited::Watching) => watching::answered(self, answer.is_ok()),
            Some(Awaited::Progress(run)) => runs::progress_created(self, run, answer.is_ok()),
            Some(Awaited::Apply(apply)) => apply::answered(self, apply, answer),
            Some(Awaited::Unproved(run)) => offers::unproved_decided(self, run, answer),
            None => {}
        }
    }

    /// Documents change hands when folders come and go.
    fn rehome(&mut self) {
        for (path, document) in self.documents.iter_mut() {
            let home = self.folders.home(path);
            if home == document.home {
                continue;
            }
            if let Some((old, rel)) = document.home.take()
                && let Some(engine) = self.folders.engine(old)
            {
                engine.close_buffer(&rel);
            }
            if let Some((new, rel)) = &home
                && let Some(engine) = self.folders.engine(*new)
            {
                engine.open_buffer(rel.clone(), document.version, document.text.to_string());
            }
            document.home = home;
        }
    }
}

/// The engine of a folder is there: it gets the documents, and what has waited for it begins.
fn opened(
    server: &mut Server,
    id: FolderId,
    engine: Arc<dyn Engine>,
    recovered: Vec<String>,
    past: Vec<RunView>,
) {
    let Some(folder) = server.folders.get_mut(id) else { return };
    let waiting = std::mem::take(&mut folder.waiting);
    engine.set_settings(folder.preferences.runs.clone());
    let changed = std::mem::take(&mut folder.changed);
    for sentence in &recovered {
        server.out.show(MessageType::INFO, sentence);
    }
    folder.facts = Facts { recovered, past, ..Facts::default() };
    for (_, document) in server.documents.iter() {
        if let Some((home, rel)) = &document.home
            && *home == id
        {
            engine.open_buffer(rel.clone(), document.version, document.text.to_string());
        }
    }
    folder.slot = Slot::Open(engine);
    diagnostics::touch_all(server);
    server.rehome(); // its real name may hold documents that its given one does not
    watching::read(server, id, changed);
    status::look(server, id);
    for it in waiting {
        runs::start(server, id, it.intent, it.reply);
    }
    server.do_deferred();
}

/// The engine of a folder could not be opened.
fn not_opened(server: &mut Server, id: FolderId, error: &HostError) {
    let Some(folder) = server.folders.get_mut(id) else { return };
    folder.slot = Slot::Failed;
    folder.facts = Facts { trouble: Some(error.clone()), ..Facts::default() };
    let Folder { root, waiting, .. } = folder;
    let text = format!("Bodkin can not work on {}: {}", root.display(), messages::failure(error));
    for it in std::mem::take(waiting) {
        it.reply.send(Err(failures::error(error)));
    }
    server.out.show(MessageType::ERROR, text);
    server.status.touch();
    server.do_deferred();
}
