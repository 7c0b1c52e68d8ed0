//! Builds the file tree that the command sees, and makes it the root.
//!
//! Everything writable lies on one tmpfs, whose size is the disk limit. Its folder `root` becomes `/`,
//! read-only; the host's folders are bound into it read-only, the workspace stands over its lower layer.
//! Works with descriptors throughout (mount API of Linux 5.2, `mount_setattr` of 5.12), so that no
//! path is ever looked up while it is half hidden, and `/tmp` may hold the workspace.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, mkdirat, openat, statat, symlinkat};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags,
    UnmountFlags, fsconfig_create, fsconfig_set_string, fsmount, fsopen, mount_change, move_mount, open_tree,
    unmount,
};

use super::sys;
use super::trouble::{During, Trouble};
use super::{start, workspace};
use crate::local::wire::{Place, Spec, What};

/// The tmpfs that holds all that is written, and the tree that will be the root.
pub(super) struct Ground {
    pub(super) store: OwnedFd,
    root: OwnedFd,
    count: u32,
}

/// What of the host is needed, opened before any of it can be hidden.
enum Source {
    Tree(OwnedFd),
    Folder(OwnedFd),
    None,
    Gone,
}

/// Builds the tree of `spec` and moves into it.
pub(super) fn build(spec: &Spec, support: &[Vec<u8>]) -> Result<(), Trouble> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .during("cutting mounts off the host's")?;
    let sources: Vec<Source> = spec.places.iter().map(open_source).collect::<Result<_, _>>()?;
    let mut ground = Ground::lay(spec, support)?;
    for (place, source) in spec.places.iter().zip(sources) {
        let at = place.at.path();
        ground.put(place, source, spec).map_err(|trouble| Trouble {
            stage: format!("{} ({})", trouble.stage, at.display()),
            ..trouble
        })?;
    }
    ground.enter()
}

fn open_source(place: &Place) -> Result<Source, Trouble> {
    let tree = |from: &Path, attributes: MountAttrFlags| {
        let flags =
            OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
        let opened = open_tree(CWD, from, flags).map_err(io::Error::from).and_then(|tree| {
            sys::add_mount_attributes(tree.as_fd(), attributes.bits().into(), true)?;
            Ok(Source::Tree(tree))
        });
        present(opened).during(format!("binding {}", from.display()))
    };
    let folder = |from: &Path| {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = openat(CWD, from, flags, Mode::empty()).map(Source::Folder);
        present(opened.map_err(io::Error::from)).during(format!("opening {}", from.display()))
    };
    match &place.what {
        What::ReadOnly(from) => tree(
            from.path(),
            MountAttrFlags::MOUNT_ATTR_RDONLY
                | MountAttrFlags::MOUNT_ATTR_NOSUID
                | MountAttrFlags::MOUNT_ATTR_NODEV,
        ),
        // Read-only forbids to change the device file's permissions, not to write to the device.
        What::Device(from) => tree(
            from.path(),
            MountAttrFlags::MOUNT_ATTR_RDONLY
                | MountAttrFlags::MOUNT_ATTR_NOSUID
                | MountAttrFlags::MOUNT_ATTR_NOEXEC,
        ),
        What::Private(from) => folder(from.path()),
        What::Workspace => folder(place.at.path()),
        What::Link(_) | What::Fresh(_) | What::Processes | What::Terminals | What::Support => {
            Ok(Source::None)
        }
    }
}

/// A source that vanished or that this user may not read is left out, as a missing tool would be.
fn present(opened: io::Result<Source>) -> io::Result<Source> {
    match opened {
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::EACCES | libc::ENOTDIR)) => {
            Ok(Source::Gone)
        }
        other => other,
    }
}

impl Ground {
    fn lay(spec: &Spec, support: &[Vec<u8>]) -> Result<Self, Trouble> {
        let store = tmpfs(spec.caps.store_bytes).during("making the private file system")?;
        for folder in ["root", "support", "support/out"] {
            mkdirat(&store, folder, Mode::from(0o755)).during("making the private file system")?;
        }
        write_support(&store, spec, support).during("writing support files")?;
        let root = clone_of(&store, "root").during("making the root")?;
        attach(&root, &store, OsStr::new("root")).during("making the root")?;
        Ok(Self { store, root, count: 0 })
    }

