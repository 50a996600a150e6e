/* See watch.h. */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Longest turn. Whatever the loop has to do ends one before; this is for what it does not know of itself. */
#define TURN_MS 20
#define MS_NS 1000000
/*
 * Where datagrams follow each other after so little quiet, on average, the next ones are nearer than a sleep and a
 * wake-up would be: they are asked for without sleeping, for twice as long at most.
 */
#define NEAR_NS 20000
/* Sockets that are asked in turn; of more than these the kernel tells which one has something. */
#define MOST_TRIED 8
/* So often, at least, it is looked whether the loop has something else to do while datagrams come without end. */
#define LOOK_NS 500000

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 * MS_NS + now.tv_nsec;
}

static void on_event(uv_poll_t *handle, int status, int events);

static void watch_all(struct watch *watch) {
    for (int i = 0; i < watch->end; i++) {
        if (watch->sockets[i] != NULL) uv_poll_start(watch->sockets[i]->handle, UV_READABLE, on_event);
    }
}

static void watch_none(struct watch *watch) {
    for (int i = 0; i < watch->end; i++) {
        if (watch->sockets[i] != NULL) uv_poll_stop(watch->sockets[i]->handle);
    }
}

/* libuv counts its milliseconds from what it last saw of the clock. 0: it has something to do by now. */
static int64_t end_of_turn(const struct watch *watch) {
    int loop_ms = uv_backend_timeout(watch->loop);
    if (loop_ms == 0) return 0;
    int64_t latest_ns = now_ns() + TURN_MS * MS_NS;
    int64_t loop_ns = ((int64_t)uv_now(watch->loop) + loop_ms) * MS_NS;
    return loop_ms > 0 && loop_ns < latest_ns ? loop_ns : latest_ns;
}

/*
 * A turn. Meanwhile the loop does not watch the sockets, so that its descriptor shows what else is ready, and datagrams
 * wake nobody but us. An error of one waits in it: libuv has stopped watching, but receiving tells it and takes it away.
 */
static void on_event(uv_poll_t *handle, int status, int events) {
    (void)status;
    (void)events;
    struct watched *watched = uv_handle_get_data((uv_handle_t *)handle);
    struct watch *watch = watched->watch;
    watch->turn_ends_ns = end_of_turn(watch);
    watch_none(watch);
    watch->on_ready(watch->context, watched->index);
    watch_all(watch);
}

static void on_handle_closed(uv_handle_t *handle) {
    struct watched *watched = uv_handle_get_data(handle);
    struct watch *watch = watched->watch;
    free(watched);
    free(handle);
    watch->closing--;
    watch->on_closed(watch->context);
}

static int free_index(struct watch *watch) {
    for (int i = 0; i < MOST_SOCKETS; i++) {
        if (watch->sockets[i] == NULL) return i;
    }
    return -EMFILE;
}

int watch_open(struct watch *watch, int family, const char *host, int port, int receive_buffer) {
    int index = free_index(watch);
    if (index < 0) return index;
    struct watched *watched = calloc(1, sizeof *watched);
    uv_poll_t *handle = calloc(1, uv_handle_size(UV_POLL));
    int error = watched == NULL || handle == NULL
                    ? -ENOMEM
                    : udp_open(family, host, port, receive_buffer, &watched->socket);
    if (error == 0) {
        error = uv_poll_init(watch->loop, handle, watched->socket.fd);
        if (error != 0) close(watched->socket.fd);
    }
    if (error != 0) {
        free(watched);
        free(handle);
        return error;
    }
    watched->handle = handle;
    watched->watch = watch;
    watched->index = index;
    uv_handle_set_data((uv_handle_t *)handle, watched);
    watch->sockets[index] = watched;
    if (index >= watch->end) watch->end = index + 1;
    error = uv_poll_start(handle, UV_READABLE, on_event);
    if (error == 0) return index;
    watch_close(watch, index);
    return error;
}

struct udp_socket *watch_socket(const struct watch *watch, int index) {
    if (index < 0 || index >= watch->end || watch->sockets[index] == NULL) return NULL;
    return &watch->sockets[index]->socket;
}

void watch_close(struct watch *watch, int index) {
    if (watch_socket(watch, index) == NULL) return;
    struct watched *watched = watch->sockets[index];
    watch->sockets[index] = NULL;
    while (watch->end > 0 && watch->sockets[watch->end - 1] == NULL) watch->end--;
    uv_poll_stop(watched->handle);
    watch->closing++;
    uv_close((uv_handle_t *)watched->handle, on_handle_closed);
    close(watched->socket.fd);
}

/* Index of a socket that had datagrams, `count` of which are in the slots, or -1. All have their turn. */
static int receive_any(struct watch *watch, struct batch *batch, int *count) {
    for (int i = 0; i < watch->end; i++) {
        int index = (watch->next + i) % watch->end;
        if (watch->sockets[index] == NULL) continue;
        *count = batch_receive(batch, &watch->sockets[index]->socket);
        if (*count == 0) continue;
        watch->next = index + 1;
        return index;
    }
    return -1;
}

/* Sleeps until a socket has something: its index, or -1 when the turn is over. */
static int sleep_until_any(struct watch *watch) {
    int64_t left_ns = watch->turn_ends_ns - watch->looked_ns;
    if (left_ns <= 0) return -1;
    struct pollfd wanted[MOST_SOCKETS + 1];
    int indexes[MOST_SOCKETS];
    int count = 0;
    for (int i = 0; i < watch->end; i++) {
        int index = (watch->next + i) % watch->end;
        if (watch->sockets[index] == NULL) continue;
        indexes[count] = index;
        wanted[count++] = (struct pollfd){.fd = watch->sockets[index]->socket.fd, .events = POLLIN};
    }
    wanted[count] = (struct pollfd){.fd = uv_backend_fd(watch->loop), .events = POLLIN};
    int left_ms = (int)((left_ns + MS_NS - 1) / MS_NS);
    if (poll(wanted, (nfds_t)count + 1, left_ms) <= 0 || wanted[count].revents != 0) return -1;
    for (int i = 0; i < count; i++) {
        if (wanted[i].revents == 0) continue;
        watch->next = indexes[i] + 1;
        return indexes[i];
    }
    return -1;
}

int watch_next(struct watch *watch, struct batch *batch, int *count) {
    int64_t begun_ns = now_ns();
    int64_t ns = begun_ns;
    int index = -1;
    bool is_near = watch->quiet_ns < NEAR_NS && watch->end <= MOST_TRIED;
    while (is_near && index < 0 && ns - watch->looked_ns < LOOK_NS && ns - begun_ns < 2 * NEAR_NS) {
        index = receive_any(watch, batch, count);
        ns = now_ns();
    }
    if (index < 0) {
        watch->looked_ns = ns;
        index = sleep_until_any(watch);
        if (index < 0) return -1;
        *count = batch_receive(batch, &watch->sockets[index]->socket);
        ns = now_ns();
    }
    watch->quiet_ns += (ns - begun_ns - watch->quiet_ns) / 8;
    return index;
}
