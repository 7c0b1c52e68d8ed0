//! Who watches the files of a folder: the client where it offers that, so that no file is watched twice.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use crate::folders::{FolderId, Slot, Watch};
use crate::server::{Awaited, Server};

/// Every change but none that only reads: created, changed, deleted.
const EVERYTHING: u8 = 7;

/// Has the client watch the files of its folders.
pub(crate) fn register(server: &mut Server) {
    if !server.client.watches {
        return;
    }
    let registration = json!({
        "id": "bodkin.files", "method": "workspace/didChangeWatchedFiles",
        "registerOptions": {"watchers": [{"globPattern": "**/*", "kind": EVERYTHING}]},
    });
    let id = server.out.request("client/registerCapability", json!({"registrations": [registration]}));
    server.awaited.insert(id, Awaited::Watching);
}

/// The client watches from now on, or would not: then the engines do. Either way the disk is looked at once more,
/// because nobody watched until now.
pub(crate) fn answered(server: &mut Server, watches: bool) {
    server.client.watches = watches;
    for folder in server.folders.iter_mut().filter(|it| it.watch == Watch::Client) {
        if !watches {
            folder.watch = Watch::Engine;
        }
        if let Some(engine) = folder.engine() {
            server.background.beside(Box::new(move || match watches {
                true => engine.rescan(),
                false => engine.watch_disk(),
            }));
        }
    }
}

/// Hands on what the client saw, to the folders that it watches.
pub(crate) fn changed(server: &mut Server, paths: Vec<PathBuf>) {
    let mut of_folders: Vec<(FolderId, BTreeSet<PathBuf>)> = Vec::new();
    for path in paths {
        let Some((id, _)) = server.folders.home(&path) else { continue };
        match of_folders.iter_mut().find(|it| it.0 == id) {
            Some((_, paths)) => {
                paths.insert(path);
            }
            None => of_folders.push((id, BTreeSet::from([path]))),
        }
    }
    for (id, paths) in of_folders {
        let Some(folder) = server.folders.get_mut(id).filter(|it| it.watch == Watch::Client) else {
            continue;
        };
        match folder.slot {
            Slot::Opening => folder.changed.extend(paths),
            Slot::Open(_) => read(server, id, paths),
            Slot::Failed => {}
        }
    }
}

/// Has an engine read these paths, after all that was told before.
pub(crate) fn read(server: &Server, id: FolderId, paths: BTreeSet<PathBuf>) {
    let Some(folder) = server.folders.get(id) else { return };
    let Some(engine) = folder.engine().filter(|_| !paths.is_empty()) else { return };
    // The engine knows its folder by its real name.
    let root = folder.root.clone();
    let real = engine.root().to_owned();
    let paths =
        paths.into_iter().map(|path| path.strip_prefix(&root).map(|rel| real.join(rel)).unwrap_or(path));
    let paths: BTreeSet<PathBuf> = paths.collect();
    server.background.in_order(Box::new(move || engine.files_changed(&paths)));
}
