//! The filter on system calls: what no build, test or tool needs, and what attacks on the kernel begin with.
//!
//! Refused calls fail with EPERM; `clone3`, whose flags can not be seen, and calls newer than this list fail with
//! ENOSYS, so that programs fall back; calls of another architecture kill the process. The filter is laid on the
//! sandbox's first process and inherited by all others; nothing can take it off.
//! Knows numbers and flags only: what a pointer points to can not be judged here.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};

/// How much the filter has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// Namespaces stand around the command: the network inside is its own.
    Namespaced,
    /// Nothing else keeps the command off the network: no socket but pairs.
    Reduced {
        /// Whether Landlock leaves `truncate` by path alone (before its ABI 3).
        truncates: bool,
    },
}

/// Calls refused whatever their arguments.
const REFUSED: [i64; 53] = [
    // Other processes' memory, registers and descriptors.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_process_madvise,
    libc::SYS_move_pages,
    libc::SYS_migrate_pages,
    // Large pieces of the kernel that are seldom needed and often broken.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_lookup_dcookie,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    // Keys, which know no namespaces.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // Mounts and roots.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_mount_setattr,
    OPEN_TREE_ATTR,
    libc::SYS_setns,
    // Files by number, past every folder on the way.
    libc::SYS_open_by_handle_at,
    // The machine.
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_nfsservctl,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
];

/// Calls that only this architecture has.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: [i64; 7] = [
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
    libc::SYS_ustat,
    libc::SYS_sysfs,
    libc::SYS__sysctl,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: [i64; 0] = [];

/// Not yet named by the C library; the same on every architecture, as all numbers from 424 on.
const OPEN_TREE_ATTR: i64 = 467;

/// The newest call that this list was written with (`file_setattr`, Linux 6.17).
const NEWEST: u32 = 469;

/// Numbers from here on are those of the x32 interface.
const X32: u32 = 0x4000_0000;

/// Flags of `unshare` and `clone` that make namespaces.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// The one of `unshare` alone; in `clone` the bit belongs to the signal.
const NEW_TIME: i32 = 0x80;

/// What types into a terminal, pastes into a console, and loads line disciplines.
const TERMINAL_TRICKS: [u64; 4] = [libc::TIOCSTI, libc::TIOCLINUX, libc::TIOCSETD, libc::TIOCCONS];

/// Families of sockets that work within the sandbox's own network.
const FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Personalities that programs ask for: the usual one, the question, and one without random addresses.
const PERSONALITIES: [u64; 3] = [0, 0xffff_ffff, 0x0004_0000];

/// Lays the filter on this process, for good and for all that it starts.
pub(super) fn lay(filter: Filter) -> io::Result<()> {
    let program = program(filter)?;
    seccompiler::apply_filter(&program).map_err(|error| match error {
        Error::Prctl(error) | Error::Seccomp(error) => error,
        Error::Backend(_) | Error::EmptyFilter | Error::ThreadSync(_) => io::Error::other(error.to_string()),
    })
}

fn program(filter: Filter) -> io::Result<BpfProgram> {
    let arch = std::env::consts::ARCH.try_into();
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let body: BpfProgram = rules(filter)
        .and_then(|rules| SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch?))
        .and_then(TryInto::try_into)
        .map_err(|error| io::Error::other(error.to_string()))?;
    Ok(head().into_iter().chain(body).collect())
}

/// What the filter's maker can not express: bounds on the number itself, and a second error.
fn head() -> [sock_filter; 5] {
    // Classic BPF: load a word, jump if at least / equal / above, return.
    let (load, at_least, equal, above, answer) = (0x20, 0x35, 0x15, 0x25, 0x06);
    let step = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    let unknown = 0x0005_0000 | libc::ENOSYS.cast_unsigned();
    let clone3 = u32::try_from(libc::SYS_clone3).unwrap_or(NEWEST);
    [
        step(load, 0, 0, 0),
        step(at_least, 2, 0, X32),
        step(equal, 1, 0, clone3),
        step(above, 0, 1, NEWEST),
        step(answer, 0, 0, unknown),
    ]
}

