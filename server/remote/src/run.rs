//! Permitted commands, run on another machine over the workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bodkin_e2b::native::{Piece, Pieces, RunEnd, RunLimits, RunRequest};
use bodkin_guard::Permit;
use bodkin_guard::action::{CommandLine, Limits, Network, RunCommand, SendFiles};
use bodkin_guard::report::{Exit, Finished, Isolation, Stop};
use bodkin_sandbox::changes::Changes;
use bodkin_sandbox::session::{Backend, Base, ProcessEvent, ProcessOrder, Session, SessionOrder};
use bodkin_sandbox::{Cancel, Kept, Prober, RunJob, Sandbox, SandboxError, Trial, check_layer};
use bodkin_sync::Manifest;
use bodkin_text::Layer;
use reqwest::Response;

use crate::backend::RemoteBackend;
use crate::link::words;
use crate::options::RemoteOptions;
use crate::probe::RemoteProber;
use crate::replica::{Begun, Replica};
use crate::{changes, workspace};

/// How often a wait looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);
/// How much longer than the command's own limit an answer may take.
const GRACE: Duration = Duration::from_secs(30);

/// Commands over a workspace, on another machine. Clones are one and the same.
#[derive(Clone)]
pub struct RemoteSandbox(Arc<Shared>);

struct Shared {
    backend: RemoteBackend,
    leave: Mutex<Option<SendFiles>>,
    replicas: Mutex<BTreeMap<PathBuf, Arc<Mutex<Replica>>>>,
}

/// A command to run, whichever way.
pub(crate) struct Order<'a> {
    pub(crate) root: &'a Path,
    pub(crate) layer: &'a Layer,
    pub(crate) argv: Vec<String>,
    pub(crate) cwd: Option<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) network: Network,
    pub(crate) limits: Limits,
    pub(crate) wants_changes: bool,
    pub(crate) cancel: &'a Cancel,
}

/// What a command came to.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) output_bytes: u64,
    pub(crate) wall_us: u64,
    pub(crate) isolation: Isolation,
    pub(crate) changes: Changes,
}

impl RemoteSandbox {
    /// A sandbox at an endpoint; asks nobody yet.
    pub fn new(options: RemoteOptions) -> Result<Self, SandboxError> {
        let backend = RemoteBackend::new(options)?;
        let (leave, replicas) = (Mutex::default(), Mutex::default());
        Ok(Self(Arc::new(Shared { backend, leave, replicas })))
    }

    /// The sessions of the same endpoint.
    pub fn backend(&self) -> &RemoteBackend {
        &self.0.backend
    }

    /// Leave to send the workspace, for all that comes: what a probe needs, which has no permit of its own for that.
    pub fn allow(&self, send: Permit<SendFiles>) -> Result<(), SandboxError> {
        let send = send.into_action();
        if send.to != self.0.backend.address() {
            return Err(SandboxError::Stale(format!("the permit was given for {}", send.to)));
        }
        *self.0.leave.lock().unwrap_or_else(PoisonError::into_inner) = Some(send);
        Ok(())
    }

    /// That the workspace may be sent.
    pub(crate) fn check_leave(&self) -> Result<(), SandboxError> {
        if self.0.leave.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        Err(SandboxError::Unavailable {
            why: format!("nobody gave leave to send the workspace to {}", self.0.backend.address()),
            next_step: "allow it for this run, or use the local sandbox".to_owned(),
        })
    }

    fn trial_of(
        &self,
        permit: Permit<RunCommand>,
        job: RunJob<'_>,
        wants_changes: bool,
    ) -> Result<Trial, SandboxError> {
        check_layer(permit.action().layer, job.layer)?;
        if let Some(send) = job.send {
            self.allow(send)?;
        }
        self.check_leave()?;
        let action = permit.into_action();
        let order = Order {
            root: job.root,
            layer: job.layer,
            argv: argv(&action.command),
            cwd: action.cwd.map(|it| it.as_str().to_owned()),
            env: action.env,
            network: action.network,
            limits: action.limits,
            wants_changes,
            cancel: job.cancel,
        };
        let mut kept = Kept::default();
        let ran = self.perform(&order, &mut |bytes| {
            kept.push(bytes);
            (job.on_output)(bytes);
        })?;
        let output = kept.into_text();
        let root = job.root.to_string_lossy();
        let tests = if action.observe { bodkin_sandbox::tests_of(&output, &root) } else { Vec::new() };
        let finished = Finished {
            exit: ran.exit,
            output,
            output_bytes: ran.output_bytes,
            wall_us: ran.wall_us,
            tests,
            lines: Vec::new(),
            isolation: ran.isolation,
        };
        Ok(Trial { finished, changes: ran.changes, refused_hosts: Vec::new() })
    }

