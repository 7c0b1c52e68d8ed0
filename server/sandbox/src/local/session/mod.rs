//! Sessions of this machine: a sandbox whose first process lives on and does what it is asked.
//!
//! Output goes from each process's pipe straight to this process; files are opened inside and their descriptors
//! handed out, so that content crosses the walls once and no path is looked up from outside.
//! invariants: only-deltas-cross, a-killed-run-leaves-no-process

mod answers;
mod backend;
mod line;
pub(super) mod plan;
mod process;
mod watch;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bodkin_guard::report::Isolation;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};

use super::leash::Leash;
use super::wire::{Command, Raw};
use crate::SandboxError;
use crate::changes::Changes;
use crate::session::{
    Entry, Process, ProcessEvent, ProcessOrder, Session, SessionAbout, SessionOrder, Usage, Watch,
};
use answers::{entry, gather, unexpected};
use line::Line;
use process::{Ends, LocalProcess};
use words::{Answer, Ask};

/// How long a process that ended is still listed.
const REMEMBERED: Duration = Duration::from_secs(60);

/// What is copied at once, bytes.
const CHUNK: usize = 128 << 10;

/// The sessions of one sandbox maker, by name, as long as somebody holds them.
#[derive(Default)]
pub(super) struct Sessions(Mutex<BTreeMap<String, Weak<LocalSession>>>);

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sessions").field(&lock(&self.0).len()).finish()
    }
}

/// A sandbox that lives on.
pub(super) struct LocalSession {
    id: String,
    isolation: Isolation,
    workdir: PathBuf,
    order: SessionOrder,
    started_unix_ms: u64,
    line: Arc<Line>,
    leash: Mutex<Option<Leash>>,
    processes: Mutex<Vec<Arc<LocalProcess>>>,
    is_frozen: AtomicBool,
}

impl LocalSession {
    fn about(&self) -> SessionAbout {
        SessionAbout {
            id: self.id.clone(),
            backend: self.isolation.backend.clone(),
            started_unix_ms: self.started_unix_ms,
            ends_unix_ms: self.started_unix_ms.checked_add(self.order.limits.wall_ms),
            frozen: self.is_frozen.load(Ordering::Relaxed),
            metadata: self.order.metadata.clone(),
        }
    }

    fn ask(&self, ask: Ask, what: impl Into<String>) -> Result<(Answer, Vec<OwnedFd>), SandboxError> {
        self.line.ask(ask, &[]).map_err(|failure| failure.during(&self.id, what))
    }

    fn row(&self, ask: Ask, what: String) -> Result<Entry, SandboxError> {
        match self.ask(ask, what.clone())? {
            (Answer::Row(Some(row)), _) => Ok(entry(row)),
            (other, _) => Err(unexpected(what, &other)),
        }
    }

    /// Copies what is to be written into the file that stands ready for it, within the limit on files.
    fn fill(&self, from: &mut dyn Read, to: OwnedFd) -> io::Result<()> {
        let most = self.order.limits.file_bytes.unwrap_or(self.order.limits.disk_bytes);
        let mut to = File::from(to);
        let mut chunk = vec![0; CHUNK];
        let mut written = 0;
        loop {
            let count = match from.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            written += count as u64;
            if written > most {
                return Err(ErrorKind::FileTooLarge.into());
            }
            to.write_all(chunk.get(..count).unwrap_or_default())?;
        }
    }

    /// The ends of a new process's streams: those that stay, and those that go inside.
    fn streams(&self, order: &ProcessOrder) -> rustix::io::Result<(Ends, Vec<OwnedFd>)> {
        let pipe = || pipe_with(PipeFlags::CLOEXEC);
        let (exit, told) = pipe()?;
        let mut ends = Ends { input: None, outputs: Vec::new(), terminal: None, exit };
        let mut inside = Vec::new();
        if order.terminal.is_none() {
            if order.stdin {
                let (read, write) = pipe()?;
                ends.input = Some(File::from(write));
                inside.push(read);
            }
            let events: [fn(Vec<u8>) -> ProcessEvent; 2] = [ProcessEvent::Stdout, ProcessEvent::Stderr];
            for event in events {
                let (read, write) = pipe()?;
                ends.outputs.push((event, File::from(read)));
                inside.push(write);
            }
        }
        inside.push(told);
        Ok((ends, inside))
    }

