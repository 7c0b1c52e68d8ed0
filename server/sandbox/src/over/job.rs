//! One command in a session: its helper files put beside it, its output passed on, its limits kept, what it left
//! brought back.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::{Exit, Isolation, Stop};
use bodkin_text::Layer;

use crate::changes::Changes;
use crate::launch::{COLLECT_BYTES, Ended, Launch, SUPPORT_DIR};
use crate::session::{Backend, Base, EntryKind, Process, ProcessEvent, ProcessOrder, Session, SessionOrder};
use crate::{Cancel, SandboxError};

/// Where helper files stand in a session; [`SUPPORT_DIR`] can not be had in every one.
const BESIDE: &str = "/tmp/.bodkin";

/// How much longer than its command a session may live: for its making and for what comes back.
const MARGIN_MS: u64 = 120_000;

/// How often a quiet command is looked at: whether it was cancelled, or its time is up.
const TICK: Duration = Duration::from_millis(50);

/// How long a killed command's last words are waited for.
const LINGER: Duration = Duration::from_secs(2);

/// Folders within folders that are looked into for what a command left.
const DEPTH: u32 = 8;

/// The signal that nothing survives.
const KILL: i32 = 9;

/// A session over a workspace.
pub(super) struct Place {
    session: Arc<dyn Session>,
    root: PathBuf,
}

impl Place {
    /// A fresh session over the workspace `root` with `layer` laid over it.
    pub(super) fn of(
        backend: &dyn Backend,
        root: &Path,
        layer: &Layer,
        network: &Network,
        limits: Limits,
        cancel: &Cancel,
    ) -> Result<Self, SandboxError> {
        let root = root
            .canonicalize()
            .map_err(SandboxError::io(format!("opening the workspace {}", root.display())))?;
        let order = SessionOrder {
            base: Base::Workspace { folder: root.clone(), at: None, layer: layer.clone() },
            env: BTreeMap::new(),
            limits: Limits { wall_ms: limits.wall_ms.saturating_add(MARGIN_MS), ..limits },
            network: network.clone(),
            metadata: BTreeMap::new(),
        };
        Ok(Self { session: backend.create(order, cancel)?, root })
    }

    pub(super) fn workdir(&self) -> &Path {
        self.session.workdir()
    }

    pub(super) fn isolation(&self) -> Isolation {
        self.session.isolation().clone()
    }

    pub(super) fn is_alive(&self) -> bool {
        self.session.is_alive()
    }

    /// Ends the session; returns when nothing of it is left.
    pub(super) fn end(&self) -> Result<(), SandboxError> {
        self.session.destroy()
    }

    /// Puts a text in place of a file of the workspace, or takes the file away.
    pub(super) fn put(&self, path: &str, text: Option<&str>) -> Result<(), SandboxError> {
        let full = self.workdir().join(path);
        match text {
            Some(text) => self.session.write(&full, &mut text.as_bytes(), None).map(drop),
            None if self.session.stat(&full)?.is_some() => self.session.remove(&full),
            None => Ok(()),
        }
    }

