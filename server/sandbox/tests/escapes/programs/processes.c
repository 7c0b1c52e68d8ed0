/* Reaching other processes, and outliving one's own end. */
#include "attempt.h"
#include <dirent.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>

static pid_t target;

static long end_it(void) { return kill(target, SIGKILL); }
static long open_it(void) { return syscall(SYS_pidfd_open, target, 0); }
static long trace_it(void) { return ptrace(PTRACE_ATTACH, target, 0, 0); }
static long seize_it(void) { return ptrace(PTRACE_SEIZE, target, 0, 0); }
static long read_it(void) {
    char byte;
    struct iovec own = {&byte, 1}, theirs = {(void *)0x400000, 1};
    long got = process_vm_readv(target, &own, 1, &theirs, 1, 0);
    /* That nothing is mapped there was only found out by looking. */
    return got < 0 && errno == EFAULT ? 0 : got;
}
static long write_it(void) {
    char byte = 0;
    struct iovec own = {&byte, 1}, theirs = {(void *)0x10, 1};
    long put = process_vm_writev(target, &own, 1, &theirs, 1, 0);
    return put < 0 && errno == EFAULT ? 0 : put;
}
static long take_descriptor(void) {
    int handle = (int)syscall(SYS_pidfd_open, target, 0);
    return handle < 0 ? -1 : syscall(SYS_pidfd_getfd, handle, 0, 0);
}
static long compare(void) { return syscall(SYS_kcmp, getpid(), target, 0 /* KCMP_FILE */, 0, 0); }
static long limit_it(void) {
    struct rlimit limit = {64, 64};
    return prlimit(target, RLIMIT_NOFILE, &limit, 0);
}
static long bind_it(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    return sched_setaffinity(target, sizeof set, &set);
}
static long opened(const char *what, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", target, what);
    return open(path, flags | O_NONBLOCK);
}
static long memory(void) { return opened("mem", O_RDWR); }
static long variables(void) { return opened("environ", O_RDONLY); }
static long root(void) { return opened("root/etc", O_RDONLY); }
static long folder(void) { return opened("cwd/.", O_RDONLY); }
static long spaces(void) { return opened("ns/mnt", O_RDONLY); }
static long program(void) { return opened("exe", O_RDONLY); }
static long input(void) { return opened("fd/0", O_RDONLY); }
static long killer_score(void) {
    long file = opened("oom_score_adj", O_WRONLY);
    return file < 0 ? -1 : write((int)file, "1000", 4);
}
static long join_it(void) {
    int handle = (int)syscall(SYS_pidfd_open, target, 0);
    return handle < 0 ? -1 : setns(handle, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID);
}

/* Signals by ways other than `kill`. */
static long by_descriptor(void) {
    int ends[2];
    if (pipe(ends) < 0 || fcntl(ends[0], F_SETOWN, target) < 0 || fcntl(ends[0], F_SETSIG, SIGTERM) < 0) return -1;
    if (fcntl(ends[0], F_SETFL, O_ASYNC) < 0) return -1;
    return write(ends[1], "x", 1);
}
static long by_handle(void) {
    int handle = (int)syscall(SYS_pidfd_open, target, 0);
    return handle < 0 ? -1 : syscall(SYS_pidfd_send_signal, handle, SIGUSR1, 0, 0);
}
static long by_thread(void) { return syscall(SYS_tgkill, target, target, SIGUSR1); }
static long by_queue(void) { return sigqueue(target, SIGUSR1, (union sigval){0}); }
static long last_in_line(void) { return setpriority(PRIO_PROCESS, (id_t)target, 19); }

static const struct attempt all[] = {
    {"process_vm_readv", read_it}, {"process_vm_writev", write_it}, {"ptrace attach", trace_it},
    {"ptrace seize", seize_it},    {"pidfd_getfd", take_descriptor}, {"kcmp", compare},
    {"prlimit", limit_it},         {"memory", memory},              {"variables", variables},
    {"root", root},                {"folder", folder},              {"namespaces", spaces},
    {"program", program},          {"input", input},                {"setns", join_it},
};
/* What one's own process 1 may suffer: it is the sandbox's, and nothing comes of it. */
static const struct attempt of_others[] = {
    {"pidfd_open", open_it},        {"affinity", bind_it},     {"priority", last_in_line},
    {"oom_score_adj", killer_score}, {"tgkill", by_thread},     {"sigqueue", by_queue},
    {"pidfd_send_signal", by_handle}, {"signal by descriptor", by_descriptor}, {"kill", end_it},
};

/* How many processes there are whose command line holds `mark`, this one aside. */
static int seen(const char *mark) {
    int count = 0;
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char path[300], line[4096];
        pid_t pid = atoi(entry->d_name);
        if (pid <= 0 || pid == getpid() || pid == getppid()) continue;
        snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
        int file = open(path, O_RDONLY);
        ssize_t size = file < 0 ? 0 : read(file, line, sizeof line);
        if (file >= 0) close(file);
        count += size > 0 && memmem(line, (size_t)size, mark, strlen(mark)) != 0;
    }
    return count;
}

/* Once forked away from everything, in a session of its own, deaf, its output let go. */
static void leave(const char *mark) {
    if (fork() != 0) return;
    setsid();
    if (fork() != 0) _exit(0);
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    for (int fd = 0; fd < 3; fd++) close(fd);
    execl("/proc/self/exe", "attack", "processes", "stay", mark, (char *)0);
    _exit(1);
}

/* Whether these are the host's processes, which nothing here may be aimed at: `host` is their namespace. */
static int is_host(const char *host) {
    char space[64];
    ssize_t size = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    return size < 0 || (space[size] = 0, strcmp(space, host) == 0);
}

int processes(int count, char **arguments) {
    const char *what = count > 0 ? arguments[0] : "";
    if (strcmp(what, "reach") == 0 && count > 2) {
        target = atoi(arguments[1]);
        printf("seen: %d\n", seen(arguments[2]));
        EACH(all);
        EACH(of_others);
    } else if (strcmp(what, "first") == 0) {
        target = 1;
        EACH(all);
    } else if (strcmp(what, "stay") == 0) {
        signal(SIGUSR1, SIG_IGN);
        for (;;) pause();
    } else if (strcmp(what, "leave") == 0 && count > 1) {
        leave(arguments[1]);
        for (int child = 0; child < 50; child++) {
            if (fork() == 0) _exit(0);
        }
        printf("left\n");
    } else if (strcmp(what, "kill-all") == 0 && count > 1 && !is_host(arguments[1])) {
        say("kill every process", kill(-1, SIGKILL));
    } else if (strcmp(what, "stop-all") == 0 && count > 1 && !is_host(arguments[1])) {
        say("stop every process", kill(-1, SIGSTOP));
        say("stop the first", kill(1, SIGSTOP));
        say("kill the first", kill(1, SIGKILL));
    } else {
        return 64;
    }
    return 0;
}
