/* Opens what no test of a program needs: devices, switches of the kernel, secrets of the machine. Reads or writes
   nothing. `unseen`: everything, for reading where that tells secrets, else for writing. */
#include "attempt.h"

static const char *const secrets[] = {
    "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/xvda",
    "/dev/console", "/dev/tty0", "/dev/ttyS0", "/dev/vcs", "/dev/input/event0", "/dev/fb0", "/dev/nvram",
    "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh/ssh_host_rsa_key", "/root", "/var/lib", "/var/log",
    "/var/run/docker.sock", "/run/dbus", "/run/systemd", "/run/user", "/run/lock", "/boot", "/lost+found",
    "/proc/kcore", "/proc/kmsg", "/proc/vmallocinfo", "/proc/kpagecount", "/sys/kernel/debug", "/sys/kernel/tracing/trace",
    "/sys/kernel/security", "/sys/fs/pstore", "/sys/firmware/efi/efivars", "/sys/fs/bpf",
};

static const char *const switches[] = {
    "/dev/kvm", "/dev/fuse", "/dev/net/tun", "/dev/loop-control", "/dev/loop0", "/dev/mapper/control",
    "/dev/vhost-net", "/dev/vhost-vsock", "/dev/uinput", "/dev/uhid", "/dev/rtc0", "/dev/hpet", "/dev/btrfs-control",
    "/dev/cuse", "/dev/vfio/vfio", "/dev/cpu/0/msr", "/dev/userfaultfd", "/dev/ppp",
    "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/sysrq", "/proc/sys/kernel/poweroff_cmd", "/proc/sys/kernel/usermodehelper/bset",
    "/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/printk", "/proc/sys/vm/overcommit_memory",
    "/proc/sys/vm/drop_caches", "/proc/sys/vm/panic_on_oom", "/proc/sys/fs/suid_dumpable",
    "/proc/sys/fs/binfmt_misc/register", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/user/max_user_namespaces",
    "/proc/irq/default_smp_affinity", "/proc/mtrr", "/proc/bus/pci/00/00.0", "/proc/fs/nfsd/threads",
    "/proc/1/oom_score_adj", "/proc/1/coredump_filter", "/proc/1/comm",
    "/sys/power/state", "/sys/kernel/uevent_helper", "/sys/kernel/mm/ksm/run", "/sys/module/kernel/parameters/panic",
    "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/memory/cgroup.procs", "/sys/fs/cgroup/pids/cgroup.procs",
    "/proc/self/attr/current",
};

static void try(const char *path, int how) {
    int file = open(path, how | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    say(path, file);
    if (file >= 0) close(file);
}

int unseen(int count, char **arguments) {
    (void)count, (void)arguments;
    for (size_t at = 0; at < sizeof secrets / sizeof *secrets; at++) {
        try(secrets[at], O_RDONLY);
    }
    for (size_t at = 0; at < sizeof switches / sizeof *switches; at++) {
        try(switches[at], O_WRONLY);
    }
    return 0;
}
