//! The filter on system calls: what no build, test or tool needs, and what attacks on the kernel begin with.
//!
//! Refused calls fail with EPERM; `clone3`, whose flags can not be seen, and calls newer than this list fail with
//! ENOSYS, so that programs fall back; calls of another architecture kill the process. The filter is laid on the
//! sandbox's first process and inherited by all others; nothing can take it off.
//! Knows numbers and flags only: what a pointer points to can not be judged here.

mod program;

use std::collections::BTreeMap;
use std::io;

use seccompiler::{BpfProgram, Error};

use program::{Test, Verdict};

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
const REFUSED: [i64; 54] = [
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
    libc::SYS_ioprio_set,
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

/// Numbers from here on are those of the x32 interface: larger than the newest, so unknown like them.
#[cfg(test)]
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
const NEW_TIME: u32 = 0x80;

/// What types into a terminal (TIOCSTI), pastes into a console (TIOCLINUX), takes the console's output
/// (TIOCCONS) and loads line disciplines (TIOCSETD).
const TERMINAL_TRICKS: [u32; 4] = [0x5412, 0x541c, 0x541d, 0x5423];

const UNIX: u32 = libc::AF_UNIX.cast_unsigned();
const NETLINK: u32 = libc::AF_NETLINK.cast_unsigned();

/// Families of sockets that work within the sandbox's own network.
const FAMILIES: [u32; 4] = [UNIX, libc::AF_INET.cast_unsigned(), libc::AF_INET6.cast_unsigned(), NETLINK];

/// Personalities that programs ask for: the usual one, the question, and one without random addresses.
const PERSONALITIES: [u32; 3] = [0, 0xffff_ffff, 0x0004_0000];

/// Lays the filter on this process, for good and for all that it starts.
pub(super) fn lay(filter: Filter) -> io::Result<()> {
    let program = program(filter)?;
    seccompiler::apply_filter(&program).map_err(|error| match error {
        Error::Prctl(error) | Error::Seccomp(error) => error,
        Error::Backend(_) | Error::EmptyFilter | Error::ThreadSync(_) => io::Error::other(error.to_string()),
    })
}

fn program(filter: Filter) -> io::Result<BpfProgram> {
    program::of(&judged(filter), NEWEST)
}

/// What becomes of each call that is not simply allowed.
fn judged(filter: Filter) -> BTreeMap<u32, Verdict> {
    let mut lines: BTreeMap<i64, Vec<Vec<Test>>> = BTreeMap::new();
    for (call, tests) in some_arguments().into_iter().chain(between_pairs(filter)) {
        lines.entry(call).or_default().push(tests);
    }
    let always = REFUSED.iter().chain(&REFUSED_HERE).copied().chain(network(filter));
    let number = |call: i64| u32::try_from(call).unwrap_or(NEWEST);
    let mut all: BTreeMap<u32, Verdict> =
        lines.into_iter().map(|(call, lines)| (number(call), Verdict::If(lines))).collect();
    all.extend(always.map(|call| (number(call), Verdict::Refuse)));
    all.insert(number(libc::SYS_clone3), Verdict::Unknown);
    all
}

/// Calls refused with some arguments only; all tests of one line must hold.
fn some_arguments() -> Vec<(i64, Vec<Test>)> {
    let has = |flag: u32| Test::Masked(0, flag, flag);
    let namespaces = NAMESPACES.iter().flat_map(|flag| {
        [libc::SYS_unshare, libc::SYS_clone].map(|call| (call, vec![has(flag.cast_unsigned())]))
    });
    let tricks = TERMINAL_TRICKS.iter().map(|trick| (libc::SYS_ioctl, vec![Test::Is(1, *trick)]));
    let mut all: Vec<_> = namespaces.chain(tricks).collect();
    let not_any =
        |argument: u32, values: &[u32]| values.iter().map(|it| Test::IsNot(argument, *it)).collect();
    let nodes = [libc::S_IFCHR, libc::S_IFBLK].map(|kind| Test::Masked(1, libc::S_IFMT, kind));
    let nodes_at = [libc::S_IFCHR, libc::S_IFBLK].map(|kind| Test::Masked(2, libc::S_IFMT, kind));
    all.extend(nodes_at.map(|test| (libc::SYS_mknodat, vec![test])));
    #[cfg(target_arch = "x86_64")]
    all.extend(nodes.map(|test| (libc::SYS_mknod, vec![test])));
    #[cfg(not(target_arch = "x86_64"))]
    let _ = nodes;
    all.extend([
        (libc::SYS_unshare, vec![has(NEW_TIME)]),
        (libc::SYS_socket, not_any(0, &FAMILIES)),
        // Of the kernel's own families only the list of interfaces, which look-ups of names ask for.
        (libc::SYS_socket, vec![Test::Is(0, NETLINK), Test::IsNot(2, 0)]),
        (libc::SYS_socketpair, vec![Test::IsNot(0, UNIX)]),
        (libc::SYS_personality, not_any(0, &PERSONALITIES)),
        // Other processes' limits may be read, not set: the first process's are the sandbox's.
        (libc::SYS_prlimit64, vec![Test::IsNot(0, 0), Test::IsNotZero(2)]),
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
    match filter {
        Filter::Namespaced => Vec::new(),
        Filter::Reduced { .. } => vec![
            (libc::SYS_socketpair, vec![Test::Masked(1, 0xf, libc::SOCK_DGRAM.cast_unsigned())]),
            (libc::SYS_sendto, vec![Test::IsNotZero(4)]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use seccompiler::sock_filter;

    use super::program::{
        ALLOW, AUDIT_ARCH, IF_AT_LEAST, IF_EQUAL, KILL, LOAD, MASK, REFUSE, RETURN, UNKNOWN,
    };
    use super::*;

    /// What the program answers: an interpreter of the few steps that it is made of.
    fn run(program: &[sock_filter], arch: u32, number: u32, arguments: [u64; 6]) -> u32 {
        let mut data = [number.to_le_bytes(), arch.to_le_bytes(), [0; 4], [0; 4]].concat();
        data.extend(arguments.iter().flat_map(|it| it.to_le_bytes()));
        let (mut at, mut loaded) = (0, 0_u32);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            let is = match code {
                LOAD => {
                    loaded = u32::from_le_bytes(data[k as usize..][..4].try_into().unwrap());
                    continue;
                }
                MASK => {
                    loaded &= k;
                    continue;
                }
                RETURN => return k,
                IF_EQUAL => loaded == k,
                IF_AT_LEAST => loaded >= k,
                other => panic!("{other}"),
            };
            at += usize::from(if is { jt } else { jf });
        }
    }

    const FILTERS: [Filter; 3] =
        [Filter::Namespaced, Filter::Reduced { truncates: false }, Filter::Reduced { truncates: true }];

    #[test]
    fn the_tree_answers_for_every_number_as_the_list_says() {
        for filter in FILTERS {
            let (program, judged) = (program(filter).unwrap(), judged(filter));
            assert!(program.len() < 400, "{}", program.len());
            for number in (0..600).chain([X32, X32 + 39, X32 + 101, u32::MAX]) {
                let expected = match judged.get(&number) {
                    None if number > NEWEST => UNKNOWN,
                    None | Some(Verdict::Allow) => ALLOW,
                    Some(Verdict::Refuse) => REFUSE,
                    Some(Verdict::Unknown) => UNKNOWN,
                    Some(Verdict::If(_)) => continue,
                };
                assert_eq!(run(&program, AUDIT_ARCH, number, [0; 6]), expected, "{filter:?} {number}");
            }
        }
    }

    #[test]
    fn calls_of_another_architecture_kill_whatever_they_are() {
        for filter in FILTERS {
            let program = program(filter).unwrap();
            for number in 0..600 {
                assert_eq!(run(&program, 0x4000_0003, number, [0; 6]), KILL);
            }
        }
    }

    #[track_caller]
    fn check(filter: Filter, call: i64, arguments: [u64; 6], is_refused: bool) {
        let answer = run(&program(filter).unwrap(), AUDIT_ARCH, u32::try_from(call).unwrap(), arguments);
        assert_eq!(answer, if is_refused { REFUSE } else { ALLOW });
    }

    #[test]
    fn flags_that_make_namespaces_are_seen_among_others() {
        let filter = Filter::Namespaced;
        check(filter, libc::SYS_clone, [0x1000_0000 | 17, 0, 0, 0, 0, 0], true);
        check(filter, libc::SYS_clone, [0x003d_0f00, 1, 1, 1, 1, 1], false);
        check(filter, libc::SYS_unshare, [0x80, 0, 0, 0, 0, 0], true);
        check(filter, libc::SYS_unshare, [0x600, 0, 0, 0, 0, 0], false);
    }

    #[test]
    fn a_request_is_seen_whatever_stands_in_its_upper_half() {
        let filter = Filter::Namespaced;
        check(filter, libc::SYS_ioctl, [0, 0xdead_0000_0000_5412, 0, 0, 0, 0], true);
        check(filter, libc::SYS_ioctl, [0, 0x5413, 0, 0, 0, 0], false);
        check(filter, libc::SYS_socket, [0xffff_ffff_0000_0028, 1, 0, 0, 0, 0], true);
    }

    #[test]
    fn only_the_sandboxs_own_families_make_sockets() {
        let filter = Filter::Namespaced;
        for family in 0..64 {
            check(filter, libc::SYS_socket, [family, 1, 0, 0, 0, 0], ![1, 2, 10, 16].contains(&family));
        }
        check(filter, libc::SYS_socket, [16, 3, 4, 0, 0, 0], true);
    }

    #[test]
    fn limits_of_others_are_read_and_not_set() {
        let filter = Filter::Namespaced;
        check(filter, libc::SYS_prlimit64, [1, 7, 0, 0x7fff_0000, 0, 0], false);
        check(filter, libc::SYS_prlimit64, [1, 7, 0x1_0000_0000, 0, 0, 0], true);
        check(filter, libc::SYS_prlimit64, [0, 7, 0x7fff_0000, 0, 0, 0], false);
    }

    #[test]
    fn without_namespaces_only_streams_between_pairs_remain() {
        let filter = Filter::Reduced { truncates: false };
        check(filter, libc::SYS_socketpair, [1, 1 | 0x80000, 0, 0, 0, 0], false);
        check(filter, libc::SYS_socketpair, [1, 2 | 0x80000, 0, 0, 0, 0], true);
        check(filter, libc::SYS_sendto, [3, 1, 1, 0, 0x7fff_0000_0000, 16], true);
        check(filter, libc::SYS_sendto, [3, 1, 1, 0, 0, 0], false);
        check(filter, libc::SYS_truncate, [0; 6], false);
        check(Filter::Reduced { truncates: true }, libc::SYS_truncate, [0; 6], true);
    }
}
