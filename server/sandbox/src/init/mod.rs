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
mod ground;
mod layer;
mod mounts;
mod privileges;
mod reduced;
mod scope;
mod start;
mod supervise;
mod sys;
mod trouble;
mod workspace;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::process::{Signal, WaitOptions};
use rustix::thread::UnshareFlags;

use crate::local::wire::{self, Kind, News, Spec, Walls};
use sys::Fork;
use trouble::{During, Trouble};

/// The argument that makes a program the helper.
pub(crate) const INIT_ARGUMENT: &str = "__sandbox-init";

/// Becomes the sandbox's helper, and never returns, if this program was started as one.
/// Call it first thing in `main`, before any thread is started.
pub fn init_if_asked() {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == INIT_ARGUMENT) {
        let code = i32::from(init_main().is_err());
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
    let spec: Spec = serde_json::from_slice(&spec)?;
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
    enter_namespaces()?;
    match sys::fork().during("starting the sandbox's first process")? {
        Fork::Parent(first) => wait_for(first, control),
        Fork::Child => {
            let result = first_process(order, control);
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

fn enter_namespaces() -> Result<(), Trouble> {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let most = UnshareFlags::NEWUSER
        | UnshareFlags::NEWNS
        | UnshareFlags::NEWPID
        | UnshareFlags::NEWNET
        | UnshareFlags::NEWIPC
        | UnshareFlags::NEWUTS;
    sys::unshare(most | UnshareFlags::NEWCGROUP)
        .or_else(|_| sys::unshare(most))
        .during("entering new namespaces")?;
    let write =
        |file: &str, text: String| std::fs::write(file, text).during("mapping the user into the sandbox");
    write("/proc/self/setgroups", "deny".to_owned())?;
    write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// The whole life of process 1.
fn first_process(order: Order, control: &mut UnixStream) -> Result<(), Trouble> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .during("tying the sandbox's life")?;
    let Order { spec, layer, support, egress, stdin } = order;
    forbid_nesting();
    mounts::build(&spec, &support)?;
    layer::apply(spec.workspace.path(), &spec.layer, &layer)?;
    rustix::system::sethostname(b"sandbox").during("naming the sandbox")?;
    sys::loopback_up().during("bringing up the loopback interface")?;
    if let Some(line) = &egress {
        crate::local::egress::listen_for(line.as_fd()).during("opening a way out")?;
    }
    privileges::drop_all()?;
    let Some(command) = &spec.command else {
        return wire::send_json(control, Kind::News, &News::Built).during("telling that the walls stand");
    };
    let signals = sys::child_signals().during("watching child processes")?;
    let child = start::start(command, &spec.caps, stdin)?;
    wire::send_json(control, Kind::News, &News::Built).during("telling that the walls stand")?;
    let out = spec.collect.then(|| std::path::PathBuf::from(crate::launch::OUT_DIR));
    supervise::supervise(&scope::Scope::Namespace, child, &spec.caps, out.as_deref(), &signals, control)
}

/// A namespace within the namespace would give the command new privileges to attack the kernel with.
/// The count belongs to our own user namespace; where it can not be set, nothing else is weakened.
fn forbid_nesting() {
    let _ = std::fs::write("/proc/sys/user/max_user_namespaces", "0");
}
