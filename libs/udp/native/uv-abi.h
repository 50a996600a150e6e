/*
 * The few functions of libuv that watch a socket within Node's own event loop. Node brings libuv's code but
 * `node-api-headers` not its headers; all 1.x have this interface, which is used without knowing any structure: sizes
 * are asked for, and what belongs to a handle is set by function. Where Node lacks one of them the addon does not
 * load (it is linked with `-z now`), and `node:dgram` serves.
 */
#ifndef SIGNPOST_UV_ABI_H
#define SIGNPOST_UV_ABI_H

#include <stddef.h>
#include <stdint.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t;
typedef struct uv_poll_s uv_poll_t;

typedef void (*uv_close_cb)(uv_handle_t *handle);
typedef void (*uv_poll_cb)(uv_poll_t *handle, int status, int events);

/* Of enum uv_handle_type and enum uv_poll_event. */
#define UV_POLL 8
#define UV_READABLE 1

size_t uv_handle_size(int type);
void uv_handle_set_data(uv_handle_t *handle, void *data);
void *uv_handle_get_data(const uv_handle_t *handle);
void uv_close(uv_handle_t *handle, uv_close_cb on_closed);
int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
int uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb on_ready);
int uv_poll_stop(uv_poll_t *handle);
/* Readable when anything that the loop watches is ready. */
int uv_backend_fd(const uv_loop_t *loop);
/* Milliseconds of CLOCK_MONOTONIC when the loop last looked. */
uint64_t uv_now(const uv_loop_t *loop);
/* Milliseconds after that until the loop has something to do by itself; -1: never. */
int uv_backend_timeout(const uv_loop_t *loop);

#endif
