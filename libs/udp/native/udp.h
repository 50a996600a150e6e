/*
 * Sockets and batches of datagrams, free of Node. Functions return 0 or a count, or a negative errno.
 */
#ifndef SIGNPOST_UDP_H
#define SIGNPOST_UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Datagrams that one system call takes or gives: after each the processor has to find our code and data again. */
#define SLOTS 64
/* Longer datagrams are no queries: a PROXY header has 4,096 octets at most, and a query less than 1,232. */
#define PACKET_OCTETS 8192
/* Odd multiples of a cache line, so that the begins of all slots do not compete for the same lines. */
#define PACKET_STRIDE (PACKET_OCTETS + 64)
/* Answers stand where the datagram stood, and are no longer than this. */
#define ANSWER_OCTETS 1232
/* Holds a sockaddr_in or sockaddr_in6 as the kernel wrote it. */
#define NAME_STRIDE 32
/* Room for one IP_PKTINFO or IPV6_PKTINFO. */
#define CONTROL_OCTETS 64

struct batch {
    /* Memory of JavaScript, which stays referenced as long as the thread runs. */
    uint8_t *packets;
    uint8_t *names;
    int32_t *lengths;
    int32_t *answer_lengths;

    struct mmsghdr in[SLOTS];
    struct iovec in_octets[SLOTS];
    struct mmsghdr out[SLOTS];
    struct iovec out_octets[SLOTS];
    _Alignas(struct cmsghdr) uint8_t controls[SLOTS][CONTROL_OCTETS];
    /* How many slots the kernel wrote to the last time, and whether control messages were asked for then. */
    int used;
    bool has_controls;
};

struct udp_socket {
    int fd;
    /* Bound to all addresses: answers say which one they leave from. */
    bool is_wildcard;
};

/* socket.c; `receive_buffer` in octets, of which the kernel gives what net.core.rmem_max allows */
int udp_open(int family, const char *host, int port, int receive_buffer, struct udp_socket *socket);
int udp_port(const struct udp_socket *socket);

/* batch.c */
void batch_prepare(struct batch *batch);
int batch_receive(struct batch *batch, const struct udp_socket *socket);
int batch_send(struct batch *batch, const struct udp_socket *socket, int from, int end);

/* source-address.c */
size_t keep_asked_address(struct msghdr *received);

#endif
