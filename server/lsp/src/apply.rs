//! Putting an edit in place through the editor, and finding out whether it is.
//!
//! An edit is sent for exactly the text that the editor last told; the editor's word that it applied is not
//! taken for it: what counts is the text that it tells afterwards. Where the user typed meanwhile, the edit is
//! made anew for the new text, once; then it is withheld, and that is said.

mod settle;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_host::{CheckpointId, EditorApply, EditorFile, HostError};
use bodkin_protocol::FailureKind;
use bodkin_protocol::review::ReviewState;
use bodkin_text::RelPath;
use bodkin_text::merge::{Merge, three_way};
use serde_json::Value;
use tower_lsp::ls_types::{MessageType, Uri};

use crate::engine::Engine;
use crate::folders::{CheckpointKey, FolderId, RunKey};
use crate::queue::Reply;
use crate::review::{Accepted, Review};
use crate::server::{Awaited, Server};
use crate::settings::Confirm;
use crate::workspace_edit::{self, Ask, FileToEdit};
use crate::{failures, messages, offers, review, runs};

use settle::report;
pub(crate) use settle::{answered, document_changed, give_up_waiting};

/// How often an edit is made anew before it is withheld.
const ATTEMPTS: u8 = 3;

/// Names an edit that is with the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApplyId(u64);

/// Edits that are with the editor.
#[derive(Debug, Default)]
pub(crate) struct Applies {
    next: u64,
    going: BTreeMap<ApplyId, Apply>,
    /// The folder that was changed last.
    last: Option<FolderId>,
    /// The changes of this connection that stand, the newest last.
    own: Vec<CheckpointKey>,
}

#[derive(Debug, Clone)]
struct Apply {
    wish: Wish,
    checkpoint: CheckpointId,
    /// The run that the change comes from.
    run: RunKey,
    files: Vec<Expected>,
    /// Set once the editor has said that it applied: until when its text is waited for.
    told_by_ms: Option<u64>,
    /// Whether the engine is looking at the files that are not on the screen.
    is_looked_at: bool,
}

/// What is wanted of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    folder: FolderId,
    what: What,
    /// From one.
    attempt: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The offer of a run, as far as it is accepted.
    Accept(RunKey),
    /// Taking back this change, or the last.
    Undo(Option<CheckpointId>),
}

/// What a file will be.
#[derive(Debug, Clone)]
struct Expected {
    rel: RelPath,
    path: PathBuf,
    version: Option<i32>,
    before: Arc<str>,
    after: String,
}

impl Applies {
    /// The folder that was changed last.
    pub(crate) fn last_folder(&self) -> Option<FolderId> {
        self.last
    }

    /// The changes of this connection that stand in a folder, the newest first.
    fn own_in(&self, folder: FolderId) -> Vec<CheckpointId> {
        self.own.iter().rev().filter(|it| it.folder == folder).map(|it| it.checkpoint).collect()
    }

    /// When waiting for an editor's text ends.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        self.going.values().filter_map(|it| it.told_by_ms).min()
    }
}

/// Puts the offer of a run in place, as far as it is accepted.
pub(crate) fn accept(server: &mut Server, run: RunKey) {
    make(server, Wish { folder: run.folder, what: What::Accept(run), attempt: 1 }, None);
}

/// Takes back a change of a folder, the last where none is named; answers once the edit is on its way.
pub(crate) fn undo(
    server: &mut Server,
    folder: FolderId,
    which: Option<CheckpointId>,
    reply: Reply<Option<Value>>,
) {
    make(server, Wish { folder, what: What::Undo(which), attempt: 1 }, Some(reply));
}

/// Has the engine make the edit for the present texts, which may touch the disk.
fn make(server: &mut Server, wish: Wish, reply: Option<Reply<Option<Value>>>) {
    let Some(engine) = server.folders.engine(wish.folder) else { return };
    let queue = server.queue.clone();
    let accepted = match wish.what {
        What::Accept(key) => server.runs.review(key).map_or(Accepted::Whole, Review::accepted),
        What::Undo(_) => Accepted::Whole,
    };
    let own = server.applies.own_in(wish.folder);
    server.background.in_order(Box::new(move || {
        let made = match (wish.what, accepted) {
            (What::Accept(key), Accepted::Whole) => engine.accept(key.run),
            (What::Accept(key), Accepted::Part(hunks, unproved)) => {
                engine.accept_part(key.run, &hunks, unproved)
            }
            (What::Undo(Some(which)), _) => engine.undo(Some(which)),
            (What::Undo(None), _) => undo_last(&*engine, &own),
        };
        queue.post("edit made", move |server| made_ready(server, wish, made, reply));
    }));
}

/// Takes back the last change of this connection that still stands, else the last of the folder: another window's
/// change is not what a user here means by the last.
fn undo_last(engine: &dyn Engine, own: &[CheckpointId]) -> Result<EditorApply, HostError> {
    for checkpoint in own {
        match engine.undo(Some(*checkpoint)) {
            Err(error) if error.kind == FailureKind::BadRequest => {} // it was taken back elsewhere
            done => return done,
        }
    }
    engine.undo(None)
}

