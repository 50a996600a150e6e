/*
 * The sockets of one thread of Node within its event loop: the loop says when one has something, and whoever serves
 * it may linger for more.
 */
#ifndef SIGNPOST_WATCH_H
#define SIGNPOST_WATCH_H

#include "udp.h"
#include "uv-abi.h"

#define MOST_SOCKETS 256

struct watched {
    struct udp_socket socket;
    uv_poll_t *handle;
    struct watch *watch;
    int index;
};

struct watch {
    uv_loop_t *loop;
    /* Called by the loop with the index of a socket that has datagrams. */
    void (*on_ready)(void *context, int index);
    void *context;
    struct watched *sockets[MOST_SOCKETS];
    /* One above the last index in use. */
    int end;
    /* Handles that the loop has not let go of yet; told each time that one is. */
    int closing;
    void (*on_closed)(void *context);
    /* By CLOCK_MONOTONIC; whoever serves a socket goes back to the loop then. */
    int64_t turn_ends_ns;
    /* When it was last looked whether the loop has something to do, and how long it is quiet between batches, on average. */
    int64_t looked_ns;
    int64_t quiet_ns;
    /* Where looking for a ready socket goes on, so that all have their turn. */
    int next;
};

/* Index of a new socket that is watched from now on, or a negative errno. */
int watch_open(struct watch *watch, int family, const char *host, int port, int receive_buffer);
/* NULL: there is none. */
struct udp_socket *watch_socket(const struct watch *watch, int index);
/* The port is free at once. */
void watch_close(struct watch *watch, int index);
/*
 * Waits for datagrams and receives them: index of their socket, with their count, or a negative errno in its place. -1:
 * the turn is over, as the loop has something else to do.
 */
int watch_next(struct watch *watch, struct batch *batch, int *count);

#endif
