//! `workspace/executeCommand`: `bodkin.fix`, `bodkin.fixTest`, `bodkin.test`, `bodkin.cancel`, `bodkin.accept`, `bodkin.decline`, `bodkin.undo`.
//!
//! Each answers at once; what takes time is told by events.

use std::path::{Path, PathBuf};

use bodkin_host::{CheckpointId, Fix, Intent};
use bodkin_protocol::history::UndoArguments;
use bodkin_protocol::methods::{
    ACCEPT, AcceptArguments, CANCEL, DECLINE, FIX, FIX_TEST, FixArguments, RunArguments, SelectedLines, TEST,
    UNDO,
};
use bodkin_protocol::review::{Choice, DecideArguments};
use bodkin_text::Line0;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_lsp::jsonrpc::Error;
use tower_lsp::ls_types::{ExecuteCommandParams, Uri};

use crate::failures::{bad_request, stale};
use crate::folders::{CheckpointKey, FolderId, RunKey, Slot, Waiting};
use crate::queue::Reply;
use crate::requests::initialize::file_path;
use crate::requests::test_command;
use crate::server::Server;
use crate::{apply, review, runs};

/// Every command, as `initialize` tells them.
pub(crate) const COMMANDS: [&str; 7] = [FIX, FIX_TEST, TEST, CANCEL, ACCEPT, DECLINE, UNDO];

/// Does what a command says.
pub(crate) fn answer(server: &mut Server, params: ExecuteCommandParams, reply: Reply<Option<Value>>) {
    let argument = params.arguments.into_iter().next();
    match params.command.as_str() {
        FIX => fix(server, argument, reply),
        FIX_TEST => match parse(argument) {
            Ok(it) => test_command::answer_fix(server, &it, reply),
            Err(error) => reply.send(Err(error)),
        },
        TEST => match parse(argument) {
            Ok(it) => test_command::answer(server, it, reply),
            Err(error) => reply.send(Err(error)),
        },
        CANCEL => reply.send(cancel(server, argument).map(|()| None)),
        ACCEPT => reply.send(accept(server, argument).map(|()| None)),
        DECLINE => reply.send(decline(server, argument).map(|()| None)),
        UNDO => undo(server, argument, reply),
        other => {
            let known = format!("The commands are {}.", COMMANDS.join(", "));
            reply.send(Err(bad_request(format!("`{other}` is no command of Bodkin."), &known)));
        }
    }
}

fn fix(server: &mut Server, argument: Option<Value>, reply: Reply<Option<Value>>) {
    match parse(argument).and_then(|it| intent(server, it)) {
        Ok((folder, intent)) => begin(server, folder, intent, reply),
        Err(error) => reply.send(Err(error)),
    }
}

/// Begins a run, as soon as its folder is open.
pub(crate) fn begin(server: &mut Server, folder: FolderId, intent: Intent, reply: Reply<Option<Value>>) {
    let Some(it) = server.folders.get_mut(folder) else {
        return reply.send(Err(stale("The folder was closed.", "Open it again.")));
    };
    match it.slot {
        Slot::Open(_) => runs::start(server, folder, intent, reply),
        Slot::Opening => it.waiting.push(Waiting { intent, reply }),
        Slot::Failed => {
            it.waiting.push(Waiting { intent, reply });
            server.open_engine(folder);
        }
    }
}

/// The path that a document's name means.
pub(crate) fn path_of(uri: &str) -> Result<PathBuf, Error> {
    let path = uri.parse::<Uri>().ok().and_then(|uri| file_path(&uri));
    path.ok_or_else(|| bad_request(format!("`{uri}` is not a file."), "Save it to a file first."))
}

/// What is to be fixed, checked against the text on the screen.
fn intent(server: &mut Server, it: FixArguments) -> Result<(FolderId, Intent), Error> {
    let path = path_of(&it.uri)?;
    check_version(server, &path, it.version)?;
    let lines = it.lines.map(|lines| lines_of(server, &path, lines)).transpose()?;
    let (folder, file) = match server.folders.home(&path) {
        Some(home) => home,
        None => {
            // A file outside every folder is worked on in its own folder.
            if let Some(folder) = path.parent() {
                server.add_folder_of_file(folder.to_owned());
            }
            let home = server.folders.home(&path);
            home.ok_or_else(|| bad_request(format!("`{}` names no file.", path.display()), "Name a file."))?
        }
    };
    let test = it.test.filter(|it| !it.trim().is_empty());
    let message = it.message.filter(|it| !it.trim().is_empty());
    Ok((folder, Intent::Fix(Fix { file, lines, test, test_dir: None, message })))
}

