//! `POST …/run`: a frame and a command in, the command's output out, in one round trip.
//!
//! The sandbox is made for this run over the state that was named, and ends with it; a client that goes away ends it
//! too. A later frame goes to another folder meanwhile.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bodkin_e2b::native::{Piece, RUN_TYPE, RunEnd, RunFault, RunLimits, RunRequest, WORKSPACE};
use bodkin_guard::action::Limits;
use bodkin_guard::report::Exit;
use bodkin_sandbox::session::{Base, ProcessEvent, ProcessOrder};
use bodkin_sync::store::Pin;
use bodkin_sync::wire::Answer;
use bodkin_text::{Layer, RelPath};
use tokio::sync::mpsc;

use super::{answered, back::back};
use crate::bridge::{blocking, body, pieces};
use crate::clock;
use crate::control::Caller;
use crate::daemon::{Daemon, Wish};
use crate::failure::Failure;
use crate::keys::Key;
use crate::sandbox::Sandbox;

/// How often a run looks whether anybody still listens.
const LOOK: Duration = Duration::from_millis(200);

pub(super) async fn run(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    Path(name): Path<String>,
    request: Bytes,
) -> Result<Response, Failure> {
    let (asked, frame) = RunRequest::decode(&request).map_err(|error| Failure::bad(error.to_string()))?;
    let frame = request.slice_ref(frame);
    let root = asked.root.clone();
    let (keeper, owner) = (daemon.clone(), key.clone());
    let pinned = blocking(move || pin(&keeper, &owner, &name, &root, &frame)).await?;
    let pin = match pinned {
        Ok(pin) => pin,
        Err(answer) => return answered(&answer),
    };
    let (wish, order) = wish(&daemon, key, asked, pin)?;
    let wants = wish.1;
    let sandbox = daemon.create(wish.0).await?;
    let (to, from) = pieces();
    tokio::task::spawn_blocking(move || {
        let told = follow(&sandbox, order, wants, &to);
        daemon.counts.commands.fetch_add(1, Ordering::Relaxed);
        let last = told.unwrap_or_else(|failure| {
            let next_step = "ask again, or look at the daemon's ledger".to_owned();
            Piece::Fault(RunFault { message: failure.message, next_step })
        });
        daemon.end_own(&sandbox.id);
        // Nobody listens any more: then nobody misses it.
        let _ = to.blocking_send(Ok(last.encode().into()));
    });
    Ok(([(header::CONTENT_TYPE, RUN_TYPE)], body(from)).into_response())
}

/// Brings the replica to the state and keeps it there; or what is needed for that.
fn pin(
    daemon: &Daemon,
    key: &Key,
    name: &str,
    root: &str,
    frame: &[u8],
) -> Result<Result<Pin, Answer>, Failure> {
    let replica = daemon.stores.replica(key, name)?;
    if !frame.is_empty() {
        match replica.receive(frame) {
            Answer::Applied { .. } | Answer::Kept => {}
            answer @ (Answer::NeedState { .. }
            | Answer::NeedContents(_)
            | Answer::Full(_)
            | Answer::Refused(_)) => return Ok(Err(answer)),
        }
    }
    let pin = replica.pin();
    // Another client may have moved it on in between: then it is not what was asked for.
    if pin.root().to_string() == root { Ok(Ok(pin)) } else { Ok(Err(Answer::NeedState { have: pin.root() })) }
}

type Ready = ((Wish, bool), ProcessOrder);

