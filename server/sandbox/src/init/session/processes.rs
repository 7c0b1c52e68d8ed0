//! Starts processes, tells their ends, stops and continues all of them at once.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::statvfs;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::init::scope::{Reaped, Scope, proportional, reap, state_of};
use crate::init::start;
use crate::init::sys::{self, Fork};
use crate::local::session::words::{SIGNAL_BASE, Used};
use crate::local::wire::{Caps, Command, Raw};

/// The processes that were asked for.
pub(super) struct Processes {
    caps: Caps,
    /// The variables of each, `NAME=value`, under those of its own.
    env: Vec<Raw>,
    /// The line of each that lives, on which its end is told.
    living: BTreeMap<i32, OwnedFd>,
    /// While all are stopped: those that had been stopped before.
    stopped: Option<BTreeSet<i32>>,
}

impl Processes {
    pub(super) fn new(caps: Caps, env: Vec<Raw>) -> Self {
        Self { caps, env, living: BTreeMap::new(), stopped: None }
    }

    /// Starts a process; gives its number, and the outer end of its terminal if it is to have one.
    pub(super) fn start(
        &mut self,
        mut command: Command,
        terminal: Option<(u16, u16)>,
        descriptors: Vec<OwnedFd>,
    ) -> Result<(u32, Option<OwnedFd>), Errno> {
        command.env = over(&self.env, command.env);
        let mut descriptors = descriptors.into_iter();
        let mut next = || descriptors.next().ok_or(Errno::INVAL);
        let (streams, master) = match terminal {
            Some(size) => {
                let (master, slave) = pseudo_terminal(size)?;
                let copy = || rustix::io::fcntl_dupfd_cloexec(&slave, 3);
                ([copy()?, copy()?, copy()?], Some(master))
            }
            None => {
                let stdin = if command.piped { next()? } else { start::open_null().map_err(errno)? };
                ([stdin, next()?, next()?], None)
            }
        };
        let line = next()?;
        match sys::fork().map_err(errno)? {
            Fork::Child => {
                if self.stopped.is_some() {
                    let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::STOP);
                }
                become_process(&command, &self.caps, streams, terminal.is_some())
            }
            Fork::Parent(pid) => {
                if self.stopped.is_some() {
                    // It stops itself before anything else; a thaw must not come before that.
                    let stopped = || rustix::process::waitpid(Some(pid), WaitOptions::UNTRACED);
                    let mut status = stopped();
                    while let Err(Errno::INTR) = status {
                        status = stopped();
                    }
                    if let Ok(Some((_, status))) = status
                        && !status.stopped()
                    {
                        let _ = rustix::io::write(&line, &told(status).to_le_bytes());
                    }
                }
                let pid = pid.as_raw_nonzero().get();
                self.living.insert(pid, line);
                Ok((pid.cast_unsigned(), master))
            }
        }
    }

    /// Takes every end, and tells those of processes that were asked for.
    pub(super) fn reap(&mut self, signals: &OwnedFd) {
        let mut ignored = [0; 1024];
        while rustix::io::read(signals, &mut ignored).is_ok_and(|count| count > 0) {}
        while let Reaped::One(pid, status) = reap(WaitOptions::NOHANG) {
            if let Some(line) = self.living.remove(&pid.as_raw_nonzero().get()) {
                // Nobody may be interested any more.
                let _ = rustix::io::write(&line, &told(status).to_le_bytes());
            }
        }
    }

    /// Sends a signal to a process that was asked for, and to its group.
    pub(super) fn signal(&self, pid: u32, signal: i32) -> Result<(), Errno> {
        let known = self.living.get_key_value(&pid.cast_signed()).ok_or(Errno::SRCH)?;
        let pid = Pid::from_raw(*known.0).ok_or(Errno::SRCH)?;
        let signal = Signal::from_named_raw(signal).ok_or(Errno::INVAL)?;
        if self.stopped.is_some() && signal == Signal::CONT {
            // It goes on with all the others.
            return Ok(());
        }
        let group = rustix::process::kill_process_group(pid, signal);
        // Between its start and its own session it is in nobody's group.
        group.or_else(|_| rustix::process::kill_process(pid, signal))
    }

    /// Stops everything but this process. The kernel stops all at once, and a stopped process starts no other.
    pub(super) fn freeze(&mut self) {
        if self.stopped.is_none() {
            let processes = Scope::Namespace.processes();
            let is_stopped = |pid: &Pid| state_of(*pid) == Some('T');
            let stopped = processes.iter().map(|process| process.pid).filter(is_stopped);
            self.stopped = Some(stopped.map(|pid| pid.as_raw_nonzero().get()).collect());
            sys::signal_all_others(libc::SIGSTOP);
        }
    }

    /// Whether everything is stopped.
    pub(super) fn is_frozen(&self) -> bool {
        self.stopped.is_some()
    }

    /// Lets everything go on that went on before. Children come first: a shell is not to see its job stopped.
    pub(super) fn thaw(&mut self) {
        let Some(stopped) = self.stopped.take() else { return };
        let mut processes = Scope::Namespace.processes();
        processes.reverse();
        for process in processes.iter().filter(|it| !stopped.contains(&it.pid.as_raw_nonzero().get())) {
            let _ = rustix::process::kill_process(process.pid, Signal::CONT);
        }
    }
}

/// The variables of `base`, with those of `own` over them.
fn over(base: &[Raw], own: Vec<Raw>) -> Vec<Raw> {
    let name = |raw: &Raw| raw.bytes().split(|byte| *byte == b'=').next().map(<[u8]>::to_vec);
    let names: BTreeSet<_> = own.iter().map(name).collect();
    base.iter().filter(|raw| !names.contains(&name(raw))).cloned().chain(own).collect()
}

fn become_process(command: &Command, caps: &Caps, streams: [OwnedFd; 3], is_terminal: bool) -> ! {
    let [stdin, stdout, stderr] = streams;
    let placed = sys::put_in_place(&stdout, 1).and_then(|()| sys::put_in_place(&stderr, 2));
    let placed = placed.and_then(|()| {
        if is_terminal {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(&stdin)?;
        }
        Ok(())
    });
    if placed.is_err() {
        sys::exit_now(126);
    }
    drop((stdout, stderr));
    start::become_command(command, caps, stdin)
}

/// Both ends of a pseudo terminal of this size.
fn pseudo_terminal((columns, rows): (u16, u16)) -> Result<(OwnedFd, OwnedFd), Errno> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let slave = ioctl_tiocgptpeer(&master, flags)?;
    tcsetwinsize(&master, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })?;
    Ok((master, slave))
}

fn told(status: WaitStatus) -> i32 {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => SIGNAL_BASE + signal,
        (None, None) => SIGNAL_BASE + libc::SIGKILL,
    }
}

/// What all processes use, those that ended included.
pub(super) fn used() -> Used {
    let processes = Scope::Namespace.processes();
    let ended = sys::children_cpu_ms();
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    let ticks: u64 = processes.iter().map(|it| it.ticks).sum();
    let disk = statvfs(Path::new("/tmp")).map_or(0, |it| (it.f_blocks - it.f_bfree) * it.f_frsize);
    Used {
        cpu_ms: ended + ticks * 1000 / per_second,
        memory_bytes: processes.iter().map(|it| proportional(it.pid).unwrap_or(it.resident)).sum(),
        disk_bytes: disk,
        processes: u32::try_from(processes.len()).unwrap_or(u32::MAX),
    }
}

fn errno(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}
