//! Starts the helper and tells it what to build.
#![expect(clippy::disallowed_methods, reason = "makes a folder to try the walls over, and keeps the clock")]

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use super::caches::Layers;
use super::egress::Egress;
use super::fence::{Fence, Fences};
use super::leash::Leash;
use super::level;
use super::order::Support;
use super::running::Running;
use super::scratch::{Kept, Runs};
use super::session::plan::Plan;
use super::stem::{self, Stem};
use super::wire::{self, Kind, News, Spec, Walls};
use bodkin_guard::action::Network;
use rustix::pipe::{PipeFlags, pipe_with};

use crate::init::identity::OWNERS;
use crate::init::workspace::LAYERING;
use crate::launch::{Launch, StdinMode};
use crate::options::LocalOptions;
use crate::{Cancel, SandboxError};

/// Why no sandbox came to be.
#[derive(Debug)]
pub(super) enum Failure {
    /// The workspace can not be a lower layer.
    Layering(String),
    /// Root can not become somebody else over these files.
    Owners(String),
    /// The walls do not stand.
    Walls(String),
    /// The helper could not be started or did not answer.
    Io(String, io::Error),
}

impl Failure {
    pub(super) fn why(&self) -> String {
        match self {
            Self::Layering(why) | Self::Owners(why) | Self::Walls(why) => why.clone(),
            Self::Io(what, error) => format!("{what}: {error}"),
        }
    }
}

impl From<Failure> for SandboxError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Layering(why) | Failure::Owners(why) | Failure::Walls(why) => Self::Unavailable {
                why: format!("the sandbox could not be built: {why}"),
                next_step: "`bodkin doctor` says what this machine allows".to_owned(),
            },
            Failure::Io(what, source) => Self::Io { what, source },
        }
    }
}

/// How a sandbox is built: as strong as the machine and the workspace allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) walls: Walls,
    /// Root stays root (without privileges), as nobody else could work on these files.
    pub(super) keeps_root: bool,
}

/// A launch over a canonical workspace.
pub(super) struct Job<'a> {
    pub(super) options: &'a LocalOptions,
    pub(super) launch: &'a Launch,
    pub(super) workspace: &'a Path,
    /// What makes it a session.
    pub(super) plan: Option<&'a Plan>,
}

/// What is kept from one sandbox to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) fences: &'a Fences,
    pub(super) runs: &'a Runs,
    pub(super) stem: &'a Stem,
}

/// Builds walls around nothing, to see whether they stand.
pub(super) fn try_walls(way: Way, options: &LocalOptions, means: &Means<'_>) -> Result<(), Failure> {
    let kept = means.runs.start().map_err(failed("making the scratch folder"))?;
    let workspace = kept.run().folder().join("empty");
    std::fs::create_dir(&workspace).map_err(failed("making the scratch folder"))?;
    let launch = Launch::new(&workspace, [""; 0]);
    let job = Job { options, launch: &launch, workspace: &workspace, plan: None };
    job.start(way, means, &Cancel::new()).map(drop)
}

