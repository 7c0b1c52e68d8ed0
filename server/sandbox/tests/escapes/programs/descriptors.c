/* Open files as ways out: those that were inherited, those of others, those that remember another root. */
#include "attempt.h"
#include <dirent.h>
#include <sys/socket.h>
#include <sys/uio.h>

static void tell_content(const char *how, int file) {
    char text[64];
    ssize_t size = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (size > 0) {
        text[size] = 0;
        printf("%s: %s\n", how, text);
    }
}

/* `scan NAME`: what is open, and what can be reached through it. */
static void scan(const char *name) {
    for (int fd = 0; fd < 1024; fd++) {
        char link[64], to[512];
        if (fcntl(fd, F_GETFD) < 0) continue;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t size = readlink(link, to, sizeof to - 1);
        to[size < 0 ? 0 : size] = 0;
        if (fd > 2) printf("open %d %s\n", fd, to);
        tell_content("by openat", openat(fd, name, O_RDONLY));
        char below[640];
        snprintf(below, sizeof below, "%s/%s", link, name);
        tell_content("by /proc/self/fd", open(below, O_RDONLY));
        if (fchdir(fd) == 0) {
            tell_content("by fchdir", open(name, O_RDONLY));
            tell_content("above it", open("..", O_RDONLY | O_DIRECTORY));
        }
        struct sockaddr_storage address;
        socklen_t length = sizeof address;
        if (getpeername(fd, (struct sockaddr *)&address, &length) == 0) printf("socket %d\n", fd);
    }
    printf("scanned\n");
}

/* `forge`: tells whoever listens on any descriptor, its own or process 1's, that all went well. */
static void forge(void) {
    const char body[] = "{\"Code\":0}";
    char message[5 + sizeof body - 1] = {'N', sizeof body - 1};
    memcpy(message + 5, body, sizeof body - 1);
    for (int fd = 0; fd < 64; fd++) {
        if (write(fd, message, sizeof message) < 0) errno = 0;
        send(fd, message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
        char path[64];
        snprintf(path, sizeof path, "/proc/1/fd/%d", fd);
        int theirs = open(path, O_WRONLY | O_NONBLOCK);
        if (theirs >= 0) {
            printf("\nopened %s\n", path);
            fflush(stdout);
            if (write(theirs, message, sizeof message) < 0) errno = 0;
        }
    }
}

/* `up PATH`: the host's PATH from a folder that was moved away under a process, by `..` and by O_PATH. */
static void up(const char *path) {
    char far[4096] = "";
    for (int step = 0; step < 64; step++) strcat(far, "../");
    strncat(far, path + (*path == '/'), sizeof far - strlen(far) - 1);
    tell_content("absolute", open(path, O_RDONLY));
    tell_content("by ..", open(far, O_RDONLY));
    int start = open(".", O_RDONLY | O_DIRECTORY);
    mkdir("moving", 0700), mkdir("moving/inner", 0700), mkdir("/tmp/elsewhere", 0700);
    int inner = open("moving/inner", O_PATH | O_DIRECTORY);
    if (fchdir(inner) == 0) {
        renameat(start, "moving/inner", AT_FDCWD, "/tmp/elsewhere/inner");
        renameat(start, "moving/inner", start, "moved");
        tell_content("moved away", open(far, O_RDONLY));
        tell_content("moved away, openat", openat(inner, far, O_RDONLY));
        unlinkat(start, "moved", AT_REMOVEDIR);
        tell_content("removed", open(far, O_RDONLY));
    }
    const char *roots[] = {"/proc/self/root", "/proc/1/root", "/proc/1/cwd", "/proc/self/cwd", "/proc/self/task/1/root",
                           "/proc/thread-self/root", "/dev/fd/0", "/dev/stdin"};
    for (size_t at = 0; at < sizeof roots / sizeof *roots; at++) {
        char whole[8192];
        snprintf(whole, sizeof whole, "%s/%s", roots[at], path);
        tell_content(roots[at], open(whole, O_RDONLY));
        snprintf(whole, sizeof whole, "%s/%s", roots[at], far);
        tell_content(roots[at], open(whole, O_RDONLY));
    }
    printf("walked\n");
}

/* `reopen FILE…`: write access to a file that may only be read, through its descriptor. */
static void reopen(int count, char **files) {
    for (int at = 0; at < count; at++) {
        char link[64];
        int file = open(files[at], O_RDONLY);
        if (file < 0) {
            say(files[at], -1);
            continue;
        }
        snprintf(link, sizeof link, "/proc/self/fd/%d", file);
        int again = open(link, O_WRONLY | O_APPEND);
        say("reopened", again < 0 ? -1 : write(again, "dead", 4));
        say("truncated", truncate(link, 0));
        say("made writable", fchmod(file, 0666));
        say("permissions by link", chmod(link, 0777));
        say("given away", fchown(file, geteuid(), getegid()));
        say("linked", linkat(AT_FDCWD, link, AT_FDCWD, "linked", AT_SYMLINK_FOLLOW));
        say("marked", syscall(SYS_fsetxattr, file, "user.bodkin", "x", 1, 0));
        say("dated", futimens(file, (struct timespec[2]){{1, 0}, {1, 0}}));
    }
}

/* `first`: process 1 as a door: its program, its folders, its files. */
static void first(void) {
    const char *doors[] = {"exe", "root/etc", "cwd/etc", "mem", "environ", "maps", "auxv", "stack", "syscall", "io",
                           "ns/mnt", "ns/net", "ns/user", "fd/0", "fd/1", "fd/2", "fd/3", "fd/4", "fd/5",
                           "fd/6", "fd/7", "fd/8", "fd/9", "task/1/mem", "task/1/environ"};
    for (size_t at = 0; at < sizeof doors / sizeof *doors; at++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/1/%s", doors[at]);
        int door = open(path, O_RDONLY | O_NONBLOCK);
        char byte;
        say(path, door < 0 ? -1 : (fcntl(door, F_GETFL), read(door, &byte, 1) < 0 && errno != EISDIR && errno != EAGAIN) ? -1 : 0);
    }
}

/* `program`: what could be changed of every program that is running; all stays as it is. */
static void program(void) {
    DIR *all = opendir("/proc");
    struct dirent *entry;
    while (all && (entry = readdir(all))) {
        char path[300], to[512];
        if (*entry->d_name < '1' || *entry->d_name > '9') continue;
        snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
        ssize_t size = readlink(path, to, sizeof to - 1);
        if (size < 0) continue;
        to[size] = 0;
        struct stat about;
        if (stat(path, &about) < 0) continue;
        printf("%s %s\n", to, chmod(path, about.st_mode & 07777) == 0 ? "changed" : strerrorname_np(errno));
    }
}

int descriptors(int count, char **arguments) {
    const char *what = count > 0 ? arguments[0] : "";
    if (strcmp(what, "scan") == 0 && count > 1) {
        scan(arguments[1]);
    } else if (strcmp(what, "forge") == 0) {
        forge();
        return 7;
    } else if (strcmp(what, "up") == 0 && count > 1) {
        up(arguments[1]);
    } else if (strcmp(what, "reopen") == 0) {
        reopen(count - 1, arguments + 1);
    } else if (strcmp(what, "first") == 0) {
        first();
    } else if (strcmp(what, "program") == 0) {
        program();
    }
    return 0;
}
