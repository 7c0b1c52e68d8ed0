//! A command that is running in a sandbox.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use bodkin_guard::report::{Isolation, Stop};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::leash::{Leash, TICK};
use super::pieces::Gathered;
use crate::Cancel;
use crate::changes::Changes;
use crate::launch::{Ended, Stream};

/// How long output may still come when everything inside is dead. Only a process that escaped a reduced
/// sandbox can hold a pipe open longer.
const LINGER: Duration = Duration::from_millis(500);

/// A command in its sandbox. Dropping it kills everything inside.
#[derive(Debug)]
pub struct Running {
    /// The command's standard input, if it was to be piped; drop it for an end of file.
    pub stdin: Option<File>,
    stdout: File,
    stderr: File,
    leash: Leash,
    isolation: Isolation,
}

/// A running command taken apart, for a conversation with it. Output and the
/// deadline are then the caller's to keep; the limits on memory, processes and disk stay, and the sandbox
/// still ends by itself two seconds after `limits.wall_ms`: give a long-lived one as much as it is to live.
#[derive(Debug)]
pub struct Io {
    /// The command's standard input, if it was to be piped.
    pub stdin: Option<File>,
    /// The command's standard output: a pipe, in blocking mode.
    pub stdout: File,
    /// The command's standard error: a pipe, in blocking mode.
    pub stderr: File,
    /// Kills everything inside when dropped.
    pub leash: Leash,
}

impl Running {
    pub(super) fn new(
        stdin: Option<File>,
        stdout: File,
        stderr: File,
        leash: Leash,
        isolation: Isolation,
    ) -> Self {
        Self { stdin, stdout, stderr, leash, isolation }
    }

    pub(super) fn over(self, isolation: Isolation) -> Self {
        Self { isolation, ..self }
    }

    pub(super) fn leash(&mut self) -> &mut Leash {
        &mut self.leash
    }

    /// How strong the walls around this command are.
    pub fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    /// Kills everything inside; returns at once.
    pub fn kill(&self) {
        self.leash.kill();
    }

    /// Takes it apart for a conversation with the command.
    pub fn into_io(self) -> Io {
        Io { stdin: self.stdin, stdout: self.stdout, stderr: self.stderr, leash: self.leash }
    }

    /// Waits for the end, at most until `deadline` or the launch's wall limit, whichever comes first, and
    /// hands over output as it comes (whatever was cut, at most `limits.output_bytes` in all). Nothing
    /// that the command started is alive when it returns.
    pub fn wait(
        mut self,
        deadline: Option<Instant>,
        cancel: &Cancel,
        on_output: &mut dyn FnMut(Stream, &[u8]),
    ) -> Ended {
        drop(self.stdin.take());
        let limit = self.leash.built + Duration::from_millis(self.leash.limits.wall_ms);
        let mut wait = Wait {
            deadline: deadline.map_or(limit, |deadline| deadline.min(limit)),
            stop: None,
            output_bytes: 0,
            streams: [(Stream::Stdout, Some(self.stdout)), (Stream::Stderr, Some(self.stderr))],
            leash: self.leash,
        };
        while !wait.is_over() {
            wait.step(cancel, on_output);
        }
        wait.finish(on_output)
    }
}

struct Wait {
    deadline: Instant,
    stop: Option<Stop>,
    output_bytes: u64,
    streams: [(Stream, Option<File>); 2],
    leash: Leash,
}

impl Wait {
    fn is_over(&self) -> bool {
        self.leash.is_over() && self.streams.iter().all(|(_, file)| file.is_none())
    }

    #[expect(clippy::disallowed_methods, reason = "the launcher keeps the deadline")]
    fn step(&mut self, cancel: &Cancel, on_output: &mut dyn FnMut(Stream, &[u8])) {
        let now = Instant::now();
        if self.stop.is_none() && !self.leash.is_over() {
            if cancel.is_cancelled() {
                self.stop(Stop::Cancelled, now);
            } else if now >= self.deadline {
                self.stop(Stop::WallTime, now);
            }
        }
        let heard_before = self.leash.is_over();
        let ready = self.poll(cancel, self.deadline.saturating_duration_since(now));
        if now >= self.deadline && (self.stop.is_some() || (heard_before && ready.is_empty())) {
            return self.give_up();
        }
        for ready in ready {
            match ready {
                Ready::Helper => {
                    self.leash.hear();
                }
                Ready::Output(stream) => self.read(stream, now, on_output),
            }
        }
        if !heard_before && self.leash.is_over() {
            self.deadline = now + LINGER;
        }
    }

