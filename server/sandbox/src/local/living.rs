//! The local sandboxes that live now, of whichever process of this user.
//!
//! Each is known by its helper, the one process of it that stands outside; the kernel ends everything inside with it.
#![expect(clippy::disallowed_methods, reason = "looks for the helpers among the processes of this machine")]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::init::{INIT_ARGUMENT, STEM_ARGUMENT};

/// The name by which helpers are started.
pub(super) const HELPER_NAME: &str = "bodkin-sandbox";

/// A sandbox that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Living {
    /// Its helper.
    pid: u32,
    /// Milliseconds since it was made.
    pub age_ms: u64,
    /// The command line of the process that made it.
    pub maker: String,
    /// That process, if it still lives.
    pub maker_pid: Option<u32>,
}

impl Living {
    /// Its name.
    pub fn id(&self) -> String {
        format!("l{}", self.pid)
    }

    /// Ends it with everything inside; fails where it is gone already or belongs to somebody else.
    pub fn end(&self) -> io::Result<()> {
        let pid = Pid::from_raw(self.pid.cast_signed()).ok_or(io::ErrorKind::NotFound)?;
        let held = pidfd_open(pid, PidfdFlags::empty())?;
        // Held first and looked at then: the number can not have passed to another process meanwhile.
        if !is_helper(self.pid) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(pidfd_send_signal(held, Signal::KILL)?)
    }
}

/// Every local sandbox of this user that can be seen, the oldest first.
pub fn all() -> Vec<Living> {
    let pids: BTreeSet<u32> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| is_helper(*pid))
        .collect();
    let mut living: Vec<Living> = pids.iter().filter_map(|pid| outermost(*pid, &pids)).collect();
    living.sort_by_key(|it| std::cmp::Reverse(it.age_ms));
    living
}

/// The sandbox whose outermost helper this is. Its parent is the maker, or the stem that the maker's helpers are
/// forked from; the first process inside is a helper as well, and its child.
fn outermost(pid: u32, helpers: &BTreeSet<u32>) -> Option<Living> {
    let about = About::of(pid)?;
    let maker = if helpers.contains(&about.parent) {
        let stem =
            About::of(about.parent).filter(|it| is_stem(about.parent) && !helpers.contains(&it.parent))?;
        stem.parent
    } else if is_stem(pid) {
        return None;
    } else {
        about.parent
    };
    let maker_pid = (maker > 1).then_some(maker);
    Some(Living { pid, age_ms: about.age_ms, maker: command_line(maker), maker_pid })
}

/// Whether this is a stem, or was forked from one.
fn is_stem(pid: u32) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).nth(2) == Some(STEM_ARGUMENT.as_bytes())
}

fn is_helper(pid: u32) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut words = line.split(|byte| *byte == 0);
    let named =
        words.next() == Some(HELPER_NAME.as_bytes()) && words.next() == Some(INIT_ARGUMENT.as_bytes());
    named && is_of_this_user(pid)
}

fn is_of_this_user(pid: u32) -> bool {
    let me = rustix::process::geteuid().as_raw();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    me == 0 || uids.is_some_and(|uids| uids.split_whitespace().next() == Some(&me.to_string()))
}

fn command_line(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<_> =
        line.split(|byte| *byte == 0).filter(|it| !it.is_empty()).map(String::from_utf8_lossy).collect();
    let text = words.join(" ");
    text.chars().take(200).collect()
}

struct About {
    parent: u32,
    age_ms: u64,
}

impl About {
    /// Reads `/proc/PID/stat` (proc_pid_stat(5)): after the name in parentheses come the state, the parent, and as
    /// the 22nd field the start in clock ticks since boot.
    fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let started: u64 = fields.get(19)?.parse().ok()?;
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
        let ticks = rustix::param::clock_ticks_per_second().max(1);
        let now = (uptime * 1000.0) as u64;
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            age_ms: now.saturating_sub(started.saturating_mul(1000) / ticks),
        })
    }
}
