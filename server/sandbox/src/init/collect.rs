//! Sends back the regular files that the command left in its output folder.
//!
//! Runs when every process of the command is dead, without privileges, and follows no link.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, fstat, openat};

use crate::launch::COLLECT_BYTES;
use crate::local::wire::{self, Kind};

/// Folders within folders that are looked into.
const DEPTH: usize = 8;

/// Files that are sent at most.
const FILES: usize = 20_000;

/// Sends the files below `out`; what can not be read, or goes beyond the bound, is left out.
pub(super) fn send(out: &Path, control: &mut UnixStream) -> io::Result<()> {
    let Ok(root) = openat(CWD, out, folder_flags(), Mode::empty()) else { return Ok(()) };
    let mut left = Left { bytes: COLLECT_BYTES, files: FILES };
    let mut folders = vec![(PathBuf::new(), root)];
    while let Some((below, folder)) = folders.pop() {
        for name in names(&folder) {
            let path = below.join(&name);
            let Ok(entry) = openat(&folder, &*name, file_flags(), Mode::empty()) else { continue };
            let Ok(about) = fstat(&entry) else { continue };
            match FileType::from_raw_mode(about.st_mode) {
                FileType::Directory if path.components().count() < DEPTH => folders.push((path, entry)),
                FileType::RegularFile => left.send_one(&path, entry, control)?,
                FileType::Directory
                | FileType::Symlink
                | FileType::Fifo
                | FileType::Socket
                | FileType::CharacterDevice
                | FileType::BlockDevice
                | FileType::Unknown => {}
            }
        }
    }
    Ok(())
}

struct Left {
    bytes: u64,
    files: usize,
}

impl Left {
    fn send_one(&mut self, path: &Path, file: OwnedFd, control: &mut UnixStream) -> io::Result<()> {
        let mut content = Vec::new();
        let read = File::from(file).take(self.bytes + 1).read_to_end(&mut content);
        let Some(name) = path.to_str() else { return Ok(()) };
        let size = content.len() as u64;
        if read.is_err() || size > self.bytes || self.files == 0 {
            return Ok(());
        }
        self.bytes -= size;
        self.files -= 1;
        let length = u32::try_from(name.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        wire::send(control, Kind::File, &[&length.to_le_bytes(), name.as_bytes(), &content])
    }
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

fn file_flags() -> OFlags {
    OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
}

fn names(folder: &OwnedFd) -> Vec<String> {
    let entries = Dir::read_from(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned))
        .filter(|name| !is_dots(name))
        .collect()
}

fn is_dots(name: &str) -> bool {
    name == "." || name == ".."
}
