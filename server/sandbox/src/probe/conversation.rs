//! Talks with a runner in a sandbox: four bytes of length, big-endian, then JSON, both ways.
//!
//! Every wait has a deadline and a cancel. What the runner prints beside the conversation is kept in part.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Cancel;

/// A message larger than this ends the conversation, bytes.
const LARGEST: usize = 64 << 20;

/// How much of what the runner says on standard error is kept, bytes.
const MOST_SAID: usize = 8 << 10;

/// How long to sleep where the switch has no descriptor to wait for.
const TICK: Duration = Duration::from_millis(50);

/// What came of a wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard<M> {
    /// A message.
    Message(M),
    /// The other end is gone, or speaks nonsense.
    Closed,
    /// The deadline has passed.
    Late,
    /// The switch was thrown.
    Cancelled,
}

/// One end of the conversation. Dropping it ends the runner.
pub(super) struct Conversation {
    stdin: File,
    stdout: File,
    stderr: Option<File>,
    buffer: Vec<u8>,
    said: Vec<u8>,
    /// Ends the runner when dropped.
    _leash: Box<dyn Send>,
}

impl Conversation {
    /// Over the runner's standard streams.
    pub(super) fn new(stdin: File, stdout: File, stderr: File, leash: Box<dyn Send>) -> io::Result<Self> {
        rustix::fs::fcntl_setfl(&stdin, rustix::fs::OFlags::NONBLOCK)?;
        Ok(Self { stdin, stdout, stderr: Some(stderr), buffer: Vec::new(), said: Vec::new(), _leash: leash })
    }

    /// Sends a message; `Heard::Message(())` when all of it is on its way.
    pub(super) fn send(&mut self, message: &impl Serialize, deadline: Instant, cancel: &Cancel) -> Heard<()> {
        let Ok(body) = serde_json::to_vec(message) else { return Heard::Closed };
        let Ok(size) = u32::try_from(body.len()) else { return Heard::Closed };
        let mut all = size.to_be_bytes().to_vec();
        all.extend_from_slice(&body);
        let mut left = all.as_slice();
        while !left.is_empty() {
            match self.stdin.write(left) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match self.until(PollFlags::OUT, deadline, cancel) {
                        Heard::Message(()) => {}
                        stop @ (Heard::Closed | Heard::Late | Heard::Cancelled) => return stop,
                    }
                }
                Err(_) => return Heard::Closed,
            }
        }
        Heard::Message(())
    }

    /// The next message.
    pub(super) fn receive<M: DeserializeOwned>(&mut self, deadline: Instant, cancel: &Cancel) -> Heard<M> {
        loop {
            match self.take() {
                Some(Ok(body)) => return serde_json::from_slice(&body).map_or(Heard::Closed, Heard::Message),
                Some(Err(())) => return Heard::Closed,
                None => {}
            }
            match self.until(PollFlags::IN, deadline, cancel) {
                Heard::Message(()) => {}
                Heard::Closed => return Heard::Closed,
                Heard::Late => return Heard::Late,
                Heard::Cancelled => return Heard::Cancelled,
            }
            let mut chunk = vec![0; 64 << 10];
            match self.stdout.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return Heard::Closed,
                Ok(count) => self.buffer.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            }
        }
    }

    /// What the runner said beside the conversation, the last of it.
    pub(super) fn said(&mut self) -> String {
        while self.stderr.as_ref().is_some_and(|stderr| is_ready(stderr.as_fd())) {
            self.hear_stderr();
        }
        String::from_utf8_lossy(&self.said).trim().to_owned()
    }

    fn take(&mut self) -> Option<Result<Vec<u8>, ()>> {
        let head: [u8; 4] = self.buffer.get(..4)?.try_into().ok()?;
        let size = u32::from_be_bytes(head) as usize;
        if size > LARGEST {
            return Some(Err(()));
        }
        let body = self.buffer.get(4..4 + size)?.to_vec();
        self.buffer.drain(..4 + size);
        Some(Ok(body))
    }

    /// Waits until the stream that the flag speaks of is ready.
    #[expect(clippy::disallowed_methods, reason = "the conversation keeps its deadline")]
    fn until(&mut self, flag: PollFlags, deadline: Instant, cancel: &Cancel) -> Heard<()> {
        loop {
            if cancel.is_cancelled() {
                return Heard::Cancelled;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Heard::Late;
            }
            let (is_ready, is_said) = self.poll(flag, left, cancel);
            if is_said {
                self.hear_stderr();
            }
            if is_ready {
                return Heard::Message(());
            }
        }
    }

    fn poll(&self, flag: PollFlags, most: Duration, cancel: &Cancel) -> (bool, bool) {
        let main = if flag == PollFlags::OUT { self.stdin.as_fd() } else { self.stdout.as_fd() };
        let mut fds = vec![PollFd::from_borrowed_fd(main, flag)];
        if let Some(stderr) = &self.stderr {
            fds.push(PollFd::from_borrowed_fd(stderr.as_fd(), PollFlags::IN));
        }
        let most = match cancel.as_fd() {
            Some(fd) => {
                fds.push(PollFd::from_borrowed_fd(fd, PollFlags::IN));
                most
            }
            None => most.min(TICK),
        };
        let most = Timespec::try_from(most).ok();
        // Interrupted: the caller looks again.
        let _ = poll(&mut fds, most.as_ref());
        let is_ready = |at: usize| fds.get(at).is_some_and(|fd| !fd.revents().is_empty());
        (is_ready(0), self.stderr.is_some() && is_ready(1))
    }

    fn hear_stderr(&mut self) {
        let mut chunk = [0; 4 << 10];
        match self.stderr.as_mut().map(|stderr| stderr.read(&mut chunk)) {
            Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Some(Ok(count)) if count > 0 => {
                self.said.extend_from_slice(chunk.get(..count).unwrap_or_default());
                let over = self.said.len().saturating_sub(MOST_SAID);
                self.said.drain(..over);
            }
            Some(Ok(_) | Err(_)) | None => self.stderr = None,
        }
    }
}

fn is_ready(fd: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut fds, Some(&at_once)), Ok(count) if count > 0)
}
