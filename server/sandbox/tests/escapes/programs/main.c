/* One static program for all attempts, so that it runs wherever a kernel does: `attack <theme> [argument…]`. */
#include "attempt.h"

void say(const char *name, long result) {
    int error = errno;
    if (result >= 0) {
        printf("%s: ok\n", name);
    } else {
        const char *word = strerrorname_np(error);
        printf("%s: %s\n", name, word ? word : "unknown error");
    }
    fflush(stdout);
}

static void one(const struct attempt *it) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(3);
        errno = 0;
        say(it->name, it->make());
        _exit(0);
    }
    int status = 0;
    if (child < 0) {
        say(it->name, -1);
    } else if (waitpid(child, &status, 0) == child && WIFSIGNALED(status)) {
        printf("%s: killed by %d\n", it->name, WTERMSIG(status));
    }
    fflush(stdout);
}

void each(const struct attempt *all, size_t count) {
    for (size_t at = 0; at < count; at++) {
        one(&all[at]);
    }
}

static const struct {
    const char *name;
    int (*run)(int, char **);
} themes[] = {
    {"calls", calls},       {"escalations", escalations}, {"descriptors", descriptors}, {"files", files},
    {"lower", lower},       {"limits", limits},           {"processes", processes},     {"network", network},
    {"terminal", terminal}, {"shared", shared},           {"unseen", unseen},
};

int main(int count, char **arguments) {
    for (size_t at = 0; count > 1 && at < sizeof(themes) / sizeof(*themes); at++) {
        if (strcmp(arguments[1], themes[at].name) == 0) {
            return themes[at].run(count - 2, arguments + 2);
        }
    }
    fprintf(stderr, "no such theme\n");
    return 64;
}
