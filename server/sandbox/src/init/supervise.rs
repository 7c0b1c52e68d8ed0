//! Watches over the command until it ends, the launcher is gone, or a limit is passed.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};

use super::delta::Delta;
use super::scope::{Reaped, Scope, proportional, reap};
use super::trouble::{During, Trouble};
use super::{collect, sys};
use crate::local::wire::{self, Caps, Kind, News};

/// How often memory and processes are looked at where no control group limits them.
const LOOK: Duration = Duration::from_millis(20);

/// The launcher's clock comes first; this one is for a launcher that hangs.
const GRACE: Duration = Duration::from_secs(2);

/// What is looked at when the command has ended.
pub(super) struct Left<'a> {
    /// The folder whose files come back.
    pub(super) out: Option<&'a Path>,
    /// What was written to the workspace.
    pub(super) delta: Option<&'a Delta>,
}

/// Waits for `child`'s end, kills whatever it left, and tells the launcher; returns when all is over.
#[expect(clippy::disallowed_methods, reason = "the helper keeps the deadline")]
pub(super) fn supervise(
    scope: &Scope,
    child: Pid,
    caps: &Caps,
    left: Left<'_>,
    signals: &OwnedFd,
    control: &mut UnixStream,
) -> Result<(), Trouble> {
    let deadline = Instant::now() + Duration::from_millis(caps.wall_ms) + GRACE;
    let mut watch = Watch::new(caps);
    let news = loop {
        let now = Instant::now();
        if now >= deadline {
            break Some(News::TooLong);
        }
        let until = if watch.has_work() { watch.next.min(deadline) } else { deadline };
        if launcher_is_gone(signals, control, until.saturating_duration_since(now)) {
            break None;
        }
        if let Some(status) = take_exits(child, signals) {
            break Some(watch.told(status));
        }
        if watch.is_due()
            && let Some(news) = watch.look(scope)
        {
            break Some(news);
        }
    };
    scope.kill_all();
    let Some(news) = news else { return Ok(()) };
    if let Some(out) = left.out {
        collect::send(out, control).during("sending what the command left")?;
    }
    if let Some(delta) = left.delta {
        delta.send_or_say(control).during("telling what the command changed")?;
    }
    wire::send_json(control, Kind::News, &news).during("telling how the command ended")
}

/// Sleeps until something happens; whether it is the launcher's end.
fn launcher_is_gone(signals: &OwnedFd, control: &UnixStream, most: Duration) -> bool {
    let mut waited = [
        PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(control.as_fd(), PollFlags::IN | PollFlags::RDHUP),
    ];
    let most = Timespec::try_from(most).ok();
    match poll(&mut waited, most.as_ref()) {
        // The launcher says nothing more after the spec: whatever comes is its end.
        Ok(_) => waited.last().is_some_and(|control| !control.revents().is_empty()),
        Err(error) => error != rustix::io::Errno::INTR,
    }
}

/// Reaps every child that ended; gives the command's own end.
fn take_exits(child: Pid, signals: &OwnedFd) -> Option<WaitStatus> {
    let mut ignored = [0; 1024];
    while rustix::io::read(signals, &mut ignored).is_ok_and(|count| count > 0) {}
    let mut ended = None;
    while let Reaped::One(pid, status) = reap(WaitOptions::NOHANG) {
        if pid == child {
            ended = Some(status);
        }
    }
    ended
}

/// CPU time, and memory and processes where no control group limits them.
pub(super) struct Watch {
    caps: Caps,
    next: Instant,
    memory_kills: u32,
}

impl Watch {
    /// Looks for the first time when the command has had time to begin.
    #[expect(clippy::disallowed_methods, reason = "the helper keeps the watch's beat")]
    pub(super) fn new(caps: &Caps) -> Self {
        Self { caps: *caps, next: Instant::now() + LOOK, memory_kills: 0 }
    }

    /// When to look next; `None`: the kernel looks.
    pub(super) fn next_look(&self) -> Option<Instant> {
        self.has_work().then_some(self.next)
    }

    fn has_work(&self) -> bool {
        let caps = self.caps;
        caps.watch_memory.is_some() || caps.watch_processes.is_some() || caps.cpu_ms.is_some()
    }

    #[expect(clippy::disallowed_methods, reason = "the helper keeps the watch's beat")]
    pub(super) fn is_due(&self) -> bool {
        self.has_work() && Instant::now() >= self.next
    }

    /// Looks once; tells of what must end the command. What takes too much memory is killed as the
    /// kernel's own killer would: the largest, so that a runner outlives a test that it forked.
    #[expect(clippy::disallowed_methods, reason = "the helper keeps the watch's beat")]
    pub(super) fn look(&mut self, scope: &Scope) -> Option<News> {
        let processes = scope.processes();
        let threads: u64 = processes.iter().map(|it| u64::from(it.threads)).sum();
        let resident: u64 = processes.iter().map(|it| it.resident).sum();
        let mut pause = LOOK;
        if self.caps.watch_memory.is_some_and(|most| resident > most) {
            // Pages that forked processes share were counted for each: count again, by share.
            let shares: Vec<(u64, Pid)> =
                processes.iter().filter_map(|it| Some((proportional(it.pid)?, it.pid))).collect();
            let used: u64 = shares.iter().map(|(bytes, _)| bytes).sum();
            match shares.iter().max_by_key(|(bytes, _)| *bytes) {
                Some((_, largest)) if self.caps.watch_memory.is_some_and(|most| used > most) => {
                    let _ = rustix::process::kill_process(*largest, Signal::KILL);
                    self.memory_kills += 1;
                }
                _ => pause = LOOK * 4,
            }
        }
        self.next = Instant::now() + pause;
        let ticks: u64 = processes.iter().map(|it| it.ticks).sum();
        let cpu_ms = sys::children_cpu_ms() + ticks * 1000 / rustix::param::clock_ticks_per_second().max(1);
        if self.caps.watch_processes.is_some_and(|most| threads > u64::from(most)) {
            Some(News::TooManyProcesses)
        } else if self.caps.cpu_ms.is_some_and(|most| cpu_ms > most) {
            Some(News::TooMuchCpu)
        } else {
            None
        }
    }

    fn told(&self, status: WaitStatus) -> News {
        let failed = status.exit_status() != Some(0);
        match (status.exit_status(), status.terminating_signal()) {
            _ if failed && self.memory_kills > 0 => News::TooMuchMemory,
            (Some(code), _) => News::Code(code),
            (None, Some(libc::SIGXCPU)) if self.caps.cpu_ms.is_some() => News::TooMuchCpu,
            (None, Some(signal)) => News::Signal(signal),
            (None, None) => News::Signal(libc::SIGKILL),
        }
    }
}
