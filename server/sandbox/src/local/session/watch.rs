//! A watch of a local session: packets that its first process sends.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, recv};

use super::words::event;
use crate::session::{FileEvent, Watch};

/// The largest packet: a letter and a path.
const PACKET: usize = 16 << 10;

/// The launcher's end of a watch; the first process forgets the watch when it is dropped.
pub(super) struct LocalWatch(pub(super) OwnedFd);

impl Watch for LocalWatch {
    #[expect(clippy::disallowed_methods, reason = "a wait with a deadline")]
    fn next(&mut self, wait: Duration) -> Option<FileEvent> {
        let deadline = Instant::now() + wait;
        loop {
            let mut waited = [PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)];
            let left = deadline.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).ok();
            if poll(&mut waited, left.as_ref()) == Ok(0) {
                return None;
            }
            let mut packet = vec![0; PACKET];
            match recv(&self.0, &mut *packet, RecvFlags::DONTWAIT) {
                Ok((0, _)) => return None,
                Ok((count, _)) => {
                    if let Some(event) = read(packet.get(..count).unwrap_or_default()) {
                        return Some(event);
                    }
                }
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(_) => return None,
            }
        }
    }
}

fn read(packet: &[u8]) -> Option<FileEvent> {
    let (kind, path) = packet.split_first()?;
    let path = PathBuf::from(OsStr::from_bytes(path));
    Some(match *kind {
        event::CREATED => FileEvent::Created(path),
        event::WRITTEN => FileEvent::Written(path),
        event::REMOVED => FileEvent::Removed(path),
        event::RENAMED => FileEvent::Renamed(path),
        event::MODE => FileEvent::ModeChanged(path),
        event::LOST => FileEvent::Lost,
        _ => return None,
    })
}