    /// Runs a command over the replica, or in a fresh session where there can be none.
    pub(crate) fn perform(&self, order: &Order<'_>, on: &mut dyn FnMut(&[u8])) -> Result<Ran, SandboxError> {
        let backend = &self.0.backend;
        if order.cancel.is_cancelled() {
            return Ok(stopped(backend.isolation()));
        }
        let state = workspace::state(order.root, order.layer)?;
        let replica = {
            let mut all = self.0.replicas.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = || Arc::new(Mutex::new(Replica::of(order.root, &backend.link.options.client)));
            Arc::clone(all.entry(order.root.to_owned()).or_insert_with(fresh))
        };
        let request = request(order, &state.manifest().root().to_string());
        let begun =
            replica.lock().unwrap_or_else(PoisonError::into_inner).run(&backend.link, &state, &request)?;
        match begun {
            Begun::Runs(response) => self.follow(order, response, state.manifest(), on),
            Begun::Unknown => self.in_a_session(order, on),
        }
    }

    /// Hears a run over a replica to its end. Going away ends it there.
    #[expect(clippy::disallowed_methods, reason = "a run has a deadline, and is timed")]
    fn follow(
        &self,
        order: &Order<'_>,
        mut response: Response,
        state: &Manifest,
        on: &mut dyn FnMut(&[u8]),
    ) -> Result<Ran, SandboxError> {
        let link = &self.0.backend.link;
        let what = "hearing a command in a remote sandbox";
        let nonsense = |error: String| {
            SandboxError::io(what)(std::io::Error::new(std::io::ErrorKind::InvalidData, error))
        };
        let deadline = Instant::now() + Duration::from_millis(order.limits.wall_ms) + GRACE;
        let mut pieces = Pieces::default();
        let mut found = Changes::default();
        let mut heard = 0_u64;
        loop {
            while let Some(piece) = pieces.take().map_err(|error| nonsense(error.to_string()))? {
                match piece {
                    Piece::Stdout(bytes) | Piece::Stderr(bytes) => {
                        heard = heard.saturating_add(bytes.len() as u64);
                        if heard > order.limits.output_bytes {
                            return Ok(Ran {
                                exit: Exit::Stopped(Stop::Output),
                                output_bytes: heard,
                                ..stopped(self.isolation())
                            });
                        }
                        on(&bytes);
                    }
                    Piece::Changes(bytes) => found = changes::read(&bytes, state)?,
                    Piece::End(end) => return self.ended(end, found).map_err(nonsense),
                    Piece::Fault(fault) => {
                        return Err(SandboxError::Unavailable {
                            why: fault.message,
                            next_step: fault.next_step,
                        });
                    }
                }
            }
            if order.cancel.is_cancelled() {
                return Ok(stopped(self.isolation()));
            }
            if Instant::now() > deadline {
                return Ok(Ran { exit: Exit::Stopped(Stop::WallTime), ..stopped(self.isolation()) });
            }
            match link.wait(async { tokio::time::timeout(LOOK, response.chunk()).await }) {
                Err(_) => {}
                Ok(Ok(Some(bytes))) => pieces.push(&bytes),
                Ok(Ok(None)) => return Err(link.silent(what, "it broke off before the end")),
                Ok(Err(error)) => return Err(link.silent(what, &words(&error))),
            }
        }
    }

    fn ended(&self, end: RunEnd, changes: Changes) -> Result<Ran, String> {
        let own = self.isolation();
        // The walls are what the other side says they are; that it says so is said.
        let theirs: Option<Isolation> = serde_json::from_value(end.isolation).ok();
        let isolation = match theirs {
            Some(theirs) => Isolation {
                backend: format!("{}, {}", own.backend, theirs.backend),
                level: theirs.level,
                missing: theirs.missing.into_iter().chain(own.missing).collect(),
            },
            None => own,
        };
        let exit = serde_json::from_value(end.exit).map_err(|error| error.to_string())?;
        Ok(Ran { exit, output_bytes: end.output_bytes, wall_us: end.wall_us, isolation, changes })
    }