fn rules(filter: Filter) -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for (call, tests) in some_arguments().into_iter().chain(between_pairs(filter)) {
        let tests = tests.into_iter().map(Test::into_condition).collect::<Result<_, _>>()?;
        rules.entry(call).or_default().push(SeccompRule::new(tests)?);
    }
    // No rule at all is one that always holds.
    let always = REFUSED.iter().chain(&REFUSED_HERE).copied().chain(network(filter));
    rules.extend(always.map(|call| (call, Vec::new())));
    Ok(rules)
}

/// Calls refused with some arguments only; all tests of one line must hold.
fn some_arguments() -> Vec<(i64, Vec<Test>)> {
    let namespaces = NAMESPACES
        .iter()
        .flat_map(|flag| [libc::SYS_unshare, libc::SYS_clone].map(|call| (call, vec![Test::has(0, *flag)])));
    let tricks = TERMINAL_TRICKS.iter().map(|trick| (libc::SYS_ioctl, vec![Test::is(1, *trick)]));
    let mut all: Vec<_> = namespaces.chain(tricks).collect();
    let route = number(libc::NETLINK_ROUTE);
    all.extend([
        (libc::SYS_unshare, vec![Test::has(0, NEW_TIME)]),
        (libc::SYS_socket, FAMILIES.iter().map(|family| Test::is_not(0, number(*family))).collect()),
        // Of the kernel's own families only the list of interfaces, which look-ups of names ask for.
        (libc::SYS_socket, vec![Test::is(0, number(libc::AF_NETLINK)), Test::is_not(2, route)]),
        (libc::SYS_socketpair, vec![Test::is_not(0, number(libc::AF_UNIX))]),
        (libc::SYS_personality, PERSONALITIES.iter().map(|it| Test::is_not(0, *it)).collect()),
    ]);
    all
}

/// What keeps a command off the network and off the host's sockets where no namespace does. Connected pairs
/// stay, as many programs talk to their children over them.
fn network(filter: Filter) -> Vec<i64> {
    let Filter::Reduced { truncates } = filter else { return Vec::new() };
    let calls = [
        libc::SYS_socket,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
    ];
    calls.into_iter().chain(truncates.then_some(libc::SYS_truncate)).collect()
}

/// A pair whose messages carry addresses would reach others than its own end.
fn between_pairs(filter: Filter) -> Vec<(i64, Vec<Test>)> {
    let datagram = Test { mask: Some(0xf), ..Test::is(1, number(libc::SOCK_DGRAM)) };
    match filter {
        Filter::Namespaced => Vec::new(),
        Filter::Reduced { .. } => vec![
            (libc::SYS_socketpair, vec![datagram]),
            (libc::SYS_sendto, vec![Test { wide: true, ..Test::is_not(4, 0) }]),
        ],
    }
}

fn number(int: i32) -> u64 {
    int.cast_unsigned().into()
}

/// One question about one argument.
#[derive(Debug)]
struct Test {
    argument: u8,
    equal: bool,
    mask: Option<u64>,
    value: u64,
    /// All 64 bits; else the lower 32, which is all that the kernel reads of an int.
    wide: bool,
}

impl Test {
    fn is(argument: u8, value: u64) -> Self {
        Self { argument, equal: true, mask: None, value, wide: false }
    }

    fn is_not(argument: u8, value: u64) -> Self {
        Self { equal: false, ..Self::is(argument, value) }
    }

    fn has(argument: u8, flag: i32) -> Self {
        Self { mask: Some(number(flag)), ..Self::is(argument, number(flag)) }
    }

    fn into_condition(self) -> Result<SeccompCondition, seccompiler::BackendError> {
        let length = if self.wide { SeccompCmpArgLen::Qword } else { SeccompCmpArgLen::Dword };
        let operator = match self.mask {
            Some(mask) => SeccompCmpOp::MaskedEq(mask),
            None if self.equal => SeccompCmpOp::Eq,
            None => SeccompCmpOp::Ne,
        };
        SeccompCondition::new(self.argument, length, operator, self.value)
    }
}
