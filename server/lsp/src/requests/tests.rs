//! `bodkin/tests`: the tests that files write down, found without running anything.
//!
//! Answered beside the loop, once the folder's first walk is done: a workspace may hold thousands of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bodkin_protocol::testing::{Tests, TestsArguments};
use bodkin_text::RelPath;
use tower_lsp::ls_types::Uri;

use crate::engine::Engine;
use crate::failures::bad_request;
use crate::folders::Folder;
use crate::queue::Reply;
use crate::requests::initialize::file_path;
use crate::server::Server;
use crate::testing;

/// Looks for the tests of a file, of a folder, or of all folders.
pub(crate) fn answer(server: &Server, arguments: &TestsArguments, reply: Reply<Tests>) {
    let below =
        match arguments.uri.as_deref().map(|it| it.parse::<Uri>().ok().and_then(|uri| file_path(&uri))) {
            None => None,
            Some(Some(path)) => Some(path),
            Some(None) => {
                let message = format!("`{}` is not a file.", arguments.uri.as_deref().unwrap_or_default());
                return reply.send(Err(bad_request(message, "Name a file, a folder, or nothing.")));
            }
        };
    let mut asked: Vec<(Arc<dyn Engine>, Place)> = Vec::new();
    for folder in server.folders.iter() {
        let Some(engine) = folder.engine() else { continue };
        let part = match &below {
            None => Part::All,
            Some(path) => match server.folders.home(path) {
                Some((home, rel)) if home == folder.id => Part::Below(rel),
                _ if folder.is_at(path) => Part::All,
                _ => continue,
            },
        };
        asked.push((engine, Place::of(server, folder, part)));
    }
    let encoding = server.client.encoding;
    server.background.beside(Box::new(move || {
        let mut tests = Vec::new();
        for (engine, place) in asked {
            let uri = |path: &RelPath| place.uri(path);
            tests.extend(testing::items(&engine.walked(), encoding, |path| place.part.holds(path), uri));
        }
        reply.send(Ok(Tests { tests }));
    }));
}

/// Which files are asked for.
enum Part {
    All,
    Below(RelPath),
}

impl Part {
    fn holds(&self, path: &RelPath) -> bool {
        match self {
            Self::All => true,
            Self::Below(folder) => path.is_within(folder),
        }
    }
}

/// Where the files of a folder are, and how the editor writes those that it has open.
struct Place {
    root: std::path::PathBuf,
    open: BTreeMap<RelPath, String>,
    part: Part,
}

impl Place {
    fn of(server: &Server, folder: &Folder, part: Part) -> Self {
        let own = server.documents.iter().filter_map(|(_, document)| {
            let (home, rel) = document.home.as_ref()?;
            (*home == folder.id).then(|| (rel.clone(), document.uri.to_string()))
        });
        Self { root: folder.root.clone(), open: own.collect(), part }
    }

    fn uri(&self, rel: &RelPath) -> Option<String> {
        let made = || {
            let path = rel.parts().fold(self.root.clone(), |path, part| path.join(part));
            Uri::from_file_path(path).map(|it| it.to_string())
        };
        self.open.get(rel).cloned().or_else(made)
    }
}
