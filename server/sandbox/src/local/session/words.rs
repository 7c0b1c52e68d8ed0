//! What a session's launcher and its first process say to each other, over a socket of their own.
//!
//! Each letter is one value as JSON and bytes beside it, behind two lengths (u32, little endian); descriptors come
//! with the lengths. The launcher asks one thing at a time; the answer carries the number of the question.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::local::wire::{Command, Raw};

/// Descriptors of one letter at most.
pub(crate) const DESCRIPTORS: usize = 4;

/// The largest letter that is believed, bytes.
const LETTER_BYTES: usize = 160 << 20;

/// Names of files that are being written begin so; watches do not tell of them.
pub(crate) const PART: &str = ".bodkin-part-";

/// Asked of the first process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Start a process. With a terminal: the line that tells its end. Else: standard input if `command.piped`,
    /// standard output, standard error, and that line.
    Start {
        command: Command,
        /// Columns and rows.
        terminal: Option<(u16, u16)>,
    },
    /// Send a signal to a process that was started and its group.
    Signal { pid: u32, signal: i32 },
    /// What stands there.
    Stat(Raw),
    /// What lies below, so many levels deep.
    List { path: Raw, depth: u32 },
    /// Open a regular file to be read.
    Open(Raw),
    /// Begin to write a file.
    Create(Raw),
    /// Put what was written in place.
    Commit { part: u64, mode: Option<u32> },
    /// Throw away what was written.
    Abort { part: u64 },
    /// Make a folder and those above it.
    MakeDir(Raw),
    /// Move a file or folder.
    Rename { from: Raw, to: Raw },
    /// Remove a file or a folder with all in it.
    Remove(Raw),
    /// Watch a folder; events go down the line that comes with it.
    Watch { path: Raw, recursive: bool },
    /// Stop every process.
    Freeze,
    /// Let them go on.
    Thaw,
    /// Tell what differs from what was given, down the line that comes with it.
    Changes,
    /// What is used.
    Usage,
}

/// An answer of the first process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// It is done.
    Done,
    /// It is done, and whether it made a difference.
    Made(bool),
    /// A process was started; with a terminal its other end comes with it.
    Started(u32),
    /// What stands there.
    Row(Option<Row>),
    /// Some of what lies below; more follows if the letter says so.
    Rows(Vec<Row>),
    /// An open file comes with it.
    Opened,
    /// A file to write to comes with it; its number.
    Part(u64),
    /// What is used.
    Used(Used),
    /// It could not be done: the system's error number.
    Failed(i32),
}

/// A file, folder or link.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) path: Raw,
    pub(crate) kind: RowKind,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) owner: String,
    pub(crate) group: String,
    pub(crate) modified_ms: i64,
}

/// What a row is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum RowKind {
    File,
    Folder,
    Link(Raw),
    Other,
}

/// What a session uses.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Used {
    pub(crate) cpu_ms: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) disk_bytes: u64,
    pub(crate) processes: u32,
}

/// A value on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Letter<T> {
    /// Number of the question.
    pub(crate) number: u64,
    /// Whether more letters follow to the same question.
    pub(crate) more: bool,
    pub(crate) what: T,
}

/// A letter that came, with the bytes and the descriptors beside it.
#[derive(Debug)]
pub(crate) struct Received<T> {
    pub(crate) letter: Letter<T>,
    pub(crate) descriptors: Vec<OwnedFd>,
}

/// Sends a letter with descriptors.
pub(crate) fn send<T: Serialize>(
    to: &UnixStream,
    letter: &Letter<T>,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let body = serde_json::to_vec(letter)?;
    let length = u32::try_from(body.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let head = length.to_le_bytes();
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut extra = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !extra.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut sent =
        retry(|| sendmsg(to, &[IoSlice::new(&head), IoSlice::new(&body)], &mut extra, SendFlags::NOSIGNAL))?;
    for part in [head.as_slice(), &body] {
        let done = sent.min(part.len());
        sent -= done;
        { to }.write_all(part.get(done..).unwrap_or_default())?;
    }
    Ok(())
}

/// Receives a letter; waits for it as long as the socket allows.
pub(crate) fn receive<T: DeserializeOwned>(from: &UnixStream) -> io::Result<Received<T>> {
    let mut head = [0; 4];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut extra = RecvAncillaryBuffer::new(&mut space);
    let got =
        retry(|| recvmsg(from, &mut [IoSliceMut::new(&mut head)], &mut extra, RecvFlags::CMSG_CLOEXEC))?
            .bytes;
    let descriptors = extra.drain().filter_map(|message| {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message { Some(descriptors) } else { None }
    });
    let descriptors: Vec<OwnedFd> = descriptors.flatten().collect();
    if got == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    { from }.read_exact(head.get_mut(got..).unwrap_or_default())?;
    let length = u32::from_le_bytes(head) as usize;
    if length > LETTER_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    { from }.read_exact(&mut body)?;
    Ok(Received { letter: serde_json::from_slice(&body)?, descriptors })
}

fn retry<T>(mut act: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    loop {
        match act() {
            Err(rustix::io::Errno::INTR) => {}
            other => return Ok(other?),
        }
    }
}

/// What a watch tells, one packet each: a letter and a path.
pub(crate) mod event {
    pub(crate) const CREATED: u8 = b'C';
    pub(crate) const WRITTEN: u8 = b'W';
    pub(crate) const REMOVED: u8 = b'R';
    pub(crate) const RENAMED: u8 = b'N';
    pub(crate) const MODE: u8 = b'M';
    pub(crate) const LOST: u8 = b'L';
}

/// How a process ended, as it is written on its line: the code, or 1000 and the signal.
pub(crate) const SIGNAL_BASE: i32 = 1000;

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn a_letter_longer_than_the_socket_holds_arrives_whole_with_its_descriptor() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let path = Raw::from("x".repeat(1 << 20));
        let sender = std::thread::spawn(move || {
            let letter = Letter { number: 7, more: false, what: Ask::Stat(path) };
            send(&ours, &letter, &[ours.as_fd()]).unwrap();
        });
        let received: Received<Ask> = receive(&theirs).unwrap();
        sender.join().unwrap();
        assert_eq!((received.letter.number, received.descriptors.len()), (7, 1));
        assert!(matches!(received.letter.what, Ask::Stat(path) if path.bytes().len() == 1 << 20));
        drop(received.descriptors);
        assert!(receive::<Ask>(&theirs).is_err());
    }
}
