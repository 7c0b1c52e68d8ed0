/* Typing into the terminal of whoever started all this. */
#include "attempt.h"
#include <linux/tiocl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static const char letter = 'x';

static long into(const char *path) {
    int terminal = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    return terminal < 0 ? -1 : ioctl(terminal, TIOCSTI, &letter);
}
static long into_tty(void) { return into("/dev/tty"); }
static long into_console(void) { return into("/dev/console"); }
static long into_input(void) { return ioctl(0, TIOCSTI, &letter); }
static long into_output(void) { return ioctl(1, TIOCSTI, &letter); }
static long into_error(void) { return ioctl(2, TIOCSTI, &letter); }
static long paste(void) {
    char request = TIOCL_PASTESEL;
    return ioctl(0, TIOCLINUX, &request);
}
static long steal(void) { return ioctl(0, TIOCSCTTY, 1); }
/* In a terminal of its own, with the high half of the request set, which a filter must not look at. */
static long own(unsigned long request) {
    int leader, follower;
    if (openpty(&leader, &follower, 0, 0, 0) < 0) return -1;
    setsid();
    ioctl(follower, TIOCSCTTY, 0);
    return syscall(SYS_ioctl, follower, request, &letter);
}
static long into_own(void) { return own(TIOCSTI); }
static long into_own_high(void) { return own(TIOCSTI | 0xdead00000000UL); }

static const struct attempt all[] = {
    {"TIOCSTI /dev/tty", into_tty},     {"TIOCSTI /dev/console", into_console}, {"TIOCSTI input", into_input},
    {"TIOCSTI output", into_output},    {"TIOCSTI error", into_error},          {"TIOCLINUX input", paste},
    {"TIOCSCTTY input", steal},         {"TIOCSTI own terminal", into_own},
    {"TIOCSTI own terminal, high bits", into_own_high},
};

int terminal(int count, char **arguments) {
    (void)count, (void)arguments;
    EACH(all);
    return 0;
}
