//! A sandbox's first process that lives on: starts what it is asked to, reaps, and works on files from inside.
//!
//! One thread, one loop. Files are opened here, inside the walls and with the sandbox user's rights, and handed
//! out as descriptors: no content goes through this process, and no path means anything else than it does to the
//! processes inside. They can neither kill, stop nor look into it, as the kernel protects process 1.
//! invariants: a-killed-run-leaves-no-process, only-deltas-cross

mod files;
mod processes;
mod remove;
mod rows;
mod transfer;
mod watches;

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::Mode;
use rustix::io::Errno;

use super::delta::Delta;
use super::scope::Scope;
use super::supervise::Watch;
use super::trouble::{During, Trouble};
use super::{start, sys};
use crate::local::session::words::{self, Answer, Ask, Letter};
use crate::local::wire::{self, Caps, Kind, News, Raw};
use files::Files;
use processes::Processes;
use watches::Watches;

/// Rows of one letter.
const ROWS: usize = 500;

/// What an answer is, with what comes beside it.
type Told = Result<(Answer, Option<OwnedFd>), Errno>;

/// All that a session's first process keeps.
struct Keeper {
    line: UnixStream,
    processes: Processes,
    files: Files,
    watches: Watches,
    /// What tells of changes.
    delta: Option<Delta>,
}

/// Lives until the launcher is gone or says so, or the session's time is over; then nothing else is left inside.
pub(super) fn live(
    line: OwnedFd,
    env: Vec<Raw>,
    delta: Option<Delta>,
    caps: &Caps,
    control: &mut UnixStream,
) -> Result<(), Trouble> {
    let null = start::open_null().during("opening /dev/null")?;
    for standard in 0..3 {
        sys::put_in_place(&null, standard).during("letting go of the output")?;
    }
    drop(null);
    let signals = sys::child_signals().during("watching child processes")?;
    rustix::process::umask(Mode::from(0o022));
    raise_open_files();
    let mut keeper = Keeper {
        line: UnixStream::from(line),
        processes: Processes::new(*caps, env),
        files: Files::default(),
        watches: Watches::new(),
        delta,
    };
    wire::send_json(control, Kind::News, &News::Built).during("telling that the walls stand")?;
    let done = keeper.keep(caps, &signals, control);
    Scope::Namespace.kill_all();
    done
}

/// A deep tree takes a descriptor for each folder on the way.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

impl Keeper {
    #[expect(clippy::disallowed_methods, reason = "the helper keeps the deadline")]
    fn keep(&mut self, caps: &Caps, signals: &OwnedFd, control: &UnixStream) -> Result<(), Trouble> {
        let deadline = Instant::now().checked_add(Duration::from_millis(caps.wall_ms));
        let mut limits = Watch::new(caps);
        loop {
            let now = Instant::now();
            if deadline.is_some_and(|deadline| now >= deadline) {
                return Ok(());
            }
            let until = [deadline, limits.next_look()].into_iter().flatten().min();
            let ready = self.wait(until.map(|until| until.saturating_duration_since(now)), signals, control);
            if ready.launcher_gone {
                return Ok(());
            }
            self.processes.reap(signals);
            match limits.is_due().then(|| limits.look(&Scope::Namespace)).flatten() {
                None => {}
                Some(News::TooMuchCpu) => return Ok(()),
                Some(_) => sys::kill_all_others(),
            }
            self.watches.tell(&mut self.files);
            if ready.asked && !self.answer().during("answering")? {
                return Ok(());
            }
        }
    }

    fn wait(&self, most: Option<Duration>, signals: &OwnedFd, control: &UnixStream) -> Ready {
        let mut waited = vec![
            PollFd::from_borrowed_fd(self.line.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(control.as_fd(), PollFlags::IN | PollFlags::RDHUP),
            PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN),
        ];
        waited.extend(self.watches.waited());
        let most = most.and_then(|most| Timespec::try_from(most).ok());
        let _ = poll(&mut waited, most.as_ref());
        let mut ready = waited.iter().map(|it| !it.revents().is_empty());
        Ready { asked: ready.next() == Some(true), launcher_gone: ready.next() == Some(true) }
    }