impl Job<'_> {
    /// Starts the helper and waits until the walls stand, or `cancel` is thrown.
    pub(super) fn start(&self, way: Way, means: &Means<'_>, cancel: &Cancel) -> Result<Running, Failure> {
        let walls = way.walls;
        let Means { fences, runs, stem } = means;
        let scratch = match walls {
            Walls::Reduced => Some(runs.start().map_err(failed("making the scratch folder"))?),
            Walls::Overlay | Walls::Copy => None,
        };
        let limits = self.launch.limits;
        let memory = limits.memory_bytes.saturating_add(self.store_bytes(walls));
        // Where the kernel takes no more groups the helper watches instead.
        let processes = (!self.is_counted(way)).then_some(u64::from(limits.processes) + 2);
        let fence = fences.build(memory, processes).unwrap_or_default();
        let support = self.support(way);
        let spec = self.spec(way, scratch.as_ref().map(Kept::run), &fence, &support);
        let mut spec = spec;
        let caches = self.caches(way, &mut spec).map_err(failed("opening the layers over caches"))?;
        let (input, stdin) = self.stdin().map_err(failed("making a pipe"))?;
        let (egress, line) = self.egress().map_err(failed("making a way out"))?;
        let mut running = self.spawn(stem, fence, scratch, stdin)?;
        running.leash().egress = egress;
        running.leash().tells_changes = spec.changes;
        running.leash().caches = caches;
        if running.leash().enclose().is_err() {
            // Groups can be made here but not entered: do without from now on.
            fences.give_up();
            drop(running);
            return self.start(way, means, cancel);
        }
        // A helper that is gone already has said why, or nothing more can be learned.
        let _ = self.send(
            running.leash().control(),
            &spec,
            &support,
            [line.as_ref(), input.as_ref()].map(|it| it.map(AsFd::as_fd)),
        );
        drop((line, input));
        settle(running, cancel)
    }

    fn spawn(
        &self,
        stem: &Stem,
        fence: Fence,
        scratch: Option<Kept>,
        stdin: Option<File>,
    ) -> Result<Running, Failure> {
        let started = Instant::now();
        let (ours, theirs) = UnixStream::pair().map_err(failed("making a socket"))?;
        let pipe = || pipe_with(PipeFlags::CLOEXEC).map_err(io::Error::from);
        let pipes = pipe().and_then(|first| Ok((first, pipe()?)));
        let ((stdout, into_stdout), (stderr, into_stderr)) = pipes.map_err(failed("making a pipe"))?;
        let streams = [theirs.as_fd(), into_stdout.as_fd(), into_stderr.as_fd()];
        let program = &self.options.helper;
        let helper = stem
            .fork(program, streams)
            .or_else(|_| stem::start(program, streams))
            .map_err(failed(&format!("starting {}", program.display())))?;
        let leash = Leash::new(ours, helper, self.launch.limits, started, fence, scratch);
        let unknown = level::unusable(String::new());
        Ok(Running::new(stdin, File::from(stdout), File::from(stderr), leash, unknown))
    }

    fn send(
        &self,
        control: &mut UnixStream,
        spec: &Spec,
        support: &[Support],
        descriptors: [Option<BorrowedFd<'_>>; 2],
    ) -> io::Result<()> {
        send_first_byte(control, descriptors)?;
        wire::send_json(control, Kind::Spec, spec)?;
        wire::send(control, Kind::Blob, &[&spec.texts])?;
        for (_, text) in self.launch.layer.iter() {
            if let Some(text) = text {
                wire::send(control, Kind::Blob, &[text.as_bytes()])?;
            }
        }
        for (_, content) in support {
            wire::send(control, Kind::Blob, &[content])?;
        }
        Ok(())
    }

    /// The layers that are kept over tools' caches, if that is wished and no other run has them.
    fn caches(&self, way: Way, spec: &mut Spec) -> io::Result<Option<Layers>> {
        if !self.options.keep_caches || way.walls == Walls::Reduced {
            return Ok(None);
        }
        let layers = Layers::take(&self.options.scratch, self.workspace)?;
        if let Some(layers) = &layers {
            spec.kept = layers.over(&spec.places)?;
        }
        Ok(layers)
    }

    /// A way out to the hosts that were agreed, and the helper's end of it.
    fn egress(&self) -> io::Result<(Option<Egress>, Option<OwnedFd>)> {
        match &self.launch.network {
            Network::Off => Ok((None, None)),
            Network::Hosts(hosts) => Egress::to(hosts).map(|(egress, line)| (Some(egress), Some(line))),
        }
    }

    /// The command's end of its standard input, or the first process's end of a session's line; and ours.
    fn stdin(&self) -> io::Result<(Option<OwnedFd>, Option<File>)> {
        if let Some(plan) = self.plan {
            return Ok((Some(plan.line.try_clone()?.into()), None));
        }
        match self.launch.stdin {
            StdinMode::Null => Ok((None, None)),
            StdinMode::Piped => {
                let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
                Ok((Some(read), Some(File::from(write))))
            }
        }
    }
}

fn failed(what: &str) -> impl FnOnce(io::Error) -> Failure {
    let what = what.to_owned();
    move |error| Failure::Io(what, error)
}

/// Waits until the walls stand. What was cancelled before that comes back as it is, to be ended by whoever
/// waits for it.
fn settle(mut running: Running, cancel: &Cancel) -> Result<Running, Failure> {
    match running.leash().until_built(cancel) {
        Ok(None | Some(News::Built)) => Ok(running),
        Ok(Some(News::Failed { stage, errno })) => {
            let why = format!("{stage}: {}", io::Error::from_raw_os_error(errno));
            Err(match stage {
                _ if stage.starts_with(LAYERING) => Failure::Layering(why),
                _ if stage.starts_with(OWNERS) => Failure::Owners(why),
                _ => Failure::Walls(why),
            })
        }
        Ok(Some(other)) => Err(Failure::Walls(format!("the helper answered {other:?}"))),
        Err(error) => Err(failed("waiting for the sandbox's helper")(error)),
    }
}

/// The first byte carries the line of the way out and the command's standard input, if it has them; the spec says which.
fn send_first_byte(control: &UnixStream, descriptors: [Option<BorrowedFd<'_>>; 2]) -> io::Result<()> {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut extra = SendAncillaryBuffer::new(&mut space);
    let descriptors: Vec<BorrowedFd<'_>> = descriptors.into_iter().flatten().collect();
    if !descriptors.is_empty() {
        extra.push(SendAncillaryMessage::ScmRights(&descriptors));
    }
    sendmsg(control, &[io::IoSlice::new(b"+")], &mut extra, SendFlags::NOSIGNAL)?;
    Ok(())
}
