//! Holds a running sandbox: kills it, hears how it ended, cleans up behind it.

use std::io::{self, Read};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use bodkin_guard::action::Limits;
use bodkin_guard::report::{Exit, Stop};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::caches::Layers;
use super::egress::Egress;
use super::fence::Fence;
use super::pieces::Gathered;
use super::scratch::Kept;
use super::stem::Helper;
use super::wire::{self, Kind, News};
use crate::Cancel;

/// How long a killed sandbox may take until its helper is killed as well.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the walls may take, a copy of the workspace included.
const BUILD_TIME: Duration = Duration::from_secs(120);

/// How long to sleep where the switch has no descriptor to wait for.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// More than this does not come back from a sandbox, bytes; the helper stops well before.
const BUFFER_BYTES: usize = 64 << 20;

/// A running sandbox. Dropping it kills everything inside and waits until it is gone.
#[derive(Debug)]
pub struct Leash {
    control: UnixStream,
    helper: Helper,
    pub(super) limits: Limits,
    pub(super) started: Instant,
    /// When the command started: the limit on its time does not pay for the walls.
    pub(super) built: Instant,
    buffer: Vec<u8>,
    /// Whether the walls stand.
    greeting: Option<News>,
    /// How the command ended.
    news: Option<News>,
    pub(super) collected: Vec<(String, Vec<u8>)>,
    /// What it changed.
    pub(super) gathered: Gathered,
    /// Whether that was asked for.
    pub(super) tells_changes: bool,
    is_closed: bool,
    is_reaped: bool,
    fence: Fence,
    /// The way out to agreed hosts, if there is one.
    pub(super) egress: Option<Egress>,
    _scratch: Option<Kept>,
    /// The layers over tools' caches, if they are kept.
    pub(super) caches: Option<Layers>,
}

impl Leash {
    pub(super) fn new(
        control: UnixStream,
        helper: Helper,
        limits: Limits,
        started: Instant,
        fence: Fence,
        scratch: Option<Kept>,
    ) -> Self {
        Self {
            control,
            helper,
            limits,
            started,
            built: started,
            buffer: Vec::new(),
            greeting: None,
            news: None,
            collected: Vec::new(),
            gathered: Gathered::default(),
            tells_changes: false,
            is_closed: false,
            is_reaped: false,
            fence,
            egress: None,
            _scratch: scratch,
            caches: None,
        }
    }

    /// Kills everything inside; returns at once. The end is told as any other.
    pub fn kill(&self) {
        // The helper takes our end of the conversation for our death, and dies with all below.
        let _ = self.control.shutdown(Shutdown::Write);
    }

