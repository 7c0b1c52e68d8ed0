//! Puts the workspace in its place: as an overlay's lower layer, or as a copy.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, XattrFlags, fsetxattr, fstat, mkdirat, openat};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string,
    fsmount, fsopen,
};

use super::copy::{self, Heavy};
use super::delta::Delta;
use super::ground::Ground;
use super::trouble::{During, Trouble};
use crate::local::wire::Walls;

/// The stage whose failure means that this workspace can not be a lower layer.
pub(crate) const LAYERING: &str = "laying a private layer over the workspace";

/// The workspace `lower` at `at`.
pub(super) fn stand(ground: &mut Ground, at: &Path, lower: &OwnedFd, walls: Walls) -> Result<(), Trouble> {
    match walls {
        Walls::Overlay => {
            let (tree, upper) = overlay(ground, lower).during(LAYERING)?;
            let given = lower.try_clone().during("opening the workspace")?;
            ground.delta = Some(Delta::of_layer(upper, Some(given)));
            ground.mount(&tree, at).during("mounting the workspace")
        }
        Walls::Copy | Walls::Reduced => copied(ground, at, lower).during("copying the workspace"),
    }
}

/// A detached overlay over the folder `lower`, and its upper layer on the ground's private store.
/// Named by descriptors, so that no path needs escaping and none can be read inside.
pub(super) fn overlay(ground: &mut Ground, lower: &OwnedFd) -> io::Result<(OwnedFd, OwnedFd)> {
    let (upper, work) = (ground.name("upper"), ground.name("work"));
    let mode = Mode::from_raw_mode(fstat(lower)?.st_mode & 0o7777);
    mkdirat(&ground.store, &*upper, Mode::from(0o700))?;
    mkdirat(&ground.store, &*work, Mode::from(0o700))?;
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let upper = openat(&ground.store, &*upper, folder, Mode::empty())?;
    let work = openat(&ground.store, &*work, folder, Mode::empty())?;
    rustix::fs::fchmod(&upper, mode)?;
    Ok((layered(lower, &upper, &work)?, upper))
}

/// The same with the layer that was kept in the folder `layer`, as `upper`, with an empty `work` beside it.
pub(super) fn overlay_kept(lower: &OwnedFd, layer: &OwnedFd) -> io::Result<OwnedFd> {
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let [upper, work] = ["upper", "work"].map(|name| openat(layer, name, folder, Mode::empty()));
    layered(lower, &upper?, &work?)
}

fn layered(lower: &OwnedFd, upper: &OwnedFd, work: &OwnedFd) -> io::Result<OwnedFd> {
    // Without such attributes (tmpfs before Linux 6.6) a replaced folder would show its old content.
    fsetxattr(upper, "user.overlay.bodkin", b"y", XattrFlags::empty())?;
    rustix::fs::fremovexattr(upper, "user.overlay.bodkin")?;
    let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&context, "lowerdir", by_descriptor(lower))?;
    fsconfig_set_string(&context, "upperdir", by_descriptor(upper))?;
    fsconfig_set_string(&context, "workdir", by_descriptor(work))?;
    fsconfig_set_flag(&context, "userxattr")?;
    fsconfig_create(&context)?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    Ok(fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?)
}

fn copied(ground: &mut Ground, at: &Path, lower: &OwnedFd) -> io::Result<()> {
    let target = ground.fresh(at, fstat(lower)?.st_mode & 0o7777)?;
    let mut bound = Vec::new();
    copy::tree(&by_descriptor(lower), &by_descriptor(&target), &mut |below| {
        bound.push(below.to_path_buf());
        Heavy::LeaveOut
    })?;
    ground.delta = Some(Delta::of_copy(target, lower.try_clone()?));
    bound.iter().try_for_each(|below| ground.bind_below(&at.join(below), lower, below))
}

fn by_descriptor(folder: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()))
}
