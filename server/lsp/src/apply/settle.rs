//! Finding out whether an edit is in place: by the texts that the editor tells and by the disk, never by its word.

use std::path::Path;

use bodkin_text::RelPath;
use serde_json::Value;
use tower_lsp::jsonrpc;
use tower_lsp::ls_types::MessageType;

use super::{Apply, ApplyId, Expected, What, again, give_back, withhold};
use crate::folders::CheckpointKey;
use crate::offers;
use crate::server::Server;

/// How long the editor may take to tell the text after it said that it applied, milliseconds.
const TELLING_MS: u64 = 2_000;

/// Said of an editor whose word is not so.
const UNTRUE: &str = "the editor said that it applied it, but its text is another";

/// A document has a new text: edits that wait for it may be found to be in place.
pub(crate) fn document_changed(server: &mut Server, path: &Path) {
    let waiting: Vec<ApplyId> = server
        .applies
        .going
        .iter()
        .filter(|(_, it)| it.files.iter().any(|file| file.path == path))
        .map(|(id, _)| *id)
        .collect();
    for id in waiting {
        settle_if_in_place(server, id);
    }
}

/// The editor has answered a request to apply.
pub(crate) fn answered(server: &mut Server, id: ApplyId, answer: jsonrpc::Result<Value>) {
    let now = server.now_ms;
    let Some(apply) = server.applies.going.get_mut(&id) else { return };
    let refusal = match answer {
        Ok(answer) if answer.get("applied").and_then(Value::as_bool) == Some(true) => {
            apply.told_by_ms = Some(now + TELLING_MS);
            return settle_if_in_place(server, id);
        }
        Ok(answer) => answer.get("failureReason").and_then(Value::as_str).map(str::to_owned),
        Err(error) => Some(error.message.into_owned()),
    };
    let Some(apply) = server.applies.going.remove(&id) else { return };
    report(server, &apply, false);
    if apply.files.iter().any(|file| has_moved(server, file)) {
        return again(server, apply.wish);
    }
    match refusal {
        Some(reason) => withhold(server, apply.wish, &format!("the editor did not apply it: {reason}")),
        None => {
            server.out.log(MessageType::INFO, "Bodkin: the change was not wanted.");
            give_back(server, apply.wish);
        }
    }
}

/// Editors that said that they applied and never told a text with the change in it are not believed.
pub(crate) fn give_up_waiting(server: &mut Server) {
    let now = server.now_ms;
    while let Some(id) = server
        .applies
        .going
        .iter()
        .find(|(_, it)| it.told_by_ms.is_some_and(|at| at <= now))
        .map(|(id, _)| *id)
    {
        let Some(apply) = server.applies.going.remove(&id) else { return };
        if apply.files.iter().any(|it| server.documents.get(&it.path).is_none()) {
            report(server, &apply, true); // the engine has the last word about files that are not on the screen
            continue;
        }
        report(server, &apply, false);
        if server.client.document_changes && apply.files.iter().all(|it| it.version.is_some()) {
            again(server, apply.wish); // an old version protects from applying twice
        } else {
            withhold(server, apply.wish, UNTRUE);
        }
    }
}

/// Ends the wait for an edit whose every file is what it should be.
fn settle_if_in_place(server: &mut Server, id: ApplyId) {
    let Some(apply) = server.applies.going.get(&id) else { return };
    let said = apply.told_by_ms.is_some();
    let mut is_hidden = false;
    let in_place = apply.files.iter().all(|file| match server.documents.get(&file.path) {
        Some(document) if document.suspect.is_some() => false,
        Some(document) => *document.text == *file.after || (said && file.is_within(&document.text)),
        None => {
            is_hidden = true;
            said
        }
    });
    match (in_place, is_hidden) {
        (false, _) => {}
        (true, true) => look(server, id),
        (true, false) => settle(server, id),
    }
}

fn settle(server: &mut Server, id: ApplyId) {
    if let Some(apply) = server.applies.going.remove(&id) {
        server.applies.last = Some(apply.wish.folder);
        report(server, &apply, true);
    }
}

/// Has the engine look at the files that are not on the screen. An editor may write them, or open them and tell their
/// texts, before or after its answer: what is not in place yet is waited for.
fn look(server: &mut Server, id: ApplyId) {
    let Some(apply) = server.applies.going.get_mut(&id).filter(|it| !it.is_looked_at) else { return };
    apply.is_looked_at = true;
    let (checkpoint, folder) = (apply.checkpoint, apply.wish.folder);
    let Some(engine) = server.folders.engine(folder) else { return };
    let queue = server.queue.clone();
    server.background.in_order(Box::new(move || {
        let stands = engine.applied(checkpoint, true);
        queue.post("edit looked at", move |server| {
            if !stands {
                if let Some(apply) = server.applies.going.get_mut(&id) {
                    apply.is_looked_at = false;
                }
            } else if let Some(apply) = server.applies.going.remove(&id) {
                server.applies.last = Some(apply.wish.folder);
                told_to_stand(server, &apply);
            }
        });
    }));
}

/// The engine has found that a change stands.
fn told_to_stand(server: &mut Server, apply: &Apply) {
    let checkpoint = CheckpointKey { folder: apply.wish.folder, checkpoint: apply.checkpoint };
    let files: Vec<RelPath> = apply.files.iter().map(|it| it.rel.clone()).collect();
    server.applies.own.retain(|it| *it != checkpoint);
    if let What::Accept(_) = apply.wish.what {
        server.applies.own.push(checkpoint);
    }
    match apply.wish.what {
        What::Accept(_) => offers::stands(server, apply.run, checkpoint, &files),
        What::Undo(_) => offers::undone(server, apply.run, checkpoint),
    }
}

/// Tells the engine how it went; where it finds that the texts are not what they should be, that is said.
pub(super) fn report(server: &Server, apply: &Apply, applied: bool) {
    let Some(engine) = server.folders.engine(apply.wish.folder) else { return };
    let (checkpoint, wish, queue, apply) =
        (apply.checkpoint, apply.wish, server.queue.clone(), apply.clone());
    server.background.in_order(Box::new(move || {
        let stands = engine.applied(checkpoint, applied);
        if applied && !stands {
            engine.applied(checkpoint, false);
            queue.post("edit doubted", move |server| withhold(server, wish, UNTRUE));
        } else if stands {
            queue.post("edit stands", move |server| told_to_stand(server, &apply));
        }
    }));
}

/// Whether the editor has told a new version since the edit was sent.
fn has_moved(server: &Server, file: &Expected) -> bool {
    server.documents.get(&file.path).is_some_and(|it| Some(it.version) != file.version)
}
