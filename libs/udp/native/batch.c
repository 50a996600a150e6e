/* Many datagrams by one system call, in memory that is prepared once. It never allocates and never blocks for long. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "udp.h"

/* So often a batch of answers waits a millisecond for the kernel to take them; receiving waits meanwhile. */
#define MOST_WAITS 5

void batch_prepare(struct batch *batch) {
    for (int i = 0; i < SLOTS; i++) {
        batch->in_octets[i].iov_base = batch->packets + (size_t)i * PACKET_STRIDE;
        batch->in_octets[i].iov_len = PACKET_OCTETS;
        struct msghdr *in = &batch->in[i].msg_hdr;
        in->msg_iov = &batch->in_octets[i];
        in->msg_iovlen = 1;
        in->msg_name = batch->names + (size_t)i * NAME_STRIDE;
        batch->out[i].msg_hdr.msg_iov = &batch->out_octets[i];
        batch->out[i].msg_hdr.msg_iovlen = 1;
    }
    batch->used = SLOTS;
}

/* What the kernel overwrote with lengths, as it was. Sockets with and without control messages share the slots. */
static void renew(struct batch *batch, bool is_wildcard) {
    if (batch->has_controls != is_wildcard) batch->used = SLOTS;
    batch->has_controls = is_wildcard;
    for (int i = 0; i < batch->used; i++) {
        struct msghdr *in = &batch->in[i].msg_hdr;
        in->msg_namelen = NAME_STRIDE;
        in->msg_control = is_wildcard ? batch->controls[i] : NULL;
        in->msg_controllen = is_wildcard ? CONTROL_OCTETS : 0;
    }
}

/*
 * Returns how many datagrams are here, 0 for none at present. `lengths` tells their octets, -1 of those that were
 * longer than a slot. An error that belongs to a datagram sent before is told once and forgotten by the kernel.
 */
int batch_receive(struct batch *batch, const struct udp_socket *socket) {
    renew(batch, socket->is_wildcard);
    for (;;) {
        int count = recvmmsg(socket->fd, batch->in, SLOTS, MSG_DONTWAIT, NULL);
        if (count < 0 && errno == EINTR) continue;
        batch->used = count > 0 ? count : 1;
        if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
        for (int i = 0; i < count; i++) {
            bool is_cut = (batch->in[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
            batch->lengths[i] = is_cut ? -1 : (int32_t)batch->in[i].msg_len;
        }
        return count;
    }
}

/* Port 0 cannot be sent to. Both families have it at the same place. */
static bool has_port(const uint8_t *name) {
    return ((const struct sockaddr_in *)name)->sin_port != 0;
}

/* Those slots that have an answer, one after the other. */
static int gather(struct batch *batch, bool is_wildcard, int from, int end) {
    int answers = 0;
    for (int i = from; i < end; i++) {
        struct msghdr *in = &batch->in[i].msg_hdr;
        int32_t length = batch->answer_lengths[i];
        if (length <= 0 || length > ANSWER_OCTETS || !has_port(in->msg_name)) continue;
        batch->out_octets[answers].iov_base = batch->packets + (size_t)i * PACKET_STRIDE;
        batch->out_octets[answers].iov_len = (size_t)length;
        struct msghdr *out = &batch->out[answers].msg_hdr;
        out->msg_name = in->msg_name;
        out->msg_namelen = in->msg_namelen;
        size_t control = is_wildcard ? keep_asked_address(in) : 0;
        out->msg_control = control > 0 ? in->msg_control : NULL;
        out->msg_controllen = control;
        answers++;
    }
    return answers;
}

static bool can_send_soon(int fd, int *waits_left) {
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    while ((*waits_left)-- > 0) {
        if (poll(&wanted, 1, 1) > 0) return true;
    }
    return false;
}

/*
 * Sends the answers to the datagrams from slot `from` to before `end`. Returns how many were not sent: what the kernel has
 * no room for even after a while (EAGAIN), and each that it refuses (ENOBUFS, EPERM by a firewall, EHOSTUNREACH, ...).
 * Each step sends one, gives one up, or uses up a wait or a second try, so it ends.
 */
int batch_send(struct batch *batch, const struct udp_socket *socket, int from, int end) {
    int answers = gather(batch, socket->is_wildcard, from, end);
    int at = 0;
    int failed = 0;
    int waits_left = MOST_WAITS;
    bool may_repeat = true;
    while (at < answers) {
        int sent = sendmmsg(socket->fd, batch->out + at, (unsigned)(answers - at), MSG_DONTWAIT);
        if (sent > 0) {
            at += sent;
            may_repeat = true;
            continue;
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (can_send_soon(socket->fd, &waits_left)) continue;
            return failed + answers - at;
        }
        if (errno == ECONNREFUSED && may_repeat) { /* of a datagram before this one */
            may_repeat = false;
            continue;
        }
        failed++;
        at++;
        may_repeat = true;
    }
    return failed;
}
