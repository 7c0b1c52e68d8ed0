/* `files FOLDER`: leaves every kind of trap in a folder for whoever takes the files of it away. */
#include "attempt.h"
#include <sys/socket.h>
#include <sys/un.h>

static long put(const char *path, const char *text, mode_t mode) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) return -1;
    long done = write(file, text, strlen(text));
    fchmod(file, mode);
    close(file);
    return done;
}

static long socket_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}

static long giant(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    return ftruncate(file, 8L << 30) == 0 ? 0 : ftruncate(file, 300 << 20);
}

/* Folders within folders, deeper than any path reaches. */
static long deep(int levels) {
    int here = open(".", O_RDONLY | O_DIRECTORY);
    for (int level = 0; level < levels; level++) {
        if (mkdirat(here, "deep", 0700) < 0) return -1;
        int below = openat(here, "deep", O_RDONLY | O_DIRECTORY);
        close(here);
        here = below;
    }
    close(here);
    return 0;
}

int files(int count, char **arguments) {
    if (count != 2 || (mkdir(arguments[0], 0755) < 0 && errno != EEXIST) || chdir(arguments[0]) < 0) return 64;
    char name[300];
    signal(SIGXFSZ, SIG_IGN);
    say("link to a key", symlink(arguments[1], "key"));
    say("link to a folder outside", symlink("/etc", "settings"));
    say("link into .git", symlink("../.git/hooks/post-checkout", "hook"));
    say("fifo", mkfifo("fifo", 0666));
    say("socket", socket_at("socket"));
    say("setuid", put("setuid", "#!/bin/sh\n", 06755));
    say("sparse giant", giant("giant"));
    say("control characters", put("a\nb\033]52;c;ZXZpbA==\a", "", 0644));
    say("not UTF-8", put("\xff\xfe", "", 0644));
    memset(name, 'x', 255), name[255] = 0;
    say("255 bytes", put(name, "", 0644));
    say("backslash", put("..\\..\\up", "", 0644));
    say("plain", put("plain", "plain\n", 0644));
    say("case", put("PLAIN", "other\n", 0644));
    say("bidirectional", put("\xe2\x80\xae" "yp.exe", "", 0644));
    say("closed", mkdir("closed", 0));
    mkdir("pit", 0700);
    say("deep", chdir("pit") < 0 ? -1 : deep(3000));
    return 0;
}