    /// Readable when there is something to [`Leash::hear`].
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.control.as_fd()
    }

    /// Takes what the helper has to say, waiting for it if there is nothing yet; whether the sandbox is over.
    pub fn hear(&mut self) -> bool {
        let mut chunk = vec![0; 64 << 10];
        match self.control.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => self.is_closed = true,
            Ok(count) => self.take(chunk.get(..count).unwrap_or_default()),
        }
        self.is_closed
    }

    /// Puts the helper and all that it will start behind the fence.
    pub(super) fn enclose(&self) -> io::Result<()> {
        self.fence.enclose(self.helper.id())
    }

    pub(super) fn control(&mut self) -> &mut UnixStream {
        &mut self.control
    }

    /// Stops listening: the sandbox did not end when it was told to.
    pub(super) fn give_up(&mut self) {
        self.kill();
        self.is_closed = true;
    }

    /// Whether the sandbox is over, as far as was heard.
    pub fn is_over(&self) -> bool {
        self.is_closed
    }

    fn take(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        loop {
            match wire::take(&mut self.buffer) {
                Ok(Some((Kind::News, body))) => {
                    let news = serde_json::from_slice(&body).ok();
                    match news {
                        Some(News::Built | News::Failed { .. }) => self.greeting = news,
                        _ => self.news = news.or(self.news.take()),
                    }
                }
                Ok(Some((Kind::File, body))) => self.collected.extend(wire::file_of(&body)),
                Ok(Some((Kind::Change, body))) if self.gathered.take(&body) => {}
                Ok(Some((Kind::Content, body))) if self.gathered.take_content(&body) => {}
                Ok(Some((Kind::Spec | Kind::Blob, _))) => {}
                Ok(None) if self.buffer.len() <= BUFFER_BYTES => return,
                Ok(None | Some((Kind::Change | Kind::Content, _))) | Err(_) => {
                    self.buffer.clear();
                    return self.kill();
                }
            }
        }
    }

    /// Waits until the walls stand; `None` if `cancel` was thrown before.
    #[expect(clippy::disallowed_methods, reason = "the command's clock starts when the walls stand")]
    pub(super) fn until_built(&mut self, cancel: &Cancel) -> io::Result<Option<News>> {
        loop {
            let elapsed = self.started.elapsed();
            let left = BUILD_TIME.saturating_sub(elapsed);
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            if cancel.is_cancelled() {
                return Ok(None);
            }
            if is_readable(self.control.as_fd(), cancel, left)? && self.hear() && self.greeting.is_none() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(news) = self.greeting.take() {
                self.built = Instant::now();
                return Ok(Some(news));
            }
        }
    }

    /// Waits for the end of the sandbox, which was killed or ended by itself, and tells how.
    /// `stop` is why it was killed, if it was.
    pub(super) fn end(&mut self, stop: Option<Stop>) -> Exit {
        self.reap();
        let memory_kills = self.fence.memory_kills();
        match (stop, self.news.take()) {
            (Some(stop), _) => Exit::Stopped(stop),
            (None, Some(News::Code(0))) => Exit::Code(0),
            (None, _) if memory_kills > 0 => Exit::Stopped(Stop::Memory),
            (None, Some(News::TooMuchMemory)) => Exit::Stopped(Stop::Memory),
            (None, Some(News::TooMuchCpu)) => Exit::Stopped(Stop::CpuTime),
            (None, Some(News::TooLong)) => Exit::Stopped(Stop::WallTime),
            (None, Some(News::Code(code))) => Exit::Code(code),
            (None, Some(News::Signal(signal))) => Exit::Signal(signal),
            (None, Some(News::TooManyProcesses | News::Built | News::Failed { .. }) | None) => {
                Exit::Signal(libc::SIGKILL)
            }
        }
    }

    /// What the command is to be told about an end that no exit code speaks of.
    pub(super) fn last_words(&self) -> Option<String> {
        match self.news.as_ref().or(self.greeting.as_ref()) {
            Some(News::TooManyProcesses) => {
                Some(format!("bodkin: killed: more than {} processes\n", self.limits.processes))
            }
            Some(News::Failed { stage, errno }) => {
                Some(format!("bodkin: {stage}: {}\n", io::Error::from_raw_os_error(*errno)))
            }
            Some(
                News::Built
                | News::Code(_)
                | News::Signal(_)
                | News::TooMuchMemory
                | News::TooMuchCpu
                | News::TooLong,
            )
            | None => None,
        }
    }

    /// Waits until the helper is gone, and with it everything inside.
    #[expect(clippy::disallowed_methods, reason = "the wait for a killed helper has a deadline")]
    fn reap(&mut self) {
        if std::mem::replace(&mut self.is_reaped, true) {
            return;
        }
        let deadline = Instant::now() + PATIENCE;
        let descriptor = self.helper.handle();
        let mut is_gone = descriptor.is_none() && self.is_closed;
        while let Some(descriptor) = descriptor.as_ref().filter(|_| !is_gone) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            is_gone = is_over(descriptor.as_fd(), self, left);
        }
        if !is_gone {
            self.helper.kill();
        }
        self.helper.wait();
    }
}

/// Waits for the helper's end, reading on what it still says, so that it is not held up by it.
fn is_over(helper: BorrowedFd<'_>, leash: &mut Leash, most: Duration) -> bool {
    let control = leash.control.as_fd();
    let mut waited = vec![PollFd::from_borrowed_fd(helper, PollFlags::IN)];
    if !leash.is_closed {
        waited.push(PollFd::from_borrowed_fd(control, PollFlags::IN));
    }
    let most = Timespec::try_from(most).ok();
    let _ = poll(&mut waited, most.as_ref());
    let mut ready = waited.iter().map(|it| !it.revents().is_empty());
    let (is_gone, has_more) = (ready.next() == Some(true), ready.next() == Some(true));
    if has_more {
        leash.hear();
    }
    is_gone
}

/// Waits for something to read, at most so long or until the switch is thrown.
fn is_readable(fd: BorrowedFd<'_>, cancel: &Cancel, most: Duration) -> io::Result<bool> {
    let mut waited = vec![PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    waited.extend(cancel.as_fd().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
    let most = if waited.len() == 1 { most.min(TICK) } else { most };
    match poll(&mut waited, Timespec::try_from(most).ok().as_ref()) {
        Ok(_) => Ok(waited.first().is_some_and(|it| !it.revents().is_empty())),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.kill();
        self.reap();
    }
}