fn wish(daemon: &Daemon, key: Arc<Key>, asked: RunRequest, pin: Pin) -> Result<Ready, Failure> {
    if asked.argv.is_empty() {
        return Err(Failure::bad("no command is named"));
    }
    let reach: BTreeSet<String> = asked.hosts.into_iter().collect();
    if let Some(host) = reach.iter().find(|host| !daemon.options.reach.contains(*host)) {
        return Err(Failure::forbidden(format!(
            "sandboxes of this daemon may not reach `{host}`; it is to be started with --reach {host}"
        )));
    }
    let mut layer = Layer::empty();
    for (path, text) in asked.layer {
        let path: RelPath =
            RelPath::new(&path).map_err(|error| Failure::bad(format!("`{path}`: {error}")))?;
        match text {
            Some(text) => layer.put(path, text),
            None => layer.hide(path),
        }
    }
    let at = PathBuf::from(asked.at.as_deref().unwrap_or(WORKSPACE));
    if !at.is_absolute() {
        return Err(Failure::bad(format!("`{}` is no absolute path", at.display())));
    }
    let limits = asked.limits.map_or(daemon.options.limits, |it| less(it, daemon.options.limits));
    let wall = Duration::from_millis(limits.wall_ms);
    let order = ProcessOrder {
        cwd: Some(asked.cwd.map_or_else(|| at.clone(), |cwd| at.join(cwd))),
        deadline: Some(wall),
        ..ProcessOrder::new(asked.argv.clone())
    };
    let folder = pin.folder().to_path_buf();
    let wish = Wish {
        key,
        template: "run".to_owned(),
        // The command's own end comes first; this is for a daemon that lost it.
        life: wall + Duration::from_secs(60),
        auto_pause: false,
        metadata: [].into(),
        env: asked.env,
        reach,
        base: Base::Workspace { folder, at: Some(at), layer },
        holds: Some(Box::new(pin)),
        repeat: None,
        workdir: None,
        limits: Some(limits),
        runs: Some(asked.argv),
    };
    Ok(((wish, asked.changes), order))
}

/// The smaller of each.
fn less(asked: RunLimits, most: Limits) -> Limits {
    let both = |asked: Option<u64>, most: Option<u64>| match (asked, most) {
        (Some(asked), Some(most)) => Some(asked.min(most)),
        (one, other) => one.or(other),
    };
    Limits {
        wall_ms: asked.wall_ms,
        memory_bytes: asked.memory_bytes.min(most.memory_bytes),
        processes: asked.processes.min(most.processes),
        output_bytes: asked.output_bytes.min(most.output_bytes),
        disk_bytes: asked.disk_bytes.min(most.disk_bytes),
        test_ms: None,
        cpu_ms: both(asked.cpu_ms, most.cpu_ms),
        file_bytes: both(asked.file_bytes, most.file_bytes),
    }
}

type To = mpsc::Sender<io::Result<Bytes>>;

/// Runs the command and tells what it says; gives the last piece.
fn follow(sandbox: &Sandbox, order: ProcessOrder, wants_changes: bool, to: &To) -> Result<Piece, Failure> {
    let began = clock::now();
    let process = sandbox.session.start(order)?;
    let mut listen = process.listen();
    let mut output_bytes = 0;
    let gone = || Failure::bad("the client went away");
    let mut say = |piece: Piece, count: usize| {
        output_bytes += count as u64;
        to.blocking_send(Ok(piece.encode().into())).map_err(|_| gone())
    };
    let exit: Exit = loop {
        match listen.next(LOOK) {
            Some(ProcessEvent::Stdout(bytes) | ProcessEvent::Terminal(bytes)) => {
                let count = bytes.len();
                say(Piece::Stdout(bytes), count)?;
            }
            Some(ProcessEvent::Stderr(bytes)) => {
                let count = bytes.len();
                say(Piece::Stderr(bytes), count)?;
            }
            Some(ProcessEvent::Ended(exit)) => break exit,
            None if to.is_closed() => return Err(gone()),
            None if !sandbox.session.is_alive() => return Err(Failure::dead_sandbox(&sandbox.id)),
            None => {}
        }
    };
    let wall_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    if wants_changes {
        let changes = back(sandbox.session.changes()?).encode();
        let changes =
            changes.map_err(|error| Failure::internal(format!("what it changed can not travel: {error}")))?;
        say(Piece::Changes(changes), 0)?;
    }
    Ok(Piece::End(RunEnd {
        exit: serde_json::to_value(exit).unwrap_or_default(),
        wall_us,
        output_bytes,
        isolation: serde_json::to_value(sandbox.session.isolation()).unwrap_or_default(),
    }))
}
