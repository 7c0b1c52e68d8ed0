//! The helper: the process that builds the walls from inside and watches the command.
//!
//! The launcher never forks the server's many threads; it starts this program anew, with one thread,
//! a socket as standard input and the command's pipes as its output. It then
//! 1. enters new namespaces and forks; the child is process 1 of the new PID namespace,
//! 2. builds a file tree out of read-only binds and one private tmpfs, and makes it the root,
//! 3. gives up every privilege, starts the command, reaps, and dies with it or with the launcher.
//!
//! invariant: a-killed-run-leaves-no-process (the kernel kills a PID namespace with its process 1)

#![expect(clippy::disallowed_methods, reason = "talks to the kernel through /proc")]

mod collect;
mod copy;
mod delta;
mod ground;
pub(crate) mod identity;
mod landlock;
mod layer;
mod mounts;
mod privileges;
mod reduced;
mod scope;
mod seccomp;
mod session;
mod start;
mod stem;
mod supervise;
pub(crate) mod sys;
mod trouble;
pub(crate) mod workspace;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Signal, WaitOptions};

use crate::local::wire::{self, Identity, Kind, News, Spec, Walls};
use seccomp::Filter;
use sys::Fork;
use trouble::{During, Trouble};

/// The argument that makes a program the helper.
pub(crate) const INIT_ARGUMENT: &str = "__sandbox-init";

/// The second one, that makes it the process which helpers are forked from.
pub(crate) const STEM_ARGUMENT: &str = "stem";

/// Becomes the sandbox's helper, and never returns, if this program was started as one.
/// Call it first thing in `main`, before any thread is started.
pub fn init_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|argument| argument == INIT_ARGUMENT) {
        let is_stem = arguments.next().is_some_and(|argument| argument == STEM_ARGUMENT);
        let served = if is_stem { stem::serve() } else { Ok(()) };
        let code = i32::from(served.and_then(|()| init_main()).is_err());
        sys::exit_now(code);
    }
}

/// What the launcher sent: the spec, the layer's and the support files' contents, the command's input.
struct Order {
    spec: Spec,
    layer: Vec<Vec<u8>>,
    support: Vec<Vec<u8>>,
    /// The line on which the way out is handed to the launcher; held until the end.
    egress: Option<OwnedFd>,
    stdin: Option<OwnedFd>,
}

fn init_main() -> io::Result<()> {
    sys::close_the_rest();
    let mut control = UnixStream::from(sys::take_standard(0)?);
    let order = receive_order(&mut control)?;
    let result = match order.spec.walls {
        Walls::Overlay | Walls::Copy => in_namespaces(order, &mut control),
        Walls::Reduced => reduced::run(order, &mut control),
    };
    report(result, &mut control)
}

fn receive_order(control: &mut UnixStream) -> io::Result<Order> {
    let mut descriptors = receive_descriptors(control)?.into_iter();
    let (_, spec) = wire::receive(control)?;
    let mut spec: Spec = serde_json::from_slice(&spec)?;
    spec.texts = wire::receive(control)?.1;
    let blobs = |count: usize, control: &mut UnixStream| -> io::Result<Vec<Vec<u8>>> {
        (0..count).map(|_| Ok(wire::receive(control)?.1)).collect()
    };
    let layer = blobs(spec.layer.iter().filter(|(_, has_text)| *has_text).count(), control)?;
    let support = blobs(spec.support.len(), control)?;
    let egress = if spec.egress { descriptors.next() } else { None };
    Ok(Order { spec, layer, support, egress, stdin: descriptors.next() })
}

/// The first byte of the conversation carries the descriptors that the spec speaks of.
fn receive_descriptors(control: &UnixStream) -> io::Result<Vec<OwnedFd>> {
    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
    let mut byte = [0; 1];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut extra = RecvAncillaryBuffer::new(&mut space);
    recvmsg(control, &mut [io::IoSliceMut::new(&mut byte)], &mut extra, RecvFlags::CMSG_CLOEXEC)?;
    let received = extra.drain().filter_map(|message| {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message { Some(descriptors) } else { None }
    });
    Ok(received.flatten().collect())
}

fn report(result: Result<(), Trouble>, control: &mut UnixStream) -> io::Result<()> {
    match result {
        Ok(()) => Ok(()),
        Err(Trouble { stage, errno }) => {
            wire::send_json(control, Kind::News, &News::Failed { stage, errno })?;
            Err(io::Error::from_raw_os_error(errno))
        }
    }
}

