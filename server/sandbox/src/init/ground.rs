//! The private file system under the command, and the tree that will be its root.
//!
//! Everything writable lies on one tmpfs, whose size is the disk limit. Its folder `root` becomes `/`, read-only.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, mkdirat, openat, statat, symlinkat};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, fsconfig_create,
    fsconfig_set_string, fsmount, fsopen, move_mount, open_tree, unmount,
};

use super::delta::Delta;
use super::trouble::{During, Trouble};
use super::{start, sys, workspace};
use crate::local::wire::Spec;

/// The tmpfs that holds all that is written, and the tree that will be the root.
pub(super) struct Ground {
    pub(super) store: OwnedFd,
    root: OwnedFd,
    count: u32,
    /// The folder that was last put into: places come in order.
    last: RefCell<Option<(PathBuf, Rc<OwnedFd>)>>,
    /// What tells of changes to the workspace, once it stands.
    pub(super) delta: Option<Delta>,
}

impl Ground {
    /// Lays an empty ground with the support files of `spec`.
    pub(super) fn lay(spec: &Spec, support: &[Vec<u8>]) -> Result<Self, Trouble> {
        let store = tmpfs(spec.caps.store_bytes).during("making the private file system")?;
        for folder in ["root", "support", "support/out"] {
            mkdirat(&store, folder, Mode::from(0o755)).during("making the private file system")?;
        }
        write_support(&store, spec, support).during("writing support files")?;
        let root = clone_of(&store, "root").during("making the root")?;
        attach(&root, &store, OsStr::new("root")).during("making the root")?;
        Ok(Self { store, root, count: 0, last: RefCell::default(), delta: None })
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

    /// Keeps a detached mount on the store, where layers may lie over it; it goes with the host's tree.
    pub(super) fn hold(&mut self, tree: &OwnedFd) -> io::Result<()> {
        let name = self.name("lower");
        mkdirat(&self.store, &*name, Mode::from(0o700))?;
        attach(tree, &self.store, OsStr::new(&name))
    }

    /// The host's folder `lower` at `at`, under a private upper layer.
    pub(super) fn private(&mut self, at: &Path, lower: &OwnedFd) -> io::Result<()> {
        let (tree, _) = workspace::overlay(self, lower)?;
        self.mount(&tree, at)
    }

    /// The host's folder `lower` at `at`, under the layer that is kept in `layer`.
    pub(super) fn kept(&mut self, at: &Path, lower: &OwnedFd, layer: &OwnedFd) -> io::Result<()> {
        let tree = workspace::overlay_kept(lower, layer)?;
        self.mount(&tree, at)
    }

    /// The host's `folder` at `at`, read-only.
    pub(super) fn bind_instead(&self, at: &Path, folder: &OwnedFd) -> io::Result<()> {
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
            mkdirat(&*parent, name, Mode::from(0o755))
        } else {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
            openat(&*parent, name, flags, Mode::from(0o644)).map(drop)
        };
        match made {
            // Without a flag that asks for it no link is followed; here there can be none.
            Ok(()) => Ok(move_mount(tree, "", &*parent, name, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?),
            Err(Errno::EXIST) => attach(tree, &parent, name),
            Err(error) => Err(error.into()),
        }
    }

    /// A file with this text at `at`; nothing inside can write to it when the root is read-only.
    pub(super) fn text(&self, at: &Path, text: &[u8]) -> io::Result<()> {
        let (parent, name) = self.parent_of(at)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = openat(&*parent, name, flags, Mode::from(0o644))?;
        io::Write::write_all(&mut std::fs::File::from(file), text)
    }

    /// A symbolic link at `at`.
    pub(super) fn link(&self, at: &Path, to: &Path) -> io::Result<()> {
        let (parent, name) = self.parent_of(at)?;
        Ok(symlinkat(to, &*parent, name)?)
    }

    /// The processes inside, at `at`.
    pub(super) fn processes(&self, at: &Path) -> io::Result<()> {
        let context = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_create(&context)?;
        // Read-only: with the caller's own uid, root's would otherwise still open the host's switches.
        let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
            | MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV
            | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        self.mount(&fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?, at)
    }

    /// Pseudo terminals of its own, at `at`.
    pub(super) fn terminals(&self, at: &Path) -> io::Result<()> {
        let context = fsopen("devpts", FsOpenFlags::FSOPEN_CLOEXEC)?;
        for (key, value) in [("ptmxmode", "0666"), ("mode", "0620")] {
            fsconfig_set_string(&context, key, value)?;
        }
        fsconfig_create(&context)?;
        let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        self.mount(&fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?, at)
    }

    /// The read-only support files at `at`.
    pub(super) fn support(&self, at: &Path) -> io::Result<()> {
        let tree = clone_of(&self.store, "support")?;
        let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
            | MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV;
        sys::add_mount_attributes(tree.as_fd(), attributes.bits().into(), false)?;
        self.mount(&tree, at)
    }

    /// The folder that is to hold `at`, made if need be, and the last part of `at`.
    /// No part of the way may be a symbolic link, which would lead out of the new root.
    fn parent_of<'a>(&self, at: &'a Path) -> io::Result<(Rc<OwnedFd>, &'a OsStr)> {
        let (parent, name) = at.parent().zip(at.file_name()).ok_or(Errno::INVAL)?;
        let mut last = self.last.borrow_mut();
        if let Some((path, folder)) = &*last
            && path == parent
        {
            return Ok((Rc::clone(folder), name));
        }
        let folder = Rc::new(self.folder(parent)?);
        *last = Some((parent.to_path_buf(), Rc::clone(&folder)));
        Ok((folder, name))
    }

    /// The folder at `path`, made with all above it if need be.
    fn folder(&self, path: &Path) -> io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder = openat(&self.root, ".", flags, Mode::empty())?;
        for part in path.components() {
            let Component::Normal(name) = part else { continue };
            folder = match openat(&folder, name, flags, Mode::empty()) {
                Err(Errno::NOENT) => {
                    mkdirat(&folder, name, Mode::from(0o755))?;
                    openat(&folder, name, flags, Mode::empty())?
                }
                opened => opened?,
            };
        }
        Ok(folder)
    }

    /// Makes the tree the root, and lets go of the host's.
    /// Gives what tells of changes to the workspace.
    pub(super) fn enter(self) -> Result<Option<Delta>, Trouble> {
        let step = "changing the root";
        rustix::process::fchdir(&self.root).during(step)?;
        rustix::process::pivot_root(".", ".").during(step)?;
        unmount(".", UnmountFlags::DETACH).during(step)?;
        rustix::process::chdir("/").during(step)?;
        sys::add_mount_attributes(self.root.as_fd(), MountAttrFlags::MOUNT_ATTR_RDONLY.bits().into(), false)
            .during("making the root read-only")?;
        // Fails if a device is missing; nothing else would say so before the command does.
        start::open_null().during("opening /dev/null")?;
        Ok(self.delta)
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
    let mut way = PathBuf::new();
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
