/* System calls that open more of the kernel than tests of a program need. All are harmless where they work:
   run them in namespaces that nobody else is in. */
#include "attempt.h"
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/time.h>
#include <sys/timex.h>

static long mount_tmpfs(void) { return mount("none", "/tmp", "tmpfs", 0, ""); }
static long mount_proc(void) { return mount("proc", "/tmp", "proc", 0, ""); }
static long mount_bind(void) { return mount("/usr", "/tmp", 0, MS_BIND, 0); }
static long mount_writable(void) { return mount(0, "/", 0, MS_REMOUNT | MS_BIND, 0); }
static long mount_overlay(void) {
    mkdir("/tmp/upper", 0700), mkdir("/tmp/work", 0700);
    return mount("none", "/tmp", "overlay", 0, "lowerdir=/usr,upperdir=/tmp/upper,workdir=/tmp/work,userxattr");
}
static long unmount_proc(void) { return umount2("/proc", MNT_DETACH); }
static long change_root(void) { return chroot("/tmp"); }
static long turn_root(void) { return syscall(SYS_pivot_root, "/tmp", "/tmp"); }
static long open_filesystem(void) { return syscall(SYS_fsopen, "tmpfs", 0); }
static long pick_filesystem(void) { return syscall(SYS_fspick, AT_FDCWD, "/", 0); }
static long clone_tree(void) { return syscall(SYS_open_tree, AT_FDCWD, "/usr", 1 /* OPEN_TREE_CLONE */); }
static long change_mount(void) {
    uint64_t attributes[4] = {0, 1 /* clear MOUNT_ATTR_RDONLY */, 0, 0};
    return syscall(SYS_mount_setattr, AT_FDCWD, "/", 0x8000 /* AT_RECURSIVE */, attributes, sizeof attributes);
}
static long move_mounts(void) { return syscall(SYS_move_mount, AT_FDCWD, "/proc", AT_FDCWD, "/tmp", 0); }

static long new_user(void) { return unshare(CLONE_NEWUSER); }
static long new_mounts(void) { return unshare(CLONE_NEWNS); }
static long new_network(void) { return unshare(CLONE_NEWNET); }
static long new_processes(void) { return unshare(CLONE_NEWPID); }
static long new_ipc(void) { return unshare(CLONE_NEWIPC); }
static long new_names(void) { return unshare(CLONE_NEWUTS); }
static long new_groups(void) { return unshare(CLONE_NEWCGROUP); }
static long new_times(void) { return unshare(0x80 /* CLONE_NEWTIME */); }
static long clone_user(void) {
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    return child;
}
static long clone3_user(void) {
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0) _exit(0);
    return child;
}
static long enter_own(void) {
    int space = open("/proc/self/ns/net", O_RDONLY);
    return space < 0 ? -1 : setns(space, 0);
}
static long enter_first(void) {
    int space = open("/proc/1/ns/mnt", O_RDONLY);
    return space < 0 ? -1 : setns(space, 0);
}

static long add_key(void) { return syscall(SYS_add_key, "user", "bodkin", "x", 1, KEY_SPEC_PROCESS_KEYRING); }
static long ask_key(void) { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1); }
static long request_key(void) {
    long found = syscall(SYS_request_key, "user", "bodkin-none", 0, 0);
    return found < 0 && errno == ENOKEY ? 0 : found;
}
static long load_bpf(void) {
    union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
}
static long count_events(void) {
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .exclude_kernel = 1};
    return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}