    /// Runs a command to its end. `deadline` comes before the limit on its time, if it does.
    #[expect(clippy::disallowed_methods, reason = "the launcher keeps the deadline")]
    pub(super) fn run(
        &self,
        launch: &Launch,
        deadline: Option<Instant>,
        cancel: &Cancel,
        on_output: &mut dyn FnMut(&[u8]),
    ) -> Result<Ended, SandboxError> {
        for (name, content) in &launch.support {
            self.session.write(&Path::new(BESIDE).join(name), &mut &**content, None)?;
        }
        if launch.collect {
            self.session.make_dir(&Path::new(BESIDE).join("out"))?;
        }
        let started = Instant::now();
        let limit = started + Duration::from_millis(launch.limits.wall_ms);
        let process = self.session.start(self.order(launch))?;
        let mut watch = Watch {
            process: &*process,
            deadline: deadline.map_or(limit, |deadline| deadline.min(limit)),
            limit_bytes: launch.limits.output_bytes,
            output_bytes: 0,
            stop: None,
        };
        let exit = watch.follow(cancel, on_output);
        let wall_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Ended {
            exit,
            wall_us,
            output_bytes: watch.output_bytes,
            collected: if launch.collect { self.collected() } else { Vec::new() },
            changes: if launch.changes { self.session.changes()? } else { Changes::default() },
            refused_hosts: Vec::new(),
        })
    }

    fn order(&self, launch: &Launch) -> ProcessOrder {
        let mut order = ProcessOrder::new(launch.argv.iter().map(|word| self.moved(word)));
        order.env = launch
            .env
            .iter()
            .map(|(name, value)| (name.clone(), self.moved(OsStr::new(value)).to_string_lossy().into_owned()))
            .collect();
        order.cwd = launch.cwd.as_ref().map(|cwd| self.workdir().join(cwd.as_str()));
        order
    }

    /// A word with the paths that stand elsewhere in the session.
    fn moved(&self, word: &OsStr) -> OsString {
        let Some(text) = word.to_str() else { return word.to_owned() };
        let mut text = text.replace(SUPPORT_DIR, BESIDE);
        if let (Some(root), Some(workdir)) = (self.root.to_str(), self.workdir().to_str())
            && root != workdir
            && root.len() > 1
        {
            text = text.replace(root, workdir);
        }
        text.into()
    }

    /// The files that the command left for us; what can not be read or is too much is left out.
    fn collected(&self) -> Vec<(String, Vec<u8>)> {
        let out = Path::new(BESIDE).join("out");
        let mut left = COLLECT_BYTES;
        let mut found = Vec::new();
        for entry in self.session.list(&out, DEPTH).unwrap_or_default() {
            if entry.kind != EntryKind::File || entry.size > left {
                continue;
            }
            let Some(name) = entry.path.strip_prefix(&out).ok().and_then(Path::to_str) else { continue };
            let mut content = Bounded { bytes: Vec::new(), most: left };
            if self.session.read(&entry.path, &mut content).is_ok() {
                left = left.saturating_sub(content.bytes.len() as u64);
                found.push((name.to_owned(), content.bytes));
            }
        }
        found.sort();
        found
    }
}

/// Takes no more bytes than it may: a size that was told is not believed.
struct Bounded {
    bytes: Vec<u8>,
    most: u64,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + bytes.len()) as u64 > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens to a process and keeps its limits.
struct Watch<'a> {
    process: &'a dyn Process,
    deadline: Instant,
    limit_bytes: u64,
    output_bytes: u64,
    stop: Option<Stop>,
}

impl Watch<'_> {
    #[expect(clippy::disallowed_methods, reason = "the launcher keeps the deadline")]
    fn follow(&mut self, cancel: &Cancel, on_output: &mut dyn FnMut(&[u8])) -> Exit {
        let mut listen = self.process.listen();
        loop {
            let now = Instant::now();
            if self.stop.is_none() && cancel.is_cancelled() {
                self.stop(Stop::Cancelled, now);
            } else if self.stop.is_none() && now >= self.deadline {
                self.stop(Stop::WallTime, now);
            } else if now >= self.deadline {
                break;
            }
            let wait = TICK.min(self.deadline.saturating_duration_since(now)).max(Duration::from_millis(1));
            match listen.next(wait) {
                Some(
                    ProcessEvent::Stdout(bytes) | ProcessEvent::Stderr(bytes) | ProcessEvent::Terminal(bytes),
                ) => {
                    self.take(&bytes, now, on_output);
                }
                Some(ProcessEvent::Ended(exit)) => {
                    return self.stop.map_or(exit, Exit::Stopped);
                }
                None => {
                    if let Some(exit) = self.process.exit() {
                        return self.stop.map_or(exit, Exit::Stopped);
                    }
                }
            }
        }
        // It was killed and says nothing more: the session's end takes the rest.
        self.stop.map_or(Exit::Signal(KILL), Exit::Stopped)
    }

    fn take(&mut self, bytes: &[u8], now: Instant, on_output: &mut dyn FnMut(&[u8])) {
        let room = self.limit_bytes.saturating_sub(self.output_bytes);
        let kept = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        if kept > 0 {
            on_output(bytes.get(..kept).unwrap_or_default());
        }
        self.output_bytes += bytes.len() as u64;
        if self.output_bytes > self.limit_bytes && self.stop.is_none() {
            self.stop(Stop::Output, now);
        }
    }

    fn stop(&mut self, why: Stop, now: Instant) {
        self.stop = Some(why);
        self.deadline = now + LINGER;
        // One that has ended already is stopped.
        let _ = self.process.signal(KILL);
    }
}
