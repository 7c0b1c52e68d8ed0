//! Builds the file tree that the command sees, and makes it the root.
//!
//! The host's folders are bound into it read-only, the workspace stands over its lower layer.
//! Works with descriptors throughout (mount API of Linux 5.2, `mount_setattr` of 5.12), so that no
//! path is ever looked up while it is half hidden, and `/tmp` may hold the workspace.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::mount::{MountAttrFlags, MountPropagationFlags, OpenTreeFlags, mount_change, open_tree};

use super::delta::Delta;
use super::ground::Ground;
use super::trouble::{During, Trouble};
use super::{identity, sys, workspace};
use crate::local::wire::{Place, Spec, Walls, What};

/// What of the host is needed, opened before any of it can be hidden.
pub(super) enum Source {
    /// A detached mount.
    Tree(OwnedFd),
    /// A folder that lies under a private layer.
    Folder(OwnedFd),
    /// The same as a detached mount, opened by root for another user.
    Lower(OwnedFd),
    /// A folder and the one that its layer is kept in: detached mounts, if root opened them for another user.
    Kept {
        lower: OwnedFd,
        layer: OwnedFd,
        is_detached: bool,
    },
    None,
    Gone,
}

/// Opens what `spec` needs as root, for a first process that will be somebody else and could not.
pub(super) fn open_as_root(spec: &Spec) -> Result<Vec<Source>, Trouble> {
    let holds_mounts = mount_points().iter().any(|at| at.starts_with(spec.workspace.path()));
    if holds_mounts && spec.walls == Walls::Overlay {
        // Under an overlay they would show what they hide.
        return Err(io::Error::from(Errno::INVAL))
            .during(format!("{}: it holds mount points", workspace::LAYERING));
    }
    let lower = |from: &Path| {
        let deep =
            if spec.walls == Walls::Copy { OpenTreeFlags::AT_RECURSIVE } else { OpenTreeFlags::empty() };
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | deep;
        let opened = open_tree(CWD, from, flags).map_err(io::Error::from).and_then(|tree| {
            sys::add_mount_attributes(tree.as_fd(), 0, true)?;
            Ok(Source::Lower(tree))
        });
        present(opened).during(format!("opening {}", from.display()))
    };
    let open = |place: &Place| match &place.what {
        What::Private(from) => {
            Ok(match (lower(from.path())?, spec.kept_layer(place).map(|it| lower(it.path()))) {
                (Source::Lower(lower), Some(Ok(Source::Lower(layer)))) => {
                    Source::Kept { lower, layer, is_detached: true }
                }
                (alone, _) => alone,
            })
        }
        What::Workspace => lower(spec.workspace.path()),
        What::ReadOnly(_)
        | What::Device(_)
        | What::Link(_)
        | What::Fresh(_)
        | What::Text(_)
        | What::Processes
        | What::Terminals
        | What::Support => open_source(place, spec),
    };
    spec.places.iter().map(open).collect()
}

/// Shows root's own files among `sources` as the user's of the namespace `users`.
pub(super) fn map_owners(sources: &[Source], users: &OwnedFd) -> Result<(), Trouble> {
    for source in sources {
        let trees = match source {
            Source::Lower(tree) => [Some(tree), None],
            Source::Kept { lower, layer, .. } => [Some(lower), Some(layer)],
            Source::Tree(_) | Source::Folder(_) | Source::None | Source::Gone => [None, None],
        };
        for tree in trees.into_iter().flatten() {
            if rustix::fs::fstat(tree).is_ok_and(|about| about.st_uid == 0) {
                sys::map_owners(tree.as_fd(), users.as_fd())
                    .during(format!("{}: mapping its files", identity::OWNERS))?;
            }
        }
    }
    Ok(())
}

/// Where something is mounted, by the paths of the `/proc` that is mounted now.
#[expect(clippy::disallowed_methods, reason = "the kernel's list of mounts is a file")]
fn mount_points() -> Vec<PathBuf> {
    let list = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    let lines = list.split(|byte| *byte == b'\n');
    lines.filter_map(|line| Some(unescaped(line.split(|byte| *byte == b' ').nth(4)?))).collect()
}

/// A path of the kernel's list, where space, tab, newline and backslash stand as three octal digits.
fn unescaped(text: &[u8]) -> PathBuf {
    let mut path = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after
            .first_chunk::<3>()
            .filter(|it| byte == b'\\' && it.iter().all(|it| (b'0'..b'8').contains(it)));
        let Some(digits) = digits else {
            path.push(byte);
            rest = after;
            continue;
        };
        path.push(
            digits.iter().fold(0_u8, |number, digit| number.wrapping_mul(8).wrapping_add(digit - b'0')),
        );
        rest = after.get(3..).unwrap_or_default();
    }
    PathBuf::from(OsString::from_vec(path))
}

