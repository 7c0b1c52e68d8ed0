//! Builds the file tree that the command sees, and makes it the root.
//!
//! The host's folders are bound into it read-only, the workspace stands over its lower layer.
//! Works with descriptors throughout (mount API of Linux 5.2, `mount_setattr` of 5.12), so that no
//! path is ever looked up while it is half hidden, and `/tmp` may hold the workspace.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::mount::{MountAttrFlags, MountPropagationFlags, OpenTreeFlags, mount_change, open_tree};

use super::ground::Ground;
use super::trouble::{During, Trouble};
use super::{sys, workspace};
use crate::local::wire::{Place, Spec, What};

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
        put(&mut ground, place, source, spec).map_err(|trouble| Trouble {
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

/// Puts one place where it belongs.
fn put(ground: &mut Ground, place: &Place, source: Source, spec: &Spec) -> Result<(), Trouble> {
    let at = place.at.path();
    match (&place.what, source) {
        (What::Workspace, Source::Folder(lower)) => workspace::stand(ground, at, &lower, spec.walls),
        (What::Workspace, _) => Err(io::Error::from(Errno::NOENT)).during("opening the workspace"),
        (What::Private(_), Source::Folder(lower)) => {
            // Tools do without a cache, slowly.
            let _ = ground.private(at, &lower).or_else(|_| ground.bind_instead(at, &lower));
            Ok(())
        }
        (_, Source::Gone) => Ok(()),
        (_, Source::Tree(tree)) => optional(ground.mount(&tree, at)).during("binding"),
        (What::Link(to), _) => optional(ground.link(at, to.path())).during("linking"),
        (What::Fresh(mode), _) => ground.fresh(at, *mode).map(drop).during("making a folder"),
        (What::Processes, _) => ground.processes(at).during("mounting the processes' file system"),
        // Pseudo terminals are a convenience: without them only the tests that open one fail.
        (What::Terminals, _) => ground.terminals(at).or(Ok::<_, io::Error>(())).during("mounting terminals"),
        (What::Support, _) => ground.support(at).during("mounting support files"),
        (What::ReadOnly(_) | What::Device(_) | What::Private(_), Source::Folder(_) | Source::None) => Ok(()),
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
