//! What a cage may not leave behind: processes, namespaces, mounts, files.

use std::fs;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, pidfd_open};

use super::{Cage, Ground, Said, Visit};

/// Panics if the host still finds anything of the visit.
pub(crate) fn nothing_left_of<C: Cage + ?Sized>(cage: &C, ground: &Ground, visit: &Visit, said: &Said) {
    // Where processes may outlive the run, and the cage says so, there is nothing to hold against it.
    if !cage.admits("outlive") {
        assert_eq!(living(visit, said), Vec::<String>::new(), "processes of {:?} live on", visit.argv);
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let own: Vec<&str> = mounts.lines().filter(|line| line.contains(ground.name())).collect();
    assert_eq!(own, Vec::<&str>::new(), "mounts of {:?} are left", visit.argv);
    let scratch: Vec<_> = fs::read_dir(ground.path("scratch")).unwrap().collect();
    assert!(scratch.is_empty(), "{:?} left {scratch:?}", visit.argv);
}

/// Processes that carry the visit's mark in their environment, or stay in a namespace of its own.
fn living(visit: &Visit, said: &Said) -> Vec<String> {
    let ours = spaces_of("self");
    let spaces: Vec<&String> =
        said.spaces.iter().filter(|space| !ours.contains(space) && *space != "none").collect();
    let is_left = |pid: &String| {
        let marked = fs::read(format!("/proc/{pid}/environ"))
            .is_ok_and(|all| String::from_utf8_lossy(&all).contains(&visit.mark));
        marked || (spaces_of(pid).iter().any(|space| spaces.contains(&space)) && stays(pid))
    };
    let all =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    all.filter(|name| name.parse::<u32>().is_ok())
        .filter(is_left)
        .map(|pid| {
            format!("{pid} {}", fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default())
        })
        .collect()
}

/// Whether a process does not end by itself. The numbers of namespaces are given again when they are free, so
/// that another attempt's process may seem to be in this one's: it ends, as all of them have limits.
fn stays(pid: &str) -> bool {
    let process = pid.parse().ok().and_then(rustix::process::Pid::from_raw);
    let Some(Ok(process)) = process.map(|pid| pidfd_open(pid, PidfdFlags::empty())) else { return false };
    let patience = Timespec { tv_sec: 90, tv_nsec: 0 };
    poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&patience)) == Ok(0)
}

fn spaces_of(pid: &str) -> Vec<String> {
    ["net", "pid", "mnt", "ipc"]
        .iter()
        .filter_map(|name| {
            fs::read_link(format!("/proc/{pid}/ns/{name}")).ok()?.into_os_string().into_string().ok()
        })
        .collect()
}
