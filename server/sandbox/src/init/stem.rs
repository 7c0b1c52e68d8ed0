//! The process that helpers are forked from.
//!
//! A program takes a millisecond to start, most of it in the loader; a fork of one that has started takes a tenth.
//! So the launcher starts this once, and asks it for a helper with each sandbox: a message that carries the
//! helper's three streams, answered with its number and a handle to it. It has one thread and holds nothing else,
//! is nobody's parent for long (its children are reaped by the kernel), and ends with the launcher.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

use super::sys::{self, Fork};

/// Serves until the launcher is gone. Comes back in each helper, with its streams in place.
pub(super) fn serve() -> io::Result<()> {
    sys::close_the_rest();
    let line = sys::take_standard(0)?;
    let null = super::start::open_null()?;
    for standard in 0..3 {
        sys::put_in_place(&null, standard)?;
    }
    sys::leave_children_to_the_kernel();
    while let Some(streams) = next(&line)? {
        let (answer, handle) = match sys::fork_with_handle() {
            Ok((Fork::Child, _)) => {
                sys::care_for_children();
                for (stream, standard) in streams.iter().zip(0..) {
                    sys::put_in_place(stream, standard)?;
                }
                return Ok(());
            }
            Ok((Fork::Parent(child), handle)) => (child.as_raw_nonzero().get(), handle),
            Err(error) => (-error.raw_os_error().unwrap_or(libc::EIO), None),
        };
        tell(&line, answer, handle.as_ref())?;
    }
    sys::exit_now(0)
}

/// The streams of the next helper; `None` when the launcher is gone.
fn next(line: &OwnedFd) -> io::Result<Option<Vec<OwnedFd>>> {
    let mut byte = [0; 1];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut extra = RecvAncillaryBuffer::new(&mut space);
    let got = recvmsg(line, &mut [io::IoSliceMut::new(&mut byte)], &mut extra, RecvFlags::CMSG_CLOEXEC)?;
    let streams = extra.drain().filter_map(|message| {
        if let RecvAncillaryMessage::ScmRights(streams) = message { Some(streams) } else { None }
    });
    Ok((got.bytes > 0).then(|| streams.flatten().collect()))
}

fn tell(line: &OwnedFd, answer: i32, handle: Option<&OwnedFd>) -> io::Result<()> {
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut extra = SendAncillaryBuffer::new(&mut space);
    let handles: Vec<_> = handle.into_iter().map(AsFd::as_fd).collect();
    if !handles.is_empty() {
        extra.push(SendAncillaryMessage::ScmRights(&handles));
    }
    sendmsg(line, &[io::IoSlice::new(&answer.to_le_bytes())], &mut extra, SendFlags::NOSIGNAL)?;
    Ok(())
}
