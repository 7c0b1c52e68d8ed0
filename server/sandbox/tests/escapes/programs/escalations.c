/* Who a process is, and what it becomes by running programs that carry privileges. */
#include "attempt.h"
#include <sys/prctl.h>
#include <sys/resource.h>

/* `escalations who`: its users, and every line of its status that speaks of privileges. */
static void who(void) {
    printf("users %d %d groups %d %d\n", getuid(), geteuid(), getgid(), getegid());
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "NoNewPrivs", 10) == 0 || strncmp(line, "Seccomp:", 8) == 0) {
            fputs(line, stdout);
        }
    }
}

/* `escalations map`: another user map for this namespace. */
static long remap(const char *file) {
    int map = open(file, O_WRONLY);
    return map < 0 ? -1 : write(map, "0 0 4294967295\n", 15);
}

/* `escalations core`: dies with a core. A limit of 0 would still feed a pipe of the host's; 1 does not. */
static void core(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    printf("core limit %llu\n", (unsigned long long)limit.rlim_max);
    fflush(stdout);
    prctl(PR_SET_DUMPABLE, 1);
    abort();
}

int escalations(int count, char **arguments) {
    const char *what = count > 0 ? arguments[0] : "";
    if (strcmp(what, "who") == 0) {
        who();
    } else if (strcmp(what, "map") == 0) {
        say("uid_map", remap("/proc/self/uid_map"));
        say("gid_map", remap("/proc/self/gid_map"));
        say("uid_map of process 1", remap("/proc/1/uid_map"));
        say("setgroups of process 1", remap("/proc/1/setgroups"));
    } else if (strcmp(what, "core") == 0) {
        core();
    }
    return 0;
}