    fn command(&self, order: &ProcessOrder) -> Command {
        let own = order.env.iter().map(|(name, value)| Raw::from(format!("{name}={value}")));
        Command {
            argv: order.argv.iter().cloned().map(Raw::from).collect(),
            env: own.collect(),
            cwd: Raw::from(
                order.cwd.as_deref().map_or_else(|| self.workdir.clone(), |cwd| self.workdir.join(cwd)),
            ),
            piped: order.stdin,
            merged: false,
        }
    }
}

impl Session for LocalSession {
    fn id(&self) -> &str {
        &self.id
    }

    fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    fn workdir(&self) -> &Path {
        &self.workdir
    }

    fn stat(&self, path: &Path) -> Result<Option<Entry>, SandboxError> {
        let what = format!("looking at {}", path.display());
        match self.ask(Ask::Stat(Raw::from(path)), what.clone())? {
            (Answer::Row(row), _) => Ok(row.map(entry)),
            (other, _) => Err(unexpected(what, &other)),
        }
    }

    fn list(&self, path: &Path, depth: u32) -> Result<Vec<Entry>, SandboxError> {
        let ask = Ask::List { path: Raw::from(path), depth };
        let rows = self.line.ask_for_rows(ask);
        let rows = rows.map_err(|failure| failure.during(&self.id, format!("listing {}", path.display())))?;
        Ok(rows.into_iter().map(entry).collect())
    }

    fn read(&self, path: &Path, to: &mut dyn Write) -> Result<u64, SandboxError> {
        let what = format!("reading {}", path.display());
        let (answer, descriptors) = self.ask(Ask::Open(Raw::from(path)), what.clone())?;
        let file = descriptors.into_iter().next().ok_or_else(|| unexpected(what.clone(), &answer))?;
        io::copy(&mut File::from(file), to).map_err(SandboxError::io(what))
    }

    fn write(&self, path: &Path, from: &mut dyn Read, mode: Option<u32>) -> Result<Entry, SandboxError> {
        let what = format!("writing {}", path.display());
        let (answer, descriptors) = self.ask(Ask::Create(Raw::from(path)), what.clone())?;
        let (Answer::Part(part), Some(file)) = (&answer, descriptors.into_iter().next()) else {
            return Err(unexpected(what, &answer));
        };
        let part = *part;
        if let Err(error) = self.fill(from, file) {
            self.ask(Ask::Abort { part }, what.clone())?;
            return Err(SandboxError::io(what)(error));
        }
        self.row(Ask::Commit { part, mode }, what)
    }

