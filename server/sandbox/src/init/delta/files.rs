//! One file that was written: whether it differs from what was given, and its content.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use bodkin_text::ContentHash;
use rustix::fs::{AtFlags, Mode, OFlags, Stat, chmodat, fstat, openat};
use rustix::io::Errno;

use crate::local::pieces::{ALL_BYTES, FILE_BYTES, send_content};

/// What is read at once, bytes.
const CHUNK: usize = 256 << 10;

/// A file may have holes up to this size, bytes; a larger one is mostly data or does not come back.
const HOLES: u64 = 1 << 20;

/// What stood in a file's place before.
pub(super) enum Before {
    /// Nothing, or no file.
    Nothing,
    /// A text that was laid over; with the permissions of the file under it, if there was one.
    Laid(ContentHash, Option<u32>),
    /// A file of what was given.
    Given(Box<Stat>, OwnedFd),
}

impl Before {
    /// Permissions of the file that stood there.
    pub(super) fn mode(&self) -> Option<u32> {
        match self {
            Self::Nothing => None,
            Self::Laid(_, mode) => *mode,
            Self::Given(about, _) => Some(about.st_mode & 0o7777),
        }
    }
}

/// Opens a regular file without following or waiting. One that its owner has locked is opened up for the moment.
pub(super) fn open(folder: &OwnedFd, name: &CStr, about: &Stat) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let opened = match openat(folder, name, flags, Mode::empty()) {
        Err(Errno::ACCESS) => {
            chmodat(folder, name, Mode::from_raw_mode(about.st_mode | 0o400), AtFlags::empty())?;
            let opened = openat(folder, name, flags, Mode::empty());
            chmodat(folder, name, Mode::from_raw_mode(about.st_mode), AtFlags::empty())?;
            opened?
        }
        other => other?,
    };
    // Between the look and the opening another may have come.
    let now = fstat(&opened)?;
    if (now.st_dev, now.st_ino) == (about.st_dev, about.st_ino) { Ok(opened) } else { Err(Errno::STALE) }
}

/// Why a file's content does not come back; `room` is what may still come.
pub(super) fn trouble(about: &Stat, room: u64) -> Option<String> {
    let size = about.st_size.cast_unsigned();
    let on_disk = about.st_blocks.cast_unsigned().saturating_mul(512);
    if size > HOLES && on_disk < size / 2 {
        return Some(format!("it claims {size} bytes and holds {on_disk}: the rest are holes"));
    }
    if size > FILE_BYTES {
        return Some(format!("it is larger than {} MiB", FILE_BYTES >> 20));
    }
    (size > room).then(|| format!("the changes together are larger than {} MiB", ALL_BYTES >> 20))
}

/// Whether `file`, of this size, holds what stood there before.
pub(super) fn is_same(file: &OwnedFd, about: &Stat, before: &Before) -> io::Result<bool> {
    match before {
        Before::Nothing => Ok(false),
        Before::Laid(hash, _) => {
            let mut content = Vec::new();
            reader(file)?.take(FILE_BYTES + 1).read_to_end(&mut content)?;
            Ok(ContentHash::of(&content) == *hash)
        }
        Before::Given(given, _) if given.st_size != about.st_size => Ok(false),
        Before::Given(_, given) => same_bytes(&mut reader(file)?, &mut reader(given)?),
    }
}

fn same_bytes(one: &mut impl Read, two: &mut impl Read) -> io::Result<bool> {
    let (mut a, mut b) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let count = one.read(&mut a)?;
        if count == 0 {
            return Ok(two.read(&mut [0])? == 0);
        }
        let (a, b) = (a.get(..count).unwrap_or_default(), b.get_mut(..count).unwrap_or_default());
        match two.read_exact(b) {
            Ok(()) if a == b => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            Ok(()) | Err(_) => return Ok(false),
        }
    }
}

/// Sends the content; gives the bytes that were sent.
pub(super) fn send(file: &OwnedFd, size: u64, to: &mut UnixStream) -> io::Result<u64> {
    let mut from = reader(file)?.take(size);
    let mut chunk = vec![0; CHUNK];
    let mut sent = 0;
    loop {
        match from.read(&mut chunk) {
            // What is missing is seen where it arrives.
            Ok(0) | Err(_) => return Ok(sent),
            Ok(count) => {
                send_content(to, chunk.get(..count).unwrap_or_default())?;
                sent += count as u64;
            }
        }
    }
}

/// Reads from the beginning.
fn reader(file: &OwnedFd) -> io::Result<File> {
    let mut file = File::from(file.try_clone()?);
    io::Seek::rewind(&mut file)?;
    Ok(file)
}
