//! Which processes are the command's, what they use, and how they are killed.

use std::collections::BTreeMap;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};

use super::sys;

/// Where the command's processes are found.
pub(super) enum Scope {
    /// Everything in this PID namespace but ourselves, its first process.
    Namespace,
    /// Every descendant; whoever loses its parent becomes our child.
    Descendants,
}

/// One of the command's processes.
pub(super) struct Process {
    pub(super) pid: Pid,
    /// Resident memory, shared pages included; bytes.
    pub(super) resident: u64,
    pub(super) threads: u32,
    /// CPU time of it and of its children that it waited for, clock ticks.
    pub(super) ticks: u64,
}

impl Scope {
    /// The command's processes as far as `/proc` shows them.
    pub(super) fn processes(&self) -> Vec<Process> {
        let all: BTreeMap<i32, Stat> = listed().filter_map(|pid| Some((pid, stat(pid)?))).collect();
        let own = rustix::process::getpid().as_raw_nonzero().get();
        let is_ours = |pid: i32| match self {
            Self::Namespace => pid != own,
            Self::Descendants => {
                // Bounded, as a parent may vanish and its number come back while we look.
                let mut up = pid;
                for _ in 0..all.len() {
                    match all.get(&up) {
                        Some(stat) if stat.parent == own => return true,
                        Some(stat) => up = stat.parent,
                        None => return false,
                    }
                }
                false
            }
        };
        all.iter()
            .filter(|(pid, _)| is_ours(**pid))
            .filter_map(|(pid, stat)| {
                let pid = Pid::from_raw(*pid)?;
                Some(Process { pid, resident: stat.resident, threads: stat.threads, ticks: stat.ticks })
            })
            .collect()
    }

    /// Kills all of the command's processes and reaps them.
    pub(super) fn kill_all(&self) {
        loop {
            match self {
                Self::Namespace => sys::kill_all_others(),
                Self::Descendants => {
                    for process in self.processes() {
                        let _ = rustix::process::kill_process(process.pid, Signal::KILL);
                    }
                }
            }
            loop {
                match reap(WaitOptions::empty()) {
                    Reaped::One(..) if matches!(self, Self::Namespace) => {}
                    Reaped::One(..) => break,
                    Reaped::NoChild => return,
                    Reaped::NoneYet => break,
                }
            }
        }
    }
}

/// Threads of this user on the whole machine, which is what the kernel's limit on processes counts
/// outside a user namespace of one's own.
#[expect(clippy::disallowed_methods, reason = "the helper counts its user's processes")]
pub(super) fn threads_of_user() -> u32 {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    let is_own = |pid: &i32| std::fs::metadata(format!("/proc/{pid}")).is_ok_and(|about| about.uid() == user);
    listed().filter(is_own).filter_map(|pid| Some(stat(pid)?.threads)).sum()
}

/// What waiting for a child gave.
pub(super) enum Reaped {
    One(Pid, WaitStatus),
    NoneYet,
    NoChild,
}

/// Takes the exit of one child.
pub(super) fn reap(options: WaitOptions) -> Reaped {
    match rustix::process::wait(options) {
        Ok(Some((pid, status))) => Reaped::One(pid, status),
        Ok(None) | Err(rustix::io::Errno::INTR) => Reaped::NoneYet,
        Err(_) => Reaped::NoChild,
    }
}

struct Stat {
    state: char,
    /// CPU time of it and of its children that it waited for, clock ticks.
    ticks: u64,
    parent: i32,
    threads: u32,
    resident: u64,
}

fn listed() -> impl Iterator<Item = i32> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Fields of `/proc/<pid>/stat` (proc(5)); its second field, the name in brackets, may hold anything.
#[expect(clippy::disallowed_methods, reason = "the helper watches its processes")]
fn stat(pid: i32) -> Option<Stat> {
    let bytes = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let mut ticks: u64 = 0;
    for _ in 0..9 {
        fields.next()?;
    }
    for field in fields.by_ref().take(4) {
        ticks = ticks.saturating_add(field.parse().unwrap_or(0));
    }
    let threads = fields.nth(2)?.parse().ok()?;
    let pages: u64 = fields.nth(3)?.parse().ok()?;
    Some(Stat { state, ticks, parent, threads, resident: pages * rustix::param::page_size() as u64 })
}

/// The letter by which the kernel calls the state of a process (proc(5)).
pub(super) fn state_of(pid: Pid) -> Option<char> {
    Some(stat(pid.as_raw_nonzero().get())?.state)
}

/// Memory of a process with shared pages counted by share, bytes; `None` if it is gone.
#[expect(clippy::disallowed_methods, reason = "the helper watches its processes")]
pub(super) fn proportional(pid: Pid) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", pid.as_raw_nonzero())).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
