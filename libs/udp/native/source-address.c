/* On a socket for all addresses: turns what the kernel said of a datagram's destination into where its answer leaves. */
#include <string.h>

#include "udp.h"

/*
 * The control message is changed in place. Returns its length, or 0 where there is none that could be used: the kernel
 * then chooses. Only a link-local address needs its interface; any other answer takes the route that there is.
 */
size_t keep_asked_address(struct msghdr *received) {
    struct cmsghdr *control = CMSG_FIRSTHDR(received);
    if (control == NULL) return 0;
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(control), sizeof info);
        info.ipi_ifindex = 0;
        info.ipi_addr.s_addr = 0;
        memcpy(CMSG_DATA(control), &info, sizeof info);
        return CMSG_SPACE(sizeof info);
    }
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(control), sizeof info);
        if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) return 0;
        if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
        memcpy(CMSG_DATA(control), &info, sizeof info);
        return CMSG_SPACE(sizeof info);
    }
    return 0;
}