static long fault_user(void) { return syscall(SYS_userfaultfd, O_CLOEXEC); }
static long fault_kernel(void) { return syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */); }
static long ring(void) {
    struct io_uring_params parameters = {0};
    return syscall(SYS_io_uring_setup, 4, &parameters);
}
static long ring_enter(void) { return syscall(SYS_io_uring_enter, -1, 0, 0, 0, 0, 0); }
static long ring_register(void) { return syscall(SYS_io_uring_register, -1, 0, 0, 0); }
static long open_handle(void) {
    /* The host's root folder by its inode, as in the "shocker" program; where the file system knows such. */
    union {
        struct file_handle head;
        char space[sizeof(struct file_handle) + 8];
    } handle = {.head = {.handle_bytes = 8, .handle_type = 1}};
    uint32_t inode[2] = {2, 0};
    memcpy(handle.head.f_handle, inode, 8);
    int mounted = open(".", O_RDONLY);
    return open_by_handle_at(mounted, &handle.head, O_RDONLY);
}
static long next_kernel(void) { return syscall(SYS_kexec_load, 0, 0, 0, ~0UL); }
static long next_kernel_file(void) { return syscall(SYS_kexec_file_load, -1, -1, 0, 0, 0); }
static long load_module(void) { return syscall(SYS_init_module, "", 0, ""); }
static long load_module_file(void) { return syscall(SYS_finit_module, -1, "", 0); }
static long unload_module(void) { return syscall(SYS_delete_module, "bodkin_none", O_NONBLOCK); }
/* Without its magic numbers nothing starts anew; privilege is asked first. */
static long restart(void) { return syscall(SYS_reboot, 0, 0, LINUX_REBOOT_CMD_CAD_OFF, 0); }
static long swap_on(void) { return swapon("/proc/none", 0); }
static long swap_off(void) { return swapoff("/proc/none"); }
static long account(void) { return acct("/proc/none"); }
static long quota(void) { return quotactl(QCMD(Q_SETINFO, 0), "/dev/none", 0, 0); }
static long ports(void) { return syscall(SYS_iopl, 3); }
static long port(void) { return syscall(SYS_ioperm, 0x378, 1, 1); }
static long kernel_log(void) {
    char buffer[64];
    return syscall(SYS_syslog, 3, buffer, sizeof buffer);
}
static long hang_up(void) {
    /* A session without a terminal hangs nothing up. */
    setsid();
    return syscall(SYS_vhangup);
}
/* What they set is what is set already. */
static long set_day(void) {
    struct timezone zone;
    return gettimeofday(0, &zone) < 0 ? -1 : settimeofday(0, &zone);
}
static long adjust_clock(void) {
    struct timex change = {0};
    if (adjtimex(&change) < 0) return -1;
    change.modes = ADJ_FREQUENCY;
    return adjtimex(&change);
}
static long name_host(void) { return sethostname("evil", 4); }
static long name_domain(void) { return setdomainname("evil", 4); }
static long watch_all_files(void) { return syscall(SYS_fanotify_init, 0, 0); }
static long make_character(void) {
    unlink("made-character");
    return mknod("made-character", S_IFCHR | 0600, (1 << 8) | 3);
}
static long make_block(void) {
    unlink("made-block");
    return mknod("made-block", S_IFBLK | 0600, 8 << 8);
}

static long real_time(void) {
    struct sched_param parameter = {.sched_priority = 50};
    return sched_setscheduler(0, SCHED_FIFO, &parameter);
}
static long be_first(void) { return setpriority(PRIO_PROCESS, 0, -20); }
static long disk_first(void) { return syscall(SYS_ioprio_set, 1, 0, 1 << 13); }
static long raise_limits(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_max += 1, limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit);
}
static long raise_files(void) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    struct rlimit now;
    getrlimit(RLIMIT_FSIZE, &now);
    if (now.rlim_max == RLIM_INFINITY) return 0;
    return setrlimit(RLIMIT_FSIZE, &limit);
}
static long be_root(void) { return setresuid(0, 0, 0); }
static long be_other(void) { return setresuid(12345, 12345, 12345); }
static long join_group(void) {
    gid_t group = 0;
    return syscall(SYS_setgroups, 1, &group);
}
static long raise_ambient(void) { return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21 /* CAP_SYS_ADMIN */, 0, 0); }
static long all_capabilities(void) {
    uint32_t head[2] = {0x20080522, 0}, sets[6] = {~0u, ~0u, 0, 0x1ff, 0x1ff, 0};
    return syscall(SYS_capset, head, sets);
}
static long seize_first(void) { return ptrace(PTRACE_SEIZE, 1, 0, 0); }

