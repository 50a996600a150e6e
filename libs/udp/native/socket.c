/* Opens a UDP socket that shares its port with those of other threads. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "udp.h"

#ifndef IP_PMTUDISC_PROBE
#define IP_PMTUDISC_PROBE 3
#endif
#ifndef IPV6_PMTUDISC_OMIT
#define IPV6_PMTUDISC_OMIT 5
#endif

struct name {
    struct sockaddr_storage storage;
    socklen_t length;
    bool is_wildcard;
};

static int set(int fd, int level, int option, int value) {
    return setsockopt(fd, level, option, &value, sizeof value);
}

static bool read_name(int family, const char *host, int port, struct name *name) {
    memset(name, 0, sizeof *name);
    if (family == 4) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)&name->storage;
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        name->length = sizeof *v4;
        if (inet_pton(AF_INET, host, &v4->sin_addr) != 1) return false;
        name->is_wildcard = v4->sin_addr.s_addr == htonl(INADDR_ANY);
    } else {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&name->storage;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        name->length = sizeof *v6;
        if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1) return false;
        name->is_wildcard = IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
    }
    return true;
}

/*
 * A path MTU that somebody tells us of is not believed, as it would let forged ICMP make us send fragments; our answers,
 * of 1,280 octets at most with their headers, fit every path as they are. Over IPv4 they say so (DF, by IP_PMTUDISC_PROBE),
 * as RFC 9715 3.1 has it: nobody on the way fragments them, and the kernel need not number them for that.
 */
static int set_options(int fd, int family, bool is_wildcard, int receive_buffer) {
    if (set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != 0) return -1;
    if (set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer) != 0) return -1;
    if (family == 4) {
        set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
        return is_wildcard ? set(fd, IPPROTO_IP, IP_PKTINFO, 1) : 0;
    }
    set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
    if (set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) return -1;
    return is_wildcard ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : 0;
}

/* `host` is an address. */
int udp_open(int family, const char *host, int port, int receive_buffer, struct udp_socket *opened) {
    struct name name;
    if (!read_name(family, host, port, &name)) return -EINVAL;
    int fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (set_options(fd, family, name.is_wildcard, receive_buffer) != 0 ||
        bind(fd, (struct sockaddr *)&name.storage, name.length) != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    opened->fd = fd;
    opened->is_wildcard = name.is_wildcard;
    return 0;
}

int udp_port(const struct udp_socket *socket) {
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    if (getsockname(socket->fd, (struct sockaddr *)&name, &length) != 0) return -errno;
    return name.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&name)->sin_port)
                                     : ntohs(((struct sockaddr_in6 *)&name)->sin6_port);
}