    /// Takes one question and answers it; `false` when nobody asks any more.
    fn answer(&mut self) -> std::io::Result<bool> {
        let Ok(received) = words::receive::<Ask>(&self.line) else { return Ok(false) };
        let number = received.letter.number;
        if let Ask::List { path, depth } = &received.letter.what {
            self.answer_list(number, path.path(), *depth)?;
            return Ok(true);
        }
        let (what, descriptor) = match self.told(received.letter.what, received.descriptors) {
            Ok(told) => told,
            Err(error) => (Answer::Failed(error.raw_os_error()), None),
        };
        let letter = Letter { number, more: false, what };
        let descriptors: Vec<_> = descriptor.iter().map(AsFd::as_fd).collect();
        words::send(&self.line, &letter, &descriptors)?;
        Ok(true)
    }

    fn answer_list(&self, number: u64, path: &std::path::Path, depth: u32) -> std::io::Result<()> {
        let rows = match rows::below(path, depth) {
            Ok(rows) => rows,
            Err(error) => {
                let letter = Letter { number, more: false, what: Answer::Failed(error.raw_os_error()) };
                return words::send(&self.line, &letter, &[]);
            }
        };
        let mut rows = rows.into_iter().peekable();
        loop {
            let some: Vec<_> = rows.by_ref().take(ROWS).collect();
            let more = rows.peek().is_some();
            words::send(&self.line, &Letter { number, more, what: Answer::Rows(some) }, &[])?;
            if !more {
                return Ok(());
            }
        }
    }

    fn told(&mut self, ask: Ask, descriptors: Vec<OwnedFd>) -> Told {
        let done = |()| (Answer::Done, None);
        match ask {
            Ask::Start { command, terminal } => {
                let (pid, master) = self.processes.start(command, terminal, descriptors)?;
                Ok((Answer::Started(pid), master))
            }
            Ask::Signal { pid, signal } => self.processes.signal(pid, signal).map(done),
            Ask::Stat(path) => Ok((Answer::Row(rows::at(path.path())?), None)),
            // Answered in many letters.
            Ask::List { .. } => Err(Errno::INVAL),
            Ask::Open(path) => Ok((Answer::Opened, Some(files::open(path.path())?))),
            Ask::Create(path) => {
                let (part, file) = self.files.create(path.path())?;
                Ok((Answer::Part(part), Some(file)))
            }
            Ask::Commit { part, mode } => Ok((Answer::Row(Some(self.files.commit(part, mode)?)), None)),
            Ask::Abort { part } => {
                self.files.abort(part);
                Ok((Answer::Done, None))
            }
            Ask::MakeDir(path) => Ok((Answer::Made(files::make_dir(path.path())?), None)),
            Ask::Rename { from, to } => {
                let row = files::rename(from.path(), to.path())?;
                Ok((Answer::Row(Some(row)), None))
            }
            Ask::Remove(path) => remove::remove(path.path()).map(done),
            Ask::Watch { path, recursive } => {
                let line = descriptors.into_iter().next().ok_or(Errno::INVAL)?;
                self.watches.add(path.path(), recursive, line).map(done)
            }
            Ask::Freeze => {
                self.processes.freeze();
                Ok((Answer::Done, None))
            }
            Ask::Thaw => {
                self.processes.thaw();
                Ok((Answer::Done, None))
            }
            Ask::Changes => {
                let line = descriptors.into_iter().next().ok_or(Errno::INVAL)?;
                self.tell_changes(line).map(done)
            }
            Ask::Usage => Ok((Answer::Used(processes::used()), None)),
        }
    }

    /// Everything is held still while it is looked at.
    fn tell_changes(&mut self, line: OwnedFd) -> Result<(), Errno> {
        let Some(delta) = &self.delta else { return Err(Errno::OPNOTSUPP) };
        let was_frozen = self.processes.is_frozen();
        self.processes.freeze();
        let sent = delta.send_all(line);
        if !was_frozen {
            self.processes.thaw();
        }
        sent.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
    }
}

struct Ready {
    asked: bool,
    launcher_gone: bool,
}