fn made_ready(
    server: &mut Server,
    wish: Wish,
    made: Result<EditorApply, HostError>,
    reply: Option<Reply<Option<Value>>>,
) {
    match (made, reply) {
        (Ok(made), reply) => {
            if let Some(reply) = reply {
                reply.send(Ok(None));
            }
            send(server, wish, made);
        }
        (Err(error), Some(reply)) => reply.send(Err(failures::error(&error))),
        (Err(error), None) => withhold(server, wish, &messages::failure(&error)),
    }
}

fn send(server: &mut Server, wish: Wish, made: EditorApply) {
    let Some(root) = server.folders.get(wish.folder) else { return };
    let path = |rel| match server.documents.of_home(wish.folder, rel) {
        Some((path, _)) => path.clone(),
        None => root.path_of(rel),
    };
    let files: Vec<Expected> = made.files.iter().filter_map(|it| expect(path(&it.path), it)).collect();
    let run = RunKey { folder: wish.folder, run: made.run };
    let apply =
        Apply { wish, checkpoint: made.checkpoint, run, files, told_by_ms: None, is_looked_at: false };
    if apply.files.len() != made.files.len() || apply.files.iter().any(|file| is_stale(server, file)) {
        report(server, &apply, false);
        return again(server, wish); // the user typed while it was made
    }
    let confirm = match (wish.what, server.preferences_of(wish.folder).confirm) {
        (What::Accept(_), Confirm::Auto) if !server.client.review => Ask::IfPossible,
        (What::Accept(_), Confirm::Auto | Confirm::Never) | (What::Undo(_), _) => Ask::No,
    };
    let Some(to_edit) = made
        .files
        .iter()
        .zip(&apply.files)
        .map(|(it, file)| {
            Some(FileToEdit {
                uri: uri(server, &file.path)?,
                version: it.version,
                before: &it.before,
                edits: &it.edits,
            })
        })
        .collect::<Option<Vec<_>>>()
    else {
        report(server, &apply, false);
        return withhold(server, wish, "a file's name can not be told to the editor");
    };
    let request = workspace_edit::request(&server.client, &made.title, to_edit, confirm);
    let ours = server.out.request("workspace/applyEdit", request);
    let id = ApplyId(server.applies.next);
    server.applies.next += 1;
    server.applies.going.insert(id, apply);
    server.awaited.insert(ours, Awaited::Apply(id));
    if let What::Accept(key) = wish.what
        && let Some(offer) = server.runs.offer(key)
    {
        server.runs.end_progress(key, &messages::offered(&offer), &server.out);
    }
}

/// Makes the edit anew for what the texts are now.
fn again(server: &mut Server, wish: Wish) {
    if wish.attempt >= ATTEMPTS {
        return withhold(server, wish, "the text kept changing while it was put in place");
    }
    make(server, Wish { attempt: wish.attempt + 1, ..wish }, None);
}

/// Says that an edit is not put in place.
fn withhold(server: &mut Server, wish: Wish, why: &str) {
    let text = format!("Bodkin, {}: not applied; {why}", label(server, wish));
    match wish.what {
        What::Accept(key) => runs::warn(server, key, &text),
        What::Undo(_) => server.out.show(MessageType::WARNING, text),
    }
    give_back(server, wish);
}

fn give_back(server: &mut Server, wish: Wish) {
    if let What::Accept(key) = wish.what {
        server.runs.end_progress(key, "The change was not applied.", &server.out);
        review::becomes(server, key, ReviewState::Withheld);
        offers::leave(server, key);
    }
}

fn label(server: &Server, wish: Wish) -> String {
    match wish.what {
        What::Accept(key) => server.runs.offer(key).map_or_else(|| "fix".to_owned(), |it| it.summary.clone()),
        What::Undo(_) => "undo".to_owned(),
    }
}

fn expect(path: PathBuf, file: &EditorFile) -> Option<Expected> {
    let after = file.edits.apply(&file.before).ok()?;
    let rel = file.path.clone();
    Some(Expected { rel, path, version: file.version, before: file.before.clone(), after })
}

/// Whether the screen shows another text than the one that the edit was made for.
fn is_stale(server: &Server, file: &Expected) -> bool {
    match server.documents.get(&file.path) {
        Some(document) => {
            document.suspect.is_some()
                || Some(document.version) != file.version
                || document.text != file.before
        }
        None => file.version.is_some(),
    }
}

impl Expected {
    /// Whether a text has the change in it, whatever else was typed: making it once more changes nothing.
    fn is_within(&self, text: &str) -> bool {
        *text != *self.before && three_way(&self.before, &self.after, text) == Merge::Merged(text.to_owned())
    }
}

/// A file of a folder as the client names it.
pub(crate) fn uri_of(server: &Server, folder: FolderId, rel: &RelPath) -> String {
    let open = server.documents.of_home(folder, rel).map(|(_, document)| document.uri.clone());
    let plain = || Uri::from_file_path(server.folders.get(folder)?.path_of(rel));
    open.or_else(plain).map(|it| it.to_string()).unwrap_or_default()
}

/// The editor's own name for an open file; else a plain one.
fn uri(server: &Server, path: &Path) -> Option<Uri> {
    server.documents.get(path).map(|it| it.uri.clone()).or_else(|| Uri::from_file_path(path))
}
