//! How the server is, for a status item: told when it changes, at most every [`EVERY_MS`].

use bodkin_host::redact;
use bodkin_protocol::offer::IsolationLevel;
use bodkin_protocol::status::{FolderState, FolderStatus, Health, Status, TestsFound};
use bodkin_protocol::{methods, translate};
use bodkin_text::Encoding;
use tower_lsp::ls_types::Uri;

use crate::folders::{Folder, FolderId, Slot};
use crate::messages;
use crate::server::Server;

/// The shortest time between two notifications, milliseconds.
const EVERY_MS: u64 = 100;

/// What the client was told.
#[derive(Debug, Default)]
pub(crate) struct StatusFeed {
    last: Option<Status>,
    has_changed: bool,
    /// The earliest time for the next notification.
    free_ms: u64,
}

impl StatusFeed {
    /// Something has changed that may be seen in the status.
    pub(crate) fn touch(&mut self) {
        self.has_changed = true;
    }

    /// When the client is to be told.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        self.has_changed.then_some(self.free_ms)
    }
}

/// Tells a client that follows events what has changed.
pub(crate) fn flush(server: &mut Server) {
    if !server.status.has_changed || server.status.free_ms > server.now_ms {
        return;
    }
    if server.out.is_behind() {
        server.status.free_ms = server.now_ms + EVERY_MS; // a client that does not read is told the latest, later
        return;
    }
    server.status.has_changed = false;
    if !server.client.events {
        return;
    }
    let status = now(server);
    if server.status.last.as_ref() != Some(&status) {
        server.out.notify(methods::STATUS, &status);
        server.status.last = Some(status);
        server.status.free_ms = server.now_ms + EVERY_MS;
    }
}

/// Looks at how a folder is set up, in the background.
pub(crate) fn look(server: &Server, id: FolderId) {
    let Some(engine) = server.folders.engine(id) else { return };
    let queue = server.queue.clone();
    server.background.beside(Box::new(move || {
        let about = engine.about();
        queue.post("folder looked at", move |server| {
            if let Some(folder) = server.folders.get_mut(id) {
                folder.facts.about = Some(about);
                server.status.touch();
            }
        });
    }));
}

/// How the server is now.
pub(crate) fn now(server: &Server) -> Status {
    let (health, message, next_step) = health(server);
    let preferences = server.folders.iter().next().map_or(&server.preferences, |it| &it.preferences);
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        health,
        message,
        next_step,
        running: u32::try_from(server.runs.alive()).unwrap_or(u32::MAX),
        encoding: match server.client.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
            Encoding::Utf32 => "utf-32",
        }
        .to_owned(),
        folders: server.folders.iter().map(folder).collect(),
        settings: preferences.told(),
        state_folder: server.state_folder.clone(),
    }
}

/// The worst that is to be said, what it means, and what to do.
fn health(server: &Server) -> (Health, String, Option<String>) {
    if let Some((root, error)) =
        server.folders.iter().find_map(|it| Some((&it.root, it.facts.trouble.as_ref()?)))
    {
        let message = format!("Bodkin can not work on {}: {}", root.display(), error.message);
        return (Health::Error, message, Some(error.hint.clone()));
    }
    let waiting = server.runs.waiting();
    match server.runs.alive().saturating_sub(waiting) {
        0 => {}
        1 => return (Health::Busy, "1 run is under way.".to_owned(), None),
        many => return (Health::Busy, format!("{many} runs are under way."), None),
    }
    if let Some(folder) = server.folders.iter().find(|it| matches!(it.slot, Slot::Opening)) {
        return (Health::Busy, format!("{} is being opened.", name(folder)), None);
    }
    match waiting {
        0 => {}
        1 => return (Health::Ok, "1 change waits for your decision.".to_owned(), None),
        many => return (Health::Ok, format!("{many} changes wait for your decision."), None),
    }
    if let Some(folder) = server.folders.iter().find(|it| is_weak(it)) {
        let missing =
            folder.facts.about.as_ref().map(|it| it.isolation.missing.join(" ")).unwrap_or_default();
        let message = format!("The sandbox is weaker than it should be: {missing}");
        let step = "`bodkin doctor` tells what to do; `bodkin.allowReduced` runs tests all the same.";
        return (Health::Warning, message, Some(step.to_owned()));
    }
    let untested = |it: &&Folder| it.facts.about.as_ref().is_some_and(|it| it.tests.is_none());
    if let Some(folder) = server.folders.iter().find(untested) {
        let message = format!("Ready; no test command was found in {}.", name(folder));
        let step = "Set `bodkin.testCommand`, or write a test: a change is proved by tests.";
        return (Health::Ok, message, Some(step.to_owned()));
    }
    (Health::Ok, "Ready.".to_owned(), None)
}

fn is_weak(folder: &Folder) -> bool {
    let weak = |it: &bodkin_host::About| translate::isolation(&it.isolation).level != IsolationLevel::Full;
    !folder.preferences.runs.allow_reduced && folder.facts.about.as_ref().is_some_and(weak)
}

fn folder(it: &Folder) -> FolderStatus {
    let about = it.facts.about.as_ref();
    let tests = about.and_then(|it| it.tests.clone());
    FolderStatus {
        uri: Uri::from_file_path(&it.root).map(|uri| uri.to_string()).unwrap_or_default(),
        name: name(it),
        state: match it.slot {
            Slot::Opening => FolderState::Opening,
            Slot::Open(_) => FolderState::Open,
            Slot::Failed => FolderState::Failed,
        },
        message: it.facts.trouble.as_ref().map(messages::failure).unwrap_or_default(),
        isolation: about.map(|it| translate::isolation(&it.isolation)),
        tests: tests.map(|(command, reason)| TestsFound { command: redact(&command).into_owned(), reason }),
        recovered: it.facts.recovered.clone(),
    }
}

fn name(folder: &Folder) -> String {
    let last = folder.root.file_name().map(|it| it.to_string_lossy().into_owned());
    last.unwrap_or_else(|| folder.root.display().to_string())
}
