//! Linux: one watch a folder, read when somebody asks.

use std::collections::{BTreeMap, HashMap};
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init, remove_watch};
use rustix::io::Errno;

use super::Dirty;
use crate::ignores::GitFolders;
use crate::path::{FilePath, join};

/// What a watch is put on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Root,
    Folder(FilePath),
    /// Git's own folder, for its index.
    Index,
    /// The folder of its `exclude`.
    Info,
}

/// The watches of a workspace.
pub(super) struct Watch {
    root: PathBuf,
    queue: Arc<OwnedFd>,
    wake: Arc<OwnedFd>,
    places: HashMap<i32, Place>,
    watches: BTreeMap<Place, i32>,
}

/// Waits for changes, or for who wakes it.
pub(super) struct Waiter {
    queue: Arc<OwnedFd>,
    wake: Arc<OwnedFd>,
}

/// Kinds of file systems that do not tell what other machines do to them (`statfs(2)`).
const REMOTE: &[(u32, &str)] = &[
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
];

/// How much is read of the queue at once, bytes.
const BUFFER: usize = 64 << 10;

impl Watch {
    pub(super) fn start(root: &Path) -> Result<Self, String> {
        let kind = rustix::fs::statfs(root).map_or(0, |it| it.f_type as u32);
        if let Some((_, name)) = REMOTE.iter().find(|(it, _)| *it == kind) {
            return Err(format!("the workspace lies on {name}, which does not tell of changes"));
        }
        let queue = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
        let queue = queue.map_err(|error| format!("the system gives no watcher: {error}"))?;
        let wake = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC);
        let wake = wake.map_err(|error| format!("the system gives no watcher: {error}"))?;
        Ok(Self {
            root: root.to_owned(),
            queue: Arc::new(queue),
            wake: Arc::new(wake),
            places: HashMap::new(),
            watches: BTreeMap::new(),
        })
    }

    pub(super) fn waiter(&self) -> Result<Waiter, String> {
        Ok(Waiter { queue: Arc::clone(&self.queue), wake: Arc::clone(&self.wake) })
    }

    /// Watches a folder, not what is below it. A folder that is gone is no failure.
    pub(super) fn add(&mut self, folder: Option<&FilePath>) -> Result<(), String> {
        let full = folder.map_or_else(|| self.root.clone(), |it| self.root.join(it.to_path()));
        self.add_at(&full, folder.map_or(Place::Root, |it| Place::Folder(it.clone())))
    }

    /// Watches what decides about what is ignored, outside of the workspace's own files.
    pub(super) fn add_git(&mut self, git: &GitFolders) {
        // Without them, a file that is tracked by force is seen at the next look at everything.
        let _ = self.add_at(&git.own, Place::Index);
        let _ = self.add_at(&git.common.join("info"), Place::Info);
    }

    fn add_at(&mut self, full: &Path, place: Place) -> Result<(), String> {
        let flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::MODIFY
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::ATTRIB
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR
            | WatchFlags::DONT_FOLLOW
            | WatchFlags::EXCL_UNLINK;
        match add_watch(&self.queue, full, flags) {
            Ok(watch) => {
                if let Some(before) = self.places.insert(watch, place.clone())
                    && before != place
                {
                    self.watches.remove(&before);
                }
                if let Some(before) = self.watches.insert(place, watch)
                    && before != watch
                {
                    self.places.remove(&before);
                    let _ = remove_watch(&self.queue, before);
                }
                Ok(())
            }
            Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => Ok(()),
            Err(Errno::NOSPC) => Err("the system's limit of watched folders is reached \
                (raise fs.inotify.max_user_watches)"
                .to_owned()),
            Err(error) => Err(format!("the system does not watch {}: {error}", full.display())),
        }
    }

    pub(super) fn has(&self, folder: &FilePath) -> bool {
        self.watches.contains_key(&Place::Folder(folder.clone()))
    }

    /// Lets go of a folder and of all below it.
    pub(super) fn forget(&mut self, folder: &FilePath) {
        let from = Place::Folder(folder.clone());
        let is_below = |it: &Place| matches!(it, Place::Folder(path) if path.is_within(folder));
        // Between a folder and what is below it lie only names that begin as it does.
        let begins =
            |it: &Place| matches!(it, Place::Folder(path) if path.as_bytes().starts_with(folder.as_bytes()));
        let near = self.watches.range(from..).map(|(it, _)| it).take_while(|it| begins(it));
        let gone: Vec<Place> = near.filter(|it| is_below(it)).cloned().collect();
        self.remove(&gone);
    }

    /// Lets go of the folders that are not wanted.
    pub(super) fn retain(&mut self, wanted: impl Fn(&FilePath) -> bool) {
        let unwanted = |it: &&Place| matches!(it, Place::Folder(path) if !wanted(path));
        let gone: Vec<Place> = self.watches.keys().filter(unwanted).cloned().collect();
        self.remove(&gone);
    }

    fn remove(&mut self, places: &[Place]) {
        for place in places {
            if let Some(watch) = self.watches.remove(place) {
                self.places.remove(&watch);
                // The system may have let go of it itself.
                let _ = remove_watch(&self.queue, watch);
            }
        }
    }

    /// Takes in everything that was told up to now.
    pub(super) fn drain(&mut self, dirty: &mut Dirty) {
        let mut count = [0; 8];
        let _ = rustix::io::read(&*self.wake, &mut count);
        let queue = Arc::clone(&self.queue);
        let mut buffer = [MaybeUninit::uninit(); BUFFER];
        let mut reader = Reader::new(&*queue, &mut buffer);
        loop {
            match reader.next() {
                Ok(event) => {
                    self.take(event.wd(), event.events(), event.file_name().map(CStr::to_bytes), dirty);
                }
                Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, watch: i32, kind: ReadFlags, name: Option<&[u8]>, dirty: &mut Dirty) {
        if kind.contains(ReadFlags::QUEUE_OVERFLOW) {
            dirty.all = true;
            return;
        }
        if kind.contains(ReadFlags::IGNORED) {
            if let Some(place) = self.places.remove(&watch) {
                self.watches.remove(&place);
            }
            return;
        }
        let folder = match self.places.get(&watch) {
            Some(Place::Root) => None,
            Some(Place::Folder(folder)) => Some(folder.clone()),
            Some(Place::Index) => {
                dirty.index |= name == Some(b"index");
                return;
            }
            Some(Place::Info) => {
                dirty.all |= name == Some(b"exclude");
                return;
            }
            None => return,
        };
        let Some(name) = name else {
            // The folder itself: the one above tells when it goes, but nobody stands above the root.
            match folder {
                Some(folder) if kind.contains(ReadFlags::ATTRIB) => drop(dirty.folders.insert(folder)),
                Some(_) => {}
                None => dirty.all = true,
            }
            return;
        };
        let Ok(path) = join(folder.as_ref(), name) else { return };
        if kind.contains(ReadFlags::MOVED_FROM) && kind.contains(ReadFlags::ISDIR) {
            // The watches went with it, under a name that is another folder's now.
            self.forget(&path);
        }
        if kind.contains(ReadFlags::ATTRIB) && kind.contains(ReadFlags::ISDIR) {
            dirty.folders.insert(path.clone());
        }
        if kind.contains(ReadFlags::MODIFY) {
            dirty.open.insert(path.clone());
        } else {
            dirty.open.remove(&path);
        }
        dirty.note(path);
    }
}

impl Waiter {
    /// Waits for a change, at most so long; whether there was one.
    pub(super) fn wait(&self, at_most: Duration) -> bool {
        let mut fds = [PollFd::new(&*self.queue, PollFlags::IN), PollFd::new(&*self.wake, PollFlags::IN)];
        let limit = Timespec::try_from(at_most).ok();
        poll(&mut fds, limit.as_ref()).is_ok_and(|ready| ready > 0)
    }

    pub(super) fn wake(&self) {
        // A counter that is full wakes as well.
        let _ = rustix::io::write(&*self.wake, &1u64.to_ne_bytes());
    }
}
