//! `filesystem.Filesystem`: watches, as streams and as something that is asked.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use bodkin_e2b::connect::{self, Code, Fault};
use bodkin_e2b::filesystem::{
    Empty, EventType, FilesystemEvent, WatchRequest, WatchResponse, Watcher, WatcherEvents,
};
use bodkin_sandbox::session::{EntryKind, FileEvent, Watch};
use tokio::sync::mpsc;

use super::files::{info, nothing, path};
use super::told::{dead, keepalive};
use super::{Guest, Holder, alive, failed_stream, parse_enveloped, streamed};
use crate::bridge::{body, pieces};
use crate::clock;
use crate::failure::Failure;
use crate::random;
use crate::sandbox::{PolledWatch, Sandbox};

/// How often a listener looks whether anybody is still there.
const LOOK: Duration = Duration::from_millis(500);
/// How long a question waits for what is on its way: no longer than an event may take.
const ON_ITS_WAY: Duration = Duration::from_millis(50);
/// Watches of one sandbox that are asked.
const WATCHERS: usize = 256;
/// Events of one answer.
const EVENTS: usize = 10_000;
const LOST: &str = "more happened in the folder than could be told; look at it anew, and watch it again";

/// `WatchDir`: a stream that begins when the watch stands.
pub(super) async fn stream(
    Extension(sandbox): Guest,
    holder: Result<Holder, Failure>,
    headers: HeaderMap,
    request: Bytes,
) -> Response {
    let asked = match holder.and_then(|_| parse_enveloped::<WatchRequest>(&headers, &request)) {
        Ok(asked) => asked,
        Err(failure) => return failed_stream(failure),
    };
    let keepalive = keepalive(&headers);
    let folder = sandbox.path(&asked.path);
    let include = asked.include_entry;
    let watch = match alive(sandbox.clone(), move |it| open(it, &asked)).await {
        Ok(watch) => watch,
        Err(failure) => return failed_stream(failure),
    };
    let (to, from) = pieces();
    tokio::task::spawn_blocking(move || tell(&sandbox, watch, &to, &folder, include, keepalive));
    streamed(body(from))
}

fn tell(
    sandbox: &Sandbox,
    mut watch: Box<dyn Watch>,
    to: &mpsc::Sender<io::Result<Bytes>>,
    folder: &Path,
    include: bool,
    keepalive: Duration,
) {
    let say = |response: &WatchResponse| to.blocking_send(Ok(connect::message(response).into())).is_ok();
    let end = |fault: Option<Fault>| to.blocking_send(Ok(connect::end(fault).into()));
    let mut listens = say(&WatchResponse { start: Some(Empty {}), ..WatchResponse::default() });
    let mut last = clock::now();
    while listens {
        let event = match watch.next(LOOK.min(keepalive)) {
            Some(FileEvent::Lost) => {
                let _ = end(Some(Fault::new(Code::DataLoss, LOST)));
                return;
            }
            Some(event) => event,
            None if !sandbox.session.is_alive() => {
                let _ = end(Some(dead(sandbox)));
                return;
            }
            None => {
                listens = !to.is_closed();
                if listens && last.elapsed() >= keepalive {
                    last = clock::now();
                    listens = say(&WatchResponse { keepalive: Some(Empty {}), ..WatchResponse::default() });
                }
                continue;
            }
        };
        if let Some(told) = told(sandbox, folder, event, include) {
            last = clock::now();
            listens = say(&WatchResponse { filesystem: Some(told), ..WatchResponse::default() });
        }
    }
}

/// `CreateWatcher`: a watch that is asked for its events.
pub(super) fn create(sandbox: &Sandbox, asked: WatchRequest) -> Result<Watcher, Failure> {
    if sandbox.watchers().len() >= WATCHERS {
        return Err(Failure::over_quota(format!(
            "a sandbox has {WATCHERS} watches at most; remove one first"
        )));
    }
    let watch = open(sandbox, &asked)?;
    let word = random::word(16).map_err(|error| Failure::internal(error.to_string()))?;
    let folder = sandbox.path(&asked.path);
    let polled = PolledWatch { watch: Mutex::new(watch), folder, include_entry: asked.include_entry };
    sandbox.watchers().insert(word.clone(), Arc::new(polled));
    Ok(Watcher { watcher_id: word })
}

/// `GetWatcherEvents`: what happened since the last question.
pub(super) fn events(sandbox: &Sandbox, asked: Watcher) -> Result<WatcherEvents, Failure> {
    let unknown = || Failure::not_found(format!("watcher with id {} not found", asked.watcher_id));
    let polled = sandbox.watchers().get(&asked.watcher_id).cloned().ok_or_else(unknown)?;
    let mut watch = polled.watch.lock().unwrap_or_else(PoisonError::into_inner);
    let mut events = Vec::new();
    let mut wait = ON_ITS_WAY;
    while events.len() < EVENTS {
        match watch.next(wait) {
            None => break,
            Some(FileEvent::Lost) => {
                return Err(Failure::new(
                    axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                    Code::DataLoss,
                    LOST,
                ));
            }
            Some(event) => events.push(event),
        }
        wait = Duration::ZERO;
    }
    drop(watch);
    let events = events.into_iter().filter_map(|it| told(sandbox, &polled.folder, it, polled.include_entry));
    Ok(WatcherEvents { events: events.collect() })
}

/// `RemoveWatcher`.
pub(super) fn remove(sandbox: &Sandbox, asked: Watcher) -> Result<Empty, Failure> {
    let gone = sandbox.watchers().remove(&asked.watcher_id);
    gone.map(|_| Empty {})
        .ok_or_else(|| Failure::not_found(format!("watcher with id {} not found", asked.watcher_id)))
}

fn open(sandbox: &Sandbox, asked: &WatchRequest) -> Result<Box<dyn Watch>, Failure> {
    let folder = path(sandbox, &asked.path)?;
    let entry = sandbox.session.stat(&folder)?.ok_or_else(|| nothing(&folder))?;
    match entry.kind {
        EntryKind::Folder | EntryKind::Link(_) => Ok(sandbox.session.watch(&folder, asked.recursive)?),
        EntryKind::File | EntryKind::Other => {
            Err(Failure::bad(format!("path is not a directory: {}", folder.display())))
        }
    }
}

/// An event as clients read it; `None` for one that has no name below the folder.
fn told(sandbox: &Sandbox, folder: &Path, event: FileEvent, include: bool) -> Option<FilesystemEvent> {
    let (kind, at): (EventType, PathBuf) = match event {
        FileEvent::Created(at) => (EventType::Create, at),
        FileEvent::Written(at) => (EventType::Write, at),
        FileEvent::Removed(at) => (EventType::Remove, at),
        FileEvent::Renamed(at) => (EventType::Rename, at),
        FileEvent::ModeChanged(at) => (EventType::Chmod, at),
        FileEvent::Lost => return None,
    };
    let name = at.strip_prefix(folder).unwrap_or(&at).to_string_lossy().into_owned();
    let entry = include.then(|| sandbox.session.stat(&at).ok().flatten()).flatten();
    (!name.is_empty()).then(|| FilesystemEvent { name, kind, entry: entry.map(|it| info(sandbox, &it)) })
}