    fn stop(&mut self, why: Stop, now: Instant) {
        self.stop = Some(why);
        self.leash.kill();
        self.deadline = now + LINGER;
    }

    /// The rest is not waited for: what holds it up is killed when the leash is dropped.
    fn give_up(&mut self) {
        for (_, file) in &mut self.streams {
            *file = None;
        }
        self.leash.give_up();
    }

    fn poll(&self, cancel: &Cancel, most: Duration) -> Vec<Ready> {
        let mut waited: Vec<(Option<Ready>, BorrowedFd<'_>)> = Vec::with_capacity(4);
        if !self.leash.is_over() {
            waited.push((Some(Ready::Helper), self.leash.as_fd()));
        }
        for (stream, file) in &self.streams {
            waited.extend(file.as_ref().map(|file| (Some(Ready::Output(*stream)), file.as_fd())));
        }
        let mut most = most;
        match cancel.as_fd() {
            Some(fd) if self.stop.is_none() => waited.push((None, fd)),
            Some(_) => {}
            None => most = most.min(TICK),
        }
        let mut fds: Vec<PollFd<'_>> =
            waited.iter().map(|(_, fd)| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
        let most = Timespec::try_from(most).ok();
        // Interrupted or out of memory: the next step looks again.
        let _ = poll(&mut fds, most.as_ref());
        let ready = fds.iter().zip(&waited).filter(|(fd, _)| !fd.revents().is_empty());
        ready.filter_map(|(_, (ready, _))| *ready).collect()
    }

    fn read(&mut self, which: Stream, now: Instant, on_output: &mut dyn FnMut(Stream, &[u8])) {
        let Some((_, file)) = self.streams.iter_mut().find(|(stream, _)| *stream == which) else { return };
        let mut chunk = [0; 64 << 10];
        let count = match file.as_mut().map(|file| file.read(&mut chunk)) {
            Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => return,
            Some(Ok(count)) if count > 0 => count,
            Some(Ok(_) | Err(_)) | None => {
                *file = None;
                return;
            }
        };
        let room = self.leash.limits.output_bytes.saturating_sub(self.output_bytes);
        let kept = usize::try_from(room).unwrap_or(usize::MAX).min(count);
        if kept > 0 {
            on_output(which, chunk.get(..kept).unwrap_or_default());
        }
        self.output_bytes += count as u64;
        if self.output_bytes > self.leash.limits.output_bytes && self.stop.is_none() {
            self.stop(Stop::Output, now);
        }
    }

    /// What it changed. Of a command that was stopped nothing is told, as it was killed with all that could tell.
    fn changes(&mut self) -> Changes {
        let mut gathered = std::mem::take(&mut self.leash.gathered);
        if self.leash.tells_changes && self.stop.is_some() {
            gathered = Gathered::default();
            gathered.leave_out("The command was stopped, so what it changed was not looked at.");
        }
        gathered.into_changes()
    }

    fn finish(mut self, on_output: &mut dyn FnMut(Stream, &[u8])) -> Ended {
        if let Some(words) = self.leash.last_words() {
            on_output(Stream::Stderr, words.as_bytes());
        }
        let exit = self.leash.end(self.stop);
        Ended {
            exit,
            wall_us: u64::try_from(self.leash.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            output_bytes: self.output_bytes,
            collected: {
                let mut collected = std::mem::take(&mut self.leash.collected);
                collected.sort();
                collected
            },
            changes: self.changes(),
            refused_hosts: self.leash.egress.as_ref().map(super::egress::Egress::refused).unwrap_or_default(),
        }
    }
}

#[derive(Clone, Copy)]
enum Ready {
    Helper,
    Output(Stream),
}
