/* Ways to other machines, and to programs of this one. */
#include "attempt.h"
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_in address(const char *host, int port) {
    struct sockaddr_in it = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &it.sin_addr);
    return it;
}

/* Connects, and waits two seconds at most. */
static long reach(const char *host, int port) {
    int one = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in to = address(host, port);
    if (one < 0) return -1;
    if (connect(one, (struct sockaddr *)&to, sizeof to) == 0) return 0;
    if (errno != EINPROGRESS) return -1;
    struct pollfd waited = {one, POLLOUT, 0};
    int error = ETIMEDOUT;
    socklen_t size = sizeof error;
    if (poll(&waited, 1, 2000) == 1) getsockopt(one, SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    return error == 0 ? 0 : -1;
}
static long quick(const char *host, int port) {
    int one = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in to = address(host, port);
    return one < 0 ? -1 : sendto(one, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to);
}
static long datagram(const char *host, int port) {
    int one = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = address(host, port);
    return one < 0 ? -1 : sendto(one, "x", 1, 0, (struct sockaddr *)&to, sizeof to);
}
static long mapped(int port) {
    int one = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &to.sin6_addr);
    return one < 0 ? -1 : connect(one, (struct sockaddr *)&to, sizeof to);
}

static long to_socket(const char *name, int is_abstract) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path + is_abstract, name, sizeof to.sun_path - 2);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)is_abstract + strlen(name));
    int one = socket(AF_UNIX, SOCK_STREAM, 0);
    return one < 0 ? -1 : connect(one, (struct sockaddr *)&to, size);
}

/* A server and its client, both in here: what tests of programs do. */
static long loopback(void) {
    int server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in own = address("127.0.0.1", 0);
    socklen_t size = sizeof own;
    if (bind(server, (struct sockaddr *)&own, size) < 0 || listen(server, 1) < 0) return -1;
    getsockname(server, (struct sockaddr *)&own, &size);
    return reach("127.0.0.1", ntohs(own.sin_port)) < 0 ? -1 : accept(server, 0, 0);
}
static long pair(void) {
    int both[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, both);
}

/* Asks the kernel to take the loopback interface down. */
static long take_down(void) {
    struct {
        struct nlmsghdr head;
        struct ifinfomsg link;
    } request = {{sizeof request, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0}, {.ifi_index = 1, .ifi_change = IFF_UP}};
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char rest[512];
    } answer = {0};
    int one = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (one < 0 || send(one, &request, sizeof request, 0) < 0 || recv(one, &answer, sizeof answer, 0) < 0) return -1;
    errno = -answer.error.error;
    return errno == 0 ? 0 : -1;
}
static long ping(void) {
    int one = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    struct sockaddr_in to = address("192.0.2.1", 0);
    char echo[8] = {8};
    return one < 0 ? -1 : sendto(one, echo, sizeof echo, 0, (struct sockaddr *)&to, sizeof to);
}

int network(int count, char **arguments) {
    const char *what = count > 0 ? arguments[0] : "";
    if (strcmp(what, "host") == 0 && count > 2) {
        for (int at = 2; at < count; at++) {
            int port = atoi(arguments[1]);
            printf("%s\n", arguments[at]);
            say("tcp", reach(arguments[at], port));
            say("fast open", quick(arguments[at], port));
            say("udp", datagram(arguments[at], port));
        }
        say("tcp by IPv6", mapped(atoi(arguments[1])));
    } else if (strcmp(what, "away") == 0) {
        say("tcp", reach("192.0.2.1", 80));
        say("name server", datagram("192.0.2.1", 53));
        say("broadcast", datagram("255.255.255.255", 9));
        say("multicast", datagram("224.0.0.1", 9));
        say("metadata service", reach("169.254.169.254", 80));
        say("ping", ping());
    } else if (strcmp(what, "sockets") == 0) {
        for (int at = 1; at < count; at++) {
            int is_abstract = arguments[at][0] == '@';
            say(is_abstract ? "abstract" : arguments[at], to_socket(arguments[at] + is_abstract, is_abstract));
        }
    } else if (strcmp(what, "own") == 0) {
        say("loopback", loopback());
        say("pair", pair());
    } else if (strcmp(what, "interface") == 0) {
        say("interface down", take_down());
    }
    return 0;
}
