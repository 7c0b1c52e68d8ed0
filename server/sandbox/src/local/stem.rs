//! Helpers: started as programs, or forked from one that was started before, which is ten times faster.
#![expect(clippy::disallowed_methods, reason = "the one place that starts a process")]

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::init::{INIT_ARGUMENT, STEM_ARGUMENT};

/// A helper's streams: its conversation with us, and what becomes the command's output and error stream.
pub(super) type Streams<'a> = [BorrowedFd<'a>; 3];

/// A process that builds one sandbox and watches over it.
#[derive(Debug)]
pub(super) enum Helper {
    /// A child of ours.
    Started(Child),
    /// A child of the stem, which the kernel reaps.
    Forked {
        /// Its number.
        pid: u32,
        /// Refers to it even when the number belongs to another.
        handle: OwnedFd,
    },
}

impl Helper {
    pub(super) fn id(&self) -> u32 {
        match self {
            Self::Started(child) => child.id(),
            Self::Forked { pid, .. } => *pid,
        }
    }

    /// Readable when it is gone; `None` on kernels before 5.3.
    pub(super) fn handle(&self) -> Option<OwnedFd> {
        match self {
            Self::Started(child) => Pid::from_raw(child.id().cast_signed())
                .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()),
            Self::Forked { handle, .. } => handle.try_clone().ok(),
        }
    }

    pub(super) fn kill(&mut self) {
        // One that is gone already needs no killing.
        let _ = match self {
            Self::Started(child) => child.kill(),
            Self::Forked { handle, .. } => pidfd_send_signal(handle, Signal::KILL).map_err(io::Error::from),
        };
    }

    /// Waits until it is gone.
    pub(super) fn wait(&mut self) {
        match self {
            Self::Started(child) => {
                let _ = child.wait();
            }
            Self::Forked { handle, .. } => {
                let mut gone = [PollFd::from_borrowed_fd(handle.as_fd(), PollFlags::IN)];
                while let Err(rustix::io::Errno::INTR) = poll(&mut gone, None) {}
            }
        }
    }
}

/// Starts a helper as a program of its own.
pub(super) fn start(program: &Path, [control, stdout, stderr]: Streams<'_>) -> io::Result<Helper> {
    let stream = |fd: BorrowedFd<'_>| fd.try_clone_to_owned().map(Stdio::from);
    let mut command = command(program);
    command.stdin(stream(control)?).stdout(stream(stdout)?).stderr(stream(stderr)?);
    command.spawn().map(Helper::Started)
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg0("bodkin-sandbox").arg(INIT_ARGUMENT).env_clear().current_dir("/");
    command
}

/// The process that helpers are forked from; started with the first of them.
#[derive(Debug, Default)]
pub(super) struct Stem(Mutex<Option<Root>>);

#[derive(Debug)]
struct Root {
    line: OwnedFd,
    process: Child,
}

impl Stem {
    /// Forks a helper; starts the stem where there is none, or none any more.
    pub(super) fn fork(&self, program: &Path, streams: Streams<'_>) -> io::Result<Helper> {
        let mut root = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(living) = &*root
            && let Ok(helper) = living.fork(streams)
        {
            return Ok(helper);
        }
        *root = None;
        let fresh = Root::start(program)?;
        let helper = fresh.fork(streams);
        *root = Some(fresh);
        helper
    }
}

impl Root {
    fn start(program: &Path) -> io::Result<Self> {
        let (line, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        let mut command = command(program);
        command.arg(STEM_ARGUMENT).stdin(theirs).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { line, process: command.spawn()? })
    }

    fn fork(&self, streams: Streams<'_>) -> io::Result<Helper> {
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut extra = SendAncillaryBuffer::new(&mut space);
        extra.push(SendAncillaryMessage::ScmRights(&streams));
        sendmsg(&self.line, &[io::IoSlice::new(b"+")], &mut extra, SendFlags::NOSIGNAL)?;

        let mut answer = [0; 4];
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut extra = RecvAncillaryBuffer::new(&mut space);
        let into = &mut [io::IoSliceMut::new(&mut answer)];
        let got = recvmsg(&self.line, into, &mut extra, RecvFlags::CMSG_CLOEXEC)?;
        let handle = extra.drain().find_map(|message| {
            if let RecvAncillaryMessage::ScmRights(mut handles) = message { handles.next() } else { None }
        });
        match (i32::from_le_bytes(answer), handle) {
            (pid, Some(handle)) if got.bytes == 4 && pid > 0 => {
                Ok(Helper::Forked { pid: pid.cast_unsigned(), handle })
            }
            (errno, None) if got.bytes == 4 && errno < 0 => Err(io::Error::from_raw_os_error(-errno)),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // It would end by itself when the line is closed, but nobody would reap it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
