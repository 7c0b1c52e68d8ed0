//! The system calls that no safe wrapper covers, each behind a safe function.
//!
//! Only for the helper, which is single-threaded from its first instruction.
#![expect(unsafe_code, reason = "raw system calls; each block says why it is sound")]

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::process::Pid;
use rustix::thread::UnshareFlags;

/// Which side of a fork this is.
pub(super) enum Fork {
    /// The new process.
    Child,
    /// The old one, and the new one's id.
    Parent(Pid),
}

/// Splits the process in two.
pub(super) fn fork() -> io::Result<Fork> {
    // SAFETY: the helper has one thread, so the child's copy of the heap and its locks is whole.
    match unsafe { libc::fork() } {
        0 => Ok(Fork::Child),
        id => Pid::from_raw(id).filter(|_| id > 0).map(Fork::Parent).ok_or_else(io::Error::last_os_error),
    }
}

/// Splits the process in two, the new one in namespaces of its own: the first of its kind where `flags`
/// (`CLONE_NEW*`) ask for that.
pub(super) fn fork_into(flags: i32) -> io::Result<Fork> {
    let flags = libc::c_long::from(flags | libc::SIGCHLD);
    // SAFETY: without a stack of its own the child goes on with a copy of ours, as after `fork`; the helper
    // has one thread, so that the copy of the heap and its locks is whole.
    match unsafe { libc::syscall(libc::SYS_clone, flags, 0_usize, 0_usize, 0_usize, 0_usize) } {
        0 => Ok(Fork::Child),
        id => i32::try_from(id)
            .ok()
            .filter(|id| *id > 0)
            .and_then(Pid::from_raw)
            .map(Fork::Parent)
            .ok_or_else(io::Error::last_os_error),
    }
}

/// Splits the process in two, with a handle to the new one, which is the parent's.
pub(super) fn fork_with_handle() -> io::Result<(Fork, Option<OwnedFd>)> {
    let flags = libc::c_long::from(libc::CLONE_PIDFD | libc::SIGCHLD);
    let mut handle: libc::c_int = -1;
    // SAFETY: as above; the handle outlives the call, which writes to the parent's copy of it.
    match unsafe { libc::syscall(libc::SYS_clone, flags, 0_usize, &raw mut handle, 0_usize, 0_usize) } {
        0 => Ok((Fork::Child, None)),
        id => {
            let id = i32::try_from(id).ok().filter(|id| *id > 0).and_then(Pid::from_raw);
            let id = id.ok_or_else(io::Error::last_os_error)?;
            // SAFETY: the kernel made it for us alone.
            Ok((Fork::Parent(id), (handle >= 0).then(|| unsafe { OwnedFd::from_raw_fd(handle) })))
        }
    }
}

/// Children that end leave nothing to be reaped.
pub(super) fn leave_children_to_the_kernel() {
    // SAFETY: a valid disposition.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
}

/// Children that end wait to be reaped, as is usual.
pub(super) fn care_for_children() {
    // SAFETY: a valid disposition.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Enters a new user namespace.
pub(super) fn unshare_user() -> io::Result<()> {
    // SAFETY: no descriptor table is unshared and no other thread exists.
    Ok(unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWUSER) }?)
}

/// The version of Landlock's interface that this kernel offers; 0: none.
pub(crate) fn landlock_interface() -> u32 {
    let (none, version) = (std::ptr::null::<libc::c_void>(), 1_u32);
    // SAFETY: with this flag the call reads nothing and makes nothing.
    let answer = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, 0_usize, version) };
    u32::try_from(answer).unwrap_or(0)
}

/// Adds attributes (`MOUNT_ATTR_*`) to a mount, and to all below it if `deep`.
pub(super) fn add_mount_attributes(mount: BorrowedFd<'_>, attributes: u64, deep: bool) -> io::Result<()> {
    // Detached from the host's: what it mounts later must not turn up inside.
    let change =
        libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: libc::MS_PRIVATE, userns_fd: 0 };
    set_mount_attributes(mount, &change, deep)
}

/// Shows the files of a detached mount as those of other users: as the user namespace `users` names them.
pub(super) fn map_owners(mount: BorrowedFd<'_>, users: BorrowedFd<'_>) -> io::Result<()> {
    let users = u64::try_from(users.as_raw_fd()).map_err(io::Error::other)?;
    let change =
        libc::mount_attr { attr_set: libc::MOUNT_ATTR_IDMAP, attr_clr: 0, propagation: 0, userns_fd: users };
    set_mount_attributes(mount, &change, false)
}