/// Builds the tree of `spec` and moves into it; `sources` are those that root opened, if it did.
pub(super) fn build(
    spec: &Spec,
    support: &[Vec<u8>],
    sources: Option<Vec<Source>>,
) -> Result<Option<Delta>, Trouble> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .during("cutting mounts off the host's")?;
    let sources: Vec<Source> = match sources {
        Some(sources) => sources,
        None => spec.places.iter().map(|place| open_source(place, spec)).collect::<Result<_, _>>()?,
    };
    let mut ground = Ground::lay(spec, support)?;
    let mut texts = spec.texts.as_slice();
    for (place, source) in spec.places.iter().zip(sources) {
        let at = place.at.path();
        put(&mut ground, place, source, spec, &mut texts).map_err(|trouble| Trouble {
            stage: format!("{} ({})", trouble.stage, at.display()),
            ..trouble
        })?;
    }
    ground.enter()
}

fn open_source(place: &Place, spec: &Spec) -> Result<Source, Trouble> {
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
        What::Private(from) => {
            Ok(match (folder(from.path())?, spec.kept_layer(place).map(|it| folder(it.path()))) {
                (Source::Folder(lower), Some(Ok(Source::Folder(layer)))) => {
                    Source::Kept { lower, layer, is_detached: false }
                }
                (alone, _) => alone,
            })
        }
        What::Workspace => folder(spec.workspace.path()),
        What::Link(_)
        | What::Fresh(_)
        | What::Text(_)
        | What::Processes
        | What::Terminals
        | What::Support => Ok(Source::None),
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
fn put(
    ground: &mut Ground,
    place: &Place,
    source: Source,
    spec: &Spec,
    texts: &mut &[u8],
) -> Result<(), Trouble> {
    let at = place.at.path();
    match (&place.what, source) {
        (What::Workspace, Source::Folder(lower)) => workspace::stand(ground, at, &lower, spec.walls),
        (What::Workspace, Source::Lower(tree)) => {
            ground.hold(&tree).during("opening the workspace")?;
            workspace::stand(ground, at, &tree, spec.walls)
        }
        (What::Private(_), Source::Lower(tree)) => {
            let layered = ground.hold(&tree).and_then(|()| ground.private(at, &tree));
            let _ = layered.or_else(|_| ground.bind_instead(at, &tree));
            Ok(())
        }
        (What::Workspace, _) => Err(io::Error::from(Errno::NOENT)).during("opening the workspace"),
        (What::Private(_), Source::Kept { lower, layer, is_detached }) => {
            let held =
                if is_detached { ground.hold(&lower).and_then(|()| ground.hold(&layer)) } else { Ok(()) };
            let kept = held.and_then(|()| ground.kept(at, &lower, &layer));
            let _ = kept.or_else(|_| ground.private(at, &lower)).or_else(|_| ground.bind_instead(at, &lower));
            Ok(())
        }
        (What::Private(_), Source::Folder(lower)) => {
            // Tools do without a cache, slowly.
            let _ = ground.private(at, &lower).or_else(|_| ground.bind_instead(at, &lower));
            Ok(())
        }
        (_, Source::Gone) => Ok(()),
        (_, Source::Tree(tree)) => optional(ground.mount(&tree, at)).during("binding"),
        (What::Link(to), _) => optional(ground.link(at, to.path())).during("linking"),
        (What::Text(length), _) => {
            let (text, rest) = texts.split_at_checked(*length as usize).unwrap_or_default();
            *texts = rest;
            optional(ground.text(at, text)).during("writing a setting")
        }
        (What::Fresh(mode), _) => {
            let folder = ground.fresh(at, *mode).during("making a folder")?;
            // A session without a workspace has its empty home in the place of one.
            if spec.session.is_some() && at == spec.inside.path() {
                ground.delta = Some(Delta::of_layer(folder, None));
            }
            Ok(())
        }
        (What::Processes, _) => ground.processes(at).during("mounting the processes' file system"),
        // Pseudo terminals are a convenience: without them only the tests that open one fail.
        (What::Terminals, _) => ground.terminals(at).or(Ok::<_, io::Error>(())).during("mounting terminals"),
        (What::Support, _) => ground.support(at).during("mounting support files"),
        (
            What::ReadOnly(_) | What::Device(_) | What::Private(_),
            Source::Folder(_) | Source::Lower(_) | Source::Kept { .. } | Source::None,
        ) => Ok(()),
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
