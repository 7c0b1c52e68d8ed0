//! The weaker way, where the kernel refuses namespaces: a copy of the files, limits, a clean environment.
//!
//! Promises that the work tree is not written by a program that stays where it was started, and that
//! every descendant is killed. Cuts off neither the network nor the rest of the disk.

#![expect(clippy::disallowed_methods, reason = "opens the folder that it just made")]

use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::process::set_child_subreaper;
use rustix::thread::set_no_new_privs;

use super::copy::{self, Heavy};
use super::scope::{self, Scope};
use super::trouble::{During, Trouble};
use super::{Order, ground, layer, start, supervise, sys};
use crate::local::scratch::Run;
use crate::local::wire::{self, Caps, Kind, News};

/// The whole life of the helper in a reduced sandbox.
pub(super) fn run(order: Order, control: &mut UnixStream) -> Result<(), Trouble> {
    let Order { spec, layer, support, egress: _, stdin } = order;
    let scratch =
        spec.scratch.as_ref().ok_or(rustix::io::Errno::INVAL).during("finding the scratch folder")?;
    let run = Run::at(scratch.path());
    set_child_subreaper(rustix::process::Pid::from_raw(1)).during("adopting orphans")?;
    fill(&run, spec.workspace.path()).during("copying the workspace")?;
    layer::apply(&run.workspace(), &spec.layer, &layer)?;
    for (name, content) in spec.support.iter().zip(&support) {
        let folder = std::fs::File::open(run.support()).during("writing support files")?;
        ground::write_below(std::os::fd::AsFd::as_fd(&folder), Path::new(name), content)
            .during("writing support files")?;
    }
    set_no_new_privs(true).during("giving up privileges")?;
    let Some(command) = &spec.command else {
        return wire::send_json(control, Kind::News, &News::Built).during("telling that the copy stands");
    };
    let signals = sys::child_signals().during("watching child processes")?;
    let others = scope::threads_of_user();
    let caps = Caps { processes: spec.caps.processes.saturating_add(others), ..spec.caps };
    let child = start::start(command, &caps, stdin)?;
    wire::send_json(control, Kind::News, &News::Built).during("telling that the copy stands")?;
    let out = spec.collect.then(|| run.out());
    supervise::supervise(&Scope::Descendants, child, &spec.caps, out.as_deref(), &signals, control)
}

fn fill(run: &Run, workspace: &Path) -> std::io::Result<()> {
    for folder in run.folders() {
        std::fs::create_dir(folder)?;
    }
    copy::tree(workspace, &run.workspace(), &mut |below| {
        // Built anew or not needed by tests; the others are too large to copy for each run.
        let is_left_out = below.file_name().is_some_and(|name| name == ".git" || name == "target");
        if is_left_out { Heavy::LeaveOut } else { Heavy::LinkTo(workspace.join(below)) }
    })
}
