//! Processes of the machine: who descends from whom, and whether they are gone. Linux.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// A process that is waited for; its number may be used again, this never means another.
#[derive(Debug)]
pub struct Watched(OwnedFd);

impl Watched {
    /// The process of that number; `None` when there is none any more.
    pub fn of(id: Pid) -> Option<Self> {
        pidfd_open(id, PidfdFlags::empty()).ok().map(Self)
    }

    /// Waits until it has ended; false when it still runs after `limit`.
    pub fn ends_within(&self, limit: Duration) -> bool {
        let limit = Timespec { tv_sec: limit.as_secs().try_into().unwrap(), tv_nsec: 0 };
        let mut ended = [PollFd::new(&self.0, PollFlags::IN)];
        loop {
            match poll(&mut ended, Some(&limit)) {
                Ok(count) => return count > 0,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => panic!("a process can not be waited for: {error}"),
            }
        }
    }
}

/// All processes that descend from one, without it, once there are `least`.
///
/// # Panics
/// If they are not there within a minute.
pub fn family(of: Pid, least: usize) -> Vec<Watched> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let found = descendants(of);
        if found.len() >= least {
            return found;
        }
        assert!(Instant::now() < deadline, "{least} processes were not started within a minute");
        std::thread::yield_now();
    }
}

/// All processes that descend from one, without it.
fn descendants(of: Pid) -> Vec<Watched> {
    let parents: Vec<(i32, i32)> = ids().filter_map(|id| Some((id, parent(id)?))).collect();
    let mut family = BTreeSet::from([of.as_raw_nonzero().get()]);
    loop {
        let children: Vec<i32> = parents
            .iter()
            .filter(|(id, parent)| family.contains(parent) && !family.contains(id))
            .map(|it| it.0)
            .collect();
        if children.is_empty() {
            break;
        }
        family.extend(children);
    }
    family.remove(&of.as_raw_nonzero().get());
    family.into_iter().filter_map(Pid::from_raw).filter_map(Watched::of).collect()
}

/// The command lines of processes that speak of `folder` or work in it.
pub fn that_know(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    ids()
        .filter_map(|id| {
            let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            let works_in = fs::read_link(format!("/proc/{id}/cwd")).unwrap_or_default();
            (words.contains(folder) || works_in.starts_with(folder)).then(|| format!("{id}: {words}"))
        })
        .collect()
}

fn ids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The fourth field of `stat`; the second, the name, may hold anything, and ends with the last `)`.
fn parent(id: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
