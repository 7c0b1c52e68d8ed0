//! Watches folders from inside, and tells what happens in them as it happens.
//!
//! One inotify for each watch. Whoever does not listen loses events, and is told so; nobody waits for him.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use rustix::net::{SendFlags, send};

use super::files::Files;
use super::rows;
use crate::local::session::words::{PART, RowKind, event};

/// Folders of one watch.
const FOLDERS: usize = 20_000;

/// All watches.
#[derive(Default)]
pub(super) struct Watches(Vec<Watching>);

struct Watching {
    events: OwnedFd,
    /// Packets to the launcher; gone when it has let go of its end.
    line: OwnedFd,
    folders: BTreeMap<i32, PathBuf>,
    is_recursive: bool,
    /// Something could not be told.
    is_lost: bool,
    /// A file that was written under another name and is being moved: the move's number, and whether it is new.
    moving: Option<(u32, bool)>,
    last: Option<(u8, PathBuf)>,
}

impl Watches {
    /// Watches the folder at `path`.
    pub(super) fn add(&mut self, path: &Path, is_recursive: bool, line: OwnedFd) -> Result<(), Errno> {
        let events = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let mut watching = Watching {
            events,
            line,
            folders: BTreeMap::new(),
            is_recursive,
            is_lost: false,
            moving: None,
            last: None,
        };
        watching.enter(path)?;
        if is_recursive {
            for row in rows::below(path, u32::MAX)? {
                if matches!(row.kind, RowKind::Folder) {
                    // One that is gone by now needs no watch.
                    let _ = watching.enter(row.path.path());
                }
            }
        }
        self.0.push(watching);
        Ok(())
    }

    /// What to wait for.
    pub(super) fn waited(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.0.iter().flat_map(|watching| {
            let wanted = if watching.is_lost { PollFlags::OUT } else { PollFlags::empty() };
            [
                PollFd::from_borrowed_fd(watching.events.as_fd(), PollFlags::IN),
                PollFd::from_borrowed_fd(watching.line.as_fd(), wanted),
            ]
        })
    }

    /// Tells all that has happened; lets go of watches that nobody listens to.
    pub(super) fn tell(&mut self, files: &mut Files) {
        self.0.retain_mut(|watching| watching.tell(files));
    }
}

impl Watching {
    fn enter(&mut self, path: &Path) -> Result<(), Errno> {
        if self.folders.len() >= FOLDERS {
            self.is_lost = true;
            return Ok(());
        }
        let flags = WatchFlags::CREATE
            | WatchFlags::MODIFY
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::ATTRIB
            | WatchFlags::ONLYDIR
            | WatchFlags::EXCL_UNLINK;
        let number = inotify::add_watch(&self.events, path, flags)?;
        self.folders.insert(number, path.to_path_buf());
        Ok(())
    }

    /// Whether somebody listens still.
    fn tell(&mut self, files: &mut Files) -> bool {
        let mut space = [MaybeUninit::<u8>::uninit(); 16 << 10];
        let mut is_heard = true;
        // Bounded: what happens while we tell is told the next time.
        for _ in 0..64 {
            let mut all = Vec::new();
            let mut reader = inotify::Reader::new(&self.events, &mut space);
            while let Ok(event) = reader.next() {
                let name = event.file_name().map(|name| name.to_bytes().to_vec()).unwrap_or_default();
                all.push((event.wd(), event.events(), event.cookie(), name));
                if reader.is_buffer_empty() {
                    break;
                }
            }
            if all.is_empty() {
                break;
            }
            for (folder, flags, cookie, name) in all {
                self.happened(folder, flags, cookie, OsStr::from_bytes(&name), files);
            }
        }
        self.last = None;
        if self.is_lost {
            is_heard = self.say_lost();
        }
        is_heard && !self.is_deaf()
    }

    fn is_deaf(&self) -> bool {
        let mut waited = [PollFd::from_borrowed_fd(self.line.as_fd(), PollFlags::empty())];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let looked = poll(&mut waited, Some(&now));
        looked.is_ok() && waited.iter().any(|it| !it.revents().is_empty())
    }

    fn happened(&mut self, folder: i32, flags: ReadFlags, cookie: u32, name: &OsStr, files: &mut Files) {
        if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            self.is_lost = true;
            return;
        }
        if flags.contains(ReadFlags::IGNORED) {
            self.folders.remove(&folder);
            return;
        }
        let Some(path) = self.folders.get(&folder).map(|folder| folder.join(name)) else { return };
        if name.as_bytes().starts_with(PART.as_bytes()) {
            if flags.contains(ReadFlags::MOVED_FROM) {
                self.moving = Some((cookie, files.was_new(name)));
            }
            return;
        }
        if name.is_empty() {
            return;
        }
        let is_folder = flags.contains(ReadFlags::ISDIR);
        if flags.contains(ReadFlags::CREATE) {
            self.say(event::CREATED, &path);
            self.follow(is_folder, &path);
        } else if flags.contains(ReadFlags::MOVED_TO) {
            match self.moving.take_if(|(moving, _)| *moving == cookie) {
                Some((_, is_new)) => {
                    if is_new {
                        self.say(event::CREATED, &path);
                    }
                    self.say(event::WRITTEN, &path);
                }
                None => {
                    self.say(event::RENAMED, &path);
                    self.follow(is_folder, &path);
                }
            }
        } else if flags.contains(ReadFlags::MOVED_FROM) {
            self.say(event::RENAMED, &path);
            self.leave(&path);
        } else if flags.contains(ReadFlags::DELETE) {
            self.say(event::REMOVED, &path);
        } else if flags.contains(ReadFlags::MODIFY) {
            self.say(event::WRITTEN, &path);
        } else if flags.contains(ReadFlags::ATTRIB) {
            self.say(event::MODE, &path);
        }
    }

    /// A new folder is watched as well; what came into it before that is told now.
    fn follow(&mut self, is_folder: bool, path: &Path) {
        if !self.is_recursive || !is_folder || self.enter(path).is_err() {
            return;
        }
        for row in rows::below(path, u32::MAX).unwrap_or_default() {
            self.say(event::CREATED, row.path.path());
            if matches!(row.kind, RowKind::Folder) {
                let _ = self.enter(row.path.path());
            }
        }
    }

    /// A folder that was moved away is not watched under its old name.
    fn leave(&mut self, path: &Path) {
        let gone: Vec<i32> = self
            .folders
            .iter()
            .filter(|(_, folder)| folder.starts_with(path))
            .map(|(number, _)| *number)
            .collect();
        for number in gone {
            self.folders.remove(&number);
            let _ = inotify::remove_watch(&self.events, number);
        }
    }

    fn say(&mut self, kind: u8, path: &Path) {
        let this = Some((kind, path.to_path_buf()));
        // Many writes in a row are one.
        if self.is_lost || (kind == event::WRITTEN && self.last == this) {
            return;
        }
        let mut packet = vec![kind];
        packet.extend_from_slice(path.as_os_str().as_bytes());
        match send(&self.line, &packet, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(_) => self.last = this,
            Err(_) => self.is_lost = true,
        }
    }

    fn say_lost(&mut self) -> bool {
        match send(&self.line, &[event::LOST], SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(_) => {
                self.is_lost = false;
                true
            }
            Err(Errno::PIPE) => false,
            Err(_) => true,
        }
    }
}
