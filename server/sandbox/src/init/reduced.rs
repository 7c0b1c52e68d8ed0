//! The weaker way, where the kernel refuses namespaces: a copy of the files, limits, a clean environment, and
//! Landlock and the filter on system calls for walls.
//!
//! With Landlock no file but the tools and the copy can be opened and no socket of the host's reached; every
//! descendant is killed. Other processes can be seen; times and permissions of the user's own files can be
//! changed; before Landlock's interface 6 the user's other processes can be sent signals.

#![expect(clippy::disallowed_methods, reason = "opens the folder that it just made")]

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::process::set_child_subreaper;

use super::copy::{self, Heavy};
use super::delta::Delta;
use super::landlock::Open;
use super::scope::{self, Scope};
use super::seccomp::Filter;
use super::supervise::Left;
use super::trouble::{During, Trouble};
use super::{Order, ground, landlock, layer, privileges, start, supervise, sys};
use crate::local::scratch::Run;
use crate::local::wire::{self, Caps, Kind, News, Spec, What};

/// The whole life of the helper in a reduced sandbox.
pub(super) fn run(order: Order, control: &mut UnixStream) -> Result<(), Trouble> {
    let Order { spec, layer, support, egress: _, stdin } = order;
    let scratch =
        spec.scratch.as_ref().ok_or(rustix::io::Errno::INVAL).during("finding the scratch folder")?;
    let run = Run::at(scratch.path());
    set_child_subreaper(rustix::process::Pid::from_raw(1)).during("adopting orphans")?;
    let originals = fill(&run, spec.workspace.path()).during("copying the workspace")?;
    let delta = if spec.changes { Some(delta(&run, spec.workspace.path())?) } else { None };
    layer::apply(&run.workspace(), &spec.layer, &layer)?;
    let delta = delta.map(|delta| delta.with_layer(&spec.layer, &layer));
    for (name, content) in spec.support.iter().zip(&support) {
        let folder = std::fs::File::open(run.support()).during("writing support files")?;
        ground::write_below(std::os::fd::AsFd::as_fd(&folder), Path::new(name), content)
            .during("writing support files")?;
    }
    let roots = run.folders();
    let open = open(&spec, &roots, &originals, delta.as_ref());
    privileges::drop_all(&open, Filter::Reduced { truncates: sys::landlock_interface() < 3 })?;
    let Some(command) = &spec.command else {
        return wire::send_json(control, Kind::News, &News::Built).during("telling that the copy stands");
    };
    let signals = sys::child_signals().during("watching child processes")?;
    let others = scope::threads_of_user();
    let caps = Caps { processes: spec.caps.processes.saturating_add(others), ..spec.caps };
    // The command is within walls of its own once more, so that it can not send this process a signal.
    let wall = || landlock::close_all_but(&open).map(drop);
    let child = start::start_behind(&wall, command, &caps, stdin)?;
    wire::send_json(control, Kind::News, &News::Built).during("telling that the copy stands")?;
    let out = spec.collect.then(|| run.out());
    let left = Left { out: out.as_deref(), delta: delta.as_ref() };
    supervise::supervise(&Scope::Descendants, child, &spec.caps, left, &signals, control)
}

fn delta(run: &Run, workspace: &Path) -> Result<Delta, Trouble> {
    let folder = |path: &Path| -> std::io::Result<OwnedFd> { Ok(std::fs::File::open(path)?.into()) };
    let (written, given) = (folder(&run.workspace()), folder(workspace));
    written.and_then(|written| Ok(Delta::of_copy(written, given?))).during("opening the workspace")
}

/// Makes the run's folders and copies the workspace; gives the folders that stayed where they are.
fn fill(run: &Run, workspace: &Path) -> std::io::Result<Vec<PathBuf>> {
    for folder in run.folders() {
        std::fs::create_dir(folder)?;
    }
    let mut originals = Vec::new();
    copy::tree(workspace, &run.workspace(), &mut |below| {
        // Built anew or not needed by tests; the others are too large to copy for each run.
        let is_left_out = below.file_name().is_some_and(|name| name == ".git" || name == "target");
        if is_left_out {
            return Heavy::LeaveOut;
        }
        let original = workspace.join(below);
        originals.push(original.clone());
        Heavy::LinkTo(original)
    })?;
    Ok(originals)
}

/// The tools, the run's own folders, and of the workspace what the copy only points to.
fn open<'a>(
    spec: &'a Spec,
    run: &'a [PathBuf; 5],
    originals: &'a [PathBuf],
    delta: Option<&'a Delta>,
) -> Open<'a> {
    let shown = spec.places.iter().filter_map(|place| match &place.what {
        What::ReadOnly(from) | What::Private(from) => Some(from.path()),
        What::Processes | What::Text(_) => Some(place.at.path()),
        What::Device(_)
        | What::Link(_)
        | What::Fresh(_)
        | What::Workspace
        | What::Terminals
        | What::Support => None,
    });
    let devices = spec.places.iter().filter_map(|place| match &place.what {
        What::Device(from) => Some(from.path()),
        What::ReadOnly(_)
        | What::Private(_)
        | What::Processes
        | What::Text(_)
        | What::Link(_)
        | What::Fresh(_)
        | What::Workspace
        | What::Terminals
        | What::Support => None,
    });
    let [workspace, support, out, home, tmp] = run.each_ref().map(PathBuf::as_path);
    Open {
        read: shown.chain(originals.iter().map(PathBuf::as_path)).chain([support]).collect(),
        devices: devices.collect(),
        write: vec![workspace, out, home, tmp],
        held: delta.into_iter().flat_map(Delta::folders).collect(),
    }
}
