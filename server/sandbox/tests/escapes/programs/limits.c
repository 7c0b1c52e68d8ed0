/* Taking more than was given, of everything there is. */
#include "attempt.h"
#include <pthread.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>

static char block[1 << 20];

/* `forks`: children until there are no more; tells how many. */
static int forks(void) {
    int count = 0;
    for (;;) {
        pid_t child = fork();
        if (child == 0) pause(), _exit(0);
        if (child < 0) break;
        count++;
    }
    printf("%d %s\n", count, strerrorname_np(errno));
    return 0;
}

/* `memory MEGABYTES`: touches so much. */
static int memory(int most) {
    for (int count = 0; count < most; count++) {
        char *more = mmap(0, sizeof block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (more == MAP_FAILED) return 12;
        memset(more, 1, sizeof block);
    }
    return 0;
}

/* `shares MEGABYTES`: memory that no process has alone: shared maps, and files without a name. */
static int shares(int most) {
    memset(block, 1, sizeof block);
    for (int count = 0; count < most; count += 2) {
        int file = (int)syscall(SYS_memfd_create, "x", 0);
        if (file < 0 || write(file, block, sizeof block) < 0) return 12;
        if (mmap(0, sizeof block, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED) return 12;
    }
    return 0;
}

/* `bombs`: both at once, each child as hungry as its parent. */
static int bombs(void) {
    for (int at = 0; at < 16; at++) {
        if (fork() == 0) fork(), memory(1 << 20), _exit(12);
    }
    return memory(1 << 20);
}

/* `disk FOLDER FOLDER…`: writes into each until it is refused; tells how much went through in all. */
static int disk(int count, char **folders) {
    long written = 0;
    for (int at = 0; at < count; at++) {
        char path[4096];
        for (int number = 0; number < 1000; number++) {
            snprintf(path, sizeof path, "%s/fill-%d", folders[at], number);
            int file = open(path, O_WRONLY | O_CREAT, 0600);
            long size = 0, now;
            while (file >= 0 && size < (4 << 20) && (now = write(file, block, sizeof block)) > 0) size += now;
            written += size;
            if (file < 0 || size < (4 << 20)) break;
            close(file);
        }
    }
    printf("%ld\n", written >> 20);
    return 0;
}

/* `names FOLDER`: empty files until there are no more; tells how many. */
static int names(const char *folder) {
    long count = 0;
    for (; count < 2000000; count++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/name-%ld", folder, count);
        if (mknod(path, S_IFREG | 0600, 0) < 0) break;
    }
    printf("%ld %s\n", count, strerrorname_np(errno));
    return 0;
}

/* `size FILE`: a file of a terabyte that takes no room. */
static int size(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    signal(SIGXFSZ, SIG_IGN);
    say("a terabyte", ftruncate(file, 1L << 40));
    return 0;
}

/* `flood MEGABYTES`: output without a line. */
static int flood(int most) {
    memset(block, 'x', sizeof block);
    for (int count = 0; count < most && write(1, block, sizeof block) > 0; count++) continue;
    return 0;
}

/* `spin PROCESSES`: burns time of the processor in each. */
_Noreturn static int spin(int count) {
    for (int at = 1; at < count; at++) {
        if (fork() == 0) break;
    }
    for (volatile long turn = 0;; turn++) continue;
}

/* `hang`: hears no signal that can be ignored, in a session of its own, with a child that does the same. */
_Noreturn static int hang(void) {
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    if (fork() == 0) setsid(), prctl(PR_SET_PDEATHSIG, 0);
    printf("hanging\n");
    fflush(stdout);
    for (;;) pause();
}

/* `watches`: watchers of files, of which the whole machine gives each user only so many; tells how many. */
static int watches(void) {
    int count = 0;
    while (count < 100000 && inotify_init() >= 0) count++;
    printf("%d %s\n", count, strerrorname_np(errno));
    return 0;
}

static void *wait_forever(void *nothing) { return pause(), nothing; }

/* `threads`: as many as can be had; tells how many. */
static int threads(void) {
    int count = 0;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    pthread_t one;
    while (count < 100000 && pthread_create(&one, &small, wait_forever, 0) == 0) count++;
    printf("%d\n", count);
    return 0;
}

int limits(int count, char **arguments) {
    const char *what = count > 0 ? arguments[0] : "";
    if (strcmp(what, "forks") == 0) return forks();
    if (strcmp(what, "threads") == 0) return threads();
    if (strcmp(what, "watches") == 0) return watches();
    if (strcmp(what, "memory") == 0 && count > 1) return memory(atoi(arguments[1]));
    if (strcmp(what, "shares") == 0 && count > 1) return shares(atoi(arguments[1]));
    if (strcmp(what, "bombs") == 0) return bombs();
    if (strcmp(what, "disk") == 0) return disk(count - 1, arguments + 1);
    if (strcmp(what, "names") == 0 && count > 1) return names(arguments[1]);
    if (strcmp(what, "size") == 0 && count > 1) return size(arguments[1]);
    if (strcmp(what, "flood") == 0 && count > 1) return flood(atoi(arguments[1]));
    if (strcmp(what, "spin") == 0 && count > 1) return spin(atoi(arguments[1]));
    if (strcmp(what, "hang") == 0) return hang();
    return 64;
}
