//! Watches folders from inside, and tells what happens in them as it happens.
//!
//! One inotify for all watches of a session, made before anything else runs in it: the kernel counts them for each
//! user, and what runs inside could take the rest. Whoever does not listen loses events, and is told so; nobody
//! waits for him.

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
pub(super) struct Watches {
    /// `None`: the kernel gave none at first.
    events: Option<OwnedFd>,
    /// By the kernel's number of a folder: who watches it, and under which path.
    folders: BTreeMap<i32, BTreeMap<u64, PathBuf>>,
    listeners: BTreeMap<u64, Listener>,
    last: u64,
    /// A file that was written under another name and is being moved: the move's number, and whether it is new.
    moving: Option<(u32, bool)>,
}

/// Who listens to one watch.
struct Listener {
    /// Packets to the launcher; closed at the other end when nobody listens any more.
    line: OwnedFd,
    is_recursive: bool,
    folders: usize,
    /// Something could not be told.
    is_lost: bool,
    last: Option<(u8, PathBuf)>,
}

/// Something that the kernel told.
struct Event {
    folder: i32,
    flags: ReadFlags,
    cookie: u32,
    name: Vec<u8>,
}

impl Watches {
    pub(super) fn new() -> Self {
        Self {
            events: open().ok(),
            folders: BTreeMap::new(),
            listeners: BTreeMap::new(),
            last: 0,
            moving: None,
        }
    }

    /// Watches the folder at `path`.
    pub(super) fn add(&mut self, path: &Path, is_recursive: bool, line: OwnedFd) -> Result<(), Errno> {
        if self.events.is_none() {
            self.events = Some(open()?);
        }
        self.last += 1;
        let (id, listener) =
            (self.last, Listener { line, is_recursive, folders: 0, is_lost: false, last: None });
        self.listeners.insert(id, listener);
        let entered = self
            .enter(id, path)
            .and_then(|()| if is_recursive { self.enter_below(id, path) } else { Ok(()) });
        if entered.is_err() {
            self.remove(id);
        }
        entered
    }

    fn enter_below(&mut self, id: u64, path: &Path) -> Result<(), Errno> {
        for row in rows::below(path, u32::MAX)? {
            if matches!(row.kind, RowKind::Folder) {
                // One that is gone by now needs no watch.
                let _ = self.enter(id, row.path.path());
            }
        }
        Ok(())
    }