    fn put(&mut self, place: &Place, source: Source, spec: &Spec) -> Result<(), Trouble> {
        let at = place.at.path();
        match (&place.what, source) {
            (What::Workspace, Source::Folder(lower)) => workspace::stand(self, at, &lower, spec.walls),
            (What::Workspace, _) => Err(io::Error::from(Errno::NOENT)).during("opening the workspace"),
            (What::Private(from), Source::Folder(lower)) => self
                .private(at, &lower)
                .or_else(|_| self.bind_instead(at, &lower))
                .during(format!("laying a private layer over {}", from.path().display())),
            (_, Source::Gone) => Ok(()),
            (_, Source::Tree(tree)) => optional(self.mount(&tree, at)).during("binding"),
            (What::Link(to), _) => optional(self.link(at, to.path())).during("linking"),
            (What::Fresh(mode), _) => self.fresh(at, *mode).map(drop).during("making a folder"),
            (What::Processes, _) => self.processes(at).during("mounting the processes' file system"),
            // Pseudo terminals are a convenience: without them only the tests that open one fail.
            (What::Terminals, _) => {
                self.terminals(at).or(Ok::<_, io::Error>(())).during("mounting terminals")
            }
            (What::Support, _) => self.support(at).during("mounting support files"),
            (What::ReadOnly(_) | What::Device(_) | What::Private(_), Source::Folder(_) | Source::None) => {
                Ok(())
            }
        }
    }

    /// A name on the store that was not given before.
    pub(super) fn name(&mut self, of: &str) -> String {
        self.count += 1;
        format!("{of}-{}", self.count)
    }

    /// A fresh writable folder at `at`; gives the folder.
    pub(super) fn fresh(&mut self, at: &Path, mode: u32) -> io::Result<OwnedFd> {
        let name = self.name("fresh");
        mkdirat(&self.store, &*name, Mode::from(0o700))?;
        rustix::fs::chmodat(&self.store, &*name, Mode::from(mode), AtFlags::empty())?;
        let tree = clone_of(&self.store, &name)?;
        sys::add_mount_attributes(
            tree.as_fd(),
            (MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV).bits().into(),
            false,
        )?;
        self.mount(&tree, at)?;
        Ok(tree)
    }

    fn private(&mut self, at: &Path, lower: &OwnedFd) -> io::Result<()> {
        let tree = workspace::overlay(self, lower)?;
        self.mount(&tree, at)
    }

    fn bind_instead(&self, at: &Path, folder: &OwnedFd) -> io::Result<()> {
        self.bind_below(at, folder, Path::new(""))
    }

    /// Binds what lies at `below` in the host's `folder`, read-only, at `at`.
    pub(super) fn bind_below(&self, at: &Path, folder: &OwnedFd, below: &Path) -> io::Result<()> {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_RECURSIVE
            | OpenTreeFlags::AT_EMPTY_PATH;
        let tree = open_tree(folder, below, flags)?;
        let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
            | MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV;
        sys::add_mount_attributes(tree.as_fd(), attributes.bits().into(), true)?;
        self.mount(&tree, at)
    }

    /// Attaches a detached mount at `at`, making the folders (or the file) that it needs.
    pub(super) fn mount(&self, tree: &OwnedFd, at: &Path) -> io::Result<()> {
        let (parent, name) = self.parent_of(at)?;
        let is_folder = FileType::from_raw_mode(rustix::fs::fstat(tree)?.st_mode) == FileType::Directory;
        let made = if is_folder {
            mkdirat(&parent, name, Mode::from(0o755))
        } else {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
            openat(&parent, name, flags, Mode::from(0o644)).map(drop)
        };
        match made {
            Ok(()) | Err(Errno::EXIST) => attach(tree, &parent, name),
            Err(error) => Err(error.into()),
        }
    }

    fn link(&self, at: &Path, to: &Path) -> io::Result<()> {
        let (parent, name) = self.parent_of(at)?;
        Ok(symlinkat(to, &parent, name)?)
    }

    fn processes(&self, at: &Path) -> io::Result<()> {
        let context = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_create(&context)?;
        // Read-only: with the caller's own uid, root's would otherwise still open the host's switches.
        let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
            | MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV
            | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        self.mount(&fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?, at)
    }

