/*
 * The floor of UDP sockets: sends each datagram back with the response bit set, 64 by one system call, and does
 * nothing else. `udp-echo PORT`; it ends with its standard input.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 64
#define OCTETS 1408

static uint8_t octets[SLOTS][OCTETS];
static struct sockaddr_in names[SLOTS];
static struct iovec vectors[SLOTS];
static struct mmsghdr messages[SLOTS];

static void prepare(void) {
    for (int i = 0; i < SLOTS; i++) {
        vectors[i].iov_base = octets[i];
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &names[i];
    }
}

static int receive(int fd) {
    for (int i = 0; i < SLOTS; i++) {
        vectors[i].iov_len = OCTETS;
        messages[i].msg_hdr.msg_namelen = sizeof names[i];
    }
    return recvmmsg(fd, messages, SLOTS, MSG_WAITFORONE, NULL);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int size = 4 * 1024 * 1024;
    struct timeval limit = {.tv_usec = 50000};
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0) return 1;
    prepare();
    puts("ready");
    fflush(stdout);
    for (;;) {
        int count = receive(fd);
        if (count <= 0) {
            struct pollfd input = {.fd = 0, .events = POLLIN};
            if (poll(&input, 1, 0) > 0) return 0;
            continue;
        }
        for (int i = 0; i < count; i++) {
            octets[i][2] |= 0x80;
            vectors[i].iov_len = messages[i].msg_len;
        }
        for (int at = 0; at < count;) {
            int sent = sendmmsg(fd, messages + at, (unsigned)(count - at), 0);
            at += sent > 0 ? sent : 1;
        }
    }
}
