//! `bodkin/changes`: the changes that were put in place, of this process and of earlier ones.

use bodkin_host::{ChangeView, HostError, wire as host_wire};
use bodkin_protocol::history::{Change, Changes, ChangesArguments};

use crate::failures;
use crate::folders::{CheckpointKey, Folder, FolderId, RunKey};
use crate::queue::Reply;
use crate::requests::execute_command::folder_named;
use crate::server::Server;
use crate::wire;

/// Answers once the folders' checkpoints have been read, which is done in the background.
pub(crate) fn answer(server: &mut Server, params: &ChangesArguments, reply: Reply<Changes>) {
    let named = match params.folder.as_ref().map(|uri| folder_named(server, uri)).transpose() {
        Ok(named) => named,
        Err(error) => return reply.send(Err(error)),
    };
    let wanted = |it: &&Folder| named.is_none_or(|id| id == it.id);
    let engines: Vec<_> =
        server.folders.iter().filter(wanted).filter_map(|it| Some((it.id, it.engine()?))).collect();
    let queue = server.queue.clone();
    server.background.beside(Box::new(move || {
        let read =
            |(id, engine): (FolderId, std::sync::Arc<dyn crate::engine::Engine>)| Ok((id, engine.changes()?));
        let read: Result<Vec<_>, HostError> = engines.into_iter().map(read).collect();
        queue.post("changes read", move |server| match read {
            Ok(read) => reply.send(Ok(told(server, read))),
            Err(error) => reply.send(Err(failures::error(&error))),
        });
    }));
}

fn told(server: &Server, read: Vec<(FolderId, Vec<ChangeView>)>) -> Changes {
    let change = |folder: FolderId, it: ChangeView| Change {
        checkpoint: CheckpointKey { folder, checkpoint: it.checkpoint }.to_string(),
        run_id: RunKey { folder, run: it.run }.to_string(),
        title: it.title,
        files: wire::changed_files(server, folder, &it.files),
        state: host_wire::change_state(it.state),
    };
    let changes =
        read.into_iter().flat_map(|(folder, all)| all.into_iter().map(move |it| change(folder, it)));
    Changes { changes: changes.collect() }
}