    /// What to wait for.
    pub(super) fn waited(&self) -> impl Iterator<Item = PollFd<'_>> {
        let events = self.events.iter().map(|events| PollFd::from_borrowed_fd(events.as_fd(), PollFlags::IN));
        events.chain(self.listeners.values().map(|listener| {
            let wanted = if listener.is_lost { PollFlags::OUT } else { PollFlags::empty() };
            PollFd::from_borrowed_fd(listener.line.as_fd(), wanted)
        }))
    }

    /// Tells all that has happened; lets go of watches that nobody listens to.
    pub(super) fn tell(&mut self, files: &mut Files) {
        // Bounded: what happens while we tell is told the next time.
        for _ in 0..64 {
            let happened = self.events.as_ref().map(read).unwrap_or_default();
            if happened.is_empty() {
                break;
            }
            happened.into_iter().for_each(|event| self.happened(&event, files));
        }
        let deaf: Vec<u64> =
            self.listeners.iter_mut().filter_map(|(id, it)| (!it.hears()).then_some(*id)).collect();
        deaf.into_iter().for_each(|id| self.remove(id));
    }

    fn happened(&mut self, event: &Event, files: &mut Files) {
        let (flags, name) = (event.flags, OsStr::from_bytes(&event.name));
        if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            self.listeners.values_mut().for_each(|listener| listener.is_lost = true);
        } else if flags.contains(ReadFlags::IGNORED) {
            self.folders.remove(&event.folder);
        } else if event.name.starts_with(PART.as_bytes()) {
            if flags.contains(ReadFlags::MOVED_FROM) {
                self.moving = Some((event.cookie, files.was_new(name)));
            }
        } else if !event.name.is_empty() {
            let moved = self.moving.take_if(|(moving, _)| *moving == event.cookie && event.cookie != 0);
            let watched = self.folders.get(&event.folder).cloned().unwrap_or_default();
            for (id, folder) in watched {
                self.tell_one(id, &folder.join(name), flags, moved.map(|(_, is_new)| is_new));
            }
        }
    }

    /// Tells one listener of one event; `put`: a file was put in place, and whether it is new.
    fn tell_one(&mut self, id: u64, path: &Path, flags: ReadFlags, put: Option<bool>) {
        let kinds: &[u8] = match put {
            Some(true) => &[event::CREATED, event::WRITTEN],
            Some(false) => &[event::WRITTEN],
            None => kinds(flags),
        };
        let Some(listener) = self.listeners.get_mut(&id) else { return };
        kinds.iter().for_each(|kind| listener.say(*kind, path));
        let is_folder = flags.contains(ReadFlags::ISDIR);
        if is_folder && listener.is_recursive && flags.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO) {
            self.follow(id, path);
        } else if is_folder && flags.contains(ReadFlags::MOVED_FROM) {
            self.leave(id, path);
        }
    }

    fn enter(&mut self, id: u64, path: &Path) -> Result<(), Errno> {
        let (Some(events), Some(listener)) = (&self.events, self.listeners.get_mut(&id)) else {
            return Ok(());
        };
        if listener.folders >= FOLDERS {
            listener.is_lost = true;
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
        let number = inotify::add_watch(events, path, flags)?;
        listener.folders += 1;
        self.folders.entry(number).or_default().insert(id, path.to_path_buf());
        Ok(())
    }

    /// A new folder is watched as well; what came into it before that is told now.
    fn follow(&mut self, id: u64, path: &Path) {
        if self.enter(id, path).is_err() {
            return;
        }
        for row in rows::below(path, u32::MAX).unwrap_or_default() {
            if let Some(listener) = self.listeners.get_mut(&id) {
                listener.say(event::CREATED, row.path.path());
            }
            if matches!(row.kind, RowKind::Folder) {
                let _ = self.enter(id, row.path.path());
            }
        }
    }

    /// A folder that was moved away is not watched under its old name.
    fn leave(&mut self, id: u64, path: &Path) {
        self.forget(|of, folder| of == id && folder.starts_with(path));
    }

    fn remove(&mut self, id: u64) {
        self.listeners.remove(&id);
        self.forget(|of, _| of == id);
    }

    fn forget(&mut self, is_meant: impl Fn(u64, &Path) -> bool) {
        let (events, listeners) = (&self.events, &mut self.listeners);
        self.folders.retain(|number, watched| {
            watched.retain(|id, folder| {
                let is_kept = !is_meant(*id, folder);
                if !is_kept && let Some(listener) = listeners.get_mut(id) {
                    listener.folders -= 1;
                }
                is_kept
            });
            if let (true, Some(events)) = (watched.is_empty(), events) {
                let _ = inotify::remove_watch(events, *number);
            }
            !watched.is_empty()
        });
    }
}

impl Listener {
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

    /// Whether somebody listens still; who has lost something is told of it when he can be.
    fn hears(&mut self) -> bool {
        self.last = None;
        if self.is_lost && send(&self.line, &[event::LOST], SendFlags::DONTWAIT | SendFlags::NOSIGNAL).is_ok()
        {
            self.is_lost = false;
        }
        let mut waited = [PollFd::from_borrowed_fd(self.line.as_fd(), PollFlags::empty())];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let looked = poll(&mut waited, Some(&now));
        looked.is_err() || waited.iter().all(|it| it.revents().is_empty())
    }
}

fn open() -> Result<OwnedFd, Errno> {
    inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
}

/// Some of what has happened.
fn read(events: &OwnedFd) -> Vec<Event> {
    let mut space = [MaybeUninit::<u8>::uninit(); 16 << 10];
    let mut reader = inotify::Reader::new(events, &mut space);
    let mut all = Vec::new();
    while let Ok(event) = reader.next() {
        let name = event.file_name().map(|name| name.to_bytes().to_vec()).unwrap_or_default();
        all.push(Event { folder: event.wd(), flags: event.events(), cookie: event.cookie(), name });
        if reader.is_buffer_empty() {
            break;
        }
    }
    all
}

/// What an event is called.
fn kinds(flags: ReadFlags) -> &'static [u8] {
    if flags.contains(ReadFlags::CREATE) {
        &[event::CREATED]
    } else if flags.intersects(ReadFlags::MOVED_TO | ReadFlags::MOVED_FROM) {
        &[event::RENAMED]
    } else if flags.contains(ReadFlags::DELETE) {
        &[event::REMOVED]
    } else if flags.contains(ReadFlags::MODIFY) {
        &[event::WRITTEN]
    } else if flags.contains(ReadFlags::ATTRIB) {
        &[event::MODE]
    } else {
        &[]
    }
}