fn set_mount_attributes(mount: BorrowedFd<'_>, change: &libc::mount_attr, deep: bool) -> io::Result<()> {
    let flags = libc::AT_EMPTY_PATH | if deep { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is a NUL-terminated literal, the struct outlives the call and its size is given.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            std::ptr::from_ref(change),
            size_of::<libc::mount_attr>(),
        )
    };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Becomes another program; returns only on failure.
pub(super) fn exec(program: &CStr, argv: &[CString], env: &[CString]) -> io::Error {
    let pointers = |texts: &[CString]| -> Vec<*const libc::c_char> {
        texts.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (argv, env) = (pointers(argv), pointers(env));
    // SAFETY: both arrays are NULL-terminated and point to strings that outlive the call.
    unsafe { libc::execve(program.as_ptr(), argv.as_ptr(), env.as_ptr()) };
    io::Error::last_os_error()
}

/// Brings up the loopback interface of this network namespace.
pub(super) fn loopback_up() -> io::Result<()> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    // SAFETY: all-zero is a valid `ifreq`.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(c"lo".to_bytes()) {
        *to = from.cast_signed();
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the request is a whole `ifreq`, which is what this call reads.
    let answer = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A descriptor that is readable when a child has changed state, in place of the signal.
pub(super) fn child_signals() -> io::Result<OwnedFd> {
    // SAFETY: the set is initialised by `sigemptyset` before use and outlives the calls;
    // the descriptor that comes back is ours alone.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        if libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
        match libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) {
            -1 => Err(io::Error::last_os_error()),
            fd => Ok(OwnedFd::from_raw_fd(fd)),
        }
    }
}

/// Gives a command the signals that it expects: none blocked, a broken pipe not ignored.
pub(super) fn default_signals() {
    // SAFETY: the set is initialised before use; SIG_DFL is a valid disposition for SIGPIPE.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const set, std::ptr::null_mut());
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
}

/// Closes every descriptor above standard error.
pub(super) fn close_the_rest() {
    // SAFETY: called where no owned descriptor above 2 is used again.
    let answer = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
    if answer != 0 {
        for fd in 3..65_536 {
            // SAFETY: as above; closing what is not open is harmless.
            unsafe { libc::close(fd) };
        }
    }
}

/// Puts `from` in the place of the standard descriptor `to` (0, 1 or 2), to be kept across exec.
pub(super) fn put_in_place(from: impl AsFd, to: i32) -> io::Result<()> {
    // SAFETY: `to` is a standard descriptor, which no `OwnedFd` of this program owns.
    let answer = unsafe { libc::dup2(from.as_fd().as_raw_fd(), to) };
    if answer == to { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Makes the descriptor that `old` owns refer to what `new` refers to.
pub(super) fn put_in_place_of(old: impl AsFd, new: impl AsFd) -> io::Result<()> {
    // SAFETY: `old` goes on owning the same number, which stays open.
    let answer = unsafe { libc::dup3(new.as_fd().as_raw_fd(), old.as_fd().as_raw_fd(), libc::O_CLOEXEC) };
    if answer == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Takes the standard descriptor `fd` (0, 1 or 2) as our own, out of the reach of exec.
pub(super) fn take_standard(fd: i32) -> io::Result<OwnedFd> {
    // SAFETY: the duplicate is new and ours alone.
    match unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3) } {
        -1 => Err(io::Error::last_os_error()),
        copy => Ok(unsafe { OwnedFd::from_raw_fd(copy) }),
    }
}

/// Kills every process of this process's PID namespace but itself (which must be its first).
pub(super) fn kill_all_others() {
    signal_all_others(libc::SIGKILL);
}

/// Sends a signal to every process of this process's PID namespace but itself (which must be its first).
pub(super) fn signal_all_others(signal: i32) {
    // SAFETY: plain system call.
    unsafe { libc::kill(-1, signal) };
}

/// CPU time of all children that were waited for, and of theirs; milliseconds.
pub(super) fn children_cpu_ms() -> u64 {
    // SAFETY: all-zero is a valid `rusage`, which the call fills.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage
    };
    let ms = |time: libc::timeval| time.tv_sec.cast_unsigned() * 1000 + time.tv_usec.cast_unsigned() / 1000;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

/// Ends at once, without unwinding and without what the standard library does at exit.
pub(super) fn exit_now(code: i32) -> ! {
    // SAFETY: does not return.
    unsafe { libc::_exit(code) }
}