static long packets(void) { return socket(AF_PACKET, SOCK_RAW, 0x0300); }
static long raw_ping(void) { return socket(AF_INET, SOCK_RAW, 1); }
static long machine_sockets(void) { return socket(40 /* AF_VSOCK */, SOCK_STREAM, 0); }
static long cipher_sockets(void) { return socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0); }
static long key_sockets(void) { return socket(15 /* AF_KEY */, SOCK_RAW, 2); }
static long express_sockets(void) { return socket(44 /* AF_XDP */, SOCK_RAW, 0); }

static long old_numbers(void) { return syscall(0x40000000 | 39); }
static long old_gate(void) {
    long answer = 20; /* getpid of i386 */
    __asm__ volatile("int $0x80" : "+a"(answer) : : "memory", "r8", "r9", "r10", "r11");
    if (answer < 0) errno = (int)-answer;
    return answer < 0 ? -1 : 0;
}

static const struct attempt all[] = {
    {"unshare user", new_user},
    {"unshare mounts", new_mounts},
    {"unshare network", new_network},
    {"unshare processes", new_processes},
    {"unshare ipc", new_ipc},
    {"unshare names", new_names},
    {"unshare groups", new_groups},
    {"unshare times", new_times},
    {"clone user", clone_user},
    {"clone3 user", clone3_user},
    {"setns own network", enter_own},
    {"setns mounts of process 1", enter_first},
    {"add_key", add_key},
    {"keyctl", ask_key},
    {"request_key", request_key},
    {"bpf", load_bpf},
    {"perf_event_open", count_events},
    {"userfaultfd", fault_user},
    {"userfaultfd user mode", fault_kernel},
    {"io_uring_setup", ring},
    {"io_uring_enter", ring_enter},
    {"io_uring_register", ring_register},
    {"open_by_handle_at", open_handle},
    {"kexec_load", next_kernel},
    {"kexec_file_load", next_kernel_file},
    {"init_module", load_module},
    {"finit_module", load_module_file},
    {"delete_module", unload_module},
    {"reboot", restart},
    {"swapon", swap_on},
    {"swapoff", swap_off},
    {"acct", account},
    {"quotactl", quota},
    {"iopl", ports},
    {"ioperm", port},
    {"syslog", kernel_log},
    {"vhangup", hang_up},
    {"settimeofday", set_day},
    {"adjtimex", adjust_clock},
    {"sethostname", name_host},
    {"setdomainname", name_domain},
    {"fanotify_init", watch_all_files},
    {"mknod character", make_character},
    {"mknod block", make_block},
    {"real-time scheduling", real_time},
    {"priority -20", be_first},
    {"real-time disk priority", disk_first},
    {"raise the limit on open files", raise_limits},
    {"raise the limit on file sizes", raise_files},
    {"become root", be_root},
    {"become another user", be_other},
    {"join group 0", join_group},
    {"raise ambient capability", raise_ambient},
    {"take all capabilities", all_capabilities},
    {"ptrace process 1", seize_first},
    {"AF_PACKET", packets},
    {"raw ICMP", raw_ping},
    {"AF_VSOCK", machine_sockets},
    {"AF_ALG", cipher_sockets},
    {"AF_KEY", key_sockets},
    {"AF_XDP", express_sockets},
    {"x32 call", old_numbers},
    {"i386 call", old_gate},
    /* These change what the others find. */
    {"fsopen", open_filesystem},
    {"fspick", pick_filesystem},
    {"open_tree clone", clone_tree},
    {"chroot", change_root},
    {"remount root writable", mount_writable},
    {"mount_setattr", change_mount},
    {"mount overlay", mount_overlay},
    {"mount bind", mount_bind},
    {"move_mount", move_mounts},
    {"mount tmpfs", mount_tmpfs},
    {"mount proc", mount_proc},
    {"umount /proc", unmount_proc},
    {"pivot_root", turn_root},
};

int calls(int count, char **arguments) {
    (void)count, (void)arguments;
    EACH(all);
    return 0;
}
