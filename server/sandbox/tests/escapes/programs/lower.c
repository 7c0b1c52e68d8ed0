/* Every way there is to change the files of a workspace, in the folder it runs in: `file`, `folder/inner`, `exec`. */
#include "attempt.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static const char *const victim = "file";

static long map_and_write(void) {
    int file = open(victim, O_RDWR);
    char *view = mmap(0, 4, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (view == MAP_FAILED) return -1;
    memcpy(view, "dead", 4);
    return msync(view, 4, MS_SYNC);
}
/* A view of the lower file that was opened before it was copied up. */
static long map_first(void) {
    int reader = open("mapped", O_RDONLY);
    char *view = mmap(0, 4, PROT_READ, MAP_SHARED, reader, 0);
    if (view == MAP_FAILED) return -1;
    int writer = open("mapped", O_RDWR);
    return write(writer, "dead", 4) < 0 ? -1 : msync(view, 4, MS_SYNC);
}
static long punch(void) {
    int file = open("punched", O_RDWR);
    return fallocate(file, 3 /* KEEP_SIZE | PUNCH_HOLE */, 0, 4096);
}
static long clone_over(void) {
    int from = open(victim, O_RDONLY), to = open("cloned", O_RDWR);
    return copy_file_range(from, 0, to, 0, 4, 0);
}
static long unnamed(void) {
    int file = open(".", O_TMPFILE | O_RDWR, 0600);
    if (file < 0) return -1;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, link, AT_FDCWD, "from-nowhere", AT_SYMLINK_FOLLOW);
}
static long freeze_it(void) {
    int flags = 0x10 /* immutable */, file = open("frozen", O_RDONLY);
    return ioctl(file, FS_IOC_SETFLAGS, &flags);
}
static long mark(const char *path, const char *name, const char *value) {
    return syscall(SYS_setxattr, path, name, value, strlen(value), 0);
}
static long truncate_it(void) { return truncate("truncated", 0); }
static long remove_it(void) { return unlink("removed"); }
static long rename_it(void) { return rename("renamed", "renamed-away"); }
static long rename_folder(void) { return rename("folder", "folder-away"); }
static long exchange(void) { return syscall(SYS_renameat2, AT_FDCWD, "left", AT_FDCWD, "right", 2); }
static long whiteout_rename(void) { return syscall(SYS_renameat2, AT_FDCWD, "whited", AT_FDCWD, "whited-away", 4); }
static long forge_whiteout(void) { return mknod("forged", S_IFCHR | 0600, 0); }
static long link_it(void) {
    long linked = link("linked", "linked-too");
    int file = open("linked-too", O_WRONLY);
    return file < 0 || write(file, "dead", 4) < 0 ? -1 : linked;
}
static long permit(void) { return chmod("permitted", 0777); }
static long date(void) { return utimensat(AT_FDCWD, "dated", (struct timespec[2]){{1, 0}, {1, 0}}, 0); }
static long xattr(void) { return mark("marked", "user.bodkin", "x"); }
static long opaque(void) { return mark("folder", "user.overlay.opaque", "y"); }
static long redirect(void) { return mark("folder", "user.overlay.redirect", "/../../home"); }
static long metacopy(void) { return mark(victim, "user.overlay.metacopy", ""); }
static long origin(void) { return mark(victim, "user.overlay.origin", "x"); }
static long trusted(void) { return mark("folder", "trusted.overlay.redirect", "/../../home"); }
static long capability(void) {
    uint32_t all[5] = {0x02000001, ~0u, 0, ~0u, 0};
    return syscall(SYS_setxattr, "exec", "security.capability", all, sizeof all, 0);
}
static long setuid_it(void) { return chmod("exec", 06755); }
static long overwrite(void) {
    int file = open("overwritten", O_WRONLY | O_TRUNC);
    return file < 0 ? -1 : write(file, "dead", 4);
}

static const struct attempt all[] = {
    {"overwritten", overwrite},       {"mapped", map_and_write},   {"mapped before", map_first},
    {"punched", punch},               {"copied over", clone_over}, {"linked from nowhere", unnamed},
    {"made immutable", freeze_it},    {"truncated", truncate_it},  {"removed", remove_it},
    {"renamed", rename_it},           {"exchanged", exchange},     {"renamed with a whiteout", whiteout_rename},
    {"a whiteout forged", forge_whiteout}, {"linked", link_it},    {"permissions", permit},
    {"date", date},                   {"attribute", xattr},        {"overlay's opaque", opaque},
    {"overlay's redirect", redirect}, {"overlay's metacopy", metacopy}, {"overlay's origin", origin},
    {"trusted redirect", trusted},    {"file capability", capability},  {"setuid", setuid_it},
    {"folder renamed", rename_folder},
};

int lower(int count, char **arguments) {
    (void)count, (void)arguments;
    EACH(all);
    return 0;
}