    fn make_dir(&self, path: &Path) -> Result<bool, SandboxError> {
        let what = format!("making the folder {}", path.display());
        match self.ask(Ask::MakeDir(Raw::from(path)), what.clone())? {
            (Answer::Made(made), _) => Ok(made),
            (other, _) => Err(unexpected(what, &other)),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<Entry, SandboxError> {
        let what = format!("moving {} to {}", from.display(), to.display());
        self.row(Ask::Rename { from: Raw::from(from), to: Raw::from(to) }, what)
    }

    fn remove(&self, path: &Path) -> Result<(), SandboxError> {
        self.ask(Ask::Remove(Raw::from(path)), format!("removing {}", path.display())).map(drop)
    }

    fn watch(&self, path: &Path, recursive: bool) -> Result<Box<dyn Watch>, SandboxError> {
        let what = || format!("watching {}", path.display());
        let pair = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None);
        let (ours, theirs) = pair.map_err(|error| SandboxError::io(what())(error.into()))?;
        let ask = Ask::Watch { path: Raw::from(path), recursive };
        let asked = self.line.ask(ask, &[theirs.as_fd()]);
        asked.map_err(|failure| failure.during(&self.id, what()))?;
        Ok(Box::new(watch::LocalWatch(ours)))
    }

    fn start(&self, order: ProcessOrder) -> Result<Arc<dyn Process>, SandboxError> {
        let what =
            || format!("starting {}", order.argv.first().map(|it| it.to_string_lossy()).unwrap_or_default());
        let failed = |error: io::Error| SandboxError::io(what())(error);
        let (mut ends, inside) = self.streams(&order).map_err(|error| failed(error.into()))?;
        let terminal = order.terminal.map(|size| (size.columns, size.rows));
        let ask = Ask::Start { command: self.command(&order), terminal };
        let descriptors: Vec<_> = inside.iter().map(AsFd::as_fd).collect();
        let asked = self.line.ask(ask, &descriptors);
        let (answer, descriptors) = asked.map_err(|failure| failure.during(&self.id, what()))?;
        drop(inside);
        let Answer::Started(pid) = answer else { return Err(unexpected(what(), &answer)) };
        if let Some(master) = descriptors.into_iter().next() {
            let master = File::from(master);
            ends.input = Some(master.try_clone().map_err(failed)?);
            ends.terminal = Some(master.try_clone().map_err(failed)?.into());
            ends.outputs.push((ProcessEvent::Terminal, master));
        }
        let (id, line) = (self.id.clone(), Arc::clone(&self.line));
        let process = LocalProcess::take_up(id, pid, order, line, ends, self.order.limits.output_bytes)?;
        let mut processes = lock(&self.processes);
        processes.retain(|process| !process.ended_before(REMEMBERED));
        processes.push(Arc::clone(&process));
        Ok(process)
    }

    fn processes(&self) -> Vec<Arc<dyn Process>> {
        let mut processes = lock(&self.processes);
        processes.retain(|process| !process.ended_before(REMEMBERED));
        processes.iter().map(|process| Arc::clone(process) as Arc<dyn Process>).collect()
    }

    fn usage(&self) -> Result<Usage, SandboxError> {
        let what = "asking what the sandbox uses";
        match self.ask(Ask::Usage, what)? {
            (Answer::Used(used), _) => Ok(Usage {
                cpu_ms: used.cpu_ms,
                memory_bytes: used.memory_bytes,
                disk_bytes: used.disk_bytes,
                disk_limit_bytes: self.order.limits.disk_bytes,
                processes: used.processes,
            }),
            (other, _) => Err(unexpected(what.to_owned(), &other)),
        }
    }

    fn freeze(&self) -> Result<(), SandboxError> {
        self.ask(Ask::Freeze, "freezing the sandbox")?;
        self.is_frozen.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn thaw(&self) -> Result<(), SandboxError> {
        self.ask(Ask::Thaw, "letting the sandbox go on")?;
        self.is_frozen.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn changes(&self) -> Result<Changes, SandboxError> {
        let what = "asking what was changed";
        let failed = SandboxError::io(what);
        let (mut ours, theirs) = UnixStream::pair().map_err(failed)?;
        std::thread::scope(|scope| {
            // It comes while the question is asked: the answer is the last word.
            let reader = scope.spawn(move || gather(&mut ours));
            let asked = self.line.ask(Ask::Changes, &[theirs.as_fd()]);
            drop(theirs);
            let gathered = reader.join().unwrap_or_default();
            asked.map_err(|failure| failure.during(&self.id, what))?;
            Ok(gathered.into_changes())
        })
    }

    fn destroy(&self) -> Result<(), SandboxError> {
        // Dropping it kills all, and waits until nothing is left.
        drop(lock(&self.leash).take());
        Ok(())
    }

    fn is_alive(&self) -> bool {
        let leash = lock(&self.leash);
        let Some(leash) = leash.as_ref() else { return false };
        let mut waited = [PollFd::from_borrowed_fd(leash.as_fd(), PollFlags::RDHUP)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut waited, Some(&now)) == Ok(0) && !self.line.is_broken()
    }
}

impl Drop for LocalSession {
    fn drop(&mut self) {
        let _ = self.destroy();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