    /// Any E2B endpoint: a fresh sandbox, the workspace unpacked in it, the command, and what changed.
    fn in_a_session(&self, order: &Order<'_>, on: &mut dyn FnMut(&[u8])) -> Result<Ran, SandboxError> {
        let base = Base::Workspace { folder: order.root.to_owned(), at: None, layer: order.layer.clone() };
        let session = self.0.backend.create(
            SessionOrder {
                base,
                env: order.env.clone(),
                // Its life holds the way there and back.
                limits: Limits { wall_ms: order.limits.wall_ms.saturating_add(120_000), ..order.limits },
                network: order.network.clone(),
                metadata: BTreeMap::new(),
            },
            order.cancel,
        )?;
        let ran = in_session(&*session, order, on);
        let ended = session.destroy();
        let ran = ran?;
        ended?;
        Ok(ran)
    }
}

/// Runs a command in a session to its end.
#[expect(clippy::disallowed_methods, reason = "a run is timed")]
fn in_session(
    session: &dyn Session,
    order: &Order<'_>,
    on: &mut dyn FnMut(&[u8]),
) -> Result<Ran, SandboxError> {
    let began = Instant::now();
    let wall = Duration::from_millis(order.limits.wall_ms);
    let process = session.start(ProcessOrder {
        deadline: Some(wall),
        cwd: order.cwd.as_ref().map(|cwd| session.workdir().join(cwd)),
        ..ProcessOrder::new(order.argv.clone())
    })?;
    let mut ear = process.listen();
    let mut output_bytes = 0;
    let exit = loop {
        match ear.next(LOOK) {
            Some(
                ProcessEvent::Stdout(bytes) | ProcessEvent::Stderr(bytes) | ProcessEvent::Terminal(bytes),
            ) => {
                output_bytes += bytes.len() as u64;
                on(&bytes);
            }
            Some(ProcessEvent::Ended(exit)) => break exit,
            None if order.cancel.is_cancelled() => break Exit::Stopped(Stop::Cancelled),
            None if began.elapsed() > wall + GRACE => break Exit::Stopped(Stop::WallTime),
            None => {}
        }
    };
    let wall_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let wants_changes = order.wants_changes && exit != Exit::Stopped(Stop::Cancelled);
    let changes = if wants_changes { session.changes()? } else { Changes::default() };
    Ok(Ran { exit, output_bytes, wall_us, isolation: session.isolation().clone(), changes })
}

impl Sandbox for RemoteSandbox {
    fn isolation(&self) -> Isolation {
        self.0.backend.isolation()
    }

    fn run(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Finished, SandboxError> {
        self.trial_of(permit, job, false).map(|trial| trial.finished)
    }

    fn trial(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Trial, SandboxError> {
        self.trial_of(permit, job, true)
    }

    fn prober(&self, root: &Path, send: Option<Permit<SendFiles>>) -> Box<dyn Prober> {
        if let Some(send) = send {
            // One for another machine gives no leave here: the probe says so.
            let _ = self.allow(send);
        }
        Box::new(RemoteProber::new(self.clone(), root))
    }
}

/// The program and arguments of a command as the user would give it.
pub(crate) fn argv(command: &CommandLine) -> Vec<String> {
    match command {
        CommandLine::Argv(words) => words.clone(),
        CommandLine::Shell(line) => ["/bin/sh", "-c", line].map(str::to_owned).to_vec(),
    }
}

fn stopped(isolation: Isolation) -> Ran {
    let exit = Exit::Stopped(Stop::Cancelled);
    Ran { exit, output_bytes: 0, wall_us: 0, isolation, changes: Changes::default() }
}

fn request(order: &Order<'_>, root: &str) -> RunRequest {
    let limits = order.limits;
    RunRequest {
        argv: order.argv.clone(),
        cwd: order.cwd.clone(),
        env: order.env.clone(),
        limits: Some(RunLimits {
            wall_ms: limits.wall_ms,
            memory_bytes: limits.memory_bytes,
            processes: limits.processes,
            output_bytes: limits.output_bytes,
            disk_bytes: limits.disk_bytes,
            cpu_ms: limits.cpu_ms,
            file_bytes: limits.file_bytes,
        }),
        hosts: match &order.network {
            Network::Off => Vec::new(),
            Network::Hosts(hosts) => hosts.iter().cloned().collect(),
        },
        layer: BTreeMap::new(),
        changes: order.wants_changes,
        root: root.to_owned(),
        at: None,
    }
}