    fn terminals(&self, at: &Path) -> io::Result<()> {
        let context = fsopen("devpts", FsOpenFlags::FSOPEN_CLOEXEC)?;
        for (key, value) in [("ptmxmode", "0666"), ("mode", "0620")] {
            fsconfig_set_string(&context, key, value)?;
        }
        fsconfig_create(&context)?;
        let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        self.mount(&fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?, at)
    }

    fn support(&self, at: &Path) -> io::Result<()> {
        let tree = clone_of(&self.store, "support")?;
        let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
            | MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV;
        sys::add_mount_attributes(tree.as_fd(), attributes.bits().into(), false)?;
        self.mount(&tree, at)
    }

    /// The folder that is to hold `at`, made if need be, and the last part of `at`.
    /// No part of the way may be a symbolic link, which would lead out of the new root.
    fn parent_of<'a>(&self, at: &'a Path) -> io::Result<(OwnedFd, &'a OsStr)> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder = openat(&self.root, ".", flags, Mode::empty())?;
        let mut names = at.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name),
            Component::RootDir | Component::CurDir | Component::ParentDir | Component::Prefix(_) => None,
        });
        let last = names.next_back().ok_or(Errno::INVAL)?;
        for name in names {
            match mkdirat(&folder, name, Mode::from(0o755)) {
                Ok(()) | Err(Errno::EXIST) => folder = openat(&folder, name, flags, Mode::empty())?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok((folder, last))
    }

    /// Makes the tree the root, and lets go of the host's.
    fn enter(self) -> Result<(), Trouble> {
        let step = "changing the root";
        rustix::process::fchdir(&self.root).during(step)?;
        rustix::process::pivot_root(".", ".").during(step)?;
        unmount(".", UnmountFlags::DETACH).during(step)?;
        rustix::process::chdir("/").during(step)?;
        sys::add_mount_attributes(self.root.as_fd(), MountAttrFlags::MOUNT_ATTR_RDONLY.bits().into(), false)
            .during("making the root read-only")?;
        // Fails if a device is missing; nothing else would say so before the command does.
        start::open_null().during("opening /dev/null").map(drop)
    }
}

/// A place that another place already covers, or that can not be made below a read-only one, is left out.
fn optional(put: io::Result<()>) -> io::Result<()> {
    match put {
        Err(error)
            if matches!(
                error.raw_os_error(),
                Some(libc::EEXIST | libc::EROFS | libc::ELOOP | libc::ENOTDIR)
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// A tmpfs of this size, attached where it hides nothing that is still needed.
fn tmpfs(bytes: u64) -> io::Result<OwnedFd> {
    let context = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    let files = (bytes / 1024).clamp(16_384, 1 << 20);
    fsconfig_set_string(&context, "size", bytes.max(1 << 20).to_string())?;
    fsconfig_set_string(&context, "nr_inodes", files.to_string())?;
    fsconfig_set_string(&context, "mode", "0755")?;
    fsconfig_create(&context)?;
    let store = fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())?;
    let mut last = io::Error::from(Errno::NOENT);
    for hidden in ["/tmp", "/mnt", "/var", "/usr"] {
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        match move_mount(&store, "", CWD, hidden, flags) {
            Ok(()) => return Ok(store),
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}

/// A detached mount of the folder `name` of `store`.
fn clone_of(store: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    Ok(open_tree(store, name, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)?)
}

fn attach(tree: &OwnedFd, parent: &OwnedFd, name: &OsStr) -> io::Result<()> {
    let target = openat(parent, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    if FileType::from_raw_mode(statat(&target, "", AtFlags::EMPTY_PATH)?.st_mode) == FileType::Symlink {
        return Err(Errno::LOOP.into());
    }
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(move_mount(tree, "", &target, "", flags)?)
}

fn write_support(store: &OwnedFd, spec: &Spec, support: &[Vec<u8>]) -> io::Result<()> {
    for (name, content) in spec.support.iter().zip(support) {
        write_below(store.as_fd(), &Path::new("support").join(name), content)?;
    }
    Ok(())
}

/// Writes a file below `folder`, making the folders on the way.
pub(super) fn write_below(folder: BorrowedFd<'_>, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut way = std::path::PathBuf::new();
    for part in path.parent().into_iter().flat_map(Path::components) {
        way.push(part);
        match mkdirat(folder, &way, Mode::from(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = openat(folder, path, flags, Mode::from(0o755))?;
    io::Write::write_all(&mut std::fs::File::from(file), content)
}
