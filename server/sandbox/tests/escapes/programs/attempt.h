/* An attempt is a name and a function; its outcome is a line: `name: ok`, `name: EPERM`, `name: killed by 31`. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

struct attempt {
    const char *name;
    long (*make)(void);
};

/* Says how it went; negative is a failure with `errno`. */
void say(const char *name, long result);

/* Makes each attempt in a process of its own, which is killed after three seconds. */
void each(const struct attempt *all, size_t count);

#define EACH(all) each(all, sizeof(all) / sizeof(*(all)))

/* Each takes what followed its own name on the command line. */
int calls(int count, char **arguments);
int escalations(int count, char **arguments);
int descriptors(int count, char **arguments);
int files(int count, char **arguments);
int lower(int count, char **arguments);
int limits(int count, char **arguments);
int processes(int count, char **arguments);
int network(int count, char **arguments);
int terminal(int count, char **arguments);
int shared(int count, char **arguments);
int unseen(int count, char **arguments);