fn in_namespaces(order: Order, control: &mut UnixStream) -> Result<(), Trouble> {
    let identity = order.spec.identity;
    let other = match identity {
        Identity::Own => None,
        Identity::Other { user, group } => {
            identity::leave_groups()?;
            Some((user, group, mounts::open_as_root(&order.spec)?))
        }
    };
    let own = identity::own();
    let (wait, gate) = pipe_with(PipeFlags::CLOEXEC).during("making a pipe")?;
    match clone_first()? {
        Fork::Parent(first) => {
            drop(wait);
            if let Some((user, group, sources)) = other {
                let users = identity::map_from_outside(first, user, group)?;
                mounts::map_owners(&sources, &users)?;
                rustix::io::write(&gate, b"+").during("telling the sandbox's first process")?;
            }
            drop(gate);
            drop(order);
            identity::retire(&identity)?;
            wait_for(first, control)
        }
        Fork::Child => {
            drop(gate);
            let mapped = match other {
                Some((_, _, sources)) => become_other(&wait).map(|()| Some(sources)),
                None => identity::map_to_itself(own).map(|()| None),
            };
            let result = mapped.and_then(|sources| first_process(order, sources, control));
            let code = i32::from(report(result, control).is_err());
            sys::exit_now(code)
        }
    }
}

/// Holds nothing open, so that the launcher sees the end as soon as the first process is gone.
fn wait_for(first: rustix::process::Pid, control: &UnixStream) -> Result<(), Trouble> {
    let null = start::open_null().during("opening /dev/null")?;
    for standard in 0..3 {
        sys::put_in_place(&null, standard).during("letting go of the output")?;
    }
    let socket_gone = sys::put_in_place_of(control, &null);
    while let Err(rustix::io::Errno::INTR) = rustix::process::waitpid(Some(first), WaitOptions::empty()) {}
    socket_gone.during("letting go of the launcher")
}

/// Starts the first process of new namespaces of every kind.
fn clone_first() -> Result<Fork, Trouble> {
    let most = libc::CLONE_NEWUSER
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS;
    sys::fork_into(most | libc::CLONE_NEWCGROUP)
        .or_else(|_| sys::fork_into(most))
        .during("entering new namespaces")
}

/// Waits until the process outside has mapped another user, and becomes that one.
fn become_other(gate: &OwnedFd) -> Result<(), Trouble> {
    if rustix::io::read(gate, &mut [0; 1]) != Ok(1) {
        sys::exit_now(1); // the other side has told why
    }
    identity::become_mapped()
}

/// The whole life of process 1, whose user is mapped; `sources` are those that root opened, if it did.
fn first_process(
    order: Order,
    sources: Option<Vec<mounts::Source>>,
    control: &mut UnixStream,
) -> Result<(), Trouble> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .during("tying the sandbox's life")?;
    let process = identity::own_process().during("opening /proc/self")?;
    let Order { spec, layer, support, egress, stdin } = order;
    forbid_nesting(sources.is_some());
    leave_watchers();
    let delta = mounts::build(&spec, &support, sources)?.filter(|_| spec.changes);
    layer::apply(spec.inside.path(), &spec.layer, &layer)?;
    let delta = delta.map(|delta| delta.with_layer(&spec.layer, &layer));
    drop((layer, support));
    rustix::system::sethostname(b"sandbox").during("naming the sandbox")?;
    sys::loopback_up().during("bringing up the loopback interface")?;
    if let Some(line) = &egress {
        crate::local::egress::listen_for(line.as_fd()).during("opening a way out")?;
    }
    identity::settle(&spec.identity, &process)?;
    drop(process);
    // The kernel forgets it with each change of the user.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .during("tying the sandbox's life")?;
    privileges::drop_all(&privileges::open_places(&spec.places, delta.as_ref()), Filter::Namespaced)?;
    if let Some(env) = spec.session {
        let line = stdin.ok_or(rustix::io::Errno::BADF).during("taking up the session's line")?;
        return session::live(line, env, delta, &spec.caps, control);
    }
    let Some(command) = &spec.command else {
        return wire::send_json(control, Kind::News, &News::Built).during("telling that the walls stand");
    };
    let signals = sys::child_signals().during("watching child processes")?;
    let child = start::start(command, &spec.caps, stdin)?;
    wire::send_json(control, Kind::News, &News::Built).during("telling that the walls stand")?;
    let out = spec.collect.then(|| std::path::PathBuf::from(crate::launch::OUT_DIR));
    let left = supervise::Left { out: out.as_deref(), delta: delta.as_ref() };
    supervise::supervise(&scope::Scope::Namespace, child, &spec.caps, left, &signals, control)
}

/// A namespace within the namespace would give the command new privileges to attack the kernel with.
/// The count belongs to our own user namespace; where it can not be set, the filter on system calls remains.
fn forbid_nesting(is_other: bool) {
    let _ = std::fs::write("/proc/sys/user/max_user_namespaces", if is_other { "1" } else { "0" });
}

/// Watchers of files (inotify) are counted for the user outside as well, who has 128 where nobody set another
/// limit: a command that takes them all would blind the user's editors.
fn leave_watchers() {
    let _ = std::fs::write("/proc/sys/user/max_inotify_instances", "32");
}