/// Nothing is begun on a text that is not the one on the screen.
pub(crate) fn check_version(server: &Server, path: &Path, version: Option<i32>) -> Result<(), Error> {
    let Some(document) = server.documents.get(path) else { return Ok(()) };
    if let Some(reason) = &document.suspect {
        let message = format!("Bodkin has lost track of `{}`: {reason}.", path.display());
        return Err(stale(message, "Close and open it again."));
    }
    if version.is_some_and(|it| it != document.version) {
        let message = format!("`{}` has changed since the action was offered.", path.display());
        return Err(stale(message, "Select the lines again."));
    }
    Ok(())
}

fn lines_of(server: &Server, path: &Path, lines: SelectedLines) -> Result<(Line0, Line0), Error> {
    let (first, last) = (Line0(lines.first), Line0(lines.last));
    if first > last {
        return Err(bad_request(
            format!("The lines {} to {} run backwards.", first.0 + 1, last.0 + 1),
            "Name the first line first.",
        ));
    }
    if let Some(document) = server.documents.get(path)
        && document.index.line_range(last).is_none()
    {
        return Err(bad_request(
            format!("Line {} is past the end of `{}`.", u64::from(last.0) + 1, path.display()),
            &format!("It has {} lines.", document.index.line_count()),
        ));
    }
    Ok((first, last)) // the engine looks at a file that is not open
}

/// One run; every run for who names none: an editor without a list of runs can not know their names.
fn cancel(server: &mut Server, argument: Option<Value>) -> Result<(), Error> {
    match parse::<Option<RunArguments>>(argument)? {
        Some(it) => {
            runs::cancel(server, key(&it.run_id)?);
        }
        None => runs::cancel_all(server),
    }
    Ok(())
}

/// All of an offer, as it is; or some hunks of it, of which a part is proved first.
fn accept(server: &mut Server, argument: Option<Value>) -> Result<(), Error> {
    let it: AcceptArguments = parse(argument)?;
    let anyway = it.hunks.is_none();
    let key = key(&it.run_id)?;
    let (choice, path) = (Choice::Accept, None);
    let arguments =
        DecideArguments { run_id: it.run_id, choice, path, hunks: it.hunks, finish: true, anyway };
    review::decide(server, key, &arguments).map(drop)
}

fn decline(server: &mut Server, argument: Option<Value>) -> Result<(), Error> {
    let it: RunArguments = parse(argument)?;
    review::decline(server, key(&it.run_id)?)
}

fn undo(server: &mut Server, argument: Option<Value>, reply: Reply<Option<Value>>) {
    match undone(server, argument) {
        Ok((folder, which)) => apply::undo(server, folder, which, reply),
        Err(error) => reply.send(Err(error)),
    }
}

/// What is to be taken back, and in which folder: that of the checkpoint, the one that is named, the one that was
/// changed last, the only open one.
fn undone(server: &Server, argument: Option<Value>) -> Result<(FolderId, Option<CheckpointId>), Error> {
    let it: UndoArguments = match argument {
        None | Some(Value::Null) => UndoArguments::default(),
        argument @ Some(_) => parse(argument)?,
    };
    if let Some(name) = &it.checkpoint {
        let key: CheckpointKey = name.parse().map_err(|()| {
            bad_request(format!("`{name}` names no change."), "Changes are written like `c7`.")
        })?;
        if server.folders.engine(key.folder).is_none() {
            return Err(stale("The folder of this change is not open.", "Open it again."));
        }
        return Ok((key.folder, Some(key.checkpoint)));
    }
    if let Some(uri) = &it.folder {
        return folder_named(server, uri).map(|folder| (folder, None));
    }
    let open: Vec<FolderId> =
        server.folders.iter().filter(|it| it.engine().is_some()).map(|it| it.id).collect();
    let only = open.first().copied().filter(|_| open.len() == 1);
    let last = server.applies.last_folder().filter(|it| server.folders.engine(*it).is_some());
    last.or(only).map(|folder| (folder, None)).ok_or_else(|| {
        let hint = "Bodkin changed nothing in this session; `bodkin undo` works in one folder.";
        bad_request("It is not clear in which folder to undo.", hint)
    })
}

/// The open folder that a client names.
pub(crate) fn folder_named(server: &Server, uri: &str) -> Result<FolderId, Error> {
    let path = uri.parse::<Uri>().ok().and_then(|uri| file_path(&uri));
    let folder = path.and_then(|path| server.folders.iter().find(|it| it.root == path).map(|it| it.id));
    folder.ok_or_else(|| bad_request(format!("`{uri}` is no workspace folder."), "Name one that is open."))
}

pub(crate) fn key(text: &str) -> Result<RunKey, Error> {
    text.parse().map_err(|()| bad_request(format!("`{text}` names no run."), "Runs are written like `r12`."))
}

fn parse<T: DeserializeOwned>(argument: Option<Value>) -> Result<T, Error> {
    serde_json::from_value(argument.unwrap_or_default()).map_err(|error| {
        bad_request(format!("The command's argument can not be read: {error}."), "See docs/protocol.md.")
    })
}
